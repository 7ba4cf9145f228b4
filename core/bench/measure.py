"""What the `bench` command measures on a loaded engine: the user's own way through generation, timed.

Prompts are random token ids from a fixed seed, answers are greedy and go on after the end token (but prompt lookup is
measured on questions, up to the end token: what comes after it says nothing). Each figure comes
from the run with the median, of `runs` runs after one that isn't counted; memory bandwidth is measured beside each
kind, since it moves with whatever else the machine does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.bench.roofline import Gauge
from core.bench.table import markdown
from core.errors import Cancelled, UsageError
from core.events import BenchFinished, Benchmarked, Event, Generated, Metrics
from core.runtime.generate import Request, generate
from core.runtime.session import Session
from core.text.prompts import Message

KINDS = ("decode", "prefill", "batch", "long-context", "lookup", "roofline")
"""What can be measured, in the order of `all`."""

MACHINE = ["roofline"]
"""What is measured without an engine."""

SHORT_PROMPT = 16
PREFILLS = (256, 534)
LONG_CONTEXT = 1500
PASSAGE = (
    "The stand must be built by Tuesday noon. Mei checks the screens on Tuesday evening, and the printed leaflets have "
    "to arrive before the doors open on Wednesday at nine. On Thursday the second team takes over, and Li Wei brings "
    "the spare cards from the office by train. The stand is taken down on Friday at four in the afternoon."
)
ORDINARY = "Why is the sky blue?"
COPY = f"Repeat the following text word for word.\n\n{PASSAGE}"
"""A question whose answer is in it."""

Prompt = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """One engine under measurement."""

    session: Session
    gauge: Gauge
    tokens: int
    runs: int
    stopped: Callable[[], bool]

    def measure(self, kind: str) -> Iterator[Benchmarked]:
        """Measure one of KINDS; raises UsageError where the engine's context is too short for it."""
        kinds: dict[str, Callable[[], Iterator[Benchmarked]]] = {
            "decode": self._decode,
            "prefill": self._prefill,
            "batch": self._batch,
            "long-context": self._long_context,
            "lookup": self._lookup,
            "roofline": self._roofline,
        }
        return kinds[kind]()

    def _decode(self) -> Iterator[Benchmarked]:
        answer = self._median([self._ids(SHORT_PROMPT)])
        yield self._row("decode", f"decode, {self.tokens} tokens", answer)

    def _prefill(self) -> Iterator[Benchmarked]:
        room = self.session.engine.config.total_len - 1
        for length in sorted({min(length, room) for length in PREFILLS}):
            answer = self._median([self._ids(length)], tokens=1)
            yield self._row("prefill", f"prefill, {length} tokens", answer)

    def _batch(self) -> Iterator[Benchmarked]:
        batch = self.session.engine.config.batch
        answer = self._median([self._ids(SHORT_PROMPT, seed) for seed in range(batch)])
        yield self._row("batch", f"decode, batch of {batch}, {self.tokens} tokens each", answer)

    def _long_context(self) -> Iterator[Benchmarked]:
        length = min(LONG_CONTEXT, self.session.engine.config.total_len - self.tokens)
        if length < 1:
            raise UsageError(
                f"The engine's context of {self.session.engine.config.total_len} tokens has no room for a prompt and "
                f"{self.tokens} tokens.",
                "Use fewer --tokens.",
            )
        answer = self._median([self._ids(length)], reuse=True)
        yield self._row("long-context", f"decode after {length} tokens of context", answer)

    def _lookup(self) -> Iterator[Benchmarked]:
        for label, prompt in self._questions():
            pairs = [
                [self._run([prompt], self.tokens, reuse=True, lookup=on, to_end=True) for on in (False, True)]
                for _ in range(self.runs + 1)
            ][1:]
            speedup = statistics.median(_ratio(on, off) for off, on in pairs)
            median = _middle([on for _, on in pairs])
            yield self._row("lookup", f"decode with prompt lookup, {label}", median, lookup_speedup=speedup)

    def _roofline(self) -> Iterator[Benchmarked]:
        yield measured_roofline()

    def _median(self, prompts: Sequence[Prompt], *, tokens: int = 0, reuse: bool = False) -> Metrics:
        runs = [self._run(prompts, tokens or self.tokens, reuse=reuse, lookup=False) for _ in range(self.runs + 1)]
        return _middle(runs[1:])

    def _run(
        self, prompts: Sequence[Prompt], tokens: int, *, reuse: bool, lookup: bool, to_end: bool = False
    ) -> Metrics:
        request = Request(
            "bench", tuple(prompts), max_new_tokens=tokens, constant_output=not to_end, reuse_cache=reuse, lookup=lookup
        )
        answer: Generated = generate(self.session, request, lambda _: None, self.stopped)
        return answer.metrics

    def _row(self, kind: str, label: str, metrics: Metrics, **more: float) -> Benchmarked:
        bandwidth = self.gauge.bandwidth()
        steps_per_s = 1000.0 / metrics.tpot_ms if metrics.tpot_ms else 0.0
        share = steps_per_s * self._bytes_per_step() / (bandwidth * 1e9)
        beside: dict[str, Any] = {"bandwidth_gb_per_s": bandwidth, "bandwidth_share": 0.0 if more else share}
        return Benchmarked(kind, label, {**asdict(metrics), **beside, **more})

    def _bytes_per_step(self) -> int:
        """Return the bytes of weights that one decode step reads: all, of the embedding only a row."""
        engine = self.session.engine
        embedding = sum(section.length for section in engine.header.of_kind("weight") if section.name == "embed")
        return engine.weight_bytes - embedding

    def _ids(self, length: int, seed: int = 0) -> Prompt:
        vocab = self.session.engine.spec.vocab_size
        drawn = np.random.default_rng(seed).integers(min(100, vocab // 2), vocab, length)
        return tuple(int(token) for token in drawn)

    def _questions(self) -> list[tuple[str, Prompt]]:
        """Return a question whose answer is a copy, and another; without a tokenizer, ids that repeat and others."""
        tokenizer, room = self.session.tokenizer, max(1, self.session.engine.config.total_len - self.tokens)
        if tokenizer is None:
            return [("ids that repeat", (self._ids(24) * 8)[:room]), ("random ids", self._ids(SHORT_PROMPT)[:room])]
        render = self.session.prompt_format.render
        copy, ordinary = (tokenizer.encode_prompt(render([Message("user", text)])) for text in (COPY, ORDINARY))
        return [("copying a passage", tuple(copy[:room])), ("an ordinary question", tuple(ordinary[:room]))]


def measured_roofline() -> Benchmarked:
    """Measure the machine's limits; needs no engine."""
    return Benchmarked("roofline", "roofline", asdict(Gauge(arithmetic=True).roofline()))


def run_machine(emit: Callable[[Event], None]) -> None:
    """Measure what needs no engine, emitting the figure and the table."""
    begun = time.perf_counter()
    row = measured_roofline()
    emit(row)
    emit(BenchFinished(markdown([(row.label, row.metrics)]), time.perf_counter() - begun))


def _middle(runs: Sequence[Metrics]) -> Metrics:
    """Return the run whose speed is the median (the slower of two)."""
    ranked = sorted(runs, key=lambda m: m.decode_tokens_per_s or m.prefill_tokens_per_s)
    return ranked[(len(ranked) - 1) // 2]


def _ratio(on: Metrics, off: Metrics) -> float:
    return on.decode_tokens_per_s / off.decode_tokens_per_s if off.decode_tokens_per_s else 1.0


def run(
    session: Session, kinds: Sequence[str], tokens: int, runs: int, emit: Callable[[Event], None],
    stopped: Callable[[], bool],
) -> None:  # fmt: skip
    """Measure `kinds` (of KINDS), emitting each figure and at last the table.

    Raises UsageError for numbers below 1, an unknown kind or a context too short, Cancelled if `stopped`.
    """
    if tokens < 2 or runs < 1:
        raise UsageError(f"{tokens} tokens and {runs} runs can't be measured.", "Use at least 2 tokens and 1 run.")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise UsageError(f"{unknown[0] if unknown else 'Nothing'} can't be measured.", f"Choose of {', '.join(KINDS)}.")
    begun = time.perf_counter()
    bench = Bench(session, Gauge(), tokens, runs, stopped)
    rows: list[Benchmarked] = []
    for kind in kinds:
        for row in bench.measure(kind):
            if stopped():
                raise Cancelled("The measurement was stopped.")
            rows.append(row)
            emit(row)
    emit(BenchFinished(markdown([(row.label, row.metrics) for row in rows]), time.perf_counter() - begun))
