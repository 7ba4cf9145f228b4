"""One worker child on the bridge: its events come on the window's thread, and it ends with who asked for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.events import Event, Exited
from gui.bridge import Bridge

if TYPE_CHECKING:
    from core.worker.job import WorkerJob

_numbers = itertools.count(1)
LEAVE_S = 3.0
"""Longest wait for a child when the window closes, in seconds."""


class Errand:
    """Starts `job`; `on_event` gets every event but the last, `on_end` is called once, after the child is gone."""

    def __init__(
        self, bridge: Bridge, job: WorkerJob, on_event: Callable[[Event], None], on_end: Callable[[], None]
    ) -> None:
        source = f"errand-{next(_numbers)}"
        self._job = job
        self._on_event, self._on_end = on_event, on_end
        self._ends = [bridge.attach(source, job.events), bridge.subscribe(Event, self._take, source)]
        job.start()

    @property
    def running(self) -> bool:
        """Whether the end hasn't been told yet."""
        return bool(self._ends)

    @property
    def log(self) -> str:
        """The last part of what the child wrote to stderr, once it is over."""
        return self._job.log

    def cancel(self) -> None:
        """End the child; `on_end` follows within two seconds."""
        self._job.cancel()

    def drop(self, *, wait: bool = False) -> None:
        """End the child and forget it: nothing is called any more. `wait` until it is gone."""
        self._detach()
        self._job.cancel()
        if wait:
            self._job.join(LEAVE_S)

    def _take(self, event: Event) -> None:
        if not isinstance(event, Exited):
            self._on_event(event)
            return
        self._detach()
        self._on_end()

    def _detach(self) -> None:
        for end in self._ends:
            end()
        self._ends = []
