"""The command line that the programs of tests/faults and tests/soak share."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping

Run = Callable[[str, int, int, float], Mapping[str, object]]
"""Takes the name, how many cases, the seed, and when to end (seconds of time.monotonic); returns figures."""


def main(program: str, description: str, counts: Mapping[str, int], run: Run) -> int:
    """Run what the command line names, one of the keys of `counts` (its default number of cases), and print figures."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {program}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=tuple(counts))
    parser.add_argument("--count", type=int, help=f"cases (default: {dict(counts)})")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after this time")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin (default: 0)")
    options = parser.parse_args()
    count = options.count or counts[options.name]
    deadline = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    sys.stdout.write(f"{options.name}: seed {options.seed}\n")
    sys.stdout.flush()
    start = time.monotonic()
    figures = run(options.name, count, options.seed, deadline)
    shown = ", ".join(f"{key} {value}" for key, value in figures.items())
    sys.stdout.write(f"{options.name}: seed {options.seed}, {time.monotonic() - start:.1f} s: {shown}\n")
    return 0
