"""Real exports of the original model code, where they lie beside the project: logits and greedy answers must agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.errors import ModelError
from core.runtime.engine import Engine
from core.spec import EngineConfig

EXPORTS = {
    "tiny": ["model", "ts_t1", "static", "ts_nofold", "dynamo18", "dynamo23"],
    "odd": ["model", "dynamo18"],
}
LIMITS = {"tiny": 5e-5, "odd": 2e-4}
PRE_LEN = 16
"""Shorter and longer prompts than this are among the reference's."""


@pytest.fixture
def fixtures(shared_dir: Path) -> Path:
    folder = shared_dir / "fixtures"
    if not folder.is_dir():
        pytest.skip("The reference exports are not beside the project.")
    return folder


def engine_of(model: Path, folder: Path, batch: int) -> Engine:
    config = EngineConfig(batch, PRE_LEN, 256, dtype="fp32", quantisation="none")
    request = CompileRequest(model, folder, model.stem, config, combine=True)
    return Engine.open(Path(compile_engine(request, lambda _: None).outputs[0]))


def scored(engine: Engine, row: int, ids: np.ndarray) -> np.ndarray:
    rounds = range(0, len(ids), PRE_LEN)
    return np.concatenate([engine.score(row, ids[start : start + PRE_LEN], start) for start in rounds])


def check(engine: Engine, name: str, fixtures: Path) -> None:
    """Compare prefill and decode logits and greedy ids of all prompts, answered side by side and ragged."""
    reference = np.load(fixtures / name / "ref.npz")
    greedy = json.loads((fixtures / name / "greedy.json").read_text())
    prompts = [np.array(one["prompt"], np.int32) for one in greedy.values()]
    for first in range(0, len(prompts), engine.config.batch):
        group = prompts[first : first + engine.config.batch]
        last = []
        for row, prompt in enumerate(group):
            logits = scored(engine, row, prompt)
            assert np.abs(logits - reference[f"logits{first + row}"]).max() < LIMITS[name]
            last.append(int(logits[-1].argmax()))
        lengths = np.array([len(prompt) for prompt in group], np.int32)
        answers = [last]
        for step in range(15):
            logits = engine.decode(np.array(answers[-1], np.int32), lengths + step)
            answers.append([int(one) for one in logits.argmax(1)])
        for row in range(len(group)):
            wanted = list(greedy.values())[first + row]["greedy"]
            assert [answer[row] for answer in answers] == wanted


@pytest.mark.parametrize(("name", "export"), [(name, export) for name, all_ in EXPORTS.items() for export in all_])
@pytest.mark.slow
def test_every_export_gives_the_reference_logits(name: str, export: str, fixtures: Path, tmp_path: Path) -> None:
    check(engine_of(fixtures / name / f"{export}.onnx", tmp_path, 1), name, fixtures)


@pytest.mark.parametrize("name", EXPORTS)
def test_three_ragged_prompts_side_by_side_give_the_reference_answers(
    name: str, fixtures: Path, tmp_path: Path
) -> None:
    check(engine_of(fixtures / name / "model.onnx", tmp_path, 3), name, fixtures)


def test_an_export_that_mixes_types_is_refused_with_the_reason(fixtures: Path, tmp_path: Path) -> None:
    config = EngineConfig(1, PRE_LEN, 256)
    with pytest.raises(ModelError, match="float16 and float32"):
        compile_engine(CompileRequest(fixtures / "odd" / "dynamo23.onnx", tmp_path, "x", config), lambda _: None)
    assert list(tmp_path.iterdir()) == []
