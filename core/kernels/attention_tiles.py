"""Attention of prefill on matrix tiles (AMX): scores and mixtures of values are products of bf16, sums are float32.

A task owns some rows of one group: a tile is 16 consecutive positions of one head. Keys and values of a chunk of the
cache are brought into the tiles' form once, then all tiles of the task pass by (FlashAttention's loop: Dao 2022).
"""

from __future__ import annotations

import operator
from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.attention import MASKED, attention_args
from core.kernels.kv_cache import POSITIONS, CacheShape, CacheView
from core.kernels.tiles import BF16_TERMS, COLUMNS, ROWS, TileRows, TileUnit, bf16_pair
from core.spec import GROUP, ModelSpec, WeightFormat

Expr = Any
Buffer = Any

_CHUNK = 128
"""Positions whose keys and values are held in the tiles' form."""
_STEP = 32
"""Positions of a step: two tiles of keys, one of values."""
_TILES = 12
"""About how many tiles of rows share a chunk."""
_MOST_FEATURES = 4 * GROUP
"""Largest head size: a row's query stays in four tiles."""
_PARTS = 4
"""Tiles of mixed values that are summed up together."""


def usable(cache: CacheShape, spec: ModelSpec) -> bool:
    """Return whether heads of this size fit tiles."""
    return spec.head_dim % GROUP == 0 and spec.head_dim <= _MOST_FEATURES and cache.head_dim == spec.head_dim


def attend_tiles(name: str, rows: int, spec: ModelSpec, cache: CacheShape, fmt: WeightFormat) -> Any:
    """Do as `attention_prefill.attend_prefill` does, with the result as `TileRows` for weights of `fmt`."""
    from tvm import tirx

    args = attention_args(rows, spec, cache)
    args["O"] = next(iter(layout.activation_args(fmt, rows, spec.query_size).values()))
    high = max(1, _TILES * spec.num_groups // spec.num_heads)

    def body(T: Any, count: Buffer, slot: Buffer, position: Buffer, *buffers: Buffer) -> None:
        used = T.Bind(tirx.max(tirx.min(count[0], rows), 0))  # bounds that TVM can see
        blocks = T.Bind(tirx.floordiv(used + (high * ROWS - 1), high * ROWS))
        with T.parallel(blocks * spec.num_groups) as task:
            group, turn = T.Bind(tirx.floormod(task, spec.num_groups)), T.Bind(tirx.floordiv(task, spec.num_groups))
            half = T.Bind(tirx.shift_right(turn, 1))  # a short block, a long one in turn: every thread gets as much
            block = tirx.Select(tirx.bitwise_and(turn, 1) == 0, half, blocks - 1 - half)
            first = T.Bind(block * (high * ROWS))
            height = T.Bind(tirx.min(used - first, tirx.const(high * ROWS, "int32")))
            _Task(T, buffers, spec, cache, high).run(T.Bind(slot[0]), group, first, height, T.Bind(position[0] + first))

    return v.prim_func(name, args, body)


class _Task:
    """Emits the code of one task: up to `high` blocks of 16 positions, of all heads of a group."""

    def __init__(self, T: Any, buffers: tuple[Buffer, ...], spec: ModelSpec, cache: CacheShape, high: int) -> None:
        self.T, self.size, self.heads = T, spec.head_dim, spec.num_heads // spec.num_groups
        self.unit = TileUnit(T)
        self.query, *stored, self.out = buffers
        self.view = CacheView(T, cache, *stored)
        rows = high * self.heads * ROWS
        self.panel_keys = T.alloc_buffer((_CHUNK // COLUMNS, self.size // 2, COLUMNS), "uint32")
        self.panel_values = T.alloc_buffer((_CHUNK // _STEP, self.size // COLUMNS, ROWS, COLUMNS), "uint32")
        self.rows = TileRows.own(T, rows, self.size)
        self.weights = TileRows.own(T, ROWS, _CHUNK)
        self.scores = T.alloc_buffer((ROWS, _CHUNK), "float32")
        self.mixed = T.alloc_buffer((rows, self.size), "float32")
        self.tops = T.alloc_buffer((rows,), "float32")
        self.sums = T.alloc_buffer((rows, _STEP), "float32")
        self.peaks, self.shrinks = v.local(T, ROWS), v.local(T, ROWS)
        self.vector = v.local(T, _STEP)

    def run(self, slot: Expr, group: Expr, first: Expr, height: Expr, base: Expr) -> None:
        """Emit the work on `height` rows from `first` on, whose first one has the position `base`."""
        from tvm import tirx

        T = self.T
        self.unit.configure()
        tiles = T.Bind(tirx.floordiv(height + (ROWS - 1), ROWS) * self.heads)
        last = T.Bind(base + height - 1)
        self._begin(group, first, tiles)
        with T.serial(tirx.floordiv(last, _CHUNK) + 1) as chunk:
            start = T.Bind(chunk * _CHUNK)
            steps = T.Bind(tirx.min(tirx.floordiv(last - start, _STEP) + 1, tirx.const(_CHUNK // _STEP, "int32")))
            self._take_keys(slot, group, start, steps)
            self._take_values(slot, group, start, steps)
            with T.serial(tiles) as tile:
                low = T.Bind(base - start + tirx.floordiv(tile, self.heads) * ROWS)
                own = T.Bind(tirx.min(steps, tirx.floordiv(low + (ROWS - 1), _STEP) + 1))
                with T.If(own > 0), T.Then():
                    self._score(tile, own)
                    self._soften(tile, own, low)
                    self._mix(tile, own)
        self.unit.release()
        self._finish(group, first, tiles)

    def _begin(self, group: Expr, first: Expr, tiles: Expr) -> None:
        T = self.T
        with T.serial(tiles) as tile, T.serial(ROWS) as i:
            row, head = self._place(group, first, tile, i)
            v.store(T, self.sums, [tile * ROWS + i, 0], v.splat(T, 0.0, _STEP), _STEP)
            with T.serial(self.size // COLUMNS) as part:
                query = self._get(self.query, row, head, part * COLUMNS)
                self.rows.store(tile * ROWS + i, part * COLUMNS, query, COLUMNS)
                self._put(self.mixed, [tile * ROWS + i, part * COLUMNS], self._splat(0.0))
        with T.serial(tiles) as tile:
            self._put(self.tops, [tile * ROWS], self._splat(MASKED))

    def _place(self, group: Expr, first: Expr, tile: Expr, i: Expr) -> tuple[Expr, Expr]:
        """Return row and head of a tile's line."""
        from tvm import tirx

        row = self.T.Bind(first + tirx.floordiv(tile, self.heads) * ROWS + i)
        return row, self.T.Bind(group * self.heads + tirx.floormod(tile, self.heads))

    def _take_keys(self, slot: Expr, group: Expr, start: Expr, steps: Expr) -> None:
        T = self.T
        with T.serial(2 * steps) as block, T.serial(self.size // 2) as pair:
            at = start + block * POSITIONS
            even, odd = (T.Bind(self.view.scaled_key(slot, group, at, 2 * pair + i, COLUMNS)) for i in range(2))
            T.buffer_store(self.panel_keys, bf16_pair(T, even, odd), [block, pair, T.ramp(0, 1, COLUMNS)])

    def _take_values(self, slot: Expr, group: Expr, start: Expr, steps: Expr) -> None:
        T = self.T
        with T.serial(steps) as step, T.serial(_STEP // 2) as pair, T.serial(self.size // COLUMNS) as part:
            at = start + step * _STEP + 2 * pair
            even, odd = (T.Bind(self.view.scaled_value(slot, group, at + i, part * COLUMNS, COLUMNS)) for i in range(2))
            T.buffer_store(self.panel_values, bf16_pair(T, even, odd), [step, part, pair, T.ramp(0, 1, COLUMNS)])

    def _score(self, tile: Expr, steps: Expr) -> None:
        """Fill `scores` with a tile's products of queries and keys."""
        T, unit = self.T, self.unit
        deep = self.size // GROUP
        for d in range(deep):
            unit.load(d, self.rows.address(tile, d))
        with T.serial(steps) as step:
            for column in range(2):
                unit.zero(4 + column)
                for d in range(deep):
                    unit.load(6 + column, T.address_of(self.panel_keys[2 * step + column, d * ROWS, 0]))
                    unit.multiply(4 + column, d, 6 + column)
            for column in range(2):
                address = T.address_of(self.scores[0, step * _STEP + column * COLUMNS])
                unit.store(4 + column, address, 4 * _CHUNK)

    def _soften(self, tile: Expr, steps: Expr, low: Expr) -> None:
        """Turn scores into weights, of which line i sees those up to `low` + i; take the sums so far to the new top."""
        from tvm import tirx

        T = self.T
        with T.serial(ROWS) as i:
            v.store(T, self.vector, [0], v.splat(T, MASKED, _STEP), _STEP)
            with T.serial(steps) as step:
                seen = T.ramp(step * _STEP, 1, _STEP) <= T.broadcast(low + i, _STEP)
                score = v.load(self.scores, [i, step * _STEP], _STEP)
                score = T.Bind(tirx.Select(seen, score, v.splat(T, MASKED, _STEP)))
                v.store(T, self.scores, [i, step * _STEP], score, _STEP)
                v.store(T, self.vector, [0], tirx.max(v.load(self.vector, [0], _STEP), score), _STEP)
            v.put(T, self.peaks, [i], v.fold(T, tirx.max, v.load(self.vector, [0], _STEP), _STEP))
        old = T.Bind(self._get(self.tops, tile * ROWS))
        top = T.Bind(tirx.max(old, self._get(self.peaks, 0)))
        shrink = T.Bind(v.exp2(T, old - top, COLUMNS))
        self._put(self.tops, [tile * ROWS], top)
        self._put(self.shrinks, [0], shrink)
        with T.serial(ROWS) as i:
            row = T.Bind(tile * ROWS + i)
            line_shrink = T.Bind(self._splat(self.shrinks[i]))
            total = v.load(self.sums, [row, 0], _STEP) * v.splat(T, self.shrinks[i], _STEP)
            v.store(T, self.vector, [0], total, _STEP)
            with T.serial(steps) as step:
                score = v.load(self.scores, [i, step * _STEP], _STEP)
                weight = T.Bind(v.exp2(T, score - v.splat(T, self.tops[row], _STEP), _STEP, BF16_TERMS))
                v.store(T, self.vector, [0], v.load(self.vector, [0], _STEP) + weight, _STEP)
                self.weights.store(i, step * _STEP, weight, _STEP)
            v.store(T, self.sums, [row, 0], v.load(self.vector, [0], _STEP), _STEP)
            for part in range(self.size // COLUMNS):
                self._put(self.mixed, [row, part * COLUMNS], self._get(self.mixed, row, part * COLUMNS) * line_shrink)

    def _mix(self, tile: Expr, steps: Expr) -> None:
        """Add the values, weighted, to a tile's sums."""
        T, unit = self.T, self.unit
        for first in range(0, self.size // COLUMNS, _PARTS):
            parts = list(range(first, min(first + _PARTS, self.size // COLUMNS)))
            places = [T.address_of(self.mixed[tile * ROWS, part * COLUMNS]) for part in parts]
            for sums, place in enumerate(places):
                unit.load(sums, place, 4 * self.size)
            with T.serial(steps) as step:
                unit.load(4, self.weights.address(0, step))
                for sums, part in enumerate(parts):
                    unit.load(5 + part % 3, T.address_of(self.panel_values[step, part, 0, 0]))
                    unit.multiply(sums, 4, 5 + part % 3)
            for sums, place in enumerate(places):
                unit.store(sums, place, 4 * self.size)

    def _finish(self, group: Expr, first: Expr, tiles: Expr) -> None:
        T, out = self.T, TileRows(self.T, self.out)
        with T.serial(tiles) as tile, T.serial(ROWS) as i:
            row, head = self._place(group, first, tile, i)
            total = v.fold(T, operator.add, v.load(self.sums, [tile * ROWS + i, 0], _STEP), _STEP)
            inverse = T.Bind(self._splat(v.f32(1.0) / total))
            with T.serial(self.size // COLUMNS) as part:
                result = self._get(self.mixed, tile * ROWS + i, part * COLUMNS) * inverse
                out.store(row, head * self.size + part * COLUMNS, result, COLUMNS)

    def _get(self, buffer: Buffer, *index: Expr) -> Expr:
        return v.load(buffer, list(index), COLUMNS)

    def _put(self, buffer: Buffer, index: list[Expr], value: Expr) -> None:
        v.store(self.T, buffer, index, value, COLUMNS)

    def _splat(self, value: Expr | float) -> Expr:
        return v.splat(self.T, value, COLUMNS)
