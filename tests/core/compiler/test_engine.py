"""Engines answer as the model does: prefill, decode, cache, batch and formats, from ONNX to logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import trust
from core.cards.engine import CardsEngine
from core.cards.options import CardsOptions
from core.compiler.arguments import ABI_VERSION
from core.compiler.retarget import add_targets
from core.errors import MismatchError, UsageError
from core.kernels.isa import targets
from core.ngf.format import PlannedSection
from core.ngf.reader import NgfFile, read_header
from core.ngf.writer import NgfWriter
from core.runtime import code
from core.runtime.engine import Engine
from core.runtime.generate import Request, generate
from core.runtime.session import Session
from core.spec import EngineConfig
from tests.core.compiler.conftest import SPEC, WEIGHTS
from tests.reference import reference_logits

Compiled = Callable[[EngineConfig], Path]
EXACT = EngineConfig(batch=3, pre_len=16, total_len=64, dtype="fp32", quantisation="none")


def ids(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(3, SPEC.vocab_size, n).astype(np.int32)


def prefill(engine: Engine, row: int, tokens: np.ndarray, start: int = 0) -> np.ndarray:
    for first in range(0, len(tokens), engine.config.pre_len):
        part = tokens[first : first + engine.config.pre_len]
        logits = engine.prefill(row, part, start + first)
    return logits


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


def test_ragged_prompts_in_rounds_then_batched_decode_equal_the_full_sequence_model(compiled: Compiled) -> None:
    engine = Engine.open(compiled(EXACT))
    rows = [ids(n, seed=n) for n in (5, 16, 37)]
    for row, tokens in enumerate(rows):
        expected = reference_logits(SPEC, WEIGHTS, tokens.tolist())[-1]
        assert np.abs(prefill(engine, row, tokens) - expected).max() < 5e-5
    for step in range(3):
        new = ids(3, seed=100 + step)
        logits = engine.decode(new, np.array([len(tokens) for tokens in rows], np.int32))
        rows = [np.append(tokens, token) for tokens, token in zip(rows, new, strict=True)]
        for row, tokens in enumerate(rows):
            assert np.abs(logits[row] - reference_logits(SPEC, WEIGHTS, tokens.tolist())[-1]).max() < 5e-5
    engine.close()


def test_the_cache_can_be_filled_to_total_len_and_not_beyond(compiled: Compiled) -> None:
    engine = Engine.open(compiled(EXACT))
    tokens = ids(64, seed=9)
    prefill(engine, 1, tokens[:63])
    positions = np.array([0, 63, 0], np.int32)
    logits = engine.decode(np.array([0, tokens[63], 0], np.int32), positions)[1]
    assert np.abs(logits - reference_logits(SPEC, WEIGHTS, tokens.tolist())[-1]).max() < 5e-5
    with pytest.raises(UsageError, match="context of 64"):
        engine.decode(np.zeros(3, np.int32), positions + 1)
    with pytest.raises(UsageError, match="context of 64"):
        engine.prefill(0, tokens[:2], 63)
    engine.close()


def test_a_round_longer_than_one_pass_gives_what_the_same_tokens_give_in_short_rounds(compiled: Compiled) -> None:
    long, short = (
        Engine.open(compiled(EngineConfig(pre_len=pre_len, total_len=4096, quantisation="int8")))
        for pre_len in (2048, 1024)
    )
    request = Request("j", (tuple(ids(1500).tolist()),), max_new_tokens=4, constant_output=True)
    answers = [generate(Session(engine), request, lambda _: None, lambda: False) for engine in (long, short)]
    assert answers[0].output_ids == answers[1].output_ids
    assert all(map(np.array_equal, long.cache_arrays(), short.cache_arrays()))
    with pytest.raises(UsageError, match="1 to 1024 tokens"):
        long.prefill(0, ids(1500), 0)
    long.close()
    short.close()


def test_score_gives_the_logits_of_every_position(compiled: Compiled) -> None:
    engine = Engine.open(compiled(EXACT))
    tokens = ids(16, seed=4)
    assert np.abs(engine.score(2, tokens, 0) - reference_logits(SPEC, WEIGHTS, tokens.tolist())).max() < 5e-5
    engine.close()


@pytest.mark.parametrize(
    ("config", "least"),
    [
        (EngineConfig(1, 16, 64, "bf16", "none"), 0.9999),
        (EngineConfig(1, 16, 64, "bf16", "int8"), 0.9995),
        (EngineConfig(1, 16, 64, "bf16", "int4", quant_lm_head=True, kv_cache="int8"), 0.95),
        (EngineConfig(8, 16, 64, "fp32", "int8"), 0.9995),
    ],
    ids=["bf16", "int8", "int4", "fp32 int8 batch 8"],
)
def test_quantised_engines_stay_close_to_the_model(compiled: Compiled, config: EngineConfig, least: float) -> None:
    engine = Engine.open(compiled(config))
    tokens = ids(24, seed=3)
    last = prefill(engine, 0, tokens[:23])
    expected = reference_logits(SPEC, WEIGHTS, tokens.tolist())
    assert cosine(last, expected[22]) > least
    more = engine.decode(np.full(config.batch, tokens[23]), np.full(config.batch, 23, np.int32))
    assert cosine(more[0], expected[23]) > least
    engine.close()


def test_a_token_outside_the_vocabulary_is_refused(compiled: Compiled) -> None:
    engine = Engine.open(compiled(EXACT))
    with pytest.raises(UsageError, match=f"0 to {SPEC.vocab_size - 1}"):
        engine.prefill(0, np.array([SPEC.vocab_size], np.int32), 0)
    engine.close()


def test_a_part_alone_is_not_run(tiny_onnx: Path, tmp_path: Path) -> None:
    from core.compiler.pipeline import compile_engine
    from core.compiler.plan import CompileRequest

    request = CompileRequest(tiny_onnx, tmp_path, "parts", EngineConfig(1, 16, 64, "fp32", "none"))
    compile_engine(request, lambda _: None)
    base, incremental = request.outputs()
    assert (base.name, incremental.name) == ("parts_fp32_pre16.ngf", "parts_fp32_pre16_inc.ngf")
    for path, other in ((base, "incremental"), (incremental, "base")):
        with pytest.raises(MismatchError, match="part of an engine") as caught:
            Engine.open(path)
        assert other in caught.value.hint


def of_convention(source: Path, path: Path, abi_version: int) -> Path:
    """Return a copy of an engine that was built here whose file names another calling convention."""
    with NgfFile.open(source) as file:
        sections = [PlannedSection(s.name, s.kind, s.length, s.dtype, s.shape) for s in file.header.sections]
        target = replace(file.header.target, abi_version=abi_version)
        with NgfWriter(path, replace(file.header, target=target), sections) as writer:
            for section in file.header.sections:
                writer.write(section.name, file.read(section.offset, section.length))
    trust.note_built(writer.digest, (), path)
    return path


def test_an_engine_from_before_conventions_were_named_answers_as_it_did(compiled: Compiled, tmp_path: Path) -> None:
    now = compiled(EXACT)
    assert read_header(now).target.abi_version == ABI_VERSION
    before = of_convention(now, tmp_path / "before_multi.ngf", 1)
    answers = []
    for path in (now, before):
        engine = Engine.open(path)
        answers.append(prefill(engine, 0, ids(20)))
        engine.close()
    assert np.array_equal(*answers)


@pytest.mark.parametrize("abi_version", [1, ABI_VERSION + 1])
def test_code_that_is_called_otherwise_is_never_linked(
    compiled: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abi_version: int
) -> None:
    config = EngineConfig(pre_len=2048, total_len=4096, quantisation="int8")
    path = of_convention(compiled(config), tmp_path / "other_multi.ngf", abi_version)
    monkeypatch.setattr(code, "Machine", lambda *_: pytest.fail("the code was linked"))
    told = f"convention {abi_version}, but this program calls code by convention {ABI_VERSION}"
    with pytest.raises(MismatchError, match=told):
        Engine.open(path)
    with pytest.raises(MismatchError, match=told):
        CardsEngine.open(path, CardsOptions(devices=(0, 1)))
    with pytest.raises(MismatchError, match=told):
        add_targets(path, tmp_path / "more_multi.ngf", targets())
