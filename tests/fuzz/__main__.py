"""Run one fuzzer for as long as wanted: `python -m tests.fuzz ngf --count 200000 --seed 1`.

A fuzzer is a module of this folder with `run(count, seed)`, which returns what it did as a mapping and raises
AssertionError, naming the case's number, for the first input that breaks a promise.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path


def main() -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if not path.stem.startswith("test_"))
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("name", choices=names)
    parser.add_argument("--count", type=int, default=10_000, help="inputs to try (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin (default: 0)")
    options = parser.parse_args()
    start = time.monotonic()
    result = importlib.import_module(f"tests.fuzz.{options.name}").run(options.count, options.seed)
    figures = ", ".join(f"{key} {value}" for key, value in result.items())
    sys.stdout.write(f"{options.name}: {options.count} inputs in {time.monotonic() - start:.1f} s: {figures}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
