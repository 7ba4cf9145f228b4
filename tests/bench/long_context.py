"""Decode speed after 1,500 tokens of context: python -m tests.bench.long_context [FLAGS OF bench]."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "long-context", *sys.argv[1:]]))
