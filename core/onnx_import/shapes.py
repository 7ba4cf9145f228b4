"""Concrete shapes of all tensors of a graph for one sequence length, without reading any weight.

Integer arithmetic on shapes is computed; every other operator goes through the shape inference of its own schema.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import ModelError
from core.onnx_import.graph import Graph, attribute
from core.onnx_import.tensors import Array

MAX_VALUES = 4096
"""Most elements of an integer tensor whose values are followed."""

MAX_ELEMENTS = 1 << 31
"""Most elements of any activation at the probe length; more means that the graph is broken."""

PROBE_LENGTH = 12
_SAME_TYPE = frozenset({"Add", "Sub", "Mul", "Div", "MatMul", "Concat", "Max", "Min", "Gemm", "RMSNormalization"})
_BROADCAST = frozenset(
    {"Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Equal", "Less", "Greater", "GreaterOrEqual", "LessOrEqual",
     "And", "Or", "Where"}
)  # fmt: skip
_FLOATS = frozenset({1, 10, 11, 16})
_NAMES = {1: "float32", 10: "float16", 11: "float64", 16: "bfloat16", 6: "int32", 7: "int64", 9: "bool"}
_HINT = "Export the model again, with other exporter settings or another version."


@dataclass
class Shapes:
    """What is known about each tensor at `length` tokens: shape, element type, and the value of small integer ones."""

    length: int
    shape: dict[str, tuple[int, ...]] = field(default_factory=dict)
    elem: dict[str, int] = field(default_factory=dict)
    value: dict[str, Array] = field(default_factory=dict)

    def put(self, name: str, array: Array) -> None:
        """Record a tensor whose value is known."""
        from onnx import helper

        self.shape[name] = array.shape
        self.elem[name] = int(helper.np_dtype_to_tensor_dtype(array.dtype))
        if array.size <= MAX_VALUES and array.dtype.kind in "iub":
            self.value[name] = array


def probe_length(graph: Graph) -> int:
    """Return how many tokens to try the graph with: its fixed sequence length, or a small one if that is free.

    Raises ModelError where the inputs are no [1, sequence] integer tensors.
    """
    length = 0
    for role, name in graph.inputs.items():
        kind = graph.input_infos[name].type.tensor_type
        dims = [int(dim.dim_value) for dim in kind.shape.dim]
        if kind.elem_type not in {1, 6, 7, 9, 10} or (role != "attention_mask" and kind.elem_type not in {6, 7}):
            raise ModelError(f"The input {name!r} does not hold integers.", _HINT)
        if len(dims) != 2 or dims[0] not in {0, 1}:
            raise ModelError(
                f"The input {name!r} has the shape {dims}, not [1, sequence].",
                "Export it with a batch of one or a free one.",
            )
        length = max(length, dims[1])
    if length > 1 << 16:
        raise ModelError(f"The graph is fixed to {length} tokens, more than the {1 << 16} that are supported.", _HINT)
    return length or PROBE_LENGTH


def evaluate(graph: Graph, length: int) -> Shapes:
    """Return the shapes for `length` tokens; raises ModelError where the operators' types contradict each other."""
    shapes = Shapes(length)
    for tensor in graph.tensors.values():
        shapes.shape[tensor.name] = tensor.shape
        shapes.elem[tensor.name] = tensor.elem_type
        if tensor.elem_type in {6, 7, 9} and tensor.size <= MAX_VALUES:
            shapes.value[tensor.name] = tensor.values()
    for name in graph.inputs.values():
        shapes.shape[name] = (1, length)
        shapes.elem[name] = int(graph.input_infos[name].type.tensor_type.elem_type)
    infer = _Inference(graph, shapes)
    for node in graph.nodes:
        _check_types(node, shapes)
        if not _compute(node, shapes):
            infer.node(node)
        for name in node.output:
            if math.prod(shapes.shape.get(name, ())) > MAX_ELEMENTS:
                raise ModelError(f"The tensor {name!r} would have {math.prod(shapes.shape[name])} elements.", _HINT)
    return shapes


def _check_types(node: Any, shapes: Shapes) -> None:
    if node.op_type not in _SAME_TYPE or node.domain:
        return
    kinds = {shapes.elem[name] for name in node.input if name in shapes.elem}
    if len(kinds) > 1 and kinds <= _FLOATS:
        names = " and ".join(sorted(_NAMES[kind] for kind in kinds))
        raise ModelError(
            f"The graph is invalid: the {node.op_type} node {(node.name or node.output[0])!r} mixes {names}, which no "
            "ONNX runtime accepts.",
            "Export it in one type throughout: with float32 weights, or with another exporter version.",
        )


def _compute(node: Any, shapes: Shapes) -> bool:
    """Compute the node if all of its inputs are known integers; tell whether it was."""
    if node.op_type in {"Shape", "Size"} and node.input[0] in shapes.shape:
        dims = np.array(shapes.shape[node.input[0]], np.int64)
        if node.op_type == "Size":
            shapes.put(node.output[0], np.array(dims.prod(), np.int64))
        else:
            end = attribute(node, "end", None)
            shapes.put(node.output[0], dims[attribute(node, "start", 0) : end])
        return True
    rule = _RULES.get(node.op_type)
    if rule is None or node.domain or not all(name in shapes.value for name in node.input if name):
        return False
    try:
        values = [shapes.value[name] if name else None for name in node.input]
        _check_growth(node, values)
        with np.errstate(all="ignore"):
            results = rule(node, values)
    except (ValueError, IndexError, TypeError, KeyError, OverflowError, MemoryError, ZeroDivisionError):
        return False
    for name, result in zip(node.output, results if isinstance(results, list) else [results], strict=False):
        shapes.put(name, np.asarray(result))
    return True


def _check_growth(node: Any, args: list[Any]) -> None:
    """Raise ValueError where small inputs would make a result of more than MAX_VALUES elements."""
    if node.op_type in _BROADCAST:
        _small(np.array(np.broadcast_shapes(*(arg.shape for arg in args))))
    elif node.op_type == "Gather":
        axis = attribute(node, "axis", 0)
        _small(np.array([*np.delete(args[0].shape, axis), args[1].size]))


_Rule = Callable[[Any, list[Any]], Any]


def _small(shape: Array) -> tuple[int, ...]:
    dims = tuple(int(dim) for dim in shape.reshape(-1))
    if math.prod(dims) > MAX_VALUES:
        raise ValueError(dims)
    return dims


def _axes(node: Any, args: list[Any]) -> tuple[int, ...] | None:
    axes = attribute(node, "axes", None)
    if axes is None and len(args) > 1 and args[1] is not None:
        axes = args[1].reshape(-1)
    return None if axes is None else tuple(int(axis) for axis in axes)


def _slice(node: Any, args: list[Any]) -> Array:
    starts, ends = (args[1], args[2]) if len(args) > 2 else (attribute(node, "starts", []), attribute(node, "ends", []))
    axes = args[3] if len(args) > 3 and args[3] is not None else attribute(node, "axes", list(range(len(starts))))
    steps = args[4] if len(args) > 4 else [1] * len(starts)
    index: list[slice] = [slice(None)] * args[0].ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if int(step) < 0 and int(end) < -args[0].shape[axis] else int(end)
        index[int(axis)] = slice(int(start), stop, int(step))
    result: Array = args[0][tuple(index)]
    return result


def _cast(node: Any, args: list[Any]) -> Array:
    from onnx import helper

    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(attribute(node, "to", 7)))
    if dtype.kind not in "iub":
        raise TypeError(dtype)
    result: Array = args[0].astype(dtype)
    return result


def _divide(_node: Any, args: list[Any]) -> Array:
    quotient = np.abs(args[0]) // np.abs(args[1])
    result: Array = (np.sign(args[0]) * np.sign(args[1]) * quotient).astype(args[0].dtype)
    return result


def _reshape(node: Any, args: list[Any]) -> Array:
    dims = [int(dim) for dim in args[1].reshape(-1)]
    if not attribute(node, "allowzero", 0):
        dims = [args[0].shape[i] if dim == 0 else dim for i, dim in enumerate(dims)]
    result: Array = args[0].reshape(dims)
    return result


def _fill(node: Any, args: list[Any]) -> Array:
    from onnx import numpy_helper

    value = attribute(node, "value", None)
    fill = np.zeros(1, np.float32) if value is None else numpy_helper.to_array(value)
    if fill.dtype.kind not in "iub":
        raise TypeError(fill.dtype)
    return np.full(_small(args[0]), fill.reshape(-1)[0])


def _range(_node: Any, args: list[Any]) -> Array:
    start, stop, step = (int(arg.reshape(-1)[0]) for arg in args)
    if (stop - start) // step > MAX_VALUES:
        raise ValueError(stop)
    return np.arange(start, stop, step).astype(args[0].dtype)


def _expand(_node: Any, args: list[Any]) -> Array:
    return np.broadcast_to(args[0], _small(np.array(np.broadcast_shapes(args[0].shape, _small(args[1])))))


def _split(node: Any, args: list[Any]) -> list[Array]:
    axis = attribute(node, "axis", 0)
    sizes = attribute(node, "split", None) if len(args) < 2 else args[1]
    parts = np.cumsum(sizes)[:-1] if sizes is not None else len(node.output)
    return list(np.split(args[0], parts, axis))


def _squeeze(node: Any, args: list[Any]) -> Array:
    result: Array = np.squeeze(args[0], _axes(node, args))
    return result


_RULES: dict[str, _Rule] = {
    "Gather": lambda n, a: np.take(a[0], a[1], axis=attribute(n, "axis", 0)),
    "Concat": lambda n, a: np.concatenate(a, axis=attribute(n, "axis", 0)),
    "Unsqueeze": lambda n, a: np.expand_dims(a[0], _axes(n, a) or ()),
    "Squeeze": _squeeze,
    "Slice": _slice,
    "Cast": _cast,
    "Add": lambda _, a: a[0] + a[1],
    "Sub": lambda _, a: a[0] - a[1],
    "Mul": lambda _, a: a[0] * a[1],
    "Div": _divide,
    "Mod": lambda _, a: np.mod(a[0], a[1]),
    "Neg": lambda _, a: -a[0],
    "Abs": lambda _, a: np.abs(a[0]),
    "Min": lambda _, a: np.minimum.reduce(a),
    "Max": lambda _, a: np.maximum.reduce(a),
    "Equal": lambda _, a: a[0] == a[1],
    "Less": lambda _, a: a[0] < a[1],
    "Greater": lambda _, a: a[0] > a[1],
    "GreaterOrEqual": lambda _, a: a[0] >= a[1],
    "LessOrEqual": lambda _, a: a[0] <= a[1],
    "Not": lambda _, a: ~a[0],
    "And": lambda _, a: a[0] & a[1],
    "Or": lambda _, a: a[0] | a[1],
    "Where": lambda _, a: np.where(a[0], a[1], a[2]),
    "Reshape": _reshape,
    "Identity": lambda _, a: a[0],
    "ConstantOfShape": _fill,
    "Range": _range,
    "Expand": _expand,
    "Split": _split,
    "ReduceProd": lambda n, a: np.prod(a[0], axis=_axes(n, a), keepdims=bool(attribute(n, "keepdims", 1))),
    "ReduceSum": lambda n, a: np.sum(a[0], axis=_axes(n, a), keepdims=bool(attribute(n, "keepdims", 1))),
    "Transpose": lambda n, a: np.transpose(a[0], attribute(n, "perm", None)),
}


class _Inference:
    """Shape inference of single nodes through the operator schemas of the onnx package."""

    def __init__(self, graph: Graph, shapes: Shapes) -> None:
        from onnx import helper

        self._graph = graph
        self._shapes = shapes
        self._opsets = [helper.make_opsetid(domain, version) for domain, version in graph.opsets.items()]

    def node(self, node: Any) -> None:
        """Record what the schema says about the node's outputs; unknown operators leave them unknown."""
        from onnx import checker, defs, helper, numpy_helper
        from onnx.shape_inference import InferenceError, infer_node_outputs

        shapes = self._shapes
        inputs = [name for name in node.input if name]
        domain = "" if node.domain == "ai.onnx" else node.domain
        types = {
            name: helper.make_tensor_type_proto(shapes.elem[name], shapes.shape.get(name))
            for name in inputs
            if name in shapes.elem
        }
        known = {name: numpy_helper.from_array(shapes.value[name]) for name in inputs if name in shapes.value}
        try:
            schema = defs.get_schema(node.op_type, self._graph.opsets[domain], domain)
            found = infer_node_outputs(schema, node, types, known, opset_imports=self._opsets)
        except (
            defs.SchemaError,
            checker.ValidationError,
            InferenceError,
            KeyError,
            ValueError,
            TypeError,
            RuntimeError,
        ):
            self._like_first_input(node)
            return
        for name, kind in found.items():
            tensor = kind.tensor_type
            shapes.elem[name] = int(tensor.elem_type)
            if tensor.HasField("shape") and all(dim.HasField("dim_value") for dim in tensor.shape.dim):
                shapes.shape[name] = tuple(int(dim.dim_value) for dim in tensor.shape.dim)

    def _like_first_input(self, node: Any) -> None:
        """Operators outside the standard (fused activations and norms) mostly keep the shape of their first input."""
        first = node.input[0] if node.input else ""
        if first in self._shapes.elem and node.output:
            self._shapes.elem[node.output[0]] = self._shapes.elem[first]
            if first in self._shapes.shape and node.op_type in {
                "SimplifiedLayerNormalization",
                "QuickGelu",
                "BiasSplitGelu",
            }:
                self._shapes.shape[node.output[0]] = self._shapes.shape[first]
