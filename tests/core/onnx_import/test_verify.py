"""Graphs that only look like ChatGLM2 are refused; what is accepted computes the same logits."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from core.errors import C10Error, ModelError, VerificationError
from core.export.synthetic import tiny_spec, write_model
from core.onnx_import import graph as graphs
from core.onnx_import import open_model, shapes, verify
from tests.core.onnx_import.conftest import REAL, real_export

LAYERS = 2


def refused(path: Path) -> C10Error:
    """Return the error that a user would see."""
    with pytest.raises(ModelError) as caught:
        verify(open_model(path), lambda _done, _total: None)
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def save(model: Any, folder: Path) -> Path:
    path = folder / "mutant.onnx"
    onnx.save(model, path)
    return path


def nth(model: Any, kind: str, layer: int) -> Any:
    """Return the node of a kind that is the `layer`-th in the graph."""
    return [node for node in model.graph.node if node.op_type == kind][layer]


def after(model: Any, name: str, kind: str, *extra: np.ndarray[Any, Any], **attributes: Any) -> None:
    """Put an operator between the tensor `name` and everything that reads it."""
    for node in model.graph.node:
        for i, item in enumerate(node.input):
            if item == name:
                node.input[i] = "mutant"
    for output in model.graph.output:
        output.name = "mutant" if output.name == name else output.name
    consts = [f"mutant_constant_{i}" for i in range(len(extra))]
    model.graph.initializer.extend(numpy_helper.from_array(a, c) for a, c in zip(extra, consts, strict=True))
    place = next(i for i, node in enumerate(model.graph.node) if name in node.output)
    model.graph.node.insert(place + 1, helper.make_node(kind, [name, *consts], ["mutant"], **attributes))


def swap_gate(model: Any, layer: int) -> None:
    sigmoid = nth(model, "Sigmoid", layer)
    silu = next(n for n in model.graph.node if n.op_type == "Mul" and sigmoid.output[0] in n.input)
    product = next(n for n in model.graph.node if n.op_type == "Mul" and silu.output[0] in n.input)
    gate, up = sigmoid.input[0], next(name for name in product.input if name != silu.output[0])
    sigmoid.input[0] = up
    silu.input[:] = [up, sigmoid.output[0]]
    product.input[:] = [silu.output[0], gate]


def tanh(model: Any, layer: int) -> None:
    nth(model, "Sigmoid", layer).op_type = "Tanh"


def scaled_sigmoid(model: Any, layer: int) -> None:
    after(model, nth(model, "Sigmoid", layer).input[0], "Mul", np.array(1.702, np.float32))


def rope_sign(model: Any, layer: int) -> None:
    subtractions = [n for n in model.graph.node if n.op_type == "Sub" and "self_attention" in n.output[0] + n.name]
    per_layer = len(subtractions) // LAYERS
    for node in subtractions[layer * per_layer : (layer + 1) * per_layer]:
        node.op_type = "Add"


def key_rope_sign(model: Any, layer: int) -> None:
    subtractions = [n for n in model.graph.node if n.op_type == "Sub" and "self_attention" in n.output[0] + n.name]
    subtractions[layer * 2 + 1].op_type = "Add"


def attention_scale(model: Any, layer: int) -> None:
    after(model, nth(model, "Softmax", layer).input[0], "Mul", np.array(1.1, np.float32))


def no_mask(model: Any, layer: int) -> None:
    softmax = nth(model, "Softmax", layer)
    where = next(n for n in model.graph.node if softmax.input[0] in n.output)
    softmax.input[0] = where.input[2]


def softmax_axis(model: Any, layer: int) -> None:
    nth(model, "Softmax", layer).attribute[0].i = -2


MUTATIONS = [
    swap_gate, tanh, scaled_sigmoid, rope_sign, key_rope_sign, attention_scale, no_mask, softmax_axis,
]  # fmt: skip


@pytest.mark.parametrize("layer", range(LAYERS))
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda change: str(change.__name__))
def test_a_change_in_any_single_layer_is_refused(tiny: Path, mutation: Callable[[Any, int], None], layer: int) -> None:
    model = onnx.load(tiny)
    mutation(model, layer)
    error = refused(save(model, tiny.parent))
    if isinstance(error, VerificationError):
        assert f"layer {layer} " in error.message


def relu_before_the_head(model: Any) -> None:
    after(model, [n for n in model.graph.node if n.op_type == "MatMul"][-1].input[0], "Relu")


def softcap_after_the_head(model: Any) -> None:
    after(model, "logits", "Tanh")


def scaled_logits(model: Any) -> None:
    after(model, "logits", "Mul", np.array(0.5, np.float32))


def scaled_embedding(model: Any) -> None:
    lookup = next(n for n in model.graph.node if n.input and "word_embeddings" in n.input[0])
    after(model, lookup.output[0], "Mul", np.array(8.0, np.float32))


def doubled_stream_before_the_final_norm(model: Any) -> None:
    last = [n for n in model.graph.node if n.op_type == "Add" and len(n.input) == 2][-2]
    after(model, last.output[0], "Clip", np.array(-0.5, np.float32), np.array(0.5, np.float32))


@pytest.mark.parametrize(
    "mutation",
    [
        relu_before_the_head,
        softcap_after_the_head,
        scaled_logits,
        scaled_embedding,
        doubled_stream_before_the_final_norm,
    ],
    ids=lambda change: str(change.__name__),
)
def test_an_extra_operator_at_either_end_is_refused(tiny: Path, mutation: Callable[[Any], None]) -> None:
    model = onnx.load(tiny)
    mutation(model)
    refused(save(model, tiny.parent))


def test_the_error_names_layer_piece_error_and_limit(tiny: Path) -> None:
    model = onnx.load(tiny)
    attention_scale(model, 1)
    message = refused(save(model, tiny.parent)).message
    assert "layer 1" in message
    assert "attention" in message
    assert "0.001" in message


def test_padded_rows_that_see_nothing_are_refused(tiny: Path) -> None:
    model = onnx.load(tiny)
    guard = next(node for node in model.graph.node if node.op_type == "Sub")  # lets padded rows see everything
    after(model, guard.output[0], "Mul", np.array(0, np.int64))
    assert np.isnan(logits(model)).all()
    assert "attention with padding is off by inf" in refused(save(model, tiny.parent)).message


def logits(model: Any) -> np.ndarray[Any, Any]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    length = session.get_inputs()[0].shape[1]
    tokens = np.arange(length if isinstance(length, int) else 12)[None]
    feeds = {"input_ids": (tokens * 37) % 300, "position_ids": tokens, "attention_mask": np.int64(tokens >= 2)}
    result = session.run(None, {item.name: feeds[item.name] for item in session.get_inputs()})[0]
    return np.asarray(result[0, 2:], np.float64)


def check_that_what_is_accepted_is_equal(source: Path, folder: Path, count: int) -> int:
    """Put an operator behind `count` random tensors; return how many of these mutants were refused."""
    original = onnx.load(source)
    graph = graphs.load(source)
    known = shapes.evaluate(graph, shapes.probe_length(graph))
    names = [x for n in graph.nodes for x in n.output if known.elem.get(x) in {1, 10} and x not in known.value]
    expected, refusals, generator = logits(original), 0, random.Random(5)
    for name in generator.sample(names, min(count, len(names))):
        mutant = onnx.ModelProto()
        mutant.CopyFrom(original)
        if generator.random() < 0.5:
            kind = helper.tensor_dtype_to_np_dtype(known.elem[name])
            after(mutant, name, "Mul", np.array(1.25, kind))
        else:
            after(mutant, name, "Relu")
        path = save(mutant, folder)
        try:
            verify(open_model(path), lambda _done, _total: None)
        except ModelError:
            refusals += 1
            continue
        slack = 2e-2 if known.elem[graph.output] == 10 else 1e-4
        assert np.abs(logits(mutant) - expected).max() <= slack * np.abs(expected).max(), name
    return refusals


def test_an_operator_anywhere_is_refused_or_changes_nothing(tiny: Path) -> None:
    assert check_that_what_is_accepted_is_equal(tiny, tiny.parent, 40) > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_an_operator_anywhere_in_a_real_export_is_refused_or_changes_nothing(name: str, tmp_path: Path) -> None:
    assert check_that_what_is_accepted_is_equal(real_export(name), tmp_path, 400) > 50


def test_float16_mutants_are_refused_too(tmp_path: Path) -> None:
    path = write_model(tmp_path, tiny_spec(), dtype="float16")
    model = onnx.load(path)
    attention_scale(model, 1)
    assert "layer 1" in refused(save(model, tmp_path)).message
    model = onnx.load(path)
    swap_gate(model, 0)
    assert "layer 0" in refused(save(model, tmp_path)).message


def test_what_the_progress_callback_raises_comes_out_unchanged(tiny: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        verify(open_model(tiny), stop)
