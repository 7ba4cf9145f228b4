"""An engine over several cards answers bit for bit as one process does, and each card holds only what is its own."""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.cards.engine import CardsEngine
from core.cards.options import CardsOptions
from core.cards.processes import start_all
from core.errors import CardGoneError, MismatchError, ResourceError, UsageError, WorkerError
from core.runtime.engine import Engine
from core.spec import EngineConfig, round_up
from tests.core.cards.conftest import BATCHED, QUANTISED, SPEC, Compiled, Opened, tight

Answers = list[np.ndarray]


def answers(engine: Engine | CardsEngine) -> Answers:
    """Return the logits of prefill longer than a round, score, decode and verify."""
    ids = np.random.default_rng(0).integers(3, SPEC.vocab_size, 48).astype(np.int32)
    batch, last = engine.config.batch, engine.config.batch - 1
    found = [engine.prefill(last, ids[at : at + 16], at) for at in range(0, 40, 16)]
    found.append(engine.verify(last, ids[40:43], 40 + 8))
    if batch > 1:
        found.append(engine.score(0, ids[:13], 0))
    tokens, positions = ids[:batch].copy(), np.array([13] * last + [51], np.int32)
    found += [engine.decode(tokens, positions), engine.decode(tokens, positions + 1)]
    return [*found, engine.score(0, ids[20:36], 0)]


@pytest.fixture(scope="session")
def alone(compiled: Compiled) -> dict[EngineConfig, Answers]:
    """Return what one process answers, for each config."""
    found = {}
    for config in (BATCHED, QUANTISED):
        engine = Engine.open(compiled(config))
        found[config] = answers(engine)
        engine.close()
    return found


def equal(first: Answers, second: Answers) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("strategy", [0, 1, 2], ids=["greedy", "equal", "loose"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_split_answers_bit_for_bit_as_one_process(
    opened: Opened, alone: dict[EngineConfig, Answers], count: int, strategy: int
) -> None:
    engine = opened(BATCHED, tight(count, BATCHED, strategy=strategy))
    assert sum(placement.used_bytes > 0 for placement in engine.plan.placements) == count
    assert equal(answers(engine), alone[BATCHED])


def test_quantised_weights_and_activations_pass_between_cards_unchanged(
    opened: Opened, alone: dict[EngineConfig, Answers]
) -> None:
    limits = (1 << 20, 1 << 20, 1 << 20)
    engine = opened(QUANTISED, CardsOptions((5, 0, 7), limits, strategy=1, threads=2))
    assert [card.card for card in engine.figures()] == [5, 0, 7]
    assert equal(answers(engine), alone[QUANTISED])


def test_a_card_maps_and_counts_only_its_own_part(opened: Opened, compiled: Compiled) -> None:
    engine = opened(BATCHED, tight(3, BATCHED))
    answers(engine)
    file = compiled(BATCHED)
    total = 0
    for card, planned in zip(engine.figures(), engine.plan.placements, strict=True):
        assert (card.weight_bytes, card.kv_bytes) == (planned.weight_bytes, planned.kv_bytes)
        assert 0 < card.workspace_bytes <= planned.workspace_bytes
        mapped, resident = mapped_bytes(card.pid, file)
        assert card.weight_bytes <= mapped <= card.weight_bytes + 30 * mmap.PAGESIZE
        assert 0 < resident <= mapped
        total += mapped
    assert total < round_up(file.stat().st_size, mmap.PAGESIZE)
    assert mapped_bytes(os.getpid(), file) == (0, 0)
    assert engine.weight_bytes == sum(placement.weight_bytes for placement in engine.plan.placements)


def mapped_bytes(pid: int, path: Path) -> tuple[int, int]:
    """Return how many bytes of the file `path` a process has mapped, and how many of them are in memory."""
    mapped = resident = 0
    inside = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, *values = line.split()
        if not name.endswith(":"):
            inside = line.endswith(str(path))
        elif inside and name in ("Size:", "Rss:"):
            size = int(values[0]) << 10
            mapped, resident = (mapped + size, resident) if name == "Size:" else (mapped, resident + size)
    return mapped, resident


def _held() -> set[str]:
    """Return what this process has: open files and pipes, maps of shared memory, children; each by its own name."""
    gc.collect()
    held = {line for line in Path("/proc/self/maps").read_text().splitlines() if "/memfd:" in line}
    held |= {f"child {child.pid}" for child in psutil.Process().children()}
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the listing's own
            held.add(str(descriptor.readlink()))
    return held


def test_an_engine_that_is_closed_leaves_no_descriptor_memory_or_process(opened: Opened) -> None:
    opened(BATCHED, CardsOptions((0, 1), strategy=1)).close()
    before = _held()
    for lost in (False, True):
        engine = opened(BATCHED, CardsOptions((0, 1), strategy=1))
        if lost:
            engine.recover(CardGoneError("Card 1 is gone.", "", 1))
        assert _held() - before
        engine.close()
        assert _held() - before == set()


def test_a_card_refuses_memory_beyond_its_limit(opened: Opened, compiled: Compiled) -> None:
    engine = opened(BATCHED, CardsOptions((0,)))
    too_small = replace(engine.plan.placements[0], card=3, limit_bytes=engine.weight_bytes + 1000)
    with pytest.raises(ResourceError, match=r"Card 3 needs .* more for its .*, but only .* of its limit"):
        start_all(compiled(BATCHED), [too_small], engine._links, 1, 1, engine._waker)


def test_limits_that_are_too_small_are_refused_before_anything_starts(compiled: Compiled) -> None:
    with pytest.raises(ResourceError, match="find no place"):
        CardsEngine.open(compiled(BATCHED), CardsOptions((0, 1), (1 << 16, 1 << 16)))


def test_an_engine_that_is_refused_leaves_no_descriptor(compiled: Compiled) -> None:
    path, before = compiled(BATCHED), _held()
    for _ in range(3):
        with pytest.raises(ResourceError):
            CardsEngine.open(path, CardsOptions((0, 1), (1 << 16, 1 << 16)))
    assert _held() - before == set()


def test_work_that_cannot_be_done_is_refused_as_one_process_refuses_it(opened: Opened) -> None:
    engine = opened(BATCHED, CardsOptions((0, 1), strategy=1))
    ids = np.arange(3, 20, dtype=np.int32)
    with pytest.raises(UsageError, match="1 to 16 tokens"):
        engine.prefill(0, ids, 0)
    with pytest.raises(UsageError, match="context of 64"):
        engine.decode(ids[:2], np.array([64, 0], np.int32))
    with pytest.raises(UsageError, match="token id"):
        engine.prefill(0, ids[:1] + SPEC.vocab_size, 0)
    with pytest.raises(WorkerError, match="no card computes"):
        engine.collect(7)
    assert np.isfinite(engine.prefill(0, ids[:3], 0)).all()


def test_an_engine_whose_code_has_no_stages_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.compiler import module
    from core.compiler.pipeline import compile_engine
    from core.compiler.plan import CompileRequest
    from core.export.synthetic import tiny_spec, write_model

    monkeypatch.setattr(module._Emitter, "_stages", lambda _: [])
    model = write_model(tmp_path / "model", tiny_spec(num_layers=1))
    config = EngineConfig(1, 16, 64, "fp32", "none")
    request = CompileRequest(model, tmp_path, "old", config, combine=True, self_test=True)
    compile_engine(request, lambda _: None)
    with pytest.raises(MismatchError, match="before engines could be spread") as caught:
        CardsEngine.open(request.outputs()[0], CardsOptions((0, 1), strategy=1))
    assert caught.value.hint.startswith("Compile it again")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"devices": [0, 0]}, "one card twice"),
        ({"devices": []}, "No card"),
        ({"devices": [0, 1], "limits": [5]}, "1 limits were given for 2 cards"),
        ({"devices": [0], "strategy": 3}, "split strategy is 3"),
        ({"devices": [0], "lanes": 0}, "0 jobs"),
        ({"devices": ["0"]}, "no whole number"),
        ({"devices": [0], "speed": 9}, "unknown field"),
    ],
)
def test_options_that_cannot_be_are_refused(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        CardsOptions.from_json(data)


def test_options_survive_the_way_to_the_worker() -> None:
    options = CardsOptions((0, 2), (1 << 30, 2 << 30), strategy=2, lanes=4, threads=1)
    assert CardsOptions.from_json(options.to_json()) == options
    assert options.without(0) == replace(options, devices=(2,), limits=(2 << 30,))
