"""Use the program for long and watch what it holds: `python -m tests.soak prompts --count 10000`.

prompts  questions to one engine in one inference child
loads    load, one token, unload, over and over in one inference child

--show   ten hours of visitors at a stand, simulated; flags of its own, see `--show --help`

Memory, threads and file descriptors of both processes must be back to what they were. The seed is printed.
"""

from __future__ import annotations

import importlib
import sys

from tests import programs

COUNTS = {"prompts": 10_000, "loads": 1_000}


def main() -> int:
    if "--show" in sys.argv:
        return int(importlib.import_module("tests.soak.stand").main(sys.argv[1:]))
    from tests.soak import engine

    return programs.main("tests.soak", __doc__, COUNTS, engine.run)


if __name__ == "__main__":
    sys.exit(main())
