"""Matrix products: activations by one packed weight matrix, for decoding (few rows) and prefill (many).

Decoding reads each weight once for all rows, straight from the packed stream. Weights of int8 and int4 meet activations
of int8: y = sum over groups of scale * XS * dot(q, XQ) + offset * XB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.tir import Emitter
from core.spec import GROUP, WeightFormat

Epilogue = Literal["store", "add", "swiglu"]

Expr = Any
Buffer = Any

ROW_TILE = 8
"""Most rows that meet a weight while it is in a register."""
_VECTORS = 8
"""Sums kept in registers at a time (rows x blocks), as far as the shape allows."""


def linear(
    name: str,
    fmt: WeightFormat,
    rows: int,
    n: int,
    k: int,
    *,
    dynamic: bool,
    epilogue: Epilogue,
    bias: bool,
    target: CpuTarget,
) -> Any:
    """Return the PrimFunc `name` that multiplies up to `rows` rows of activations by an `n` x `k` matrix.

    Arguments, in order: rows (1,) i32; activations: fp32/bf16 X (R, K) f32, int8/int4 XQ (R, K/32, 32) i8, XS and
    XB (R, K/32) f32; W (`layout.packed_shape`); with `bias` BIAS (stored rows) f32; Y f32. N and K are padded.

    "store" writes Y (R, N), "add" adds to it; with "swiglu" W holds a gate and an up matrix of n rows each
    (`layout.interleave_gate_up`) and Y (R, N) = silu(gate) * up. With `dynamic` only the first rows[0] rows are
    computed, otherwise exactly `rows`.
    """
    shape = _Shape(fmt, rows, n, k, epilogue, bias)

    def body(T: Any, count: Buffer, *buffers: Buffer) -> None:
        kernel = _Kernel(T, target, shape, buffers)
        kernel.prefill(count) if dynamic else kernel.decode()

    return v.prim_func(name, shape.args(), body)


@dataclass(frozen=True, slots=True)
class _Shape:
    fmt: WeightFormat
    rows: int
    n: int
    k: int
    epilogue: Epilogue
    bias: bool

    @property
    def halves(self) -> int:
        """Stored 8-row blocks for each 8 outputs."""
        return 2 if self.epilogue == "swiglu" else 1

    @property
    def width(self) -> int:
        return layout.padded_in(self.k)

    @property
    def blocks(self) -> int:
        """Stored 8-row blocks."""
        return layout.padded_out(self.n) * self.halves // layout.BLOCK

    @property
    def is_float(self) -> bool:
        return self.fmt in ("fp32", "bf16")

    def args(self) -> v.Args:
        groups = self.width // GROUP
        packed, dtype = layout.packed_shape(self.fmt, self.n, self.k)
        args: v.Args = {"rows": ((1,), "int32")}
        if self.is_float:
            args["X"] = ((self.rows, self.width), "float32")
        else:
            args["XQ"] = ((self.rows, groups, GROUP), "int8")
            args["XS"] = args["XB"] = ((self.rows, groups), "float32")
        args["W"] = ((self.blocks, *packed[1:]), dtype)
        if self.bias:
            args["BIAS"] = ((self.blocks * layout.BLOCK,), "float32")
        args["Y"] = ((self.rows, layout.padded_out(self.n)), "float32")
        return args


class _Sums:
    """A tile's float32 sums, one vector for each row and block, in registers where they fit."""

    def __init__(self, T: Any, rows: int, blocks: int) -> None:
        self._T, self._blocks = T, blocks
        self._buffer = v.local(T, rows * blocks * v.LANES)
        for r in range(rows):
            for b in range(blocks):
                self.set(r, b, v.splat(T, 0.0))

    def get(self, row: int, block: int) -> Expr:
        return v.load(self._buffer, [(row * self._blocks + block) * v.LANES])

    def set(self, row: int, block: int, value: Expr) -> None:
        v.store(self._T, self._buffer, [(row * self._blocks + block) * v.LANES], value)

    def add(self, row: int, block: int, left: Expr, right: Expr) -> None:
        self.set(row, block, left * right + self.get(row, block))


class _Kernel:
    """Emits the code of one product."""

    def __init__(self, T: Any, target: CpuTarget, shape: _Shape, buffers: tuple[Buffer, ...]) -> None:
        self.T, self.shape = T, shape
        self.emit = Emitter(T, target)
        count = 1 if shape.is_float else 3
        self.inputs, rest = buffers[:count], list(buffers[count:])
        self.weights, self.output = rest[0], rest[-1]
        self.bias = rest[1] if shape.bias else None

    def decode(self) -> None:
        """All rows, each weight read once."""
        rows = self.shape.rows
        tile = min(rows, ROW_TILE)
        together = self._blocks_for(tile)
        with self.T.parallel(self.shape.blocks // together) as task:
            blocks = [task * together + b for b in range(together)]
            for first in range(0, rows, tile):
                self._tile([first + r for r in range(min(tile, rows - first))], blocks)

    def prefill(self, count: Buffer) -> None:
        """The rows in use: whole tiles, then one by one."""
        from tvm import tirx

        tile = min(self.shape.rows, 4)
        together = max(2, self._blocks_for(tile))
        with self.T.parallel(self.shape.blocks // together) as task:
            blocks = [task * together + b for b in range(together)]
            tiles = self.T.Bind(tirx.floordiv(count[0], tile))
            with self.T.serial(tiles) as i:
                self._tile([i * tile + r for r in range(tile)], blocks)
            if tile > 1:
                with self.T.serial(count[0] - tiles * tile) as i:
                    self._tile([tiles * tile + i], blocks)

    def _blocks_for(self, rows: int) -> int:
        blocks = max(1, min(4, _VECTORS // rows))
        return max(self.shape.halves, blocks)

    def _tile(self, rows: list[Expr], blocks: list[Expr]) -> None:
        sums = self._float_sums(rows, blocks) if self.shape.is_float else self._group_sums(rows, blocks)
        for r, row in enumerate(rows):
            for b in range(0, len(blocks), self.shape.halves):
                values = [sums.get(r, b + half) for half in range(self.shape.halves)]
                self._finish(row, blocks[b : b + self.shape.halves], values)

    def _finish(self, row: Expr, blocks: list[Expr], values: list[Expr]) -> None:
        T = self.T
        if self.bias is not None:
            values = [a + v.load(self.bias, [b * layout.BLOCK]) for a, b in zip(values, blocks, strict=True)]
        if self.shape.epilogue == "swiglu":
            from tvm import tirx

            gate = T.Bind(values[0])
            v.store(T, self.output, [row, tirx.floordiv(blocks[0], 2) * v.LANES], self.emit.silu(gate) * values[1])
            return
        place = [row, blocks[0] * v.LANES]
        value = values[0] + v.load(self.output, place) if self.shape.epilogue == "add" else values[0]
        v.store(T, self.output, place, value)

    def _float_sums(self, rows: list[Expr], blocks: list[Expr]) -> _Sums:
        T, (x,) = self.T, self.inputs
        sums = [_Sums(T, len(rows), len(blocks)) for _ in range(2)]  # even and odd features
        with T.serial(self.shape.width // 2) as pair:
            weights = [self._float_pair(block, pair) for block in blocks]
            for odd in range(2):
                for r, row in enumerate(rows):
                    value = T.Bind(v.splat(T, x[row, 2 * pair + odd]))
                    for b, weight in enumerate(weights):
                        sums[odd].add(r, b, weight[odd], value)
        for r in range(len(rows)):
            for b in range(len(blocks)):
                sums[0].set(r, b, sums[0].get(r, b) + sums[1].get(r, b))
        return sums[0]

    def _float_pair(self, block: Expr, pair: Expr) -> tuple[Expr, Expr]:
        if self.shape.fmt == "bf16":
            even, odd = self.emit.bf16_pair(self.weights, [block, pair, 0])
        else:
            even, odd = (v.load(self.weights, [block, 2 * pair + i, 0]) for i in range(2))
        return self.T.Bind(even), self.T.Bind(odd)

    def _group_sums(self, rows: list[Expr], blocks: list[Expr]) -> _Sums:
        sums = _Sums(self.T, len(rows), len(blocks))
        groups = self.shape.width // GROUP
        with self.T.serial(groups // layout.RECORD_GROUPS) as record:
            for half in range(layout.RECORD_GROUPS):
                self._group(sums, rows, blocks, record, half)
        if groups % layout.RECORD_GROUPS:
            self._group(sums, rows, blocks, groups // layout.RECORD_GROUPS, 0)
        return sums

    def _group(self, sums: _Sums, rows: list[Expr], blocks: list[Expr], record: Expr, half: int) -> None:
        T, emit, fmt, (quantised, scales, offsets) = self.T, self.emit, self.shape.fmt, self.inputs
        group = record * layout.RECORD_GROUPS + half
        start = layout.RECORD_GROUPS * layout.GROUP_BYTES[fmt] + half * layout.SCALE_BYTES[fmt]
        words = [emit.activation_words(quantised, [row, group]) for row in rows]
        for b, block in enumerate(blocks):
            place = [block, record]
            weights = emit.weight_words(fmt, self.weights, place, half * layout.GROUP_BYTES[fmt])
            scale = T.Bind(emit.halves(self.weights, [*place, start]))
            offset = T.Bind(emit.halves(self.weights, [*place, start + 16])) if fmt == "int4" else None
            for r, row in enumerate(rows):
                dot = emit.dot(fmt, weights, words[r])
                step, base = v.splat(T, scales[row, group]), v.splat(T, offsets[row, group])
                if offset is not None:
                    sums.add(r, b, dot, scale * step)
                    sums.add(r, b, offset, base)
                elif emit.int8_excess:
                    sums.add(r, b, scale, dot * step - base * v.splat(T, emit.int8_excess))
                else:
                    sums.add(r, b, dot, scale * step)
