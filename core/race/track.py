"""What one lane did, token by token, so that it can be drawn live and replayed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from core.events import Event, Failed, Generated, Loaded, Metrics, Prompted, Token
from core.worker.protocol import Command, Generate, Load

WINDOW_S = 1.0
"""The speed at a moment is that of the tokens of this many seconds before it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One token: seconds after the start, its id, its text ("" while a character is incomplete)."""

    at: float
    token: int
    text: str


class Track:
    """Takes the events of one lane's worker."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.started: float | None = None
        """When the prompt went in, in seconds of the caller's clock; None: not yet."""
        self.finished_at: float | None = None
        """Seconds after the start."""
        self.metrics: Metrics | None = None
        self.text = ""
        self.loaded = False
        self.failure: Failed | None = None
        self._times: list[float] = []

    def take(self, event: Event, now: float) -> None:
        """Note an event that came at `now`, in seconds of the caller's clock."""
        if isinstance(event, Loaded):
            self.loaded = True
        elif isinstance(event, Prompted):
            self.started = now
        elif isinstance(event, Token) and self.started is not None:
            self.steps.append(Step(now - self.started, event.token, event.text))
            self._times.append(now - self.started)
        elif isinstance(event, Generated) and self.started is not None:
            self.metrics = event.metrics
            self.text = event.text[0]
            self.finished_at = now - self.started
        elif isinstance(event, Failed):
            self.failure = event

    @property
    def over(self) -> bool:
        """Whether the lane has finished or failed."""
        return self.finished_at is not None or self.failure is not None

    @property
    def tokens(self) -> tuple[int, ...]:
        """The ids so far."""
        return tuple(step.token for step in self.steps)

    def count(self, at: float) -> int:
        """Return the tokens that had come `at` seconds after the start."""
        return bisect_right(self._times, at)

    def speed(self, at: float) -> float:
        """Return the tokens/s of the last WINDOW_S before `at`; the clock of a lane begins with its first token."""
        if not self._times or at <= self._times[0]:
            return 0.0
        begin = max(at - WINDOW_S, self._times[0])
        return (self.count(at) - max(1, self.count(begin))) / (at - begin) if at > begin else 0.0

    def text_at(self, at: float) -> str:
        """Return the text that had come `at` seconds after the start."""
        return self.text_of(self.count(at))

    def text_of(self, count: int) -> str:
        """Return the text of the first `count` tokens; the whole text where all have come and the lane is over."""
        if self.text and count >= len(self.steps):
            return self.text
        return "".join(step.text for step in self.steps[:count])


def first_difference(tokens: Sequence[int], reference: Sequence[int]) -> int | None:
    """Return the index of the first token that differs from the reference, None where there is none.

    An answer that ends where the other goes on differs at its end.
    """
    for index, (own, other) in enumerate(zip(tokens, reference, strict=False)):
        if own != other:
            return index
    return None if len(tokens) == len(reference) else min(len(tokens), len(reference))


def places(tracks: Sequence[Track]) -> dict[str, int]:
    """Return the place (1 is first) of each lane that has finished, by decode speed."""
    over = [track for track in tracks if track.metrics is not None]
    ranked = sorted(over, key=lambda track: -_speed(track))
    return {track.name: number for number, track in enumerate(ranked, start=1)}


def commands(
    path: str, prompt: str, tokens: int, threads: int, name: str, *, trust: bool = False
) -> tuple[Command, Command]:
    """Return what a lane's worker is told: greedy, one token a step (no prompt lookup).

    `trust`: the user has said that this engine may run, though it wasn't built here.
    """
    ask = Generate(job=f"race-{name}", questions=[prompt], max_new_tokens=tokens, lookup=False)
    return Load(path, "", threads, trust=trust), ask


def _speed(track: Track) -> float:
    return track.metrics.decode_tokens_per_s if track.metrics else 0.0
