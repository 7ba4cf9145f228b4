"""The original model in float32, one layer after the other, beside the engine's weights.

The arithmetic is `core.onnx_import.reference`, which compiling has checked against every layer of the ONNX graph. Each
weight matrix is read once, in blocks of rows: the block multiplies the hidden states of all sequences, and is compared
with what the engine stores for the same rows. No weight is ever held whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.kernels.layout import BLOCK, unpack
from core.ngf.reader import NgfFile
from core.onnx_import import reference
from core.onnx_import.weights import WeightRef
from core.quality.card import LayerError
from core.spec import EngineConfig, ModelSpec, round_up

BLOCK_BYTES = 16 << 20
"""Float32 bytes of the rows that are read at a time."""

Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Sums:
    """Sums over the weights of one layer."""

    difference: float = 0.0
    original: float = 0.0
    stored: float = 0.0
    product: float = 0.0

    def add(self, original: Floats, stored: Floats) -> None:
        """Add a block of rows."""
        one, other = original.ravel(), stored.ravel()
        apart = one - other
        self.difference += float(apart @ apart)
        self.original += float(one @ one)
        self.stored += float(other @ other)
        self.product += float(one @ other)

    def error(self, name: str) -> LayerError:
        """Return the layer's figures."""
        if not self.original or not self.stored:
            return LayerError(name, 0.0, 1.0)
        cosine = self.product / (self.original * self.stored) ** 0.5
        return LayerError(name, (self.difference / self.original) ** 0.5, min(1.0, cosine))


@dataclass(frozen=True, slots=True)
class Original:
    """The model and the engine made of it."""

    spec: ModelSpec
    config: EngineConfig
    weights: Mapping[str, WeightRef]
    engine: NgfFile

    def run(self, sequences: Sequence[Sequence[int]], progress: Progress) -> tuple[list[Floats], list[LayerError]]:
        """Return the hidden states after the last layer's norm, (tokens, hidden) each, and every layer's error.

        `progress(layers done, layers)`; the output layer is not part of it.
        """
        spec, states, errors = self.spec, [self._embedded(ids) for ids in sequences], []
        for index in range(spec.num_layers):
            sums = _Sums()
            states = self._layer(index, states, sums)
            errors.append(sums.error(str(index)))
            progress(index + 1, spec.num_layers)
        final = self._vector("final_norm")
        return [reference.rms_norm(x, final, spec.norm_eps) for x in states], errors

    def logits(self, states: Floats) -> tuple[Floats, LayerError]:
        """Return the logits (tokens, vocabulary) of final hidden states (tokens, hidden), and the output's error."""
        sums = _Sums()
        return self._product("head", states, sums), sums.error("output")

    def _layer(self, index: int, states: list[Floats], sums: _Sums) -> list[Floats]:
        spec = self.spec
        lengths = np.cumsum([len(x) for x in states])[:-1]

        def linear(name: str, parts: list[Floats]) -> list[Floats]:
            return np.split(self._product(f"{index}.{name}", np.concatenate(parts), sums), lengths)

        before, after = self._vector(f"{index}.input_norm"), self._vector(f"{index}.post_norm")
        qkv = linear("qkv", [reference.rms_norm(x, before, spec.norm_eps) for x in states])
        if spec.qkv_bias:
            bias = self._vector(f"{index}.qkv_bias")
            qkv = [x + bias for x in qkv]
        mixed = [reference.attention(x, np.arange(len(x)), reference.causal(len(x), 0), spec) for x in qkv]
        states = [x + y for x, y in zip(states, linear("attn_out", mixed), strict=True)]
        inner = linear("gate_up", [reference.rms_norm(x, after, spec.norm_eps) for x in states])
        down = linear("down", [reference.swiglu(x) for x in inner])
        return [x + y for x, y in zip(states, down, strict=True)]

    def _embedded(self, ids: Sequence[int]) -> Floats:
        table = self.weights["embed"].without_read_ahead()
        rows = {token: table.read_rows(token, token + 1)[0] for token in set(ids)}
        return np.stack([rows[token] for token in ids])

    def _vector(self, name: str) -> Floats:
        weight = self.weights[name]
        return weight.read_rows(0, weight.shape[0])

    def _product(self, name: str, x: Floats, sums: _Sums) -> Floats:
        """Return x (tokens, in) times the matrix `name`, (tokens, out), noting how far the engine's rows are off."""
        weight = self.weights[name]
        rows, width = weight.shape
        out = np.empty((len(x), rows), np.float32)
        packed = self.engine.tensor(name)
        for start, stop, blocks in self._ranges(name, rows, width):
            original = weight.read_rows(start, stop)
            out[:, start:stop] = x @ original.T
            fmt = self.config.head_format if name == "head" else self.config.linear_format
            sums.add(original, unpack(fmt, np.ascontiguousarray(packed[blocks]), stop - start, width))
        return out

    def _ranges(self, name: str, rows: int, width: int) -> Iterator[tuple[int, int, Any]]:
        """Yield row ranges with the engine's blocks that hold them; gate and up are interleaved block by block."""
        step = max(BLOCK, BLOCK_BYTES // (4 * width) // BLOCK * BLOCK)
        halves = 2 if name.endswith(".gate_up") else 1
        size = rows // halves
        for half in range(halves):
            for start in range(0, size, step):
                stop = min(start + step, size)
                first, last = start // BLOCK, round_up(stop, BLOCK) // BLOCK
                yield half * size + start, half * size + stop, slice(halves * first + half, halves * last, halves)
