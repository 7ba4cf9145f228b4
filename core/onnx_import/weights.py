"""The model's weights under their canonical names, read in blocks of rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from core.errors import ModelError
from core.onnx_import.tensors import FLOAT_TYPES, Array, Floats, PanelCache, Tensor, to_float32

_FLOAT16_BOUND = np.float32(65520)
"""What to_float32 makes of float16's NaN and infinity is larger, all else is smaller."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stored tensor that holds a weight or some of its rows; `transposed` means stored as [in, out]."""

    tensor: Tensor
    transposed: bool = False

    @property
    def rows(self) -> int:
        """Output features of the part."""
        return self.tensor.shape[1] if self.transposed else self.tensor.shape[0]

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one logical row: (in,) for a matrix, () for a vector."""
        return (self.tensor.shape[0],) if self.transposed else self.tensor.shape[1:]

    def stored_rows(self, start: int, stop: int) -> Array:
        """Return logical rows [start, stop) as they are stored: raw elements, (in, rows) if transposed."""
        if self.transposed:
            return self.tensor.raw_columns(start, stop)
        width = math.prod(self.row_shape)
        return self.tensor.raw(start * width, stop * width).reshape(stop - start, *self.row_shape)

    def read(self, start: int, stop: int, cache: PanelCache) -> Floats:
        """Return logical rows [start, stop) as float32 (stop - start, in), or (stop - start,) for a vector."""
        if self.transposed and self.tensor.span is not None:
            return to_float32(cache.columns(self.tensor, start, stop).T, self.tensor.elem_type)
        raw = self.stored_rows(start, stop)
        return to_float32(raw.T if self.transposed else raw, self.tensor.elem_type)


@dataclass(frozen=True, slots=True)
class WeightRef:
    """Where one weight lies. Its rows are those of its parts, one part after another."""

    name: str
    parts: tuple[Part, ...]
    _cache: PanelCache = field(default_factory=PanelCache, repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Logical shape: (out, in) for a matrix, (out,) for a vector."""
        return (sum(part.rows for part in self.parts), *self.parts[0].row_shape)

    @property
    def dtype(self) -> str:
        """Stored element type: "float32", "float16" or "bfloat16"."""
        return FLOAT_TYPES[self.parts[0].tensor.elem_type]

    @property
    def stored_bytes(self) -> int:
        """Bytes that the weight takes in the model's files."""
        return sum(part.tensor.nbytes for part in self.parts)

    def read_rows(self, start: int, stop: int) -> Floats:
        """Return rows [start, stop) as float32: (stop - start, in) for a matrix, (stop - start,) for a vector.

        Bytes come by pread; besides the block itself at most 16 MiB are held (for weights stored as [in, out]).
        Raises ModelError where a number is NaN or infinite and ExternalDataError where the file has changed.
        """
        if not 0 <= start <= stop <= self.shape[0]:
            raise IndexError(f"rows {start}:{stop} of {self.name} with {self.shape[0]} rows")
        blocks, base = [], 0
        for part in self.parts:
            low, high = max(start - base, 0), min(stop - base, part.rows)
            if low < high:
                blocks.append(part.read(low, high, self._cache))
            base += part.rows
        if not blocks:
            return np.empty((0, *self.shape[1:]), np.float32)
        block = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        self._check_finite(block, start)
        return block

    def without_read_ahead(self) -> WeightRef:
        """Return the same weight for reading a few rows here and there."""
        return WeightRef(self.name, self.parts, PanelCache(limit=0))

    def _check_finite(self, block: Floats, start: int) -> None:
        bound = _FLOAT16_BOUND if self.dtype == "float16" else np.float32(np.inf)
        if block.size and -bound < block.min() and block.max() < bound:
            return
        bad = np.argwhere(~(np.abs(block) < bound))
        if len(bad):
            raise ModelError(
                f"The weight {self.name} (stored as {self.parts[0].tensor.name!r}) has {len(bad)} values that are NaN "
                f"or infinite, the first in row {start + int(bad[0][0])}.",
                "The export is broken or overflowed; export the model again.",
            )
