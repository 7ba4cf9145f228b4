"""Products for decoding: a few rows, each weight read once, straight from the packed stream."""

from __future__ import annotations

from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.product import Dot, Operands
from core.kernels.tir import WORDS

Expr = Any

ROW_TILE = {"generic": 1, "avx2": 8, "vnni": 8, "neon": 4}
"""Most rows that meet a weight while it is in a register; further rows find it in the cache."""
_VECTORS = 8
"""Sums kept in registers at a time (rows x blocks), as far as the shape allows. Products of floats keep two for each,
of even and of odd features: that hides the latency of an addition, and a row's result is the same in any tile."""
_BLOCKS = {"generic": 1, "avx2": 4, "vnni": 4, "neon": 2}
"""Most blocks that meet an activation while it is in a register."""
_FEATURES = 8
"""Input features of an fp32 or bf16 matrix that are unrolled."""
_LINE = 64
"""Bytes of a cache line."""


def emit_gemv(operands: Operands) -> None:
    """Emit the product of exactly `rows` rows."""
    T, product, kind = operands.T, operands.product, operands.emit.kernel_class
    double = product.is_float or not operands.emit.wide
    paired, most = _paired(operands), min(_BLOCKS[kind], product.schedule.blocks)
    tile = min(product.rows, max(1, ROW_TILE[kind] // (1 if paired else product.halves * (2 if double else 1))))
    whole, rest = divmod(product.rows, tile)
    held = _VECTORS // 2 if product.is_float else _VECTORS
    width = 2 if paired else product.halves
    together = width * max(1, min(most, held // tile * (2 if paired else 1)) // width)
    with T.parallel(product.blocks // together) as task:
        blocks = [task * together + b for b in range(together)]
        with T.serial(whole) as i:
            _emit_tile(operands, [i * tile + r for r in range(tile)], blocks)
        if rest:
            _emit_tile(operands, [whole * tile + r for r in range(rest)], blocks)


def _paired(operands: Operands) -> bool:
    """Return whether vectors hold two blocks: where several rows make arithmetic the limit, not memory."""
    return operands.emit.wide and not operands.product.is_float and operands.product.rows > 1


def _emit_tile(operands: Operands, rows: list[Expr], blocks: list[Expr]) -> None:
    product = operands.product
    sums = _float_sums(operands, rows, blocks) if product.is_float else _group_sums(operands, rows, blocks)
    for r, row in enumerate(rows):
        for b in range(0, len(blocks), product.halves):
            pair = range(b, b + product.halves)
            operands.finish(row, [blocks[i] for i in pair], [sums.get(r, i) for i in pair])


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

    def add(self, row: int, block: int, left: Expr, right: Expr, lanes: int = v.LANES) -> None:
        """Add a product to the sums of a row and a block; 16 lanes: and of the block after it."""
        place = [(row * self._blocks + block) * v.LANES]
        v.store(self._T, self._buffer, place, left * right + v.load(self._buffer, place, lanes), lanes)


def _float_sums(operands: Operands, rows: list[Expr], blocks: list[Expr]) -> _Sums:
    T = operands.T
    sums, odd_sums = _Sums(T, len(rows), len(blocks)), _Sums(T, len(rows), len(blocks))
    with T.serial(operands.product.width // _FEATURES) as piece:
        _prefetch(operands, blocks, piece, _FEATURES if operands.product.fmt == "fp32" else _FEATURES // 2)
        for pair in range(_FEATURES // 2):
            _add_pair(operands, (sums, odd_sums), rows, blocks, piece * (_FEATURES // 2) + pair)
    for r in range(len(rows)):
        for b in range(len(blocks)):
            sums.set(r, b, sums.get(r, b) + odd_sums.get(r, b))
    return sums


def _add_pair(operands: Operands, sums: tuple[_Sums, _Sums], rows: list[Expr], blocks: list[Expr], pair: Expr) -> None:
    T, (x,) = operands.T, operands.inputs
    weights = [[T.Bind(part) for part in operands.float_pair(block, pair)] for block in blocks]
    for odd, part in enumerate(sums):
        for r, row in enumerate(rows):
            value = T.Bind(v.splat(T, x[row, 2 * pair + odd]))
            for b, weight in enumerate(weights):
                part.add(r, b, weight[odd], value)


def _group_sums(operands: Operands, rows: list[Expr], blocks: list[Expr]) -> _Sums:
    T, groups = operands.T, operands.product.groups
    sums = _Sums(T, len(rows), len(blocks))
    with T.serial(groups // layout.RECORD_GROUPS) as record:
        _prefetch(operands, blocks, record, 1)
        for half in range(layout.RECORD_GROUPS):
            _add_group(operands, sums, rows, blocks, record, half)
    if groups % layout.RECORD_GROUPS:
        _add_group(operands, sums, rows, blocks, groups // layout.RECORD_GROUPS, 0)
    return sums


def _prefetch(operands: Operands, blocks: list[Expr], piece: Expr, step: int) -> None:
    """Ask for the piece that comes `ahead` later, near a block's end for the next task's; a piece is `step` entries.

    Hardware prefetchers lose the thread at each of these short streams' ends: this gives int4 up to 40 % more.
    """
    from tvm import tirx

    T, weights = operands.T, operands.weights
    _, entries, size = (int(extent) for extent in weights.shape)
    item = {"float32": 4, "uint16": 2, "uint8": 1}[str(weights.dtype)]
    pieces = entries // step
    ahead = min(operands.product.schedule.ahead, pieces)
    inside = T.Bind(piece < pieces - ahead)
    later = T.Bind(tirx.Select(inside, piece + ahead, piece + (ahead - pieces)) * step)
    for block in blocks:
        place = T.Bind(tirx.Select(inside, block, block + len(blocks)))
        for byte in range(0, step * size * item, _LINE):
            entry, rest = divmod(byte // item, size)
            address = T.address_of(weights[place, later + entry, rest])
            T.evaluate(tirx.call_intrin("void", "tirx.prefetch", address, 0, 3, 1))


def _add_group(operands: Operands, sums: _Sums, rows: list[Expr], blocks: list[Expr], record: Expr, half: int) -> None:
    T = operands.T
    _, scales, bases = operands.inputs
    group = record * layout.RECORD_GROUPS + half
    width = 2 if _paired(operands) else 1
    lanes, parts = width * v.LANES, [blocks[b : b + width] for b in range(0, len(blocks), width)]
    weights = [operands.weight_words(part, record, half) for part in parts]
    dots = [Dot(operands, row, group, len(parts), lanes) for row in rows]
    for i in range(WORDS):
        for dot in dots:
            dot.step(i, [words[i] for words in weights])
    for i, part in enumerate(parts):
        scale, offset = _joined_scales(operands, part, record, half)
        for r, row in enumerate(rows):
            sums.add(r, i * width, dots[r].end(i), scale * v.splat(T, scales[row, group], lanes), lanes)
            if offset is not None:
                sums.add(r, i * width, offset, v.splat(T, bases[row, group], lanes), lanes)


def _joined_scales(operands: Operands, blocks: list[Expr], record: Expr, half: int) -> tuple[Expr, Expr | None]:
    scales, offsets = zip(*(operands.scales(block, record, half) for block in blocks), strict=True)
    lanes = v.LANES * len(blocks)
    scale = operands.T.Bind(operands.emit.joined(list(scales), lanes))
    offset = None if offsets[0] is None else operands.T.Bind(operands.emit.joined(list(offsets), lanes))
    return scale, offset
