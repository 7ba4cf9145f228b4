"""A clock that the simulation moves: ten hours pass in minutes, and nobody sleeps."""

from __future__ import annotations


class ShowClock:
    """Both of Clock's times, moved by hand."""

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start

    def monotonic(self) -> float:
        """Return seconds since some moment."""
        return self.now

    def time(self) -> float:
        """Return seconds since 1970."""
        return 1.7e9 + self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
