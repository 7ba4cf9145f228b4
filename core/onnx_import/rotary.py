"""The rotary embedding of a graph, measured: run the stretch that rotates the queries and look at the angles.

It doesn't matter how the exporter spells the rotation (tables, Cos and Sin, complex numbers, one fused operator).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.errors import ModelError
from core.onnx_import.cut import Cut
from core.onnx_import.graph import Graph, attribute
from core.onnx_import.match import Layer
from core.onnx_import.shapes import Shapes
from core.onnx_import.tensors import Array, Floats

_TOLERANCE = {1: 2e-5, 10: 4e-3, 16: 3e-2}
"""Relative error of an angle that the element type of the queries explains."""
_ABSOLUTE = {1: 1e-12, 10: 1.2e-7, 16: 1e-12}
"""Error of an angle near zero that the same type explains, in radians."""

_HINT = "Only interleaved rotary embeddings over the first features of each head are supported, as ChatGLM2 has them."
MAX_PROBED = 1 << 24


@dataclass(frozen=True, slots=True)
class Rotary:
    """How queries and keys are rotated.

    The first `rotary_dim` of the `head_dim` features of a head are turned, pair (2i, 2i+1) by theta^(-2i/rotary_dim)
    radians a position; `max_positions` is the length of the graph's table (0: none).
    """

    head_dim: int
    rotary_dim: int
    theta: float
    max_positions: int


def measure(graph: Graph, shapes: Shapes, layer: Layer) -> Rotary:
    """Return the rotary embedding of a layer; raises ModelError, with the reason, if it is of another kind."""
    head_dim = _head_dim(graph, shapes, layer)
    query = layer.qkv[0]
    cut = Cut(graph, shapes, [query.out], layer.query)
    positions = np.arange(shapes.length)
    kind = min((shapes.elem[query.out], shapes.elem.get(layer.query, 1)), key=[16, 10, 1].index)

    def turned(at: Array) -> Array:
        """Return what becomes of heads whose pairs are all (1, 0), as (tokens, pairs, 2)."""
        pairs = np.zeros(math.prod(shapes.shape[query.out]), np.float32)
        pairs[::2] = 1.0
        result = cut.run({query.out: pairs, **graph_feeds(graph, shapes.length, at)})
        return _first_head(result.astype(np.float64), shapes.length, head_dim)

    result = turned(positions)
    scale = float(np.hypot(*result[0].T).mean())
    if not (math.isfinite(scale) and scale > 0):
        raise ModelError("The queries vanish on their way to the attention scores.", _HINT)
    rotary_dim, angles = _angles(result / scale, kind)
    theta = _theta(angles, rotary_dim, kind)
    limit = _table_length(turned, shapes.length) if "position_ids" in cut.graph_inputs else 0
    return Rotary(head_dim, rotary_dim, theta, limit)


def graph_feeds(
    graph: Graph, length: int, positions: Array, padding: int = 0, ids: Array | None = None
) -> dict[str, Array]:
    """Return values for the graph's own inputs by name: positions, a mask with `padding` zeros first, token ids."""
    values = {
        "position_ids": positions,
        "attention_mask": np.arange(length) >= padding,
        "input_ids": np.zeros(length, np.int64) if ids is None else ids,
    }
    return {name: np.asarray(values[role]) for role, name in graph.inputs.items()}


def _head_dim(graph: Graph, shapes: Shapes, layer: Layer) -> int:
    shape = shapes.shape.get(layer.query, ())
    size = layer.attn_out.in_features
    users = {node.op_type: node for node in graph.consumers.get(layer.query, [])}
    for kind, name in (("Attention", "q_num_heads"), ("MultiHeadAttention", "num_heads")):
        heads = int(attribute(users[kind], name, 0)) if kind in users and len(shape) == 3 else 0
        if heads > 0:
            return size // heads
    if not shape or math.prod(shape) != size * shapes.length or size % shape[-1] or shape[-1] < 2:
        raise ModelError(
            f"The size of an attention head can't be read off the graph (queries of shape {list(shape)}).", _HINT
        )
    return int(shape[-1])


def _first_head(values: Array, length: int, head_dim: int) -> Floats:
    """Return the first head as (tokens, pairs, 2), from (..., heads, tokens, head_dim) or (1, tokens, features)."""
    if values.ndim == 3 and values.shape[-1] != head_dim:
        head = values.reshape(length, -1)[:, :head_dim]
    else:
        head = values.reshape(-1, length, head_dim)[0]
    return head.reshape(length, head_dim // 2, 2)


def _angles(pairs: Array, kind: int) -> tuple[int, Array]:
    """Return (rotary_dim, angle of each turned pair at position 1) from unit pairs (tokens, pairs, 2)."""
    tolerance = _TOLERANCE[kind]
    if np.abs(pairs[0] - [1.0, 0.0]).max() > tolerance:
        raise ModelError("The queries are changed at position 0, where a rotary embedding changes nothing.", _HINT)
    if np.abs(np.hypot(pairs[..., 0], pairs[..., 1]) - 1.0).max() > 4 * tolerance:
        raise ModelError("The rotary embedding does not turn neighbouring features: it is not interleaved.", _HINT)
    turned = np.abs(pairs[1:, :, 1]).max(axis=0) > 0
    count = int(turned.sum())
    if count == 0 or not turned[:count].all():
        what = "there is no rotary embedding" if count == 0 else "features other than the first ones are rotated"
        raise ModelError(f"The queries are not rotated as expected: {what}.", _HINT)
    angles = np.arctan2(pairs[1, :count, 1], pairs[1, :count, 0])
    if angles[0] < 0:
        raise ModelError("The rotary embedding turns the other way round.", _HINT)
    if abs(angles[0] - 1.0) > 2 * tolerance:
        raise ModelError(
            f"The first rotary frequency is {angles[0]:.4g} radians a position, not 1: it is scaled.", _HINT
        )
    return 2 * count, angles


def _theta(angles: Array, rotary_dim: int, kind: int) -> float:
    """Return the base whose powers the frequencies are, snapped to a round number where the precision allows it."""
    exponents = np.arange(0, rotary_dim, 2) / rotary_dim
    if len(angles) < 2:
        raise ModelError(f"The rotary embedding turns {rotary_dim} features only, too few to tell its theta.", _HINT)
    if angles.min() <= 0:
        raise ModelError("The rotary embedding turns some pairs the other way round or not at all.", _HINT)
    weight = exponents * (angles > 1e-4)  # tiny angles are coarse in float16
    estimate = math.exp(float(-(weight * np.log(angles)).sum() / max((weight * exponents).sum(), 1e-9)))

    def misfit(theta: float) -> float:
        error: Array = np.maximum(np.abs(theta**-exponents - angles) - _ABSOLUTE[kind], 0) / angles
        return float(error.max())

    best = misfit(estimate)
    if best <= _TOLERANCE[kind]:
        rounded = (float(f"{estimate:.{digits}e}") for digits in range(7))
        return next((theta for theta in rounded if misfit(theta) <= 2 * best + _TOLERANCE[kind] / 40), estimate)
    raise ModelError(
        f"The rotary frequencies are not the powers of one theta (about {estimate:.6g}): they are scaled.", _HINT
    )


def _table_length(turned: Callable[[Array], Array], length: int) -> int:
    """Return the first position that the graph can't look up; 0 if all can."""

    def works(position: int) -> bool:
        try:
            turned(np.full(length, position))
        except ModelError:
            return False
        return True

    low, high = 0, MAX_PROBED
    if works(high):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if works(middle) else (low, middle)
    return high
