"""Where exported weights come from: anything that gives rows of the canonical matrices of a ModelSpec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BLOCK_BYTES = 32 << 20
"""A weight is read in blocks of rows of about this many bytes of float32."""


class WeightSource(Protocol):
    """Rows of the weights that `ModelSpec.weight_shapes` names, in float32.

    Rotary features of the q and k rows come in interleaved pairs, gate rows come before up rows.
    """

    @property
    def tied_head(self) -> bool:
        """Whether `head` is the same matrix as `embed`; `head` is then never asked for."""

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows `start` to `stop` of a matrix, (stop - start, in), or that part of a vector."""


@dataclass(frozen=True)
class ArrayWeights:
    """Weights that are in memory, (out, in) each: for small models and tests."""

    arrays: Mapping[str, Array]
    tied_head: bool = False

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows `start` to `stop` of the array `name`."""
        return self.arrays[name][start:stop]


def row_blocks(shape: tuple[int, ...], limit: int = BLOCK_BYTES) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of consecutive row blocks of about `limit` bytes of float32, at least one row each."""
    step = max(1, limit // (4 * prod(shape[1:])))
    for start in range(0, shape[0], step):
        yield start, min(start + step, shape[0])
