"""Write the golden engine file of the current format version: `python -m tests.golden.make_ngf`.

Run it once for each released format version and keep the file for ever; a golden file is never written again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.ngf.layout import VERSION
from tests.core.ngf.sample import write_sample

PATH = Path(__file__).parent / f"engine_v{VERSION}.ngf"


def main() -> int:
    if PATH.exists():
        sys.stderr.write(f"{PATH.name} is there already: golden files stay as they are.\n")
        return 2
    write_sample(PATH, "multi")
    return 0


if __name__ == "__main__":
    sys.exit(main())
