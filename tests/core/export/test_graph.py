from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from core.errors import ModelError
from core.export import weights as weights_module
from core.export.graph import Dtype, write_onnx
from core.export.synthetic import RandomWeights, tiny_spec, write_model
from core.export.weights import ArrayWeights
from core.spec import ModelSpec
from tests.reference import onnx_logits, reference_logits

IDS = [3, 250, 17, 99, 0, 319, 42, 42, 8]

VARIANTS: dict[str, dict[str, Any]] = {
    "chatglm2": {},
    "no bias": {"qkv_bias": False},
    "one group": {"num_groups": 1},
    "no sharing": {"num_groups": 4},
    "whole head rotated": {"rotary_dim": 16},
    "smallest rotation": {"rotary_dim": 2},
    "other theta": {"rope_theta": 500000.0},
    "heads narrower than hidden": {"head_dim": 10, "rotary_dim": 10},
    "odd sizes": {"hidden_size": 50, "ffn_size": 77, "vocab_size": 331, "num_heads": 3, "num_groups": 3},
    "one layer": {"num_layers": 1},
    "large eps": {"norm_eps": 0.1},
    "angles computed in the graph": {"max_positions": 0},
}


@pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS.keys())
def test_onnxruntime_computes_the_reference(tmp_path: Path, overrides: dict[str, Any]) -> None:
    spec = tiny_spec(**overrides)
    path = write_model(tmp_path / "new", spec, seed=1)
    expected = reference_logits(spec, RandomWeights(spec, 1).arrays(), IDS)
    np.testing.assert_allclose(onnx_logits(path, IDS), expected, atol=1e-4)


def test_logits_are_of_a_useful_size() -> None:
    spec = tiny_spec()
    logits = reference_logits(spec, RandomWeights(spec).arrays(), list(range(100)))
    assert 1 < logits.std() < 10
    assert len(set(logits.argmax(-1).tolist())) > 50


def test_float16_is_close_to_the_reference(tmp_path: Path) -> None:
    spec = tiny_spec()
    path = write_model(tmp_path, spec, dtype="float16")
    expected = reference_logits(spec, RandomWeights(spec).arrays(), IDS)
    got = onnx_logits(path, IDS)
    assert np.abs(got - expected).max() < 0.05
    assert (got.argmax(-1) == expected.argmax(-1)).all()


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_tied_head_is_stored_once(tmp_path: Path, dtype: Dtype) -> None:
    spec = tiny_spec()
    tied = write_model(tmp_path / "tied", spec, tied_head=True, dtype=dtype)
    loose = write_model(tmp_path / "loose", spec, dtype=dtype)
    expected = reference_logits(spec, RandomWeights(spec, 0, tied_head=True).arrays(), IDS)
    np.testing.assert_allclose(onnx_logits(tied, IDS), expected, atol=1e-4 if dtype == "float32" else 0.5)
    sizes = [path.with_name("model.onnx.data").stat().st_size for path in (tied, loose)]
    assert sizes[1] - sizes[0] >= spec.vocab_size * spec.hidden_size * np.dtype(dtype).itemsize


def test_left_padding_is_ignored(tmp_path: Path) -> None:
    spec = tiny_spec()
    session = onnxruntime.InferenceSession(str(write_model(tmp_path, spec)))
    feeds = {
        "input_ids": np.array([[0, 0, 0, *IDS]]),
        "position_ids": np.array([[0, 0, 0, *range(len(IDS))]]),
        "attention_mask": np.array([[0, 0, 0] + [1] * len(IDS)]),
    }
    expected = reference_logits(spec, RandomWeights(spec).arrays(), IDS)
    np.testing.assert_allclose(session.run(None, feeds)[0][0, 3:], expected, atol=1e-4)


def test_the_file_is_valid_onnx_with_the_usual_interface(tmp_path: Path) -> None:
    path = write_model(tmp_path, tiny_spec())
    onnx.checker.check_model(str(path), full_check=True)
    graph = onnx.load(path, load_external_data=False).graph
    assert [value.name for value in graph.input] == ["input_ids", "position_ids", "attention_mask"]
    assert [value.name for value in graph.output] == ["logits"]
    assert all(
        int(entry.value) % 64 == 0 for t in graph.initializer for entry in t.external_data if entry.key == "offset"
    )


def test_weights_stream_in_small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, largest, seen = tiny_spec(), 0, list[tuple[int, int]]()
    source = RandomWeights(spec)

    class Counting:
        tied_head = False

        def rows(self, name: str, start: int, stop: int) -> weights_module.Array:
            nonlocal largest
            block = source.rows(name, start, stop)
            largest = max(largest, block.nbytes)
            return block

    monkeypatch.setattr(weights_module.row_blocks, "__defaults__", (3000,))
    path = write_onnx(tmp_path, spec, Counting(), progress=lambda done, total: seen.append((done, total)))
    assert largest <= 3000
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, source.arrays(), IDS), atol=1e-4)


@pytest.mark.parametrize(("value", "dtype"), [(np.nan, "float32"), (np.inf, "float32"), (1e6, "float16")])
def test_values_that_do_not_fit_are_refused(tmp_path: Path, value: float, dtype: Dtype) -> None:
    spec = tiny_spec()
    arrays = RandomWeights(spec).arrays()
    arrays["1.down"][3, 5] = value
    with pytest.raises(ModelError, match=r"layers\.1\.mlp\.dense_4h_to_h\.weight"):
        write_onnx(tmp_path, spec, ArrayWeights(arrays), dtype=dtype)


def test_a_seed_gives_the_same_rows_however_they_are_asked_for() -> None:
    spec = ModelSpec.from_json(tiny_spec().to_json())
    source = RandomWeights(spec, 5)
    parts = [source.rows("1.qkv", start, min(start + 37, spec.qkv_size)) for start in range(0, spec.qkv_size, 37)]
    assert (np.concatenate(parts) == source.rows("1.qkv", 0, spec.qkv_size)).all()
    assert (source.rows("0.qkv", 0, 1) != source.rows("1.qkv", 0, 1)).any()
