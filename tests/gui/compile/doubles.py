"""A job without a child."""

from __future__ import annotations

import queue
from typing import Any

from core.events import Event, Exited


class FakeJob:
    """Stands in for a worker job: the test says what its child reports."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.log = ""
        self.cancelled = False
        self.made_with: tuple[Any, ...] = ()

    def start(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        self.cancelled = True

    def join(self, timeout: float | None = None) -> bool:
        return True

    def say(self, *events: Event) -> None:
        for event in events:
            self.events.put(event)

    def end(self, *events: Event) -> None:
        self.say(*events, Exited(0, ""))
