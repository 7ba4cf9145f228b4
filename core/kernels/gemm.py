"""Products for prefill: many rows, weights unpacked chunk by chunk into a panel that stays in the first-level cache.

A task owns a strip of output columns. For each chunk of input features it unpacks the strip once (the panel), then all
rows pass by in tiles of a few rows whose sums stay in registers (Goto and van de Geijn 2008). Between chunks the sums
rest in a buffer of the task; bias and epilogue come last.
"""

from __future__ import annotations

from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.product import Dot, Operands
from core.kernels.tir import WORDS
from core.spec import GROUP

Expr = Any
Buffer = Any

_VECTORS = 2
"""Vectors that make up a strip."""
_FLOAT_CHUNK = 512
"""Input features of a float panel."""
_GROUP_CHUNK = 16
"""Groups of 32 input features of an integer panel; even, so that records stay whole."""


def emit_gemm(operands: Operands, count: Buffer) -> None:
    """Emit the product of the first count[0] rows."""
    product, T = operands.product, operands.T
    panel = _FloatPanel(operands) if product.is_float else _GroupPanel(operands)
    strip = panel.strip
    per_strip = strip // layout.BLOCK
    with T.parallel(product.blocks // per_strip) as task:
        first = task * per_strip
        rows = T.Bind(count[0])
        sums = T.alloc_buffer((product.rows, strip), "float32")
        with T.serial(rows) as row, T.serial(per_strip) as b:
            v.store(T, sums, [row, b * v.LANES], v.splat(T, 0.0))
        panel.allocate()
        with T.serial(-(-panel.length // panel.chunk)) as chunk:
            panel.run(first, chunk, rows, sums)
        with T.serial(rows) as row:
            for b in range(0, per_strip, product.halves):
                pair = range(b, b + product.halves)
                values = [v.load(sums, [row, i * v.LANES]) for i in pair]
                operands.finish(row, [first + i for i in pair], values)


class _Panel:
    """A strip's unpacked weights for one chunk of input features, and the tile of rows that meets them."""

    length: int
    chunk: int
    tile: int

    def __init__(self, operands: Operands, lanes: int) -> None:
        self.operands, self.T, self.emit = operands, operands.T, operands.emit
        self.lanes, self.strip = lanes, lanes * _VECTORS

    def run(self, first: Expr, chunk: Expr, rows: Expr, sums: Buffer) -> None:
        """Unpack a chunk of the blocks from `first` on, and add its products with all rows to `sums`."""
        from tvm import tirx

        T = self.T
        start = T.Bind(chunk * self.chunk)
        size = T.Bind(tirx.min(self.length - start, tirx.const(self.chunk, "int32")))
        self.unpack(first, start, size)
        tiles = T.Bind(tirx.floordiv(rows, self.tile))
        with T.serial(tiles) as i:
            self._tile([i * self.tile + r for r in range(self.tile)], start, size, sums)
        with T.serial(rows - tiles * self.tile) as i:
            self._tile([tiles * self.tile + i], start, size, sums)

    def allocate(self) -> None:
        """Allocate the task's panel."""
        raise NotImplementedError

    def unpack(self, first: Expr, start: Expr, size: Expr) -> None:
        """Fill the panel with `size` features or groups from `start` on."""
        raise NotImplementedError

    def step(self, rows: list[Expr], start: Expr, at: Expr, held: list[Buffer]) -> None:
        """Add the products of the panel's entry `at` to the tile's sums."""
        raise NotImplementedError

    def splat(self, value: Expr) -> Expr:
        return self.T.broadcast(value, self.lanes)

    def load(self, buffer: Buffer, index: list[Expr]) -> Expr:
        return buffer.vload(index, f"float32x{self.lanes}")

    def store(self, buffer: Buffer, index: list[Expr], value: Expr) -> None:
        self.T.buffer_store(buffer, value, [*index[:-1], self.T.ramp(index[-1], 1, self.lanes)])

    def add(self, held: list[Buffer], row: int, vector: int, left: Expr, right: Expr) -> None:
        place = [vector * self.lanes]
        self.store(held[row], place, left * right + self.load(held[row], place))

    def _tile(self, rows: list[Expr], start: Expr, size: Expr, sums: Buffer) -> None:
        T = self.T
        held = [v.local(T, self.strip) for _ in rows]
        places = [(r, row, vec * self.lanes) for r, row in enumerate(rows) for vec in range(_VECTORS)]
        for r, row, column in places:
            self.store(held[r], [column], self.load(sums, [row, column]))
        with T.serial(size) as at:
            self.step(rows, start, at, held)
        for r, row, column in places:
            self.store(sums, [row, column], self.load(held[r], [column]))


class _FloatPanel(_Panel):
    """Weights as float32 (chunk, strip)."""

    chunk = _FLOAT_CHUNK

    def __init__(self, operands: Operands) -> None:
        super().__init__(operands, 16 if operands.emit.wide else 8)
        self.length = operands.product.width
        self.tile = min(operands.product.rows, 8 if operands.emit.wide else 6)
        self._weights: Buffer = None

    def allocate(self) -> None:
        self._weights = self.T.alloc_buffer((self.chunk, self.strip), "float32")

    def unpack(self, first: Expr, start: Expr, size: Expr) -> None:
        from tvm import tirx

        T = self.T
        with T.serial(tirx.floordiv(size, 2)) as pair:
            for b in range(self.strip // layout.BLOCK):
                for odd, value in enumerate(self.operands.float_pair(first + b, tirx.floordiv(start, 2) + pair)):
                    v.store(T, self._weights, [2 * pair + odd, b * v.LANES], value)

    def step(self, rows: list[Expr], start: Expr, at: Expr, held: list[Buffer]) -> None:
        (x,) = self.operands.inputs
        weights = [self.T.Bind(self.load(self._weights, [at, vec * self.lanes])) for vec in range(_VECTORS)]
        for r, row in enumerate(rows):
            value = self.T.Bind(self.splat(x[row, start + at]))
            for vec, weight in enumerate(weights):
                self.add(held, r, vec, weight, value)


class _GroupPanel(_Panel):
    """Weights as bytes (chunk, 8 words, strip * 4), scales and offsets as float32 (chunk, strip)."""

    chunk = _GROUP_CHUNK

    def __init__(self, operands: Operands) -> None:
        super().__init__(operands, 16 if operands.emit.wide else 8)
        self.length = operands.product.groups
        self._has_offsets = operands.product.fmt == "int4"
        best = {"generic": 1, "avx2": 2, "vnni": 4, "neon": 2}[operands.emit.kernel_class]
        self.tile = min(operands.product.rows, best)
        self._words: Buffer = None
        self._scales: Buffer = None
        self._offsets: Buffer = None

    def allocate(self) -> None:
        self._words = self.T.alloc_buffer((self.chunk, WORDS, 4 * self.strip), "uint8")
        self._scales = self.T.alloc_buffer((self.chunk, self.strip), "float32")
        if self._has_offsets:
            self._offsets = self.T.alloc_buffer((self.chunk, self.strip), "float32")

    def unpack(self, first: Expr, start: Expr, size: Expr) -> None:
        from tvm import tirx

        T = self.T
        record = T.Bind(tirx.floordiv(start, layout.RECORD_GROUPS))
        with T.serial(tirx.floordiv(size + 1, layout.RECORD_GROUPS)) as i:  # the last record may have an empty group
            for half in range(layout.RECORD_GROUPS):
                for b in range(self.strip // layout.BLOCK):
                    self._unpack_group(first + b, record + i, half, i * layout.RECORD_GROUPS + half, b)

    def _unpack_group(self, block: Expr, record: Expr, half: int, at: Expr, b: int) -> None:
        T, operands = self.T, self.operands
        for i, word in enumerate(operands.weight_words([block], record, half)):
            T.buffer_store(self._words, word, [at, i, T.ramp(b * GROUP, 1, GROUP)])
        scale, offset = operands.scales(block, record, half)
        v.store(T, self._scales, [at, b * v.LANES], scale)
        if offset is not None:
            v.store(T, self._offsets, [at, b * v.LANES], offset)

    def step(self, rows: list[Expr], start: Expr, at: Expr, held: list[Buffer]) -> None:
        T = self.T
        _, scales, bases = self.operands.inputs
        dots = [Dot(self.operands, row, start + at, _VECTORS, self.lanes) for row in rows]
        for i in range(WORDS):
            kind = f"uint8x{4 * self.lanes}"
            weights = [T.Bind(self._words.vload([at, i, 4 * self.lanes * vec], kind)) for vec in range(_VECTORS)]
            for dot in dots:
                dot.step(i, weights)
        for vec in range(_VECTORS):
            column = vec * self.lanes
            scale = T.Bind(self.load(self._scales, [at, column]))
            offset = T.Bind(self.load(self._offsets, [at, column])) if self._has_offsets else None
            for r, row in enumerate(rows):
                self.add(held, r, vec, dots[r].end(vec), scale * self.splat(scales[row, start + at]))
                if offset is not None:
                    self.add(held, r, vec, offset, self.splat(bases[row, start + at]))
