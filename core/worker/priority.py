"""Let long work step back: an answer under way comes before a compile job on the same processors."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

BACKGROUND_NICENESS: Final = 10
"""Added to the niceness of a process that compiles; 19 is the most that a process can have."""


def step_back() -> int:
    """Lower this process's share of busy processors for good; return its niceness now. Never fails.

    Decoding splits every small step over all threads, so one that waits for its processor holds up all of them: beside
    an equal rival tokens/s fall to a fraction. Where the kernel schedules sessions as groups (autogroup), niceness
    counts only inside a session and each worker leads one, so the group steps back as well.
    """
    niceness = os.nice(0)
    with suppress(OSError):
        niceness = os.nice(max(0, BACKGROUND_NICENESS - niceness))
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")
    return niceness
