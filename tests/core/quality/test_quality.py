"""The quality card: a real small engine against its own model, and the file beside the engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.errors import FormatError, MismatchError, TokenizerError
from core.export.synthetic import tiny_spec, write_model, write_tokenizer
from core.ngf.reader import read_header
from core.quality import card as cards
from core.quality.card import AnswerCheck, LayerError, QualityCard
from core.quality.measure import measure
from core.runtime.engine import Engine
from core.runtime.session import Session
from core.spec import EngineConfig, Quantisation
from core.text.tokenizer import load as load_tokenizer

CARD = QualityCard(
    "d" * 64, 1000, "bf16 + int4", 10.2, 10.0, 300, (LayerError("0", 0.05, 0.998), LayerError("output", 0.01, 0.999)),
    (AnswerCheck(48, None), AnswerCheck(48, 12)), 3.0, "2026-11-26T12:00",
)  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality") / "model"
    write_tokenizer(folder)
    path = write_model(folder, tiny_spec(num_layers=2))
    write_tokenizer(folder)
    return path


def _measured(model: Path, folder: Path, quantisation: Quantisation, dtype: str = "bf16") -> tuple[QualityCard, Path]:
    config = EngineConfig(pre_len=32, total_len=256, dtype=dtype, quantisation=quantisation)  # type: ignore[arg-type]  # "bf16" or "fp32"
    request = CompileRequest(model, folder, "tiny", config, combine=True, self_test=False)
    compile_engine(request, lambda _event: None)
    path = request.outputs()[0]
    engine = Engine.open(path)
    try:
        session = Session(engine, load_tokenizer(model.parent))
        seen: list[tuple[int, int]] = []
        card = measure(session, path, model, ["Hello", "What?"], lambda *done: seen.append(done), lambda: False)
        assert seen[-1] == (3, 3)
        return card, path
    finally:
        engine.close()


def test_an_exact_engine_is_the_original_and_a_coarse_one_is_told(model: Path, tmp_path: Path) -> None:
    exact, path = _measured(model, tmp_path, "none", "fp32")
    assert exact.worst.relative_error < 1e-6
    assert exact.perplexity_change == pytest.approx(0.0, abs=1e-3)
    assert all(check.first_difference is None for check in exact.answers)
    coarse, _ = _measured(model, tmp_path, "int4")
    assert [layer.name for layer in coarse.layers] == ["0", "1", "output"]
    assert 0.01 < coarse.layers[0].relative_error < 0.3
    assert coarse.layers[0].cosine > 0.95
    assert coarse.original_perplexity == pytest.approx(exact.original_perplexity)
    cards.save(exact, path)
    assert cards.load(path, read_header(path).weights_digest) == exact
    assert cards.load(path, "0" * 64) is None


def test_another_model_and_an_engine_without_tokenizer_are_refused(model: Path, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other", tiny_spec(num_layers=1))
    request = CompileRequest(
        model, tmp_path, "m", EngineConfig(pre_len=16, total_len=64), combine=True, self_test=False
    )
    compile_engine(request, lambda _event: None)
    path = request.outputs()[0]
    engine = Engine.open(path)
    try:
        with pytest.raises(TokenizerError):
            measure(Session(engine), path, model, ["Hi"], lambda *_: None, lambda: False)
        with pytest.raises(MismatchError, match="other sizes"):
            measure(Session(engine, load_tokenizer(model.parent)), path, other, ["Hi"], lambda *_: None, lambda: False)
    finally:
        engine.close()


def test_a_card_says_what_matters_most() -> None:
    assert CARD.perplexity_change == pytest.approx(0.02)
    assert CARD.worst.name == "0"
    assert CARD.tokens_alike == 12


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"perplexity": 0.5}, {"perplexity": True}, {"layers": []}, {"answers": [{"tokens": 3}]},
        {"seconds": -1}, {"extra": 1}, {"layers": [{"name": "0", "relative_error": -1, "cosine": 1}]},
    ],
)  # fmt: skip
def test_a_damaged_card_is_no_card(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        cards.parse({**json.loads(json.dumps(CARD.to_json())), **change})


def test_a_card_that_cant_be_read_is_left_out(tmp_path: Path) -> None:
    engine = tmp_path / "e.ngf"
    assert cards.load(engine, CARD.weights_digest) is None
    cards.path_for(engine).write_text("{", encoding="utf-8")
    assert cards.load(engine, CARD.weights_digest) is None
