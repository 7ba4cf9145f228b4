"""What jobs in flight gain on simulated cards: python -m tests.bench.cards [--engine FILE] [--cards N] [--jobs N].

One engine lies on the cards, each with one thread. The same jobs are answered one after another and in flight, in turn;
the gain is the median of the pairs' ratios, so that other work on the machine meets both. Answers and logits of both
ways must be equal bit for bit. Time of computing and handing over for each card and pass is told for both ways: where
cards compute longer in flight, they hold each other up (memory bandwidth, cores that are threads), or other work does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from core.cards.engine import CardsEngine
from core.cards.figures import CardFigures
from core.cards.options import CardsOptions
from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.events import Event
from core.export.synthetic import tiny_spec, write_model
from core.runtime.generate import Request, generate
from core.runtime.session import Session
from core.spec import EngineConfig

SPEC = tiny_spec(
    num_layers=8, hidden_size=1024, ffn_size=2752, num_heads=8, num_groups=2, head_dim=128, rotary_dim=64,
    vocab_size=4096,
)  # fmt: skip
CONFIG = EngineConfig(batch=1, pre_len=64, total_len=512, dtype="bf16", quantisation="int8")
PROMPT = 32


def build(folder: Path) -> Path:
    """Compile the bench's own model."""
    request = CompileRequest(write_model(folder / "model", SPEC), folder, "bench", CONFIG, combine=True)
    compile_engine(request, lambda _: None)
    return request.outputs()[0]


def never() -> bool:
    return False


def nothing(_: Event) -> None:
    """Drop an event."""


class Recorded:
    """Notes a checksum of all logits that an engine gives."""

    def __init__(self, engine: CardsEngine) -> None:
        self.sums: list[int] = []
        self._collect = engine.collect
        engine.collect = self  # type: ignore[method-assign]

    def __call__(self, ticket: int):
        logits = self._collect(ticket)
        self.sums.append(zlib.crc32(logits.tobytes()))
        return logits


def answer(session: Session, prompts: list[tuple[int, ...]], tokens: int) -> list[list[int]]:
    request = Request(
        "bench", tuple(prompts), max_new_tokens=tokens, constant_output=True, reuse_cache=False, lookup=False
    )
    return generate(session, request, nothing, never).output_ids


def timed(work: Callable[[], list[list[int]]], recorded: Recorded) -> tuple[float, list[list[int]], list[int]]:
    recorded.sums = []
    begun = time.perf_counter()
    ids = work()
    return time.perf_counter() - begun, ids, sorted(recorded.sums)


def _a_pass(before: CardFigures, after: CardFigures) -> tuple[float, float]:
    """Return the milliseconds that a card computed and handed over in each pass between two looks."""
    works = after.works - before.works
    return 1000 * (after.busy_s - before.busy_s) / works, 1000 * (after.hand_over_s - before.hand_over_s) / works


def _medians(runs: list[list[tuple[float, float]]]) -> list[list[float]]:
    """Return for each card the medians over the runs."""
    return [
        [round(statistics.median(values), 3) for values in zip(*card, strict=True)] for card in zip(*runs, strict=True)
    ]


def measure(path: Path, cards: int, jobs: int, tokens: int, pairs: int) -> dict[str, object]:
    """Return the figures of the bench."""
    begun = time.perf_counter()
    engine = CardsEngine.open(path, CardsOptions(tuple(range(cards)), strategy=1, lanes=jobs, threads=1))
    opened_s = time.perf_counter() - begun
    try:
        session, recorded = Session(engine), Recorded(engine)
        batch, vocab = engine.config.batch, engine.spec.vocab_size
        prompts = [
            tuple((row * 131 + i * 17) % (vocab - 3) + 3 for i in range(min(PROMPT, engine.config.total_len // 4)))
            for row in range(jobs * batch)
        ]
        groups = [prompts[first : first + batch] for first in range(0, len(prompts), batch)]

        def one_by_one() -> list[list[int]]:
            return [ids for group in groups for ids in answer(session, group, tokens)]

        def in_flight() -> list[list[int]]:
            return answer(session, prompts, tokens)

        in_flight()
        alone, together, ratios = [], [], []
        spent: dict[Callable[[], list[list[int]]], list[list[tuple[float, float]]]] = {one_by_one: [], in_flight: []}
        for pair in range(pairs):
            found = {}
            for way in (one_by_one, in_flight) if pair % 2 else (in_flight, one_by_one):
                before = engine.figures()
                found[way] = timed(way, recorded)
                spent[way].append([_a_pass(*pair) for pair in zip(before, engine.figures(), strict=True)])
            if found[one_by_one][1:] != found[in_flight][1:]:
                raise SystemExit("The two ways answered differently.")
            alone.append(found[one_by_one][0])
            together.append(found[in_flight][0])
            ratios.append(alone[-1] / together[-1])
        return {
            "cards": cards,
            "jobs": jobs,
            "tokens of each row": tokens,
            "one after another (s)": round(statistics.median(alone), 3),
            "in flight (s)": round(statistics.median(together), 3),
            "gain, median of ratios": round(statistics.median(ratios), 3),
            "gain, all": [round(ratio, 2) for ratio in ratios],
            "equal bit for bit": True,
            "logits compared": len(recorded.sums),
            "layers": [placement.num_layers for placement in engine.plan.placements],
            "one after another: computing, handing over (ms a pass)": _medians(spent[one_by_one]),
            "in flight: computing, handing over (ms a pass)": _medians(spent[in_flight]),
            "open (s)": round(opened_s, 2),
        }
    finally:
        engine.close()


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=Path, help="a combined engine (default: one that is made for the bench)")
    parser.add_argument("--cards", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=24, help="new tokens of each row")
    parser.add_argument("--pairs", type=int, default=9)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = words.engine or build(Path(folder))
        found = measure(path, words.cards, words.jobs, words.tokens, words.pairs)
    for name, value in found.items():
        print(f"{name}: {json.dumps(value)}")  # noqa: T201 -- a program that prints


if __name__ == "__main__":
    main()
