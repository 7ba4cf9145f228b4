"""Rotary embedding, KV cache and attention as TVM kernels.

The KV cache of a layer is two tensors: keys `(B, G, T/16, D, 16)`, sixteen positions interleaved so that scores of
neighbouring positions are one vector, and values `(B, G, T, D)`. B = batch, G = key/value groups, T = total length and
D = head size, both padded (`CacheShape`). Scores go through an online softmax in chunks of positions (Milakov and
Gimelshein 2018, as in FlashAttention), so scratch memory does not grow with the context.

All kernels take `rows (1,)` (how many rows are in use), and for each row its batch `slot` and its `position` in the
cache, so prefill (many rows of one slot) and decode (one row of every slot) are the same code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.tiles import TileRows
from core.spec import EngineConfig, ModelSpec, WeightFormat, round_up

POSITIONS = 16
"""Positions interleaved in the key cache."""
CHUNK = 12
"""Blocks of POSITIONS whose scores are held at a time; even, and few enough for `v.local`."""
_AHEAD = 2
"""Steps between the keys in use and those asked for while decoding."""
_LINE = 64
"""Bytes of a cache line."""
MASKED = -1e30
LOG2_E = math.log2(math.e)

Expr = Any
Buffer = Any


@dataclass(frozen=True, slots=True)
class CacheShape:
    """Sizes of one layer's KV cache, padded to whole vectors."""

    batch: int
    groups: int
    positions: int
    head_dim: int
    dtype: Literal["float16", "float32"]

    @classmethod
    def of(cls, spec: ModelSpec, config: EngineConfig) -> CacheShape:
        """Return the cache that an engine of `config` needs for each layer."""
        positions, head_dim = round_up(config.total_len, 2 * POSITIONS), round_up(spec.head_dim, v.LANES)
        return cls(config.batch, spec.num_groups, positions, head_dim, config.kv_format)

    @property
    def keys(self) -> tuple[int, ...]:
        """Shape of the key tensor."""
        return (self.batch, self.groups, self.positions // POSITIONS, self.head_dim, POSITIONS)

    @property
    def values(self) -> tuple[int, ...]:
        """Shape of the value tensor."""
        return (self.batch, self.groups, self.positions, self.head_dim)

    @property
    def layer_bytes(self) -> int:
        """Bytes of one layer's keys and values."""
        return 2 * math.prod(self.values) * (2 if self.dtype == "float16" else 4)

    @property
    def splits(self) -> int:
        """Parts into which decoding cuts the context of a head group, so that several threads have work."""
        parts = 1
        while self.batch * self.groups * parts < 8 or (self.batch * self.groups * parts) % 2:
            parts *= 2
        return parts


def rotate_and_store(name: str, rows: int, spec: ModelSpec, cache: CacheShape, *, dynamic: bool) -> Any:
    """Rotate queries and keys, scale the queries for `attention`, and write keys and values into the cache.

    Arguments: rows (1,) i32, slot (R,) i32, position (R,) i32, QKV (R, padded qkv size) f32, ROPE (T, rotary_dim) f32
    (cosine and sine of each pair, interleaved), Q (R, H, D) f32 out, K and V cache in place.
    """
    heads, groups, size, half = spec.num_heads, spec.num_groups, spec.head_dim, spec.rotary_dim // 2
    scale = LOG2_E / math.sqrt(size)
    from tvm import tirx

    args: v.Args = {
        "rows": ((1,), "int32"),
        "slot": ((rows,), "int32"),
        "position": ((rows,), "int32"),
        "QKV": ((rows, round_up(spec.qkv_size, 32)), "float32"),
        "ROPE": ((cache.positions, spec.rotary_dim), "float32"),
        "Q": ((rows, heads, cache.head_dim), "float32"),
        "K": (cache.keys, cache.dtype),
        "V": (cache.values, cache.dtype),
    }

    def body(
        T: Any, count: Buffer, slot: Buffer, position: Buffer, qkv: Buffer, rope: Buffer, query: Buffer, keys: Buffer,
        values: Buffer,
    ) -> None:  # fmt: skip
        def rotate(line: Buffer, r: Expr, first: Expr, at: Expr) -> None:
            """Put the rotated features of one head into `line`."""
            with T.serial(spec.rotary_dim // v.LANES) as part:
                x = T.Bind(v.load(qkv, [r, first + part * v.LANES]))
                turn = T.Bind(v.load(rope, [at, part * v.LANES]))
                v.store(T, line, [part * v.LANES], _rotated(T, x, turn))
            for pair in range(spec.rotary_dim // v.LANES * v.LANES // 2, half):
                x, y = T.Bind(qkv[r, first + 2 * pair]), T.Bind(qkv[r, first + 2 * pair + 1])
                cos, sin = T.Bind(rope[at, 2 * pair]), T.Bind(rope[at, 2 * pair + 1])
                v.put(T, line, [2 * pair], x * cos - y * sin)
                v.put(T, line, [2 * pair + 1], y * cos + x * sin)
            with T.serial(size - 2 * half) as d:
                v.put(T, line, [2 * half + d], qkv[r, first + 2 * half + d])

        def one_row(r: Expr) -> None:
            line = v.local(T, round_up(size, v.LANES))
            at, where = T.Bind(position[r]), T.Bind(slot[r])
            block, lane = T.Bind(tirx.floordiv(at, POSITIONS)), T.Bind(tirx.floormod(at, POSITIONS))
            with T.serial(heads) as h:
                rotate(line, r, h * size, at)
                with T.serial(size) as d:
                    v.put(T, query, [r, h, d], line[d] * v.f32(scale))
                for d in range(size, cache.head_dim):
                    v.put(T, query, [r, h, d], v.f32(0.0))
            with T.serial(groups) as g:
                rotate(line, r, spec.query_size + g * size, at)
                with T.serial(size) as d:
                    v.put(T, keys, [where, g, block, d, lane], T.cast(line[d], cache.dtype))
                first_value = spec.query_size + spec.kv_size + g * size
                with T.serial(size) as d:
                    v.put(T, values, [where, g, at, d], T.cast(qkv[r, first_value + d], cache.dtype))

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


def _rotated(T: Any, x: Expr, turn: Expr) -> Expr:
    """Rotate four pairs of features by the angles whose cosines and sines are in `turn`."""
    from tvm import tirx

    odd = tirx.bitwise_and(T.ramp(0, 1, v.LANES), T.broadcast(tirx.const(1, "int32"), v.LANES))
    sign = T.cast(odd, "float32x8") * v.splat(T, 2.0) - v.splat(T, 1.0)
    swapped = tirx.Shuffle([x], [i ^ 1 for i in range(v.LANES)])
    cos, sin = (tirx.Shuffle([turn], [i & ~1 | part for i in range(v.LANES)]) for part in range(2))
    return x * cos + swapped * (sin * sign)


@dataclass(frozen=True, slots=True)
class _TileRow:
    """One row of a tile: which query, which head, and the last position it may see."""

    query: Expr
    head: Expr
    last: Expr


class _Tile:
    """Emits the online softmax of a few rows over steps (of `positions`) of one slot's cache of one group."""

    def __init__(
        self, T: Any, buffers: tuple[Buffer, ...], cache: CacheShape, target: CpuTarget, height: int, *, fetch: bool
    ) -> None:
        """Prepare the tile's arrays. `fetch`: ask the memory for keys and values ahead, as they are read just once."""
        self.T, self.cache, self.height, self._fetch = T, cache, height, fetch
        self.query, self.keys, self.values = buffers
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

    def run(self, rows: list[_TileRow], slot: Expr, group: Expr, start: Expr, stop: Expr) -> None:
        """Attend from `rows` to the steps start..stop; leaves unnormalised sums in `output`."""
        from tvm import tirx

        T, lanes, chunk_steps = self.T, self.lanes, CHUNK * POSITIONS // self.positions
        for i, row in enumerate(rows):
            v.put(T, self.top[i], [0], v.f32(MASKED))
            self._store(self._sums[i], [0], self._splat(0.0))
            for d in range(0, self.cache.head_dim, lanes):
                self._store(self._q[i], [d], v.load(self.query, [row.query, row.head, d], lanes))
                self._store(self.output[i], [d], self._splat(0.0))
        with T.serial(tirx.floordiv(stop - start + (chunk_steps - 1), chunk_steps)) as chunk:
            first = T.Bind(start + chunk * chunk_steps)
            steps = T.Bind(tirx.min(stop - first, tirx.const(chunk_steps, "int32")))
            self._score(rows, slot, group, first, steps)
            self._soften(steps)
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

    def _score(self, rows: list[_TileRow], slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        from tvm import tirx

        T, lanes = self.T, self.lanes
        per_block = POSITIONS // lanes
        for peak in self._peak:
            self._store(peak, [0], self._splat(MASKED))
        with T.serial(steps) as step:
            for i in range(self.height):
                for u in range(2):
                    self._store(self._acc[i][u], [0], self._splat(0.0))
            with T.serial(self.cache.head_dim // 4) as quad:
                if self._fetch:
                    block = (first + step + _AHEAD) * self.positions // POSITIONS
                    self._ask_for(self.keys, [slot, group, block, 0, 0], quad)
                    self._ask_for(self.values, [slot, group, (first + step) * self.positions, 0], quad)
                for d in (quad * 4 + part for part in range(4)):
                    for u in range(2):
                        block = (first + step) * (2 // per_block) + u // per_block
                        key = T.Bind(self._load(self.keys, [slot, group, block, d, u % per_block * lanes]))
                        for i in range(self.height):
                            acc = self._acc[i][u]
                            self._store(acc, [0], key * self._splat(self._q[i][d]) + self._get(acc))
            for i, row in enumerate(rows):
                for u in range(2):
                    at = (first + step) * self.positions + u * lanes
                    seen = T.ramp(at, 1, lanes) <= T.broadcast(row.last, lanes)
                    score = T.Bind(tirx.Select(seen, self._get(self._acc[i][u]), self._splat(MASKED)))
                    self._store(self.scores[i], [step * self.positions + u * lanes], score)
                    self._store(self._peak[i], [0], tirx.max(self._get(self._peak[i]), score))

    def _ask_for(self, buffer: Buffer, index: list[Expr], quad: Expr) -> None:
        """Prefetch the `quad`-th of head_dim / 4 shares of a step's keys or values, which begin at `index`."""
        from tvm import tirx

        item = 2 if self.cache.dtype == "float16" else 4
        share = self.positions * 4  # elements
        for i in range(0, share, _LINE // item):
            address = self.T.address_of(buffer[[*index[:-1], quad * share + i]])
            self.T.evaluate(tirx.call_intrin("void", "tirx.prefetch", address, 0, 3, 1))

    def _soften(self, steps: Expr) -> None:
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
                self._store(self.scores[i], [part * self.lanes], weight)
                self._store(self._sums[i], [0], self._get(self._sums[i]) + weight)
            for d in range(0, self.cache.head_dim, self.lanes):
                self._store(self.output[i], [d], self._get(self.output[i], d) * shrink)

    def _mix(self, slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        T, lanes = self.T, self.lanes

        def columns(start: Expr, width: int) -> None:
            parts = [(i, u) for i in range(self.height) for u in range(width)]
            for i, u in parts:
                self._store(self._acc[i][u], [0], self._get(self.output[i], start + u * lanes))
            with T.serial(steps * self.positions) as p:
                at = first * self.positions + p
                value = [T.Bind(self._load(self.values, [slot, group, at, start + u * lanes])) for u in range(width)]
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

    def _load(self, buffer: Buffer, index: list[Expr]) -> Expr:
        loaded = buffer.vload(index, f"{self.cache.dtype}x{self.lanes}")
        return loaded if self.cache.dtype == "float32" else self.T.cast(loaded, f"float32x{self.lanes}")


def _tile_height(target: CpuTarget) -> int:
    return 8 if target.wide else 4


def attend_prefill(
    name: str, rows: int, spec: ModelSpec, cache: CacheShape, target: CpuTarget, tiled: WeightFormat | None = None
) -> Any:
    """Causal attention of many queries of one slot over everything stored for it, their own positions included.

    Arguments: rows (1,) i32, slot (R,), position (R,), Q (R, H, D) f32, K, V, O (R, padded query size) f32 out. The
    rows are consecutive positions of one slot. A tile's rows are neighbours among all queries and heads of a group.
    With `tiled` O is `TileRows` in the buffer that holds activations for weights of that format.
    """
    groups, per_group, height = spec.num_groups, spec.num_heads // spec.num_groups, _tile_height(target)
    from tvm import tirx

    args = {**_attention_args(rows, spec, cache), "O": ((rows, round_up(spec.query_size, 32)), "float32")}
    if tiled:
        args["O"] = next(iter(layout.activation_args(tiled, rows, spec.query_size).values()))

    def body(
        T: Any, count: Buffer, slot: Buffer, position: Buffer, query: Buffer, keys: Buffer, values: Buffer, out: Buffer
    ) -> None:
        used = T.Bind(tirx.max(tirx.min(count[0], rows), 0) * per_group)  # bounds that TVM can see
        tiles = T.Bind(tirx.floordiv(used + (height - 1), height))
        with T.parallel(tiles * groups) as task:
            group, turn = T.Bind(tirx.floormod(task, groups)), T.Bind(tirx.floordiv(task, groups))
            half = T.Bind(tirx.shift_right(turn, 1))  # a short tile, a long tile in turn: every thread gets as much
            first = T.Bind(tirx.Select(tirx.bitwise_and(turn, 1) == 0, half, tiles - 1 - half) * height)
            tile = _Tile(T, (query, keys, values), cache, target, height, fetch=False)
            members = []
            for i in range(height):  # rows past the end repeat the last one and write the same values
                at = T.Bind(tirx.min(first + i, used - 1))
                q = T.Bind(tirx.floordiv(at, per_group))
                head = T.Bind(group * per_group + tirx.floormod(at, per_group))
                members.append(_TileRow(q, head, T.Bind(position[q])))
            stop = tirx.floordiv(members[-1].last, tile.positions) + 1
            tile.run(members, T.Bind(slot[0]), group, tirx.const(0, "int32"), stop)
            for i, row in enumerate(members):
                inverse = T.Bind(v.f32(1.0) / tile.total(i))
                if tiled:
                    with T.serial(spec.head_dim // v.LANES) as part:
                        result = v.load(tile.output[i], [part * v.LANES]) * v.splat(T, inverse)
                        TileRows(T, out).store(row.query, row.head * spec.head_dim + part * v.LANES, result)
                    continue
                with T.serial(spec.head_dim) as d:
                    T.buffer_store(out, tile.output[i][d] * inverse, [row.query, row.head * spec.head_dim + d])

    return v.prim_func(name, args, body)


def attend_decode(name: str, rows: int, spec: ModelSpec, cache: CacheShape, target: CpuTarget) -> Any:
    """Attention of one query for each slot, the context cut into `cache.splits` parts that run in parallel.

    Arguments: rows (1,) i32, slot (R,), position (R,), Q (R, H, D) f32, K, V, then partial results for `join_splits`:
    PO (R, H, S, D) unnormalised sums, PM and PS (R, H, S) top score and sum of weights.
    """
    groups, per_group, parts = spec.num_groups, spec.num_heads // spec.num_groups, cache.splits
    from tvm import tirx

    def body(
        T: Any, _: Buffer, slot: Buffer, position: Buffer, query: Buffer, keys: Buffer, values: Buffer, partial: Buffer,
        tops: Buffer, sums: Buffer,
    ) -> None:  # fmt: skip
        def finish(tile: _Tile, members: list[_TileRow], part: Expr) -> None:
            for i, row in enumerate(members):
                v.put(T, tops, [row.query, row.head, part], tile.top[i][0])
                v.put(T, sums, [row.query, row.head, part], tile.total(i))
                for d in range(0, cache.head_dim, v.LANES):
                    v.store(T, partial, [row.query, row.head, part, d], v.load(tile.output[i], [d]))

        with T.parallel(rows * groups * parts) as task:
            part = T.Bind(tirx.floormod(task, parts))
            group = T.Bind(tirx.floormod(tirx.floordiv(task, parts), groups))
            r = T.Bind(tirx.floordiv(task, parts * groups))
            last, where = T.Bind(position[r]), T.Bind(slot[r])

            def heads_from(first: Expr, height: int) -> None:
                tile = _Tile(T, (query, keys, values), cache, target, height, fetch=True)
                steps = T.Bind(tirx.floordiv(last, tile.positions) + 1)
                start = T.Bind(tirx.floordiv(part * steps, parts))
                stop = T.Bind(tirx.floordiv((part + 1) * steps, parts))
                members = [_TileRow(r, T.Bind(group * per_group + first + i), last) for i in range(height)]
                tile.run(members, where, group, start, stop)
                finish(tile, members, part)

            whole, rest = divmod(per_group, _tile_height(target))
            if whole:
                with T.serial(whole) as n:
                    heads_from(n * _tile_height(target), _tile_height(target))
            if rest:
                heads_from(per_group - rest, rest)

    return v.prim_func(name, _attention_args(rows, spec, cache) | _partial_args(rows, spec, cache), body)


def join_splits(name: str, rows: int, spec: ModelSpec, cache: CacheShape) -> Any:
    """Join the parts of `attend_decode`: arguments PO, PM, PS and O (R, padded query size) f32 out."""
    parts = cache.splits
    from tvm import tirx

    args = _partial_args(rows, spec, cache) | {"O": ((rows, round_up(spec.query_size, 32)), "float32")}

    def body(T: Any, partial: Buffer, tops: Buffer, sums: Buffer, out: Buffer) -> None:
        def one_head(row: Expr) -> None:
            weights = v.local(T, parts * v.LANES)
            r, h = T.Bind(tirx.floordiv(row, spec.num_heads)), T.Bind(tirx.floormod(row, spec.num_heads))
            top = T.Bind(_fold(tirx.max, [tops[r, h, s] for s in range(parts)]))
            for s in range(parts):
                v.store(T, weights, [s * 8], v.exp2(T, v.splat(T, tops[r, h, s] - top)))
            total = _fold(lambda a, b: a + b, [weights[s * 8] * sums[r, h, s] for s in range(parts)])
            inverse = T.Bind(v.f32(1.0) / total)
            with T.serial(spec.head_dim) as d:
                mixed = _fold(lambda a, b: a + b, [partial[r, h, s, d] * weights[s * 8] for s in range(parts)])
                T.buffer_store(out, mixed * inverse, [r, h * spec.head_dim + d])

        heads = rows * spec.num_heads
        with T.parallel(heads) if rows >= v.PARALLEL_ROWS else T.serial(heads) as row:
            one_head(row)

    return v.prim_func(name, args, body)


def _fold(combine: Callable[[Expr, Expr], Expr], values: list[Expr]) -> Expr:
    result = values[0]
    for value in values[1:]:
        result = combine(result, value)
    return result


def _attention_args(rows: int, spec: ModelSpec, cache: CacheShape) -> v.Args:
    return {
        "rows": ((1,), "int32"),
        "slot": ((rows,), "int32"),
        "position": ((rows,), "int32"),
        "Q": ((rows, spec.num_heads, cache.head_dim), "float32"),
        "K": (cache.keys, cache.dtype),
        "V": (cache.values, cache.dtype),
    }


def _partial_args(rows: int, spec: ModelSpec, cache: CacheShape) -> v.Args:
    shape = (rows, spec.num_heads, cache.splits)
    return {"PO": ((*shape, cache.head_dim), "float32"), "PM": (shape, "float32"), "PS": (shape, "float32")}
