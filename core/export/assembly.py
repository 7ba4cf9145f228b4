"""Canonical weights put together from a foreign model's tensors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.errors import ModelError
from core.export.weights import Array
from core.spec import ModelSpec


class TensorReader(Protocol):
    """An open file, or several, with named tensors."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of every tensor, (out, in) for matrices."""

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows of a tensor in float32."""


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor that gives some rows of a weight."""

    tensor: str
    rows: int
    half_split: int = 0
    """Head size in rows if each head's rotary pairs are (i, i + half): they are reordered to (2i, 2i + 1)."""


Parts = dict[str, tuple[Part, ...]]
"""The parts of each weight by its canonical name, in the order of the rows."""


@dataclass(frozen=True)
class AssembledWeights:
    """A weight source made of parts, whose rows follow one another."""

    reader: TensorReader
    parts: Mapping[str, tuple[Part, ...]]

    @property
    def tied_head(self) -> bool:
        """Whether the model has no output matrix of its own."""
        return "head" not in self.parts

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows `start` to `stop` of the weight `name`."""
        return np.concatenate(list(self._pieces(name, start, stop)))

    def _pieces(self, name: str, start: int, stop: int) -> Iterator[Array]:
        base = 0
        for part in self.parts[name]:
            first, last = max(start - base, 0), min(stop - base, part.rows)
            if first < last:
                yield self._read(part, first, last)
            base += part.rows

    def _read(self, part: Part, start: int, stop: int) -> Array:
        head = part.half_split
        if not head:
            return self.reader.rows(part.tensor, start, stop)
        first, last = start // head * head, -(-stop // head) * head  # whole heads: pairs lie half a head apart
        source = self.reader.rows(part.tensor, first, last)
        order = np.arange(last - first).reshape(-1, 2, head // 2).swapaxes(1, 2).reshape(-1)
        return source[order[start - first : stop - first]]


def assemble(
    reader: TensorReader, spec: ModelSpec, parts: Mapping[str, tuple[Part, ...]], ignored: Collection[str] = ()
) -> AssembledWeights:
    """Return the weights of `spec`; raises ModelError unless every tensor fits and has its place.

    `parts` names the tensors of every weight of the spec, and of `head` only where it isn't the embedding; names that
    end like one of `ignored` are tables that the program computes itself.
    """
    for name, pieces in parts.items():
        whole = spec.weight_shapes()[name]
        for part in pieces:
            _require_shape(part.tensor, reader.shapes.get(part.tensor), (part.rows, *whole[1:]))
    used = {part.tensor for pieces in parts.values() for part in pieces}
    odd = sorted(name for name in reader.shapes if name not in used and not name.endswith(tuple(ignored)))
    if odd:
        raise ModelError(
            f"The model has the tensor {odd[0][:80]!r}, which has no place in ChatGLM2's graph.",
            "Choose another model.",
        )
    return AssembledWeights(reader, parts)


def qkv_parts(spec: ModelSpec, names: tuple[str, str, str], *, half_split: bool = False) -> tuple[Part, ...]:
    """Return the parts of a qkv weight or bias whose query, key and value tensors are apart."""
    head = spec.head_dim if half_split else 0
    sizes = ((spec.query_size, head), (spec.kv_size, head), (spec.kv_size, 0))
    return tuple(Part(name, rows, order) for name, (rows, order) in zip(names, sizes, strict=True))


def _require_shape(name: str, found: tuple[int, ...] | None, expected: tuple[int, ...]) -> None:
    if found is None:
        raise ModelError(f"The model lacks the tensor {name}.", "Is the download complete?")
    if found != expected:
        raise ModelError(
            f"The tensor {name} has the shape {list(found)}, but the configuration implies {list(expected)}.",
            "The files don't belong together; fetch the model again.",
        )
