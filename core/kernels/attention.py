"""What attention kernels share: the online softmax of a tile of rows over one slot's KV cache (`kv_cache.py`).

Scores go through an online softmax in chunks of positions (Milakov and Gimelshein 2018, as in FlashAttention), so
scratch memory does not grow with the context.

All kernels take `rows (1,)` (how many rows are in use), and for each row its batch `slot` and its `position` in the
cache, so prefill (many rows of one slot) and decode (one row of every slot) are the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import POSITIONS, CacheShape, CacheView
from core.spec import ModelSpec

CHUNK = 12
"""Blocks of POSITIONS whose scores are held at a time; even, and few enough for `v.local`."""
MASKED = -1e30
_AHEAD = 2
"""Steps between the keys in use and those asked for while decoding."""
_LINE = 64
"""Bytes of a cache line."""

Expr = Any
Buffer = Any


@dataclass(frozen=True, slots=True)
class TileRow:
    """One row of a tile: which query, which head, and the last position it may see."""

    query: Expr
    head: Expr
    last: Expr


class Tile:
    """Emits the online softmax of a few rows over steps (of `positions`) of one slot's cache of one group."""

    def __init__(
        self, T: Any, buffers: tuple[Buffer, ...], cache: CacheShape, target: CpuTarget, height: int, *, fetch: bool
    ) -> None:
        """Prepare the tile's arrays. `fetch`: ask the memory for keys and values ahead, as they are read just once."""
        self.T, self.cache, self.height, self._fetch = T, cache, height, fetch
        self.query, *stored = buffers
        self.view = CacheView(T, cache, *stored)
        self.lanes = 16 if target.wide and cache.head_dim % 16 == 0 else 8
        self.positions = 2 * self.lanes
        rows = range(height)
        self._q = [v.local(T, cache.head_dim) for _ in rows]
        self.output = [v.local(T, cache.head_dim) for _ in rows]
        self.scores = [v.local(T, CHUNK * POSITIONS) for _ in rows]
        self.top = [v.local(T, 1) for _ in rows]
        self._sums = [v.local(T, self.lanes) for _ in rows]
        self._peak = [v.local(T, self.lanes) for _ in rows]
        columns = max(1, (16 if self.lanes == 16 else 8) // height)
        self._columns = min(columns, 4, cache.head_dim // self.lanes)
        self._acc = [[v.local(T, self.lanes) for _ in range(max(2, self._columns))] for _ in rows]

    def run(self, rows: list[TileRow], slot: Expr, group: Expr, start: Expr, stop: Expr) -> None:
        """Attend from `rows` to the steps start..stop; leaves unnormalised sums in `output`."""
        from tvm import tirx

        T, lanes, chunk_steps = self.T, self.lanes, CHUNK * POSITIONS // self.positions
        for i, row in enumerate(rows):
            v.put(T, self.top[i], [0], v.f32(MASKED))
            self._store(self._sums[i], [0], self._splat(0.0))
            for d in range(0, self.cache.head_dim, lanes):
                self._store(self._q[i], [d], v.load(self.query, [row.query, row.head, d], lanes))
                self._store(self.output[i], [d], self._splat(0.0))
        self._prepare()
        with T.serial(tirx.floordiv(stop - start + (chunk_steps - 1), chunk_steps)) as chunk:
            first = T.Bind(start + chunk * chunk_steps)
            steps = T.Bind(tirx.min(stop - first, tirx.const(chunk_steps, "int32")))
            self._score(rows, slot, group, first, steps)
            self._soften(slot, group, first, steps)
            self._mix(slot, group, first, steps)

    def total(self, i: int) -> Expr:
        """Return the sum of row i's weights."""
        return v.reduce_sum(self.T, self._sums[i], self.lanes)

    def _splat(self, value: Expr | float) -> Expr:
        return v.splat(self.T, value, self.lanes)

    def _get(self, buffer: Buffer, at: Expr = 0) -> Expr:
        return v.load(buffer, [at], self.lanes)

    def _store(self, buffer: Buffer, index: list[Expr], value: Expr) -> None:
        v.store(self.T, buffer, index, value, self.lanes)

    def _prepare(self) -> None:
        """Emit what is done to the queries once."""

    def _score(self, rows: list[TileRow], slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        from tvm import tirx

        T, lanes = self.T, self.lanes
        for peak in self._peak:
            self._store(peak, [0], self._splat(MASKED))
        with T.serial(steps) as step:
            self._multiply(slot, group, T.Bind(first + step))
            for u in range(2):
                at = (first + step) * self.positions + u * lanes
                scale = T.Bind(self.view.scales(self.view.keys, slot, group, at, lanes)) if self.view.scaled else None
                for i, row in enumerate(rows):
                    dot = self._dot(i, u) if scale is None else self._dot(i, u) * scale
                    seen = T.ramp(at, 1, lanes) <= T.broadcast(row.last, lanes)
                    score = T.Bind(tirx.Select(seen, dot, self._splat(MASKED)))
                    self._store(self.scores[i], [step * self.positions + u * lanes], score)
                    self._store(self._peak[i], [0], tirx.max(self._get(self._peak[i]), score))

    def _multiply(self, slot: Expr, group: Expr, step: Expr) -> None:
        """Emit the products of the queries and one step's keys."""
        T, lanes = self.T, self.lanes
        for i in range(self.height):
            for u in range(2):
                self._store(self._acc[i][u], [0], self._splat(0.0))
        with T.serial(self.cache.head_dim // 4) as quad:
            self._ask(slot, group, step, quad)
            for d in (quad * 4 + part for part in range(4)):
                for u in range(2):
                    key = T.Bind(self.view.key(slot, group, step * self.positions + u * lanes, d, lanes))
                    for i in range(self.height):
                        acc = self._acc[i][u]
                        self._store(acc, [0], key * self._splat(self._q[i][d]) + self._get(acc))

    def _dot(self, i: int, u: int) -> Expr:
        """Return the products of row i with the step's u-th vector of positions, keys' scales not counted."""
        return self._get(self._acc[i][u])

    def _ask(self, slot: Expr, group: Expr, step: Expr, quad: Expr) -> None:
        """Prefetch the `quad`-th of head_dim / 4 shares of the keys some steps ahead, and of this step's values."""
        if not self._fetch:
            return
        ahead, first = (step + _AHEAD) * self.positions // POSITIONS, step * self.positions
        if self.view.scaled:
            for i in range(self.positions // POSITIONS):  # the scales' line is left to the hardware
                self._ask_for(self.view.keys, [slot, group, ahead + i, quad * 4 * POSITIONS], 1)
                self._ask_for(self.view.values, [slot, group, first // POSITIONS + i, quad * 4 * POSITIONS], 1)
            return
        share = self.positions * 4  # elements
        self._ask_for(self.view.keys, [slot, group, ahead, 0, quad * share], share)
        self._ask_for(self.view.values, [slot, group, first, quad * share], share)

    def _ask_for(self, buffer: Buffer, index: list[Expr], count: int) -> None:
        """Prefetch `count` elements from `index` on."""
        from tvm import tirx

        item = {"float32": 4, "float16": 2, "int8": 1}[self.cache.dtype]
        for i in range(0, count, _LINE // item):
            address = self.T.address_of(buffer[[*index[:-1], index[-1] + i]])
            self.T.evaluate(tirx.call_intrin("void", "tirx.prefetch", address, 0, 3, 1))

    def _soften(self, slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        """Turn the chunk's scores into weights, those of an int8 cache times the values' scales."""
        from tvm import tirx

        T = self.T
        for i in range(self.height):
            peak = tirx.call_llvm_pure_intrin("float32", "llvm.vector.reduce.fmax", self._get(self._peak[i]))
            top = T.Bind(tirx.max(self.top[i][0], peak))
            shrink = T.Bind(v.exp2(T, self._splat(self.top[i][0] - top), self.lanes))
            v.put(T, self.top[i], [0], top)
            self._store(self._sums[i], [0], self._get(self._sums[i]) * shrink)
            with T.serial(2 * steps) as part:
                weight = T.Bind(v.exp2(T, self._get(self.scores[i], part * self.lanes) - self._splat(top), self.lanes))
                self._store(self._sums[i], [0], self._get(self._sums[i]) + weight)
                if self.view.scaled:
                    at = first * self.positions + part * self.lanes
                    weight = weight * self.view.scales(self.view.values, slot, group, at, self.lanes)
                self._store(self.scores[i], [part * self.lanes], weight)
            for d in range(0, self.cache.head_dim, self.lanes):
                self._store(self.output[i], [d], self._get(self.output[i], d) * shrink)

    def _mix(self, slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        T, lanes = self.T, self.lanes

        def columns(start: Expr, width: int) -> None:
            parts = [(i, u) for i in range(self.height) for u in range(width)]
            for i, u in parts:
                self._store(self._acc[i][u], [0], self._get(self.output[i], start + u * lanes))
            with T.serial(steps * (self.positions // 4)) as quad:
                for p in (quad * 4 + part for part in range(4)):
                    at = first * self.positions + p
                    value = [T.Bind(self.view.value(slot, group, at, start + u * lanes, lanes)) for u in range(width)]
                    for i, u in parts:
                        acc = self._acc[i][u]
                        self._store(acc, [0], value[u] * self._splat(self.scores[i][p]) + self._get(acc))
            for i, u in parts:
                self._store(self.output[i], [start + u * lanes], self._get(self._acc[i][u]))

        whole, rest = divmod(self.cache.head_dim // lanes, self._columns)
        # Not unrolled: LLVM would hold all of `output` in registers and spill the sums of the inner loop.
        with T.serial(v.unknown(whole, steps)) as part:
            columns(part * self._columns * lanes, self._columns)
        if rest:
            columns(whole * self._columns * lanes, rest)


def tile_height(target: CpuTarget) -> int:
    """Return how many rows a tile has at most."""
    return 8 if target.wide else 4


def attention_args(rows: int, spec: ModelSpec, cache: CacheShape) -> v.Args:
    """Return the arguments that prefill and decoding begin with."""
    return {
        "rows": ((1,), "int32"),
        "slot": ((rows,), "int32"),
        "position": ((rows,), "int32"),
        "Q": ((rows, spec.num_heads, cache.head_dim), "float32"),
        "K": (cache.keys, cache.dtype),
        "V": (cache.values, cache.dtype),
    }
