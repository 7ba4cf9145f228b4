"""What prompt lookup gains on a copy and elsewhere: python -m tests.bench.lookup, with the flags of the bench command."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "lookup", *sys.argv[1:]]))
