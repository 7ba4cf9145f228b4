"""Work that is too long for one tick of the window's timer, done in slices."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator

BUDGET_S = 0.015
"""Most time that one tick spends, in seconds; a single step may exceed it."""

log = logging.getLogger(__name__)


class Slices:
    """Runs generators step by step, in the order in which they came; each `next` is one step."""

    def __init__(self) -> None:
        self._work: deque[Iterator[object]] = deque()

    def add(self, work: Iterator[object]) -> None:
        """Queue work; its steps must each be short."""
        self._work.append(work)

    def cancel(self, work: Iterator[object]) -> None:
        """Take work out that is no longer wanted."""
        if work in self._work:
            self._work.remove(work)

    def tick(self) -> None:
        """Do steps for at most BUDGET_S."""
        if not self._work:
            return
        deadline = time.perf_counter() + BUDGET_S
        while self._work and time.perf_counter() < deadline:
            work = self._work[0]
            if next(work, self) is self and self._work and self._work[0] is work:
                self._work.popleft()

    def finish(self) -> None:
        """Do all that is left at once."""
        while self._work:
            for _ in self._work.popleft():
                pass

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return not self._work
