"""The generation loop: ragged prefill in base rounds, static-batch decode, sampling, text, events and figures.

A job is a generator that gives control back wherever cards compute for it, so that several can be in flight. On every
other engine it runs through at once.
"""

from __future__ import annotations

import collections
import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from core.compiler.arguments import prefill_rows
from core.errors import C10Error, CardGoneError, UsageError
from core.events import CardLost, Event, Generated, PrefillProgress, RowFinished, StopReason, Token
from core.runtime.figures import Figures
from core.runtime.golden import Golden
from core.runtime.lookup import Drafts, Economy
from core.runtime.sampling import Logits, Sampling, choose, streams
from core.runtime.session import CardLike, Floats, JointEngine, Session
from core.text.stream import StreamDecoder

DEFAULT_MAX_NEW_TOKENS = 2048

Emit = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to generate: prompts as token ids. More prompts than the static batch run as jobs, one after another."""

    job: str
    prompts: tuple[tuple[int, ...], ...]
    sampling: Sampling = field(default_factory=Sampling)
    max_new_tokens: int = DEFAULT_MAX_NEW_TOKENS
    constant_output: bool = False
    """Go on after an end token, until `max_new_tokens` or a full context."""
    base_length: int | None = None
    """Tokens of one prefill round, at most the engine's pre_len; None: as many as that."""
    reuse_cache: bool = True
    """Keep what the KV cache shares with a prompt."""
    lookup: bool = True
    """Guess tokens from earlier text and check several at once; the answers stay the same."""


@dataclass(slots=True)
class _Row:
    """One answer in the making. `index` counts all prompts of the request, `slot` is its row in the session."""

    index: int
    slot: int
    prompt: tuple[int, ...]
    generator: np.random.Generator
    decoder: StreamDecoder | None
    seen: set[int]
    drafts: Drafts
    output: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    reason: StopReason | Literal[""] = ""


class _Clock:
    """Counts the time that a job takes; it stands while other jobs run."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._since = time.perf_counter()

    def stop(self) -> None:
        """Stand still."""
        self._seconds += time.perf_counter() - self._since

    def go_on(self) -> None:
        """Count again."""
        self._since = time.perf_counter()

    def lap(self) -> float:
        """Return the seconds since the last lap, and begin another."""
        self.stop()
        seconds, self._seconds = self._seconds, 0.0
        self.go_on()
        return seconds


class _Begun:
    """Work that the engine was given; on all but cards it is done then."""

    def __init__(self, work: Generator[None, None, Floats]) -> None:
        self._work = work
        self._logits: Floats | None = None
        self._go_on()

    def result(self, clock: _Clock) -> Generator[None, None, Floats]:
        """Give control back until the logits are there; `clock` stands meanwhile."""
        while self._logits is None:
            clock.stop()
            yield
            clock.go_on()
            self._go_on()
        return self._logits

    def _go_on(self) -> None:
        try:
            next(self._work)
        except StopIteration as end:
            self._logits = end.value


@dataclass(frozen=True, slots=True)
class _Part:
    """What the engine computes at once of a prefill round."""

    round: int
    tokens: tuple[int, ...]
    ends_round: bool


def _parts(rounds: Sequence[tuple[int, ...]], most: int) -> list[_Part]:
    """Cut rounds into parts of at most `most` tokens."""
    return [
        _Part(number, tokens[at : at + most], at + most >= len(tokens))
        for number, tokens in enumerate(rounds)
        for at in range(0, len(tokens), most)
    ]


def generate(
    session: Session, request: Request, emit: Emit, stopped: Callable[[], bool], golden: Golden | None = None
) -> Generated:
    """Answer all prompts of `request`, emitting progress, tokens and finished rows; return the whole with its figures.

    `stopped` is asked before every prefill round and every token. Raises UsageError before any work for prompts or
    options that can't be used.
    """
    _check(session, request)
    generators = streams(request.sampling.seed, len(request.prompts))
    batch = session.engine.config.batch
    lanes = 1 if golden else session.lanes
    rows = [
        _Row(
            index=index,
            slot=index % (batch * lanes),
            prompt=prompt,
            generator=generators[index],
            decoder=session.tokenizer.stream() if session.tokenizer else None,
            seen=set(prompt) if request.sampling.repetition_penalty != 1.0 else set(),
            drafts=Drafts(prompt),
        )
        for index, prompt in enumerate(request.prompts)
    ]
    loop = _Loop(session, request, emit, stopped, golden)
    jobs = [rows[first : first + batch] for first in range(0, len(rows), batch)]
    before = session.cards.figures() if session.cards else []
    loop.run([jobs[lane::lanes] for lane in range(min(lanes, len(jobs)))])
    return Generated(
        job=request.job,
        output_ids=[row.output for row in rows],
        text=["".join(row.text) for row in rows],
        stop_reason=[row.reason or "stopped" for row in rows],
        metrics=loop.figures.metrics(session.engine.config.total_len),
        cards=card_figures(session, before),
    )


def card_figures(session: Session, before: Sequence[CardLike]) -> list[dict[str, Any]]:
    """Return what each card of the engine holds, and what it has done after `before`, earlier figures."""
    known = {card.card: card for card in before}
    now = session.cards.figures() if session.cards else []
    return [card.since(known.get(card.card)) for card in now]


def _check(session: Session, request: Request) -> None:
    if not request.prompts:
        raise UsageError("There is no prompt.", "Give at least one question.")
    if request.max_new_tokens < 1:
        raise UsageError(f"max-new-tokens is {request.max_new_tokens}, but it must be at least 1.", "Raise it.")
    pre_len = session.engine.config.pre_len
    if request.base_length is not None and not 1 <= request.base_length <= pre_len:
        raise UsageError(
            f"The base length is {request.base_length}, but the engine takes 1 to {pre_len} tokens a round.",
            f"Use --base-length {pre_len}.",
        )
    request.sampling.check()
    for prompt in request.prompts:
        session.check_prompt(prompt)


class _Loop:
    """The work of one request."""

    def __init__(
        self, session: Session, request: Request, emit: Emit, stopped: Callable[[], bool], golden: Golden | None
    ) -> None:
        self._session = session
        self._request = request
        self._emit = emit
        self._stopped = stopped
        self._golden = golden
        self._prompt_total = sum(map(len, request.prompts))
        self._prompt_done = 0
        self._economy = Economy()
        self._alone = True
        """No other lane is in use."""
        self._drafted = session.verify_rows - 1 if request.lookup and golden is None else 0
        """Most tokens of a draft."""
        self.figures = Figures()

    def run(self, lanes: Sequence[Sequence[Sequence[_Row]]]) -> None:
        """Run jobs, which are up to a static batch of rows each: those of one lane in turn, the lanes side by side.

        Every row ends with a reason. When a card goes, all jobs that aren't done begin anew on the cards that are left,
        with what they have so far. Raises CardsLostError if that can't be; then rows end with the reason "error".
        """
        self._alone = len(lanes) == 1
        if not self._alone:
            self._drafted = 0  # a pass waits for its logits, which would stop the other lanes
        while True:
            try:
                self._drive(lanes)
            except CardGoneError as gone:
                unfinished = [row for lane in lanes for rows in lane for row in rows if not row.reason]
                self._recover(gone, unfinished)
            else:
                return

    def _drive(self, lanes: Sequence[Sequence[Sequence[_Row]]]) -> None:
        running = collections.deque(self._lane(lane) for lane in lanes)
        try:
            while running:
                lane = running.popleft()
                if next(lane, "done") != "done":
                    running.append(lane)  # cards answer in the order in which they were asked
        finally:
            if running and self._session.cards:
                with contextlib.suppress(C10Error):
                    self._session.cards.settle()

    def _lane(self, jobs: Sequence[Sequence[_Row]]) -> Generator[None, None, None]:
        for rows in jobs:
            if any(not row.reason for row in rows):
                yield from self._job([row for row in rows if not row.reason])

    def _recover(self, gone: CardGoneError, rows: Sequence[_Row]) -> None:
        begun = [row for row in rows if row.output]
        self._session.forget()
        try:
            if self._session.cards is None:
                raise gone
            sentence = self._session.cards.recover(gone)
        except C10Error:
            for row in begun:
                self._finish(row, "error")
            raise
        self._prompt_total += sum(len(row.prompt) + len(row.output) for row in begun)
        self._emit(CardLost(self._request.job, gone.card, sentence))

    def _job(self, rows: Sequence[_Row]) -> Generator[None, None, None]:
        """Prefill and decode up to a static batch of rows; each ends with a reason."""
        clock = _Clock()
        engine = self._session.engine
        if isinstance(engine, JointEngine):
            rounds = self._prefill_together(engine, rows)
        else:
            rounds = 0
            for row in rows:
                rounds = max(rounds, (yield from self._prefill(row, clock)))
        self.figures.add_prefill(rounds, clock.lap())
        steps = 0
        while active := [row for row in rows if not row.reason]:
            if self._stopped():
                for row in active:
                    self._finish(row, "stopped")
                break
            draft, agreed = self._draft(active)
            steps += self._pass(active[0], draft, agreed) if draft else (yield from self._step(active, steps, clock))
        self.figures.add_decode(steps, clock.lap())
        for row in rows:
            self.figures.add_row(len(row.output), self._session.cached(row.slot))
        if self._golden:
            self._golden.next_job()

    def _step(self, active: Sequence[_Row], steps: int, clock: _Clock) -> Generator[None, None, int]:
        """Decode the next token of all rows."""
        begun = time.perf_counter()
        batch = self._session.engine.config.batch
        work = self._session.decoding({row.slot: row.output[-1] for row in active})
        logits = yield from _Begun(work).result(clock)
        if self._golden:
            self._golden.step(steps, [(row.slot, row.output[-1]) for row in active], logits)
        for row in active:
            self._take(row, logits[row.slot % batch])
        self._economy.stepped(time.perf_counter() - begun)
        return 1

    def _draft(self, active: Sequence[_Row]) -> tuple[list[int], int]:
        """Return tokens to check in one pass, and how many before them agree; none if it isn't worth it."""
        row = active[0]
        room = min(self._session.room(row.slot), self._request.max_new_tokens - len(row.output))
        count = min(self._drafted, room - 1)
        if len(active) > 1 or count < 1:
            return [], 0
        draft, agreed = row.drafts.draft(count)
        return (draft, agreed) if self._economy.worth(agreed, len(draft)) else ([], 0)

    def _pass(self, row: _Row, draft: list[int], agreed: int) -> int:
        """Check a draft; return how many tokens were taken: the right ones, and the one after them."""
        begun = time.perf_counter()
        before, tokens = len(row.output), [row.output[-1], *draft]
        accepted = 0
        for drafted, logits in zip([*draft, None], self._session.verify(row.slot, tokens), strict=False):
            self._take(row, logits)
            if row.output[-1] != drafted:
                break
            accepted += 1
            if row.reason:
                break
        self._economy.passed(agreed, accepted, time.perf_counter() - begun)
        self.figures.add_pass(len(draft), accepted)
        return len(row.output) - before

    def _prefill(self, row: _Row, clock: _Clock) -> Generator[None, None, int]:
        """Compute what the cache lacks of the row's prompt and sample the next token; return the base rounds.

        A row that has an answer so far, because a card went, takes it up again.
        """
        length = self._request.base_length or self._session.engine.config.pre_len
        if self._stopped():
            self._finish(row, "stopped")
            return 0
        known = (*row.prompt, *row.output)
        start = self._session.begin(row.slot, known, reuse=self._request.reuse_cache)
        if not row.output:
            self.figures.add_prompt(len(row.prompt), start)
        self._progress(start)
        rounds = [known[at : at + length] for at in range(start, len(known), length)]
        parts = _parts(rounds, prefill_rows(self._session.engine.config))
        ahead = self._session.cards.ahead if self._session.cards and self._alone else 0
        begun: collections.deque[_Begun] = collections.deque()
        done = 0
        while done < len(parts) and not self._stopped():
            for part in parts[done + len(begun) : done + 1 + ahead]:
                begun.append(_Begun(self._session.prefilling(row.slot, part.tokens)))
            logits = yield from begun.popleft().result(clock)
            part = parts[done]
            if self._golden and part.ends_round:
                self._golden.round(row.slot, part.round, rounds[part.round], start + part.round * length, logits)
            self._progress(len(part.tokens))
            done += 1
        for work in begun:
            yield from work.result(clock)
        if done < len(parts):
            self._finish(row, "stopped")
            return parts[done].round
        self._take(row, logits)
        return len(rounds)

    def _prefill_together(self, engine: JointEngine, rows: Sequence[_Row]) -> int:
        """Run the base rounds that all rows share, sample each row's first token; return the rounds that were run."""
        length = self._session.engine.config.pre_len
        left = -(-max(len(row.prompt) for row in rows) // length) * length
        for row in rows:
            self.figures.add_prompt(len(row.prompt), 0)
        rounds, logits = 0, None
        for logits in self._session.prefill_together(engine, {row.slot: row.prompt for row in rows}):
            rounds, left = rounds + 1, left - length
            self._progress(sum(min(length, max(0, len(row.prompt) - left)) for row in rows))
            if logits is None and self._stopped():
                break
        for row in rows:
            if logits is None:
                self._finish(row, "stopped")
            else:
                self._take(row, logits[row.slot])
        return rounds

    def _progress(self, tokens: int) -> None:
        self._prompt_done += tokens
        self._emit(PrefillProgress(self._request.job, self._prompt_done, self._prompt_total))

    def _take(self, row: _Row, logits: Logits) -> None:
        """Sample the row's next token, show it, and end the row where there is a reason."""
        request = self._request
        token = choose(logits, request.sampling, row.seen, row.generator)
        self.figures.token()
        row.output.append(token)
        row.seen.add(token)
        if self._drafted > 0:
            row.drafts.append(token)
        text = row.decoder.push(token) if row.decoder else ""
        row.text.append(text)
        self._emit(Token(request.job, row.index, token, text))
        if token in self._session.eos_ids and not request.constant_output:
            self._finish(row, "eos")
        elif len(row.output) >= request.max_new_tokens:
            self._finish(row, "length")
        elif self._session.room(row.slot) < 1:
            self._finish(row, "context_full")

    def _finish(self, row: _Row, reason: StopReason) -> None:
        row.reason = reason
        row.text.append(row.decoder.finish() if row.decoder else "")
        self._emit(RowFinished(self._request.job, row.index, reason, "".join(row.text)))
