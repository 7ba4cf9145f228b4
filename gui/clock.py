"""The one source of time for what waits, counts down or is throttled; tests and the simulated show bring their own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time, both ways."""

    def monotonic(self) -> float:
        """Return seconds since some moment; never goes back."""

    def time(self) -> float:
        """Return seconds since 1970; remembered over restarts."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return seconds since some moment; never goes back."""
        return time.monotonic()

    def time(self) -> float:
        """Return seconds since 1970."""
        return time.time()
