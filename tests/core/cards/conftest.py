"""Small engines with three layers, and cards that are just large enough for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.cards.engine import CardsEngine
from core.cards.options import CardsOptions
from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.export.synthetic import tiny_spec, write_model
from core.planner import CardLimit, fits
from core.spec import EngineConfig

SPEC = tiny_spec(num_layers=3)
BATCHED = EngineConfig(batch=3, pre_len=16, total_len=64, dtype="fp32", quantisation="none")
QUANTISED = EngineConfig(
    batch=1, pre_len=16, total_len=64, dtype="bf16", quantisation="int8", quant_lm_head=True, kv_cache="int8"
)

Compiled = Callable[[EngineConfig], Path]
Opened = Callable[..., CardsEngine]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Return a function that gives the combined engine of the small model for a config."""
    folder = tmp_path_factory.mktemp("cards")
    model = write_model(folder / "model", SPEC)

    def engine(config: EngineConfig) -> Path:
        request = CompileRequest(model, folder, "cards", config, combine=True)
        path = request.outputs()[0]
        if not path.exists():
            compile_engine(request, lambda _: None)
        return path

    return engine


@pytest.fixture
def opened(compiled: Compiled) -> Iterator[Opened]:
    """Return a function that opens the engine over cards and closes it after the test."""
    engines = []

    def open_cards(config: EngineConfig, options: CardsOptions) -> CardsEngine:
        engines.append(CardsEngine.open(compiled(config), options))
        return engines[-1]

    yield open_cards
    for engine in engines:
        engine.close()


def tight(count: int, config: EngineConfig, *, strategy: int = 0, lanes: int = 1) -> CardsOptions:
    """Return options for `count` cards with the smallest equal limits that hold the model."""
    low, high = 0, 64 << 20
    while high - low > 256:
        middle = (low + high) // 2
        cards = [CardLimit(index, middle) for index in range(count)]
        low, high = (low, middle) if fits(SPEC, config, cards, lanes) else (middle, high)
    return CardsOptions(tuple(range(count)), (high,) * count, strategy, lanes, threads=1)
