"""Memory bandwidth and arithmetic peaks of this machine: python -m tests.bench.roofline [FLAGS OF bench]."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "roofline", *sys.argv[1:]]))
