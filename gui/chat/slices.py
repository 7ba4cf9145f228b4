"""Work that is too long for one tick of the window's timer, done in slices."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QObject
from shiboken6 import isValid

BUDGET_S = 0.015
"""Most time that one tick spends, in seconds; a single step may exceed it."""

log = logging.getLogger(__name__)


class Slices:
    """Runs generators step by step, in the order in which they came; each `next` is one step."""

    def __init__(self) -> None:
        self._work: deque[tuple[Iterator[object], QObject]] = deque()

    def add(self, work: Iterator[object], owner: QObject) -> None:
        """Queue work on the widget `owner`, without which it is dropped; its steps must each be short."""
        self._work.append((work, owner))

    def cancel(self, work: Iterator[object]) -> None:
        """Take work out that is no longer wanted."""
        self._work = deque(item for item in self._work if item[0] is not work)

    def tick(self) -> None:
        """Do steps for at most BUDGET_S."""
        if not self._work:
            return
        deadline = time.perf_counter() + BUDGET_S
        while self._work and time.perf_counter() < deadline:
            item = self._work[0]
            over = not isValid(item[1]) or next(item[0], self) is self
            if over and self._work and self._work[0] is item:
                self._work.popleft()

    def finish(self) -> None:
        """Do all that is left at once."""
        while self._work:
            work, owner = self._work.popleft()
            while isValid(owner) and next(work, self) is not self:
                pass

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return not self._work
