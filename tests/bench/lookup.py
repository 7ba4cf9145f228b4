"""What prompt lookup gains on a copy and elsewhere: python -m tests.bench.lookup [FLAGS OF bench]."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "lookup", *sys.argv[1:]]))
