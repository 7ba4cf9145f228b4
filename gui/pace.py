"""How often a running answer is painted: painting takes processor time away from the model on the same machine."""

from __future__ import annotations

import time

from core.system import cpu_threads

SHARE_OF_MACHINE = 0.007
"""The window's thread may take this part of all processors together while an answer streams."""


class Pace:
    """Says when to paint again: after `least` seconds, later if the window's thread takes more than its share."""

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = least, most
        self._share = SHARE_OF_MACHINE * cpu_threads()
        self._interval = least
        self._at = self._spent = 0.0

    def due(self) -> bool:
        """Return whether it is time; if so, the time until the next one begins."""
        now = time.monotonic()
        passed = now - self._at
        if passed < self._interval:
            return False
        spent = time.thread_time()
        share = (spent - self._spent) / passed
        wanted = self._interval * share / self._share
        self._interval = min(max((self._interval + wanted) / 2, self._least), self._most)
        self._at, self._spent = now, spent
        return True
