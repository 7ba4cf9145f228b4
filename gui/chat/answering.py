"""The one running request: sends it to the runtime, gathers what comes back, hands it on once in each tick.

No signal is emitted for a token: the bridge's timer drains the tokens, and `flushed` fires once afterwards.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from core.events import (
    Exited,
    Failed,
    Generated,
    Hung,
    Metrics,
    PrefillProgress,
    Prompted,
    RowFinished,
    StopReason,
    Token,
)
from gui.bridge import Bridge
from gui.chat.presets import Options
from gui.pace import Pace
from gui.session import Session, Turn

LEAST_FLUSH_S, MOST_FLUSH_S = 0.08, 0.3
"""Shortest and longest time between two showings of new text, in seconds."""

Turns = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: for each row its text and reason. After a failure the texts are what had come until then."""

    texts: tuple[str, ...]
    reasons: tuple[StopReason, ...]
    metrics: Metrics | None = None
    note: str = ""
    hint: str = ""
    died: bool = False
    """Whether the worker is gone."""
    code: str = ""
    """The code of the error (core.errors), empty where there is none or the worker died."""


@dataclass(slots=True)
class Live:
    """What is known of the running request. Times are of time.monotonic, in seconds; 0: not yet."""

    rows: int = 0
    prompt_tokens: int = 0
    longest_prompt: int = 0
    prefill_done: int = 0
    new_tokens: int = 0
    longest_row: int = 0
    begun: float = 0.0
    first: float = 0.0

    @property
    def context_used(self) -> int:
        """Positions in use in the fullest row of the KV cache, in tokens."""
        done = self.longest_prompt if self.first else min(self.prefill_done, self.longest_prompt)
        return done + self.longest_row


class Answering(QObject):
    """`flushed`: there is new text (`take`); `progressed`: `live` changed; `finished` carries an Outcome."""

    started = Signal()
    flushed = Signal()
    progressed = Signal()
    finished = Signal(object)
    hung = Signal(float)
    """The worker shows no progress; seconds since when."""

    def __init__(self, bridge: Bridge, session: Session, name: str = "chat", parent: QObject | None = None) -> None:
        """`name`: begins the ids of its jobs; two that share a runtime need different ones."""
        super().__init__(parent)
        self._session = session
        self._name = name
        self._numbers = itertools.count(1)
        self._job = ""
        self._asked: list[Turns] = []
        self._texts: list[list[str]] = []
        self._fresh: dict[int, list[str]] = {}
        self._counts: list[int] = []
        self._reasons: dict[int, StopReason] = {}
        self._changed = False
        self._pace = Pace(LEAST_FLUSH_S, MOST_FLUSH_S)
        self.live = Live()
        self._endings = [
            bridge.subscribe(Prompted, self._on_prompted),
            bridge.subscribe(PrefillProgress, self._on_prefill),
            bridge.subscribe_tokens(self._on_tokens),
            bridge.subscribe(RowFinished, self._on_row),
            bridge.subscribe(Generated, self._on_generated),
            bridge.subscribe(Failed, self._on_failed),
            bridge.subscribe(Exited, self._on_exited),
            bridge.subscribe(Hung, self._on_hung),
            bridge.after_drain(self._on_tick),
        ]

    @property
    def busy(self) -> bool:
        """Whether a request is running."""
        return bool(self._job)

    def ask(self, conversations: Sequence[Turns], options: Options) -> None:
        """Start a request: one row for each conversation (its turns end with a user's)."""
        from core.worker.protocol import Generate

        self._job = f"{self._name}-{next(self._numbers)}"
        self._asked = list(conversations)
        self._texts = [[] for _ in conversations]
        self._counts = [0] * len(conversations)
        self._fresh, self._reasons = {}, {}
        self.live = Live(rows=len(conversations), begun=time.monotonic())
        self._session.runtime.generate(
            Generate(
                job=self._job,
                conversations=[list(turns) for turns in conversations],
                max_new_tokens=options.max_new_tokens,
                constant_output=options.constant_output,
                do_sample=options.do_sample,
                temperature=options.temperature,
                top_p=options.top_p,
                top_k=options.top_k,
                repetition_penalty=options.repetition_penalty,
                seed=None if options.seed < 0 else options.seed,
            )
        )
        self.started.emit()

    def stop(self) -> None:
        """End the running request at the next token."""
        if self._job:
            self._session.runtime.stop()

    def abandon(self) -> None:
        """Stop, and finish at once with what is there; what the worker still sends is ignored."""
        if not self._job:
            return
        self._session.runtime.stop()
        texts = tuple("".join(parts) for parts in self._texts)
        reasons: list[StopReason] = [self._reasons.get(row, "stopped") for row in range(len(texts))]
        self._finish(Outcome(texts, tuple(reasons)))

    def forget(self) -> None:
        """Abandon, and let nothing of the request stay."""
        self.abandon()
        self._texts, self._fresh, self._counts, self._reasons = [], {}, [], {}
        self.live = Live()

    def end_hung(self) -> None:
        """End the child that hangs; an Exited event follows."""
        self._session.runtime.kill()

    def take(self) -> dict[int, str]:
        """Return the text that came since the last call, by row."""
        fresh, self._fresh = self._fresh, {}
        return {row: "".join(parts) for row, parts in fresh.items()}

    def reason(self, row: int) -> StopReason | None:
        """Return why a row ended, None while it runs."""
        return self._reasons.get(row)

    def dispose(self) -> None:
        """End the subscriptions."""
        for end in self._endings:
            end()

    def _on_prompted(self, event: Prompted) -> None:
        if event.job == self._job:
            self.live.prompt_tokens = sum(event.tokens)
            self.live.longest_prompt = max(event.tokens, default=0)
            self._changed = True

    def _on_prefill(self, event: PrefillProgress) -> None:
        if event.job == self._job:
            self.live.prefill_done, self.live.prompt_tokens = event.done, event.total
            self._changed = True

    def _on_tokens(self, tokens: Sequence[Token]) -> None:
        own = [token for token in tokens if token.job == self._job and 0 <= token.row < len(self._texts)]
        if not own:
            return
        live, counts = self.live, self._counts
        if not live.first:
            live.first = time.monotonic()
        live.new_tokens += len(own)
        self._changed = True
        for token in own:
            counts[token.row] += 1
            if token.text:
                self._texts[token.row].append(token.text)
                self._fresh.setdefault(token.row, []).append(token.text)
        live.longest_row = max(counts)

    def _on_row(self, event: RowFinished) -> None:
        if event.job != self._job or not 0 <= event.row < len(self._texts):
            return
        missing = event.text[sum(map(len, self._texts[event.row])) :]
        if missing:
            self._texts[event.row].append(missing)
            self._fresh.setdefault(event.row, []).append(missing)
        self._reasons[event.row] = event.reason
        self._changed = True

    def _on_generated(self, event: Generated) -> None:
        if event.job == self._job:
            self._finish(Outcome(tuple(event.text), tuple(event.stop_reason), event.metrics))

    def _on_failed(self, event: Failed) -> None:
        if self._job and event.job == self._job:
            self._finish(replace(self._broken(event.message, event.hint, died=False), code=event.code))

    def _on_exited(self, event: Exited) -> None:
        if self._job:
            sentence = event.sentence or self.tr("The model's worker has ended.")
            self._finish(self._broken(sentence, "", died=True))

    def _on_hung(self, event: Hung) -> None:
        if self._job and event.job in ("", self._job):
            self.hung.emit(event.seconds)

    def _broken(self, note: str, hint: str, *, died: bool) -> Outcome:
        texts = tuple("".join(parts) for parts in self._texts)
        reasons: list[StopReason] = [self._reasons.get(row, "error") for row in range(len(texts))]
        return Outcome(texts, tuple(reasons), None, note, hint, died)

    def _finish(self, outcome: Outcome) -> None:
        self._flush()
        self._job = ""
        self._session.heard(_transcript(self._asked, outcome.texts))
        self._asked = []
        self.finished.emit(outcome)

    def _on_tick(self) -> None:
        if self._changed and self._pace.due():
            self._flush()

    def _flush(self) -> None:
        if not self._changed:
            return
        self._changed = False
        if self._fresh:
            self.flushed.emit()
        self.progressed.emit()


def _transcript(asked: Sequence[Turns], answers: Sequence[str]) -> list[Turn]:
    """Return the turns of all rows with their answers; system prompts are the operator's and left out."""
    turns = []
    for conversation, answer in zip(asked, answers, strict=True):
        turns += [Turn(turn["role"], turn["content"]) for turn in conversation if turn["role"] != "system"]
        turns.append(Turn("assistant", answer))
    return turns
