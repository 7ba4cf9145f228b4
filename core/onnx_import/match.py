"""Patterns of the model family in a graph, from the output backwards: linear layers, RMS norms, layers.

Only the skeleton is matched (which weight feeds which): operators between the weights are free, because every stretch
between two weights is checked numerically afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ModelError
from core.onnx_import.graph import Graph, attribute
from core.onnx_import.tensors import FLOAT_TYPES, Tensor
from core.onnx_import.weights import Part

HINT = (
    "Export a ChatGLM2-style model as one full-sequence graph (input_ids, position_ids, attention_mask in, logits out)."
)
_NORM_OPS = frozenset({"RMSNormalization", "SimplifiedLayerNormalization"})
_NORM_PARTS = frozenset({"Mul", "Div", "Sqrt", "Pow", "ReduceMean", "Reciprocal", "ReduceSum", "Rsqrt"})
_ACTIVATIONS = {"Sigmoid", "Swish", "Silu", "QuickGelu", "Exp", "HardSwish", "Tanh", "Erf", "Gelu", "FastGelu", "Relu"}
_SILU = {"Sigmoid", "Swish", "Silu", "QuickGelu", "Exp"}


@dataclass(frozen=True, slots=True)
class Linear:
    """`out` = `x` times a stored matrix, plus a stored bias if there is one. `x` and `out` are tensor names."""

    x: str
    out: str
    weight: Part
    bias: Tensor | None

    @property
    def out_features(self) -> int:
        """Rows of the weight."""
        return self.weight.rows

    @property
    def in_features(self) -> int:
        """Columns of the weight."""
        return self.weight.row_shape[0]


@dataclass(frozen=True, slots=True)
class Norm:
    """`out` = RMS norm of `x`, times the stored `weight`."""

    x: str
    out: str
    weight: Tensor
    eps: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One decoder layer. `start`, `middle`, `end` name the residual stream before, inside and after it.

    `qkv` is one fused linear layer or three (query, key, value); `gate_up` one fused or two (gate, up).
    `query` names the rotated queries that meet the keys (shape (..., tokens, head_dim)), "" if they can't be seen.
    """

    start: str
    middle: str
    end: str
    input_norm: Norm
    qkv: tuple[Linear, ...]
    core: str
    query: str
    attn_out: Linear
    post_norm: Norm
    gate_up: tuple[Linear, ...]
    down: Linear


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The whole model: embedding table, layers from first to last, final norm, output layer."""

    embed: Part
    ids: str
    layers: tuple[Layer, ...]
    final_norm: Norm
    head: Linear


def match_linear(graph: Graph, name: str) -> Linear | None:
    """Return the linear layer that makes `name`, layout operators skipped, or None."""
    name = graph.up(name)
    node = graph.producers.get(name)
    if node is None:
        return None
    if node.op_type == "Add" and len(node.input) == 2:
        for bias, other in (node.input, reversed(node.input)):
            found = graph.constant(bias)
            inner = match_linear(graph, other) if found and len(found[0].shape) == 1 else None
            if found and inner and inner.bias is None and found[0].shape == (inner.out_features,):
                return Linear(inner.x, name, inner.weight, found[0])
        return None
    if node.op_type in {"MatMul", "Gemm"}:
        return _product(graph, node)
    return None


def _product(graph: Graph, node: Any) -> Linear | None:
    found = graph.constant(node.input[1])
    if found is None or len(found[0].shape) != 2 or graph.is_constant(node.input[0]):
        return None
    tensor, transposed = found
    bias = None
    if node.op_type == "Gemm":
        if attribute(node, "alpha", 1.0) != 1.0 or attribute(node, "transA", 0):
            return None
        transposed ^= bool(attribute(node, "transB", 0))
        if len(node.input) > 2 and node.input[2]:
            stored = graph.constant(node.input[2])
            if stored is None or len(stored[0].shape) != 1 or attribute(node, "beta", 1.0) != 1.0:
                return None
            bias = stored[0]
    return Linear(node.input[0], node.output[0], Part(tensor, not transposed), bias)


def match_norm(graph: Graph, name: str) -> Norm | None:
    """Return the RMS norm that makes `name`, layout operators skipped, or None."""
    name = graph.up(name)
    node = graph.producers.get(name)
    if node is None:
        return None
    if node.op_type in _NORM_OPS:
        weight = graph.constant(node.input[1])
        if weight is None or len(weight[0].shape) != 1:
            return None
        return Norm(graph.up(node.input[0]), name, weight[0], _rounded(attribute(node, "epsilon", 1e-5)))
    if node.op_type != "Mul":
        return None
    for scale, other in (node.input, reversed(node.input)):
        weight = graph.constant(scale)
        if weight is not None and len(weight[0].shape) == 1:
            return _written_out_norm(graph, name, weight[0], other)
    return None


def _written_out_norm(graph: Graph, name: str, weight: Tensor, other: str) -> Norm | None:
    """Follow x * rsqrt(mean(x^2) + eps) back to its one source x, however it is spelt."""
    sources: set[str] = set()
    eps: list[float] = []
    queue = [graph.up(other)]
    seen: set[str] = set()
    for tensor in queue:
        node = graph.producers.get(tensor)
        shift = _shift(graph, node) if node is not None and node.op_type == "Add" else None
        if node is not None and (node.op_type in _NORM_PARTS or shift is not None):
            eps += [shift] if shift is not None else []
            steps = {graph.up(item) for item in node.input if item and not graph.is_constant(item)} - seen
            seen |= steps
            queue += sorted(steps)
        else:
            sources.add(tensor)
    if len(sources) != 1 or len(eps) != 1:
        return None
    return Norm(sources.pop(), name, weight, _rounded(eps[0]))


def _shift(graph: Graph, node: Any) -> float | None:
    return next((value for item in node.input if (value := graph.scalar(item)) is not None), None)


def _rounded(value: float) -> float:
    """Return the number that an exporter meant by a value that was stored as float32, float16 or bfloat16."""
    coarse = 3.1e-8 if float(np.float16(value)) == value else 0.0  # float16 has few digits left down there
    candidates = (float(f"{value:.{digits}e}") for digits in range(7))
    return next((number for number in candidates if abs(number - value) <= 4e-3 * value + coarse), value)


def match_residual(graph: Graph, name: str) -> tuple[Linear, str, str] | None:
    """Return (linear layer, other summand, sum) if `name` is a sum of a linear layer's output and another tensor."""
    name = graph.up(name)
    node = graph.producers.get(name)
    if node is None or node.op_type != "Add":
        return None
    for branch, other in (node.input, reversed(node.input)):
        linear = match_linear(graph, branch)
        if linear is not None and not graph.is_constant(other):
            return linear, graph.up(other), name
    return None


def linears_behind(graph: Graph, name: str, in_features: int) -> list[Linear]:
    """Return the linear layers over `in_features` features that `name` is computed from, nearest first."""
    found: dict[str, Linear] = {}

    def stop(tensor: str) -> bool:
        linear = match_linear(graph, tensor)
        if linear is None or linear.in_features != in_features:
            return False
        found.setdefault(linear.out, linear)
        return True

    for _ in graph.walk(name, stop):
        pass
    return list(found.values())


def match_model(graph: Graph) -> Skeleton:
    """Return the skeleton of the graph; raises ModelError, saying what is missing and where."""
    head = match_linear(graph, graph.output)
    if head is None:
        raise ModelError("The output is not a linear layer with a stored weight, so it is no language model's.", HINT)
    if head.bias is not None:
        raise ModelError("The output layer has a bias, which is not supported.", HINT)
    norm = match_norm(graph, head.x)
    if norm is None:
        raise ModelError("There is no RMS norm right before the output layer.", HINT)
    layers = list(_layers(graph, norm.x))[::-1]
    if not layers:
        raise ModelError("There is no decoder layer before the final norm.", HINT)
    embed, ids = _embedding(graph, layers[0].start, len(layers))
    return Skeleton(embed, ids, tuple(layers), norm, head)


def _embedding(graph: Graph, name: str, count: int) -> tuple[Part, str]:
    node = graph.producers.get(name)
    found = graph.constant(node.input[0]) if node is not None and node.op_type == "Gather" else None
    if node is None or found is None or len(found[0].shape) != 2 or attribute(node, "axis", 0) != 0:
        what = "an input" if node is None else f"made by {node.op_type}"
        raise ModelError(
            f"After {count} layers (from the output back) the residual stream is {what}, neither another layer nor an "
            "embedding lookup.",
            HINT,
        )
    if graph.up(node.input[1]) != graph.inputs["input_ids"]:
        raise ModelError("The embedding is not looked up with the token ids.", HINT)
    return Part(*found), graph.up(node.input[1])


def _layers(graph: Graph, end: str) -> Iterator[Layer]:
    """Yield the layers from the last to the first; raises ModelError where one is computed from itself."""
    end = graph.up(end)
    met = {end}
    for index in range(1, 1025):
        residual = match_residual(graph, end)
        if residual is None:
            return
        layer = _layer(graph, residual, f"Layer {index} from the output")
        yield layer
        end = layer.start
        if end in met:  # met here, not after a thousand rounds: hostile files mustn't take longer than others
            raise ModelError(f"The layers go in a circle: the residual stream {end} is computed from itself.", HINT)
        met.add(end)


def _layer(graph: Graph, residual: tuple[Linear, str, str], where: str) -> Layer:
    down, middle, end = residual
    _no_bias(down, where, "down projection")
    gate_up = _gate_up(graph, down, where)
    post_norm = match_norm(graph, gate_up[0].x)
    if post_norm is None or any(graph.up(part.x) != post_norm.out for part in gate_up):
        raise ModelError(f"{where} has no RMS norm before its gate and up projections.", HINT)
    if post_norm.x != middle:
        raise ModelError(
            f"{where} adds its feed-forward result to another tensor than the one that it normalised.", HINT
        )
    attention = match_residual(graph, middle)
    if attention is None:
        raise ModelError(f"{where} has no attention whose result is added to the residual stream.", HINT)
    attn_out, start, _ = attention
    _no_bias(attn_out, where, "attention output")
    query, qkv = _attention(graph, attn_out, down.out_features, where)
    input_norm = match_norm(graph, qkv[0].x)
    if input_norm is None or any(graph.up(part.x) != input_norm.out for part in qkv):
        raise ModelError(f"{where} has no RMS norm before its query, key and value projections.", HINT)
    if input_norm.x != start:
        raise ModelError(f"{where} adds its attention result to another tensor than the one that it normalised.", HINT)
    return Layer(start, middle, end, input_norm, qkv, attn_out.x, query, attn_out, post_norm, gate_up, down)


def _no_bias(linear: Linear, where: str, what: str) -> None:
    if linear.bias is not None:
        raise ModelError(f"{where} has a bias in its {what}, which is not supported.", HINT)


def _gate_up(graph: Graph, down: Linear, where: str) -> tuple[Linear, ...]:
    """Return the fused gate and up projection, or (gate, up); the gate is the one that the activation is fed from."""
    found = linears_behind(graph, down.x, down.out_features)
    for linear in found:
        _no_bias(linear, where, "gate or up projection")
    if len(found) == 1 and found[0].out_features == 2 * down.in_features:
        _activation(graph, down, found, where)
        return (found[0],)
    if len(found) == 2 and all(linear.out_features == down.in_features for linear in found):
        source = _activation(graph, down, found, where)
        gates = linears_behind(graph, source, down.out_features)
        if len(gates) == 1:
            return (gates[0], next(linear for linear in found if linear.out != gates[0].out))
    raise ModelError(f"{where} has no gated feed-forward part (gate, up, down).", HINT)


def _activation(graph: Graph, down: Linear, linears: list[Linear], where: str) -> str:
    """Return the tensor that goes into the activation; raises ModelError if it is no SiLU."""
    outs = {linear.out for linear in linears}
    for name in graph.walk(down.x, lambda tensor: tensor in outs):
        node = graph.producers[name]
        if node.op_type in _SILU:
            return str(node.input[0])
        if node.op_type in _ACTIVATIONS:
            raise ModelError(f"{where} has the activation {node.op_type} where SiLU is expected.", HINT)
    raise ModelError(f"{where} has no activation between its up and down projections.", HINT)


def _attention(graph: Graph, attn_out: Linear, hidden: int, where: str) -> tuple[str, tuple[Linear, ...]]:
    """Return (name of the rotated queries or "", the fused projection or query, key and value projections)."""
    ends = _attention_inputs(graph, attn_out.x, hidden)
    if ends is None:
        raise ModelError(f"{where} has no attention (no softmax over products of queries and keys).", HINT)
    behind = [linears_behind(graph, end, hidden) for end in ends]
    if any(len(found) != 1 for found in behind):
        raise ModelError(f"{where}: its queries, keys and values don't come from one projection each.", HINT)
    query, key, value = (found[0] for found in behind)
    if query.out == key.out == value.out:
        return ends[0], (query,)
    if len({query.out, key.out, value.out}) != 3:
        raise ModelError(f"{where}: only two of its query, key and value projections are fused.", HINT)
    return ends[0], (query, key, value)


def _attention_inputs(graph: Graph, name: str, hidden: int) -> tuple[str, str, str] | None:
    """Return the names of the queries, keys and values that meet in the attention that `name` comes from."""
    for tensor in graph.walk(name, lambda item: _is_projection(graph, item, hidden)):
        node = graph.producers[tensor]
        if node.op_type in {"Attention", "MultiHeadAttention"}:
            return (node.input[0], node.input[1], node.input[2]) if len(node.input) > 2 else None
        if _is_product(graph, node):
            sides = [(item, _scores(graph, item, hidden)) for item in node.input[:2]]
            for (_, scores), (value, other) in (sides, sides[::-1]):
                if scores is not None and other is None:
                    return (scores.input[0], scores.input[1], value)
    return None


def _is_projection(graph: Graph, name: str, in_features: int) -> bool:
    linear = match_linear(graph, name)
    return linear is not None and linear.in_features == in_features


def _is_product(graph: Graph, node: Any) -> bool:
    kinds = {"MatMul", "Einsum", "Gemm", "FusedMatMul"}
    return node.op_type in kinds and not any(graph.is_constant(item) for item in node.input[:2])


def _scores(graph: Graph, name: str, hidden: int) -> Any | None:
    """Return the product of queries and keys if `name` is a softmax of it (masked, scaled), else None."""
    softmax = False

    def stop(item: str) -> bool:
        return _is_product(graph, graph.producers[item]) or _is_projection(graph, item, hidden)

    for tensor in graph.walk(name, stop):
        node = graph.producers[tensor]
        softmax = softmax or node.op_type == "Softmax"
        if _is_product(graph, node):
            return node if softmax else None
    return None


def check_dtypes(skeleton: Skeleton) -> None:
    """Raise ModelError unless every weight is stored as a supported floating-point type."""
    for layer in skeleton.layers:
        for linear in (*layer.qkv, layer.attn_out, *layer.gate_up, layer.down, skeleton.head):
            kind = linear.weight.tensor.elem_type
            if kind not in FLOAT_TYPES:
                raise ModelError(
                    f"The weight {linear.weight.tensor.name!r} has ONNX type {kind}, not float32, float16 or bfloat16.",
                    "Export the model with float32, float16 or bfloat16 weights.",
                )
