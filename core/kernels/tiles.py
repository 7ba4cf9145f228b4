"""Matrix tiles (AMX): when prefill goes through them, and how activations lie in memory for them."""

from __future__ import annotations

from typing import Any

from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.spec import GROUP, ModelSpec, WeightFormat

Expr = Any
Buffer = Any

ROWS = 16
"""Rows of a tile."""
_LINE = 64
"""Bytes of a tile's row: 32 features as bf16."""


def usable(target: CpuTarget, fmt: WeightFormat, rows: int, spec: ModelSpec) -> bool:
    """Return whether a prefill of up to `rows` rows can go through tiles; without them `core.kernels.gemm` does it."""
    return target.tiles and fmt != "fp32" and rows % ROWS == 0 and spec.head_dim % v.LANES == 0


class TileRows:
    """Activations as bf16 in the bytes of a buffer: tiles of 16 rows by 32 features, those of the same rows in turn."""

    def __init__(self, T: Any, buffer: Buffer) -> None:
        self._T, self._buffer = T, buffer
        self._item = {"int8": 1, "float32": 4}[str(buffer.dtype)]
        shape = [int(extent) for extent in buffer.shape]
        self.groups = shape[1] if self._item == 1 else shape[1] // GROUP

    def store(self, row: Expr, feature: Expr, value: Expr) -> None:
        """Store eight features of a row, `feature` (a multiple of eight) and those after it."""
        from tvm import tirx

        bits = tirx.shift_right(nearest_bf16(self._T, value), self._T.broadcast(tirx.const(16, "uint32"), v.LANES))
        halves = self._T.Bind(self._T.cast(bits, f"uint16x{v.LANES}"))
        lanes = 2 * v.LANES // self._item
        line = (tirx.floordiv(row, ROWS) * self.groups + tirx.floordiv(feature, GROUP)) * ROWS
        start = self._place(line + tirx.floormod(row, ROWS)) + tirx.floormod(feature, GROUP) * 2 // self._item
        index = [0] * (len(self._buffer.shape) - 1)
        value = tirx.reinterpret(f"{self._buffer.dtype}x{lanes}", halves)
        self._T.buffer_store(self._buffer, value, [*index, self._T.ramp(start, 1, lanes)])

    def address(self, block: Expr, group: Expr) -> Expr:
        """Return where the tile of 16 rows from 16 * block on and of one group of features lies."""
        index = [0] * (len(self._buffer.shape) - 1)
        return self._T.address_of(self._buffer[(*index, self._place((block * self.groups + group) * ROWS))])

    def _place(self, line: Expr) -> Expr:
        return line * (_LINE // self._item)


def nearest_bf16(T: Any, value: Expr, lanes: int = v.LANES) -> Expr:
    """Return the bits of float32 numbers so that the upper 16 are the nearest bf16 (halves away from zero)."""
    from tvm import tirx

    return tirx.reinterpret(f"uint32x{lanes}", value) + T.broadcast(tirx.const(0x8000, "uint32"), lanes)
