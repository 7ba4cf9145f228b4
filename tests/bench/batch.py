"""Decode speed of a static batch, all rows together: python -m tests.bench.batch [FLAGS OF bench]."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "batch", *sys.argv[1:]]))
