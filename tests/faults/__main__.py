"""Break things on purpose: `python -m tests.faults kill --count 300 --seed 1`.

kill    end a compile, a combine, a download, a save of settings or of the trusted engines at random moments
io      let every file operation fail, once and for ever, with ENOSPC, EIO and EACCES
cancel  cancel real compile jobs at random moments, also by killing their parent
memory  run the command line under smaller and smaller limits of address space
disk    run it on smaller and smaller disks (a tmpfs; needs the right to mount one)

The seed is printed. What breaks a promise raises AssertionError and says which case it was.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time

NAMES = ("kill", "io", "cancel", "memory", "disk")
COUNTS = {"kill": 300, "io": 1, "cancel": 200, "memory": 24, "disk": 24}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--count", type=int, help=f"cases (default: {COUNTS})")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after this time")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin (default: 0)")
    options = parser.parse_args()
    count = options.count or COUNTS[options.name]
    deadline = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    sys.stdout.write(f"{options.name}: seed {options.seed}\n")
    sys.stdout.flush()
    start = time.monotonic()
    figures = importlib.import_module(f"tests.faults.{options.name}").run(count, options.seed, deadline)
    shown = ", ".join(f"{key} {value}" for key, value in figures.items())
    sys.stdout.write(f"{options.name}: seed {options.seed}, {time.monotonic() - start:.1f} s: {shown}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
