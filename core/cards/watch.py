"""Noticing that a card's process has ended while nobody waits for it."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Mapping


class Watch:
    """Calls `tell(card)` on a thread of its own when the process of a card ends, once for each."""

    def __init__(self, pids: Mapping[int, int], tell: Callable[[int], None]) -> None:
        """`pids`: process id of each card; they must not have been reaped yet."""
        self._cards = {os.pidfd_open(pid): card for card, pid in pids.items()}
        self._end = os.eventfd(0, os.EFD_CLOEXEC)
        self._tell = tell
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; nothing is told any more."""
        os.eventfd_write(self._end, 1)
        self._thread.join()
        for descriptor in (*self._cards, self._end):
            os.close(descriptor)

    def _run(self) -> None:
        poll = select.poll()
        for descriptor in (*self._cards, self._end):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poll.poll()]
            if self._end in ready:
                return
            for descriptor in ready:
                poll.unregister(descriptor)
                self._tell(self._cards[descriptor])
