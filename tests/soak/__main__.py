"""Use the program for long and watch what it holds: `python -m tests.soak prompts --count 10000`.

prompts  questions to one engine in one inference child
loads    load, one token, unload, over and over in one inference child

--show   ten hours of visitors at a stand, simulated; flags of its own, see `--show --help`

Memory, threads and file descriptors of both processes must be back to what they were. The seed is printed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time

COUNTS = {"prompts": 10_000, "loads": 1_000}


def main() -> int:
    if "--show" in sys.argv:
        return int(importlib.import_module("tests.soak.stand").main(sys.argv[1:]))
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=tuple(COUNTS))
    parser.add_argument("--count", type=int, help=f"rounds (default: {COUNTS})")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after this time")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin (default: 0)")
    options = parser.parse_args()
    count = options.count or COUNTS[options.name]
    deadline = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    sys.stdout.write(f"{options.name}: seed {options.seed}\n")
    sys.stdout.flush()
    start = time.monotonic()
    figures = importlib.import_module("tests.soak.engine").run(options.name, count, options.seed, deadline)
    shown = ", ".join(f"{key} {value}" for key, value in figures.items())
    sys.stdout.write(f"{options.name}: seed {options.seed}, {time.monotonic() - start:.1f} s: {shown}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
