"""What a matrix product is: its shape and buffers, and what happens to its results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.tir import Emitter
from core.spec import GROUP, WeightFormat

Epilogue = Literal["store", "add", "swiglu"]

Expr = Any
Buffer = Any


@dataclass(frozen=True, slots=True)
class Schedule:
    """Sizes of the decode kernels that the best values depend on the machine for; results don't depend on them."""

    blocks: int = 4
    """Most 8-row blocks that meet an activation while it is in a register; 1, 2 or 4."""
    ahead: int = 8
    """Pieces of the stream (a record, or some features) between the weights in use and those asked for."""


@dataclass(frozen=True, slots=True)
class Product:
    """Up to `rows` rows of activations by an `n` x `k` matrix."""

    fmt: WeightFormat
    rows: int
    n: int
    k: int
    epilogue: Epilogue
    bias: bool
    tiled: bool = False
    """Activations, and what swiglu gives, are `tiles.TileRows`."""
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def halves(self) -> int:
        """Stored 8-row blocks for each 8 outputs."""
        return 2 if self.epilogue == "swiglu" else 1

    @property
    def width(self) -> int:
        """Input features, padding included."""
        return layout.padded_in(self.k)

    @property
    def groups(self) -> int:
        """Groups of input features, padding included."""
        return self.width // GROUP

    @property
    def blocks(self) -> int:
        """Stored 8-row blocks, a multiple of four."""
        return layout.padded_out(self.n) * self.halves // layout.BLOCK

    @property
    def is_float(self) -> bool:
        """Whether activations stay float32."""
        return self.fmt in ("fp32", "bf16")

    def args(self) -> v.Args:
        """Return the kernel's buffers."""
        packed, dtype = layout.packed_shape(self.fmt, self.n, self.k)
        inputs = layout.activation_args(self.fmt, self.rows, self.k)
        args: v.Args = {"rows": ((1,), "int32")}
        args |= dict(list(inputs.items())[:1]) if self.tiled else inputs
        args["W"] = ((self.blocks, *packed[1:]), dtype)
        if self.bias:
            args["BIAS"] = ((self.blocks * layout.BLOCK,), "float32")
        args["Y"] = ((self.rows, layout.padded_out(self.n)), "float32")
        if self.tiled_output:
            args["Y"] = next(iter(layout.activation_args(self.fmt, self.rows, self.n).values()))
        return args

    @property
    def tiled_output(self) -> bool:
        """Whether the result lies in tiles."""
        return self.tiled and self.epilogue == "swiglu"


class Operands:
    """The buffers of one product while its code is emitted."""

    def __init__(self, T: Any, target: CpuTarget, product: Product, buffers: tuple[Buffer, ...]) -> None:
        self.T, self.product = T, product
        self.emit = Emitter(T, target)
        count = 1 if product.is_float or product.tiled else 3
        self.inputs, rest = buffers[:count], buffers[count:]
        self.weights, self.output = rest[0], rest[-1]
        self.bias = rest[1] if product.bias else None

    def float_pair(self, block: Expr, pair: Expr) -> tuple[Expr, Expr]:
        """Load the features 2 * pair and 2 * pair + 1 of eight rows of an fp32 or bf16 matrix."""
        if self.product.fmt == "bf16":
            return self.emit.bf16_pair(self.weights, [block, pair, 0])
        even, odd = (v.load(self.weights, [block, 2 * pair + i, 0]) for i in range(2))
        return even, odd

    def scales(self, block: Expr, record: Expr, half: int) -> tuple[Expr, Expr | None]:
        """Load the scales and (int4) offsets of eight rows of one group of `record`."""
        fmt = self.product.fmt
        start = layout.RECORD_GROUPS * layout.GROUP_BYTES[fmt] + half * layout.SCALE_BYTES[fmt]
        scale = self.T.Bind(self.emit.halves(self.weights, [block, record, start]))
        if fmt == "int8":
            return scale, None
        return scale, self.T.Bind(self.emit.halves(self.weights, [block, record, start + 2 * layout.BLOCK]))

    def weight_words(self, blocks: list[Expr], record: Expr, half: int) -> list[Expr]:
        """Load the words of one group of `record`, of one block or of two as one vector."""
        fmt = self.product.fmt
        places = [[block, record] for block in blocks]
        return self.emit.weight_words(fmt, self.weights, places, half * layout.GROUP_BYTES[fmt])

    def finish(self, row: Expr, blocks: list[Expr], values: list[Expr]) -> None:
        """Apply bias and epilogue to the sums of one output block (swiglu: of its gate and its up block)."""
        from tvm import tirx

        T = self.T
        if self.bias is not None:
            values = [a + v.load(self.bias, [b * layout.BLOCK]) for a, b in zip(values, blocks, strict=True)]
        if self.product.epilogue == "swiglu":
            result = self.emit.silu(T.Bind(values[0])) * values[1]
            v.store(T, self.output, [row, tirx.floordiv(blocks[0], 2) * v.LANES], result)
            return
        feature = blocks[0] * v.LANES
        value = values[0]
        if self.product.epilogue == "add":
            value = value + v.load(self.output, [row, feature])
        v.store(T, self.output, [row, feature], value)


class Dot:
    """Dot products of one row's group of activations with the same group of several vectors of weights."""

    def __init__(self, operands: Operands, row: Expr, group: Expr, vectors: int, lanes: int) -> None:
        self._emit, self._fmt, self._lanes = operands.emit, operands.product.fmt, lanes
        self._quantised, _, sums = operands.inputs
        self._place = [row, group]
        start = self._emit.dot_start(self._fmt, lanes)
        low = start
        if self._fmt == "int8" and self._emit.offset_bytes:
            low = operands.T.Bind(operands.T.broadcast(sums[row, group], lanes))
        self._totals = [[start] * vectors, [low] * vectors]  # of the high and the low bytes

    def step(self, word: int, weights: list[Expr]) -> None:
        """Add the four features of `word`."""
        for plane, totals in enumerate(self._totals):
            index = [*self._place, plane * GROUP + 4 * word]
            activation = self._emit.activation_word(self._quantised, index, self._lanes)
            for i, weight in enumerate(weights):
                totals[i] = self._emit.dot_step(self._fmt, totals[i], weight, activation, self._lanes)

    def end(self, vector: int) -> Expr:
        """Return the float32 sums of one vector."""
        from tvm import tirx

        high, low = self._totals[0][vector], self._totals[1][vector]
        if self._fmt == "int8":
            total = tirx.shift_left(high, self._emit.const(8, "int32", self._lanes)) + low
            return self._emit.dot_end(self._fmt, total, self._lanes)
        # int4's sums may still be of 16 bits here; as floats 256 * high + low is exact: it stays below 2**24
        high, low = (self._emit.dot_end(self._fmt, total, self._lanes) for total in (high, low))
        return high * self._emit.const(256, "float32", self._lanes) + low
