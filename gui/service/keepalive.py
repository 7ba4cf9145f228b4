"""The signs of life for the watchdog: from the window's own loop, and only while the worker gets on with its work."""

from __future__ import annotations

from core.events import Event
from gui.bridge import Bridge
from gui.clock import Clock
from gui.service.notify import Notifier
from gui.session import Session

SHARE = 3
"""Signs of life in each period of the watchdog."""
STUCK_S = 180.0
"""A worker that shows nothing for so long while it is busy wasn't helped by ending it: the whole program is stuck."""
STUCK_LOADING_S = 600.0


class KeepAlive:
    """Runs on the bridge's tick, so a window that hangs sends nothing."""

    def __init__(self, bridge: Bridge, session: Session, clock: Clock, notifier: Notifier) -> None:
        self._session, self._clock, self._notifier = session, clock, notifier
        self._sent = -1e9
        self._seen = clock.monotonic()
        self._was_busy = False
        self._ends = [bridge.after_drain(self.tick), bridge.subscribe(Event, self._on_event)] if notifier.active else []

    def ready(self) -> None:
        """Say that the window is there."""
        self._notifier.send("READY=1")

    def tick(self) -> None:
        """Send a sign of life when it is time, if everything gets on."""
        now = self._clock.monotonic()
        busy = bool(self._session.loading or self._session.answering)
        if busy != self._was_busy:
            self._was_busy, self._seen = busy, now
        if self._notifier.period_s and now - self._sent >= self._notifier.period_s / SHARE and self.healthy(now):
            self._sent = now
            self._notifier.send("WATCHDOG=1")

    def healthy(self, now: float) -> bool:
        """Return whether the worker is idle or has shown progress lately."""
        if not self._was_busy:
            return True
        return now - self._seen < (STUCK_LOADING_S if self._session.loading else STUCK_S)

    def dispose(self) -> None:
        """Say that the program ends by itself."""
        for end in self._ends:
            end()
        self._notifier.send("STOPPING=1")

    def _on_event(self, event: Event) -> None:
        del event
        self._seen = self._clock.monotonic()
