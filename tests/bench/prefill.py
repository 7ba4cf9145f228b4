"""Prefill speed and time to first token: python -m tests.bench.prefill [FLAGS OF bench]."""

import sys

from core.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["bench", "prefill", *sys.argv[1:]]))
