"""A Hugging Face folder in float16 gives the engine that the ONNX of the same model gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.export import export_model
from core.export.graph import write_onnx
from core.export.synthetic import RandomWeights, tiny_spec
from core.export.weights import ArrayWeights
from core.ngf.reader import read_header
from core.spec import EngineConfig
from tests.bench.same_engine import compiled, logits
from tests.core.export.folders import write_chatglm

CONFIG = EngineConfig(total_len=64, pre_len=16, quantisation="int4")


def test_safetensors_shards_and_onnx_give_the_same_engine(tmp_path: Path) -> None:
    spec = tiny_spec()
    halves = {name: value.astype(np.float16) for name, value in RandomWeights(spec, 5).arrays().items()}
    exact = {name: value.astype(np.float32) for name, value in halves.items()}
    (tmp_path / "onnx").mkdir()
    original = write_onnx(tmp_path / "onnx", spec, ArrayWeights(exact), dtype="float16")
    exported = export_model(write_chatglm(tmp_path / "hf", spec, halves), tmp_path / "exported")
    assert exported.with_name("model.onnx.data").stat().st_size == original.with_name("model.onnx.data").stat().st_size

    engines = []
    for name, model in (("a", original), ("b", exported)):
        engines.append(compiled(model, tmp_path, name, CONFIG)[0])
    one, other = (read_header(engine) for engine in engines)
    assert one.weights_digest == other.weights_digest
    assert one.spec == other.spec
    assert np.array_equal(logits(engines[0]), logits(engines[1]))
