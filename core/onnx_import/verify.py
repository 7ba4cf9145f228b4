"""Numeric check of every layer: the graph's own nodes, run in onnxruntime, against the model family's arithmetic.

The graph is cut at each weight. Between two weights random numbers of a well-conditioned size are fed and the whole
result is compared; at each weight matrix the product is compared for some of its rows, read by another way than
read_rows. So no piece holds more than a few megabytes, whatever the size of the model, and an error can't hide behind
small weights. Errors are relative: |difference| / (|expected| + root mean square of all expected numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.errors import VerificationError
from core.onnx_import import reference
from core.onnx_import.cut import Cut
from core.onnx_import.graph import only_own_errors
from core.onnx_import.match import Layer, Linear, Norm
from core.onnx_import.model import ImportedModel
from core.onnx_import.rotary import graph_feeds
from core.onnx_import.tensors import Array
from core.onnx_import.weights import Part, WeightRef

LIMITS = {"float32": 1e-3, "float16": 5e-2, "bfloat16": 5e-2}
"""Largest error that is accepted, by the type of the weights."""

_PADDING = 3
_SLICE_BYTES = 4 << 20
"""Of a bigger matrix, only rows that take at most this many bytes are multiplied."""

_STRETCHES = 4
"""These rows come in as many stretches: the first rows, the last ones, and others anywhere."""


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """Largest relative error of one layer (or of "embedding", "output"), and the piece in which it arose."""

    name: str
    piece: str
    error: float
    limit: float


@dataclass(frozen=True, slots=True)
class _Probe:
    """Random inputs of one run: positions, left padding, and a generator for the rest."""

    positions: Array
    padding: int


def verify(model: ImportedModel, progress: Callable[[int, int], None]) -> list[LayerCheck]:
    """Check the embedding, every layer and the output; call `progress(layers done, layers)` after each layer.

    Raises VerificationError for the first one that differs, ModelError where onnxruntime refuses the graph. Needs some
    tens of megabytes.
    """
    checker = _Checker(model)
    total = len(model.skeleton.layers)
    progress(0, total)
    checker.read_ahead(0)
    checks = [checker.worst("embedding", checker.embedding())]
    for index, layer in enumerate(model.skeleton.layers):
        checker.read_ahead(index + 1)
        checks.append(checker.worst(f"layer {index}", checker.layer(index, layer)))
        if index + 1 < total:
            progress(index + 1, total)
    checks.append(checker.worst("output", checker.output()))
    progress(total, total)
    return checks


class _Checker:
    def __init__(self, model: ImportedModel) -> None:
        self._model = model
        self._spec = model.spec
        self._graph, self._shapes = model.graph, model.shapes
        self._weights = {name: weight.without_read_ahead() for name, weight in model.weights.items()}
        self._length = model.shapes.length
        self._random = np.random.default_rng(20230625)
        self._limit = LIMITS[model.spec.source_dtype]
        self._probes = self._make_probes()

    def _make_probes(self) -> list[_Probe]:
        tokens = np.arange(self._length)
        probes = [_Probe(tokens, 0)]
        if "position_ids" in self._graph.inputs:
            reach = 24 if self._spec.source_dtype != "float32" else 256  # float16 tables are coarse further out
            reach = min(reach, self._spec.max_positions or reach)
            probes[0] = _Probe(np.sort(self._random.integers(0, reach, self._length)), 0)
        if "attention_mask" in self._graph.inputs:
            shifted = np.maximum(tokens - _PADDING, 0) if "position_ids" in self._graph.inputs else tokens
            probes.append(_Probe(shifted, _PADDING))
        return probes

    def read_ahead(self, index: int) -> None:
        """Have the matrices of the layer `index`, if there is one, read from the disk meanwhile."""
        for name in ("qkv", "attn_out", "gate_up", "down"):
            weight = self._weights.get(f"{index}.{name}")
            for part in weight.parts if weight else ():
                part.tensor.read_ahead()

    def worst(self, name: str, errors: Iterator[tuple[str, float]]) -> LayerCheck:
        """Return the largest error; raises VerificationError as soon as one is over the limit."""
        with only_own_errors(self._model.path):
            return self._worst(name, errors)

    def _worst(self, name: str, errors: Iterator[tuple[str, float]]) -> LayerCheck:
        largest = ("", 0.0)
        for piece, error in errors:
            if not error <= self._limit:
                raise VerificationError(
                    f"The numbers of {name} differ from a ChatGLM2-style model's: {piece} is off by {error:.2g}, the "
                    f"limit is {self._limit:g}.",
                    "The graph looks like ChatGLM2, but computes something else; check how it was exported.",
                )
            largest = max(largest, (piece, error), key=lambda item: item[1])
        return LayerCheck(name, largest[0], largest[1], self._limit)

    def embedding(self) -> Iterator[tuple[str, float]]:
        """Yield the errors of the lookup, with a table of some rows only."""
        skeleton, weight = self._model.skeleton, self._weights["embed"]
        table, rows = self._some_rows(skeleton.embed)
        ids = self._random.integers(0, len(rows), self._length)
        start = skeleton.layers[0].start
        cut = Cut(self._graph, self._shapes, [], start, {skeleton.embed.tensor.name: table})
        result = cut.run(graph_feeds(self._graph, self._length, np.arange(self._length), ids=ids))
        yield "the embedding lookup", _error(result, _rows(weight, rows)[ids])

    def layer(self, index: int, layer: Layer) -> Iterator[tuple[str, float]]:
        """Yield the errors of all pieces of a layer."""
        weights = self._weights
        yield from self._norm(layer.input_norm, layer.start, layer.qkv, weights[f"{index}.input_norm"])
        yield from self._linears("the query/key/value projection", layer.qkv, weights[f"{index}.qkv"])
        yield from self._attention(layer)
        yield from self._linears("the attention output", (layer.attn_out,), weights[f"{index}.attn_out"])
        yield from self._sum("the sum after attention", layer.start, layer.attn_out, layer.middle)
        yield from self._norm(layer.post_norm, layer.middle, layer.gate_up, weights[f"{index}.post_norm"])
        yield from self._linears("the gate and up projection", layer.gate_up, weights[f"{index}.gate_up"])
        yield from self._swiglu(layer)
        yield from self._linears("the down projection", (layer.down,), weights[f"{index}.down"])
        yield from self._sum("the sum after the feed-forward part", layer.middle, layer.down, layer.end)

    def output(self) -> Iterator[tuple[str, float]]:
        """Yield the errors of the final norm, the output layer and what follows it."""
        skeleton, weights = self._model.skeleton, self._weights
        head = skeleton.head
        yield from self._norm(skeleton.final_norm, skeleton.layers[-1].end, (head,), weights["final_norm"])
        yield from self._linears("the output layer", (head,), weights["head"])
        logits = self._normal(head.out_features)
        cut = Cut(self._graph, self._shapes, [head.out], self._graph.output)
        yield "the logits", _error(cut.run(self._feeds(self._probes[0], {head.out: logits})), logits)

    def _norm(self, norm: Norm, x: str, users: tuple[Linear, ...], weight: WeightRef) -> Iterator[tuple[str, float]]:
        scale = weight.read_rows(0, weight.shape[0])
        for user in users:
            cut = Cut(self._graph, self._shapes, [x], user.x)
            for size in (1.0, 2 * self._spec.norm_eps**0.5):  # the second shows eps
                values = self._exact(x, self._normal(self._spec.hidden_size) * np.float32(size))
                result = cut.run(self._feeds(self._probes[0], {x: values}))
                yield "the RMS norm", _error(result, reference.rms_norm(values, scale, norm.eps))

    def _linears(self, what: str, linears: tuple[Linear, ...], weight: WeightRef) -> Iterator[tuple[str, float]]:
        offset = 0
        for linear in linears:
            yield what, self._linear(linear, weight, offset)
            offset += linear.out_features

    def _linear(self, linear: Linear, weight: WeightRef, offset: int) -> float:
        part, rows = self._some_rows(linear.weight)
        replace = {linear.weight.tensor.name: part}
        bias = np.zeros(linear.out_features, np.float32)
        if linear.bias is not None:
            bias = linear.bias.values().astype(np.float32)
            replace[linear.bias.name] = linear.bias.values()[rows]
        values = self._exact(linear.x, self._normal(linear.in_features))
        cut = Cut(self._graph, self._shapes, [linear.x], linear.out, replace)
        result = cut.run(self._feeds(self._probes[0], {linear.x: values}))
        matrix = _rows(weight, [offset + row for row in rows])
        return _error(result, values @ matrix.T + bias[rows])

    def _attention(self, layer: Layer) -> Iterator[tuple[str, float]]:
        cut = Cut(self._graph, self._shapes, [linear.out for linear in layer.qkv], layer.attn_out.x)
        for probe in self._probes:
            parts = {linear.out: self._exact(linear.out, self._normal(linear.out_features)) for linear in layer.qkv}
            result = cut.run(self._feeds(probe, parts)).reshape(self._length, -1)
            visible = reference.causal(self._length, probe.padding)
            expected = reference.attention(
                np.concatenate(list(parts.values()), 1), probe.positions, visible, self._spec
            )
            what = "attention with padding" if probe.padding else "attention"
            # Nobody looks at what padded rows give, but NaN or infinity would reach all others in the next layer.
            finite = bool(np.isfinite(result).all())
            yield what, _error(result[probe.padding :], expected[probe.padding :]) if finite else np.inf

    def _swiglu(self, layer: Layer) -> Iterator[tuple[str, float]]:
        cut = Cut(self._graph, self._shapes, [linear.out for linear in layer.gate_up], layer.down.x)
        parts = {linear.out: self._exact(linear.out, self._normal(linear.out_features)) for linear in layer.gate_up}
        result = cut.run(self._feeds(self._probes[0], parts))
        yield "SwiGLU", _error(result, reference.swiglu(np.concatenate(list(parts.values()), 1)))

    def _sum(self, what: str, before: str, branch: Linear, after: str) -> Iterator[tuple[str, float]]:
        cut = Cut(self._graph, self._shapes, [before, branch.out], after)
        values = {name: self._normal(self._spec.hidden_size) for name in (before, branch.out)}
        result = cut.run(self._feeds(self._probes[0], values))
        yield what, _error(result, values[before] + values[branch.out])

    def _normal(self, features: int) -> Array:
        return self._random.standard_normal((self._length, features), np.float32)

    def _exact(self, name: str, values: Array) -> Array:
        """Round to the type of the tensor that is fed, so that only the piece's own rounding is left."""
        return values.astype(np.float16).astype(np.float32) if self._shapes.elem[name] == 10 else values

    def _feeds(self, probe: _Probe, values: dict[str, Array]) -> dict[str, Array]:
        return {**graph_feeds(self._graph, self._length, probe.positions, probe.padding), **values}

    def _some_rows(self, part: Part) -> tuple[Array, list[int]]:
        """Return (stored matrix with some of its rows only, which rows): first, last and some between."""
        row_bytes = max(1, part.row_shape[0] * part.tensor.item_bytes)
        if part.tensor.nbytes <= _SLICE_BYTES:
            return part.tensor.values(), list(range(part.rows))
        count = min(part.rows // _STRETCHES, max(1, _SLICE_BYTES // _STRETCHES // row_bytes), 16)
        middle = [int(start) for start in self._random.integers(0, part.rows - count, _STRETCHES - 2)]
        starts = [0, *middle, part.rows - count]
        axis = 1 if part.transposed else 0
        stored = np.concatenate([part.stored_rows(start, start + count) for start in starts], axis)
        return part.tensor.from_raw(stored), [row for start in starts for row in range(start, start + count)]


def _rows(weight: WeightRef, rows: list[int]) -> Array:
    """Return some rows, which come in ascending stretches, through read_rows."""
    cuts = [i for i in range(1, len(rows)) if rows[i] != rows[i - 1] + 1]
    ends = zip([0, *cuts], [*cuts, len(rows)], strict=True)
    return np.concatenate([weight.read_rows(rows[start], rows[stop - 1] + 1) for start, stop in ends])


def _error(result: Array, expected: Array) -> float:
    """Return the largest difference, relative to the size of the numbers; infinite where the shapes differ."""
    if result.size != expected.size:
        return float("inf")
    expected = expected.astype(np.float64)
    scale = np.abs(expected) + np.sqrt((expected * expected).mean()) + 1e-30
    difference: Array = np.abs(result.reshape(expected.shape) - expected) / scale
    return float(difference.max())
