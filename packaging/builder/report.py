"""What the builder says: progress on stderr, and one sentence where it can't go on."""

from __future__ import annotations

import sys


class BuildError(Exception):
    """The build can't go on; the text says why and what to do."""


def say(text: str) -> None:
    """Print a line of progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
