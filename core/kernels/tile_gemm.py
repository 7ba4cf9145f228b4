"""Products for prefill on matrix tiles (AMX): bf16 weights and activations, float32 sums.

A task owns some strips of output columns. For each chunk of input features it unpacks a strip's weights to bf16 once,
into a panel that stays in the first-level cache, and all rows pass by, two by two tiles at a time; while the matrix
unit has two blocks of rows in work, the vector units finish the two before them. bf16 keeps 8 bits of each weight and
activation, beside which their own quantisation weighs more; sums of all features stay in float32.
"""

from __future__ import annotations

import math
from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.product import Operands
from core.kernels.tiles import BF16_TERMS, COLUMNS, ROWS, TileRows, TileUnit, bf16_pair
from core.spec import GROUP

Expr = Any
Buffer = Any

_STRIP_BLOCKS = 4
"""Stored 8-row blocks of a strip: two tiles of columns."""
_MOST_GROUPS = 10
"""Most groups of input features in a panel: 20 KiB, and as much of the rows that meet it."""
_NEAR_BYTES = 1 << 20
"""Size up to which a task may read all activations again for each strip: they stay in the second-level cache."""
_MOST_STRIPS = 8
_LEAST_TASKS = 8
_LINE = 64
"""Bytes of a cache line."""

_LOG2_E = math.log2(math.e)

_SUMS, _INPUTS, _WEIGHTS = (0, 1, 2, 3), (4, 5), (6, 7)
"""Numbers of the tiles: sums (two by two), activations, weights."""

_PLACES = {"int4": (16, 0x000F0000, 0x43000000, 128.0), "int8": (8, 0x0000FF00, 0x47000000, 32768.0)}
"""How a stored value becomes a float: the bit it is shifted to, its mask there, the bits of a float whose last places
are those, and that float's number, which the value then stands above by itself."""


def emit_tile_gemm(operands: Operands, count: Buffer) -> None:
    """Emit the product of the first count[0] rows."""
    product, T = operands.product, operands.T
    strips = product.blocks // _STRIP_BLOCKS
    together = _strips_of_a_task(strips, 2 * product.rows * product.width)
    with T.parallel(strips // together) as task:
        _Task(operands, T.Bind(count[0]), T.Bind(task * together * _STRIP_BLOCKS), together).run()


def _strips_of_a_task(strips: int, input_bytes: int) -> int:
    if input_bytes <= _NEAR_BYTES:
        return 1
    fitting = [n for n in range(1, _MOST_STRIPS + 1) if strips % n == 0 and strips // n >= _LEAST_TASKS]
    return max(fitting, default=1)


class _Task:
    """Emits the code of one task: all rows by a few strips."""

    def __init__(self, operands: Operands, rows: Expr, first: Expr, strips: int) -> None:
        self.operands, self.T, self.first, self.strips = operands, operands.T, first, strips
        self.rows, self.unit = rows, TileUnit(operands.T)
        groups = operands.product.groups
        chunks = -(-groups // _MOST_GROUPS)
        self.chunk = 2 * -(-groups // (2 * chunks))  # even, so that records stay whole
        self.chunks = -(-groups // self.chunk)
        self.share = -(-2 * ROWS // (groups - (self.chunks - 1) * self.chunk))
        self.inputs = TileRows(operands.T, operands.inputs[0])
        width = _STRIP_BLOCKS * layout.BLOCK
        self.height = operands.product.rows if self.chunks > 1 else 4 * ROWS
        self.sums = self.T.alloc_buffer((strips, self.height, width), "float32")
        self.panel = self.T.alloc_buffer((self.chunk, 2, GROUP // 2, COLUMNS), "uint32")

    def run(self) -> None:
        """Emit everything."""
        from tvm import tirx

        T, groups = self.T, self.operands.product.groups
        self.unit.configure()
        blocks = T.Bind(tirx.floordiv(self.rows + (ROWS - 1), ROWS))
        pairs = T.Bind(tirx.floordiv(blocks, 2))
        with T.serial(self.chunks) as chunk:
            start = T.Bind(chunk * self.chunk)
            size = T.Bind(tirx.min(groups - start, tirx.const(self.chunk, "int32")))
            with T.serial(self.strips) as strip:
                self._unpack(T.Bind(self.first + strip * _STRIP_BLOCKS), start, size)
                for last in (False, True) if self.chunks > 1 else (True,):
                    reached = chunk == self.chunks - 1 if last else chunk < self.chunks - 1
                    with T.If(reached), T.Then():
                        self._pass(strip, blocks, pairs, start, size, last=last)
        self.unit.release()

    def _pass(self, strip: Expr, blocks: Expr, pairs: Expr, start: Expr, size: Expr, *, last: bool) -> None:
        """Let all rows meet the panel; in the `last` chunk, finish two blocks of rows beside the next products."""
        from tvm import tirx

        T = self.T

        def ready(pairs_before: Expr) -> Expr | None:
            rows = tirx.Select(pairs_before > 0, tirx.const(2 * ROWS, "int32"), tirx.const(0, "int32"))
            return T.Bind(rows) if last else None

        with T.serial(pairs) as i:
            self._multiply(strip, [2 * i, 2 * i + 1], start, size, ready(i))
        with T.serial(blocks - 2 * pairs):
            self._multiply(strip, [2 * pairs], start, size, ready(pairs))
        if last:
            done = T.Bind(tirx.floordiv(blocks - 1, 2) * (2 * ROWS))
            with T.serial(self.rows - done) as row:
                self._finish(strip, done + row)

    def _unpack(self, first: Expr, start: Expr, size: Expr) -> None:
        """Fill the panel with `size` groups from `start` on of the strip that begins with the block `first`."""
        from tvm import tirx

        T = self.T
        per_record = layout.RECORD_GROUPS
        record = T.Bind(tirx.floordiv(start, per_record))
        with T.serial(tirx.floordiv(size + 1, per_record)) as i:  # the last record may have an empty group
            self._ask_for(first + _STRIP_BLOCKS, record + i)
            for half in range(per_record):
                for column in range(2):
                    blocks = [first + 2 * column, first + 2 * column + 1]
                    for pair, words in enumerate(self._pairs(blocks, record + i, half)):
                        place = [i * per_record + half, column, pair, T.ramp(0, 1, COLUMNS)]
                        T.buffer_store(self.panel, words, place)

    def _ask_for(self, block: Expr, record: Expr) -> None:
        """Prefetch a record of each of the next strip's blocks; the rows' products leave time for it."""
        from tvm import tirx

        weights = self.operands.weights
        item = {"uint16": 2, "uint8": 1}[str(weights.dtype)]
        entries = GROUP if item == 2 else 1  # of a record: pairs of features, or the record itself
        for b in range(_STRIP_BLOCKS):
            size = int(weights.shape[2]) * entries
            for at in range(0, size, _LINE // item):
                address = self.T.address_of(weights[block + b, record * entries, at])
                self.T.evaluate(tirx.call_intrin("void", "tirx.prefetch", address, 0, 2, 1))

    def _pairs(self, blocks: list[Expr], record: Expr, half: int) -> list[Expr]:
        """Return one group's 16 pairs of features, each as words of an even and an odd bf16 for 16 columns."""
        from tvm import tirx

        product = self.operands.product
        if product.fmt == "bf16":
            first = record * GROUP + half * (GROUP // 2)
            if product.groups % layout.RECORD_GROUPS:  # the matrix ends before a last record's second half
                first = self.T.Bind(tirx.min(first, tirx.const(product.width // 2 - GROUP // 2, "int32")))
            return [self._stored_pair(blocks, first + pair) for pair in range(GROUP // 2)]
        return self._integer_pairs(blocks, record, half)

    def _stored_pair(self, blocks: list[Expr], pair: Expr) -> Expr:
        from tvm import tirx

        weights = self.operands.weights
        return self._joined([tirx.reinterpret("uint32x8", weights.vload([b, pair, 0], "uint16x16")) for b in blocks])

    def _integer_pairs(self, blocks: list[Expr], record: Expr, half: int) -> list[Expr]:
        from tvm import tirx

        T, fmt, weights = self.T, self.operands.product.fmt, self.operands.weights
        place, mask, magic, above = _PLACES[fmt]
        scales, offsets = zip(*(self.operands.scales(block, record, half) for block in blocks), strict=True)
        scale = T.Bind(self._joined(list(scales)))
        zero = v.f32(above + (128.0 if fmt == "int8" else 0.0))
        base = v.splat(T, zero, COLUMNS) * scale
        base = T.Bind((self._joined(list(offsets)) if fmt == "int4" else v.splat(T, 0.0, COLUMNS)) - base)

        def value(words: Expr, bit: int) -> Expr:
            moved = _shifted(T, words, place - bit)
            bits = tirx.bitwise_or(tirx.bitwise_and(moved, _uint(T, mask)), _uint(T, magic))
            return T.Bind(tirx.reinterpret(f"float32x{COLUMNS}", bits) * scale + base)

        chunks = 8 if fmt == "int8" else 4
        found: list[list[Expr]] = [[], []]
        for chunk in range(chunks):
            start = half * layout.GROUP_BYTES[fmt] + 32 * chunk
            loaded = [tirx.reinterpret("uint32x8", weights.vload([b, record, start], "uint8x32")) for b in blocks]
            words = T.Bind(self._joined(loaded))
            for nibble in range(1 if fmt == "int8" else 2):
                for pair in range(2):
                    even, odd = (value(words, 4 * nibble + 8 * (2 * pair + i)) for i in range(2))
                    found[nibble].append(T.Bind(bf16_pair(T, even, odd)))
        return found[0] + found[1]

    def _joined(self, halves: list[Expr]) -> Expr:
        from tvm import tirx

        return tirx.Shuffle(halves, list(range(COLUMNS)))

    def _multiply(self, strip: Expr, blocks: list[Expr], start: Expr, size: Expr, ready: Expr | None) -> None:
        """Add the panel's products with one or two tiles of rows to the sums; finish `ready` rows before those."""
        T = self.T
        places = [(2 * b + column, block, column) for b, block in enumerate(blocks) for column in range(2)]
        stride = 4 * _STRIP_BLOCKS * layout.BLOCK
        with T.If(start == 0):
            with T.Then():
                for tile, _, _ in places:
                    self.unit.zero(_SUMS[tile])
            with T.Else():
                for tile, block, column in places:
                    self.unit.load(_SUMS[tile], self._sum(strip, block, column), stride)
        with T.serial(size) as at:
            for column in range(2):
                self.unit.load(_WEIGHTS[column], T.address_of(self.panel[at, column, 0, 0]))
            for b, block in enumerate(blocks):
                self.unit.load(_INPUTS[b], self.inputs.address(block, start + at))
                for column in range(2):
                    self.unit.multiply(_SUMS[2 * b + column], _INPUTS[b], _WEIGHTS[column])
            for part in range(self.share if ready is not None else 0):
                row = T.Bind(at * self.share + part)
                with T.If(row < ready), T.Then():
                    self._finish(strip, T.Bind((blocks[0] - 2) * ROWS + row))
        for tile, block, column in places:
            self.unit.store(_SUMS[tile], self._sum(strip, block, column), stride)

    def _sum(self, strip: Expr, block: Expr, column: int) -> Expr:
        return self.T.address_of(self.sums[strip, self._held(block * ROWS), column * COLUMNS])

    def _held(self, row: Expr) -> Expr:
        """Return where the sums of a row are: those of two pairs of blocks suffice if they need no other chunk."""
        from tvm import tirx

        return row if self.chunks > 1 else tirx.floormod(row, tirx.const(self.height, "int32"))

    def _finish(self, strip: Expr, row: Expr) -> None:
        """Apply bias and epilogue to a row's sums of a strip."""
        T, operands = self.T, self.operands
        first = T.Bind((self.first + strip * _STRIP_BLOCKS) * layout.BLOCK)
        held = T.Bind(self._held(row))
        values = [v.load(self.sums, [strip, held, i * COLUMNS], COLUMNS) for i in range(2)]
        if operands.bias is not None:
            values = [a + v.load(operands.bias, [first + i * COLUMNS], COLUMNS) for i, a in enumerate(values)]
        if operands.product.epilogue == "swiglu":
            self._put_swiglu(row, first, [T.Bind(value) for value in values])
            return
        for i, value in enumerate(values):
            feature = first + i * COLUMNS
            if operands.product.epilogue == "add":
                value = value + v.load(operands.output, [row, feature], COLUMNS)
            v.store(T, operands.output, [row, feature], value, COLUMNS)

    def _put_swiglu(self, row: Expr, first: Expr, values: list[Expr]) -> None:
        """Store silu(gate) * up, where eight columns of each lie in turn."""
        from tvm import tirx

        T = self.T
        gate, up = (
            T.Bind(tirx.Shuffle(values, [i + j for i in (part, part + COLUMNS) for j in range(layout.BLOCK)]))
            for part in (0, layout.BLOCK)
        )
        power = tirx.min(gate * v.splat(T, -_LOG2_E, COLUMNS), v.splat(T, 126.0, COLUMNS))
        below = v.splat(T, 1.0, COLUMNS) + v.exp2(T, power, COLUMNS, BF16_TERMS)
        TileRows(T, self.operands.output).store(row, tirx.floordiv(first, 2), gate * up / below, COLUMNS)


def _shifted(T: Any, words: Expr, left: int) -> Expr:
    from tvm import tirx

    if left == 0:
        return words
    return tirx.shift_left(words, _uint(T, left)) if left > 0 else tirx.shift_right(words, _uint(T, -left))


def _uint(T: Any, value: int, lanes: int = COLUMNS) -> Expr:
    from tvm import tirx

    return T.broadcast(tirx.const(value, "uint32"), lanes)
