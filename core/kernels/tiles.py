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
COLUMNS = 16
"""Columns of a tile of sums."""
LINE = 64
"""Bytes of a tile's row: 32 features as bf16, or 16 columns' pairs of features."""

BF16_TERMS = 5
"""Terms of powers of two that become bf16: 4e-5 of them is left out, and rounding takes 4e-3."""

_CONFIG = (1, 0, 0, 0, *[0x00400040] * 4, 0, 0, 0, 0, 0x10101010, 0x10101010, 0, 0)
"""Words of the tile configuration: palette 1, eight tiles of 16 rows by 64 bytes (Intel SDM, LDTILECFG)."""


def usable(target: CpuTarget, fmt: WeightFormat, rows: int, spec: ModelSpec) -> bool:
    """Return whether a prefill of up to `rows` rows can go through tiles; without them `core.kernels.gemm` does it."""
    return target.tiles and fmt != "fp32" and rows % ROWS == 0 and spec.head_dim % v.LANES == 0


class TileRows:
    """Activations as bf16 in the bytes of a buffer: tiles of 16 rows by 32 features, those of the same rows in turn."""

    def __init__(self, T: Any, buffer: Buffer) -> None:
        """Take a buffer of `layout.activation_args`."""
        self._T, self._buffer = T, buffer
        self._item = {"int8": 1, "float32": 4}[str(buffer.dtype)]
        shape = [int(extent) for extent in buffer.shape]
        self.groups = shape[1] if self._item == 1 else shape[1] // GROUP

    @classmethod
    def own(cls, T: Any, rows: int, features: int) -> TileRows:
        """Allocate a buffer of a task's own; a flat one, as TVM cuts axes off that are only met at 0."""
        made = cls.__new__(cls)
        made._T, made._item, made.groups = T, 1, features // GROUP
        made._buffer = T.alloc_buffer((rows * made.groups * LINE,), "int8")
        return made

    def store(self, row: Expr, feature: Expr, value: Expr, width: int = v.LANES) -> None:
        """Store `width` (8, 16 or 32) features of a row, `feature` (a multiple of `width`) and those after it."""
        from tvm import tirx

        bits = tirx.shift_right(nearest_bf16(self._T, value, width), self._T.broadcast(tirx.const(16, "uint32"), width))
        halves = self._T.Bind(self._T.cast(bits, f"uint16x{width}"))
        lanes = 2 * width // self._item
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
        return line * (LINE // self._item)


class TileUnit:
    """Emits a task's instructions for matrix tiles; tiles go by numbers from 0 to 7."""

    def __init__(self, T: Any) -> None:
        self._T = T

    def configure(self) -> None:
        """Set all eight tiles up, with 16 rows of 64 bytes each."""
        config = v.local(self._T, len(_CONFIG), "int32")
        for i, word in enumerate(_CONFIG):
            v.put(self._T, config, [i], _const(word, "int32"))
        self._call("ldtilecfg", self._T.address_of(config[0]))

    def release(self) -> None:
        """Give the tiles back."""
        self._call("tilerelease")

    def zero(self, tile: int) -> None:
        """Set a tile to zeros."""
        self._call("tilezero", _const(tile, "int8"))

    def load(self, tile: int, address: Expr, stride: int = LINE) -> None:
        """Load a tile whose rows lie `stride` bytes apart."""
        self._call("tileloadd64", _const(tile, "int8"), address, _const(stride, "int64"))

    def store(self, tile: int, address: Expr, stride: int) -> None:
        """Store a tile to rows that lie `stride` bytes apart."""
        self._call("tilestored64", _const(tile, "int8"), address, _const(stride, "int64"))

    def multiply(self, sums: int, left: int, right: int) -> None:
        """Add the product of two tiles: 16 rows by 32 features (bf16) and 16 pairs of features by 16 columns."""
        self._call("tdpbf16ps", *(_const(tile, "int8") for tile in (sums, left, right)))

    def _call(self, name: str, *args: Expr) -> None:
        from tvm import tirx

        self._T.evaluate(tirx.call_llvm_intrin("void", f"llvm.x86.{name}", *args))


def bf16_pair(T: Any, even: Expr, odd: Expr) -> Expr:
    """Return two vectors of 16 float32 as words of two bf16, the nearest ones."""
    from tvm import tirx

    low = tirx.shift_right(nearest_bf16(T, even, COLUMNS), T.broadcast(_const(16, "uint32"), COLUMNS))
    high = tirx.bitwise_and(nearest_bf16(T, odd, COLUMNS), T.broadcast(_const(0xFFFF0000, "uint32"), COLUMNS))
    return tirx.bitwise_or(low, high)


def _const(value: int, dtype: str) -> Expr:
    from tvm import tirx

    return tirx.const(value, dtype)


def nearest_bf16(T: Any, value: Expr, lanes: int = v.LANES) -> Expr:
    """Return the bits of float32 numbers so that the upper 16 are the nearest bf16 (halves away from zero)."""
    from tvm import tirx

    return tirx.reinterpret(f"uint32x{lanes}", value) + T.broadcast(tirx.const(0x8000, "uint32"), lanes)
