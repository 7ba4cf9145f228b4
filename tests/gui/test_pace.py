"""A running answer is painted less often where painting would slow the model down."""

from __future__ import annotations

import pytest

from gui import pace
from gui.pace import Pace


class Clock:
    """Stands in for the module `time`: what has passed, and what the thread has spent of it, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0
        self.spent = 0.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.spent

    def paintings(self, subject: Pace, *, cost: float, seconds: float) -> int:
        """Paint for some seconds, each time at a cost; return how often."""
        count = 0
        for _ in range(round(seconds * 100)):
            self.now += 0.01
            if subject.due():
                self.spent += cost
                count += 1
        return count


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    monkeypatch.setattr(pace, "cpu_threads", lambda: 2)
    return made


def test_cheap_painting_keeps_its_pace(clock: Clock) -> None:
    assert clock.paintings(Pace(0.1, 0.5), cost=0.001, seconds=10) == pytest.approx(100, abs=10)


def test_dear_painting_takes_no_more_than_its_share(clock: Clock) -> None:
    subject = Pace(0.1, 0.5)
    clock.paintings(subject, cost=0.006, seconds=5)
    before = clock.spent
    clock.paintings(subject, cost=0.006, seconds=20)
    assert (clock.spent - before) / 20 == pytest.approx(2 * pace.SHARE_OF_MACHINE, rel=0.2)


def test_painting_never_stops_for_longer_than_the_most(clock: Clock) -> None:
    assert clock.paintings(Pace(0.1, 0.5), cost=0.4, seconds=20) >= 38
