"""How tests start the worker with the toy engine, and wait for what it says."""

from __future__ import annotations

import queue
import sys
from typing import TypeVar

from core.events import Event, Failed

E = TypeVar("E", bound=Event)

FAKE_WORKER = [sys.executable, "-m", "tests.core.worker.fake_worker"]
LONGEST_S = 60.0


def wait_for(events: queue.Queue[Event], kind: type[E], *, seen: list[Event] | None = None) -> E:
    """Return the next event of `kind`, putting those before it into `seen`; fails on an unexpected Failed."""
    while True:
        event = events.get(timeout=LONGEST_S)
        if isinstance(event, kind):
            return event
        assert not isinstance(event, Failed), event
        if seen is not None:
            seen.append(event)
