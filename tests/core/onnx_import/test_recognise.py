"""What is recognised: the project's own exports, other exporters' spellings, real files; and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from core.errors import C10Error, FileError, ModelError
from core.export.synthetic import RandomWeights, tiny_spec, write_model
from core.onnx_import import ImportedModel, open_model, verify
from tests.core.onnx_import.conftest import REAL, real_export
from tests.core.onnx_import.variants import Variant

FREE = replace(tiny_spec(), max_positions=0)


def whole(model: ImportedModel, name: str) -> np.ndarray[Any, Any]:
    weight = model.weights[name]
    return weight.read_rows(0, weight.shape[0])


def nothing(_done: int, _total: int) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({}, {}),
        ({"num_layers": 5, "num_groups": 1, "norm_eps": 1e-6}, {}),
        ({"qkv_bias": False, "rotary_dim": 16, "rope_theta": 5e6, "max_positions": 0}, {"tied_head": True}),
        ({"head_dim": 20, "rotary_dim": 20, "num_groups": 4, "rope_theta": 100000.0}, {"dtype": "float16"}),
        ({"max_positions": 77, "rope_theta": 12345.68, "vocab_size": 301, "hidden_size": 48}, {}),
    ],
)
def test_our_own_exports_come_back_with_their_spec_and_weights(
    tmp_path: Path, change: dict[str, Any], options: dict[str, Any]
) -> None:
    spec = tiny_spec(**change)
    model = open_model(write_model(tmp_path, spec, **options))
    assert model.spec == replace(spec, source_dtype=options.get("dtype", "float32"))
    assert {name: weight.shape for name, weight in model.weights.items()} == spec.weight_shapes()
    reference = RandomWeights(spec, 0, options.get("tied_head", False)).arrays()
    kind = np.dtype(options.get("dtype", "float32"))
    for name, expected in reference.items():
        stored = expected if name.endswith("norm") else expected.astype(kind)
        assert np.array_equal(whole(model, name), stored.astype(np.float32)), name
    assert max(check.error for check in verify(model, nothing)) < (1e-2 if options.get("dtype") else 1e-4)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fused_qkv": True, "fused_gate_up": True},
        {"gemm": True, "tied": True},
        {"norm": "SimplifiedLayerNormalization"},
        {"norm": "RMSNormalization", "attention": "operator", "rope": "operator", "opset": 23},
        {"attention": "operator", "mask": False, "positions": False, "opset": 23},
        {"positions": False},
        {"mask": False},
        {"dtype": "float16", "gemm": True},
        {"dtype": "bfloat16"},
        {"dtype": "bfloat16", "fused_gate_up": True, "norm": "RMSNormalization", "opset": 23},
        {"spec": replace(FREE, qkv_bias=False, rotary_dim=16)},
    ],
    ids=str,
)
def test_other_spellings_give_the_same_model(tmp_path: Path, options: dict[str, Any]) -> None:
    variant = Variant(**{"spec": FREE, **options})
    expected = variant.write(tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    assert model.spec == replace(variant.spec, source_dtype=variant.dtype)
    for name, array in expected.items():
        assert np.array_equal(whole(model, name), array), name
    verify(model, nothing)


def test_a_graph_of_fixed_length_is_limited_to_it_only_if_positions_are(tmp_path: Path) -> None:
    Variant(FREE, length=20).write(tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    assert (model.fixed_length, model.spec.max_positions) == (20, 20)
    verify(model, nothing)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rope": "half"}, "not interleaved"),
        ({"rope": "scaled"}, "it is scaled"),
        ({"rope": "backwards"}, "other way round"),
        ({"rope": "none"}, "no rotary embedding"),
        ({"biases": ("attn_out",)}, "bias in its attention output"),
        ({"biases": ("down",)}, "bias in its down projection"),
        ({"biases": ("up",)}, "bias in its gate or up projection"),
        ({"eps": {"1.post_norm": 1e-4}}, "layer 1 has eps 0.0001"),
        ({"length": 1 << 17}, "fixed to 131072 tokens"),
    ],
    ids=str,
)
def test_a_near_relative_is_refused_with_the_reason(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    Variant(FREE, **options).write(tmp_path / "model.onnx")
    with pytest.raises(ModelError, match=words) as caught:
        open_model(tmp_path / "model.onnx")
    assert caught.value.hint


def rewrite(path: Path, change: Any) -> None:
    model = onnx.load(path, load_external_data=False)
    change(model)
    path.write_bytes(model.SerializeToString())


def _cache_input(model: Any) -> None:
    model.graph.input.append(helper.make_tensor_value_info("past_key_values.0.key", 1, [1, 2]))


def _odd_input(model: Any) -> None:
    model.graph.input.append(helper.make_tensor_value_info("pixel_values", 1, [1, 2]))


def _no_input(model: Any) -> None:
    del model.graph.input[:]


def _no_output(model: Any) -> None:
    del model.graph.output[:]


def _batch_of_two(model: Any) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2


def _quantised(model: Any) -> None:
    model.graph.node.append(helper.make_node("DequantizeLinear", ["a", "b"], ["c"]))


def _integers(model: Any) -> None:
    next(t for t in model.graph.initializer if "dense_4h_to_h" in t.name).data_type = onnx.TensorProto.INT32


def _softmax_of_logits(model: Any) -> None:
    model.graph.node[-1].op_type = "Softmax"
    del model.graph.node[-1].attribute[:]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_cache_input, "KV cache"),
        (_odd_input, "pixel_values"),
        (_no_input, "input_ids"),
        (_no_output, "no output"),
        (_batch_of_two, "not \\[1, sequence\\]"),
        (_quantised, "quantised already"),
        (_integers, "not float32, float16 or bfloat16"),
        (_softmax_of_logits, "not a linear layer"),
    ],
)
def test_another_kind_of_graph_is_refused_with_the_reason(tiny: Path, change: Any, words: str) -> None:
    rewrite(tiny, change)
    with pytest.raises(ModelError, match=words) as caught:
        open_model(tiny)
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"hello, I am no ONNX file", b"\x00" * 64, b"{}", b"\xff" * 4096])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="is not an ONNX model"):
        open_model(tmp_path / "model.onnx")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no file"):
        open_model(tmp_path / "model.onnx")
    with pytest.raises(C10Error):
        open_model(tmp_path)


@pytest.mark.parametrize("name", REAL)
def test_real_exports_are_recognised_with_equal_weights(name: str) -> None:
    path = real_export(name)
    numbers = pytest.importorskip("safetensors.numpy").load_file(path.parent / "model.safetensors")
    config = json.loads((path.parent / "config.json").read_text())
    model = open_model(path)
    spec = model.spec
    assert spec == replace(
        spec,
        num_layers=config["num_layers"],
        hidden_size=config["hidden_size"],
        ffn_size=config["ffn_hidden_size"],
        num_heads=config["num_attention_heads"],
        num_groups=config["multi_query_group_num"],
        head_dim=config["kv_channels"],
        rotary_dim=config["kv_channels"] // 2,
        rope_theta=10000.0,
        vocab_size=config["padded_vocab_size"],
        norm_eps=config["layernorm_epsilon"],
        qkv_bias=True,
        max_positions=2048,
        source_dtype=config["torch_dtype"],
    )
    for key, original in _original_names(spec.num_layers).items():
        assert np.array_equal(whole(model, key), numbers[original].astype(np.float32)), key


@pytest.mark.parametrize("name", REAL)
def test_real_exports_pass_the_numeric_check(name: str) -> None:
    model = open_model(real_export(name))
    steps: list[tuple[int, int]] = []
    checks = verify(model, lambda done, total: steps.append((done, total)))
    layers = model.spec.num_layers
    assert [check.name for check in checks] == ["embedding", *(f"layer {i}" for i in range(layers)), "output"]
    assert max(check.error for check in checks) < (1e-2 if model.spec.source_dtype == "float16" else 1e-5)
    assert steps == [(i, layers) for i in range(layers + 1)]


def test_an_export_that_mixes_types_is_refused_with_the_reason() -> None:
    with pytest.raises(ModelError, match="mixes float16 and float32"):
        open_model(real_export("odd/dynamo23"))


def _original_names(layers: int) -> dict[str, str]:
    names = {
        "embed": "transformer.embedding.word_embeddings.weight",
        "final_norm": "transformer.encoder.final_layernorm.weight",
        "head": "transformer.output_layer.weight",
    }
    parts = {
        "input_norm": "input_layernorm.weight",
        "qkv": "self_attention.query_key_value.weight",
        "qkv_bias": "self_attention.query_key_value.bias",
        "attn_out": "self_attention.dense.weight",
        "post_norm": "post_attention_layernorm.weight",
        "gate_up": "mlp.dense_h_to_4h.weight",
        "down": "mlp.dense_4h_to_h.weight",
    }
    for i in range(layers):
        names |= {f"{i}.{short}": f"transformer.encoder.layers.{i}.{long}" for short, long in parts.items()}
    return names


def _fuse_sums_into_norms(model: Any) -> None:
    """Write "add, then normalise" as one operator, as onnxruntime's optimiser does."""
    makers = {node.output[0]: node for node in model.graph.node}
    for norm in [node for node in model.graph.node if node.op_type == "SimplifiedLayerNormalization"]:
        total = makers[norm.input[0]]
        if total.op_type != "Add":
            continue
        fused = helper.make_node(
            "SkipSimplifiedLayerNormalization",
            [*total.input, norm.input[1]],
            [norm.output[0], "", "", total.output[0]],
            domain="com.microsoft",
            epsilon=next(item.f for item in norm.attribute if item.name == "epsilon"),
        )
        place = list(model.graph.node).index(norm)
        model.graph.node.remove(norm)
        model.graph.node.insert(place, fused)
        model.graph.node.remove(total)


def test_sums_that_are_fused_into_norms_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    Variant(FREE, norm="SimplifiedLayerNormalization").write(path)
    rewrite(path, _fuse_sums_into_norms)
    assert any(node.op_type.startswith("Skip") for node in onnx.load(path).graph.node)
    model = open_model(path)
    assert model.spec == FREE
    verify(model, nothing)
