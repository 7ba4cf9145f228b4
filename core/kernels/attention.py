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

from core.kernels import vector as v
from core.spec import EngineConfig, ModelSpec, round_up

POSITIONS = 16
"""Positions interleaved in the key cache."""
CHUNK = 16
"""Blocks of POSITIONS whose scores are held at a time."""
TILE = 4
"""Rows (heads of one query, or queries of one head) that share each load of a key or value."""
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
        positions, head_dim = round_up(config.total_len, POSITIONS), round_up(spec.head_dim, v.LANES)
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
        def rotated(r: Expr, first: Expr, pair: Expr, at: Expr) -> tuple[Expr, Expr]:
            x, y = T.Bind(qkv[r, first + 2 * pair]), T.Bind(qkv[r, first + 2 * pair + 1])
            cos, sin = T.Bind(rope[at, 2 * pair]), T.Bind(rope[at, 2 * pair + 1])
            return x * cos - y * sin, y * cos + x * sin

        def one_row(r: Expr) -> None:
            at, where = T.Bind(position[r]), T.Bind(slot[r])
            block, lane = T.Bind(tirx.floordiv(at, POSITIONS)), T.Bind(tirx.floormod(at, POSITIONS))
            with T.serial(heads) as h:
                with T.serial(half) as pair:
                    even, odd = rotated(r, h * size, pair, at)
                    T.buffer_store(query, even * v.f32(scale), [r, h, 2 * pair])
                    T.buffer_store(query, odd * v.f32(scale), [r, h, 2 * pair + 1])
                with T.serial(size - 2 * half) as d:
                    T.buffer_store(query, qkv[r, h * size + 2 * half + d] * v.f32(scale), [r, h, 2 * half + d])
                for d in range(size, cache.head_dim):
                    T.buffer_store(query, v.f32(0.0), [r, h, d])
            with T.serial(groups) as g:
                first_key, first_value = spec.query_size + g * size, spec.query_size + spec.kv_size + g * size
                with T.serial(half) as pair:
                    even, odd = rotated(r, first_key, pair, at)
                    T.buffer_store(keys, T.cast(even, cache.dtype), [where, g, block, 2 * pair, lane])
                    T.buffer_store(keys, T.cast(odd, cache.dtype), [where, g, block, 2 * pair + 1, lane])
                with T.serial(size - 2 * half) as d:
                    key = T.cast(qkv[r, first_key + 2 * half + d], cache.dtype)
                    T.buffer_store(keys, key, [where, g, block, 2 * half + d, lane])
                with T.serial(size) as d:
                    T.buffer_store(values, T.cast(qkv[r, first_value + d], cache.dtype), [where, g, at, d])

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


@dataclass(frozen=True, slots=True)
class _TileRow:
    """One row of a tile: which query, which head, and the last position it may see."""

    query: Expr
    head: Expr
    last: Expr


class _Tile:
    """Emits the online softmax of up to TILE rows over blocks of one slot's cache of one group."""

    def __init__(self, T: Any, query: Buffer, keys: Buffer, values: Buffer, cache: CacheShape, height: int) -> None:
        self.T, self.query, self.keys, self.values, self.cache = T, query, keys, values, cache
        self.height = height
        rows = range(height)
        self.scores = [v.local(T, CHUNK * POSITIONS) for _ in rows]
        self.output = [v.local(T, cache.head_dim) for _ in rows]
        self.top = [v.local(T, 1) for _ in rows]
        self.total = [v.local(T, 1) for _ in rows]
        self._peak = [v.local(T, v.LANES) for _ in rows]
        self._sums = [v.local(T, v.LANES) for _ in rows]
        self._acc = [[v.local(T, v.LANES) for _ in range(2)] for _ in rows]

    def run(self, rows: list[_TileRow], slot: Expr, group: Expr, start: Expr, stop: Expr) -> None:
        """Attend from `rows` to the position blocks start..stop; leaves unnormalised sums in `output`."""
        from tvm import tirx

        T = self.T
        for i in range(self.height):
            v.put(T, self.top[i], [0], v.f32(MASKED))
            v.put(T, self.total[i], [0], v.f32(0.0))
            for d in range(0, self.cache.head_dim, v.LANES):
                v.store(T, self.output[i], [d], v.splat(T, 0.0))
        with T.serial(tirx.floordiv(stop - start + (CHUNK - 1), CHUNK)) as chunk:
            first = T.Bind(start + chunk * CHUNK)
            blocks = T.Bind(tirx.min(stop - first, tirx.const(CHUNK, "int32")))
            self._score(rows, slot, group, first, blocks)
            self._soften(blocks)
            self._mix(slot, group, first, blocks)

    def _score(self, rows: list[_TileRow], slot: Expr, group: Expr, first: Expr, blocks: Expr) -> None:
        from tvm import tirx

        T, dims = self.T, self.cache.head_dim
        for peak in self._peak:
            v.store(T, peak, [0], v.splat(T, MASKED))
        with T.serial(blocks) as block:
            for acc in self._acc:
                for half in acc:
                    v.store(T, half, [0], v.splat(T, 0.0))
            with T.serial(dims // 4) as quad:
                for d in (quad * 4 + u for u in range(4)):
                    key = [T.Bind(self._load(self.keys, [slot, group, first + block, d, 8 * u])) for u in range(2)]
                    for i, row in enumerate(rows):
                        q = T.Bind(v.splat(T, self.query[row.query, row.head, d]))
                        for u in range(2):
                            v.store(T, self._acc[i][u], [0], key[u] * q + v.load(self._acc[i][u], [0]))
            for i, row in enumerate(rows):
                for u in range(2):
                    seen = T.ramp((first + block) * POSITIONS + 8 * u, 1, 8) <= T.broadcast(row.last, 8)
                    score = T.Bind(tirx.Select(seen, v.load(self._acc[i][u], [0]), v.splat(T, MASKED)))
                    v.store(T, self.scores[i], [block * POSITIONS + 8 * u], score)
                    v.store(T, self._peak[i], [0], tirx.max(v.load(self._peak[i], [0]), score))

    def _soften(self, blocks: Expr) -> None:
        from tvm import tirx

        T = self.T
        for i in range(self.height):
            top = T.Bind(tirx.max(self.top[i][0], v.reduce_max(T, self._peak[i])))
            shrink = T.Bind(v.exp2(T, v.splat(T, self.top[i][0] - top)))
            v.put(T, self.top[i], [0], top)
            v.store(T, self._sums[i], [0], v.splat(T, 0.0))
            with T.serial(blocks * (POSITIONS // v.LANES)) as part:
                weight = T.Bind(v.exp2(T, v.load(self.scores[i], [part * 8]) - v.splat(T, top)))
                v.store(T, self.scores[i], [part * 8], weight)
                v.store(T, self._sums[i], [0], v.load(self._sums[i], [0]) + weight)
            for d in range(0, self.cache.head_dim, v.LANES):
                v.store(T, self.output[i], [d], v.load(self.output[i], [d]) * shrink)
            v.store(T, self._peak[i], [0], shrink)
            v.put(T, self.total[i], [0], self.total[i][0] * self._peak[i][0] + v.reduce_sum(T, self._sums[i]))

    def _mix(self, slot: Expr, group: Expr, first: Expr, blocks: Expr) -> None:
        T, dims = self.T, self.cache.head_dim

        def columns(start: Expr, width: int) -> None:
            for i in range(self.height):
                for u in range(width):
                    v.store(T, self._acc[i][u], [0], v.load(self.output[i], [start + 8 * u]))
            with T.serial(blocks * POSITIONS) as p:
                at = first * POSITIONS + p
                value = [T.Bind(self._load(self.values, [slot, group, at, start + 8 * u])) for u in range(width)]
                for i in range(self.height):
                    weight = T.Bind(v.splat(T, self.scores[i][p]))
                    for u in range(width):
                        v.store(T, self._acc[i][u], [0], value[u] * weight + v.load(self._acc[i][u], [0]))
            for i in range(self.height):
                for u in range(width):
                    v.store(T, self.output[i], [start + 8 * u], v.load(self._acc[i][u], [0]))

        if dims >= 16:
            # Not unrolled: LLVM would hold all of `output` in registers and spill the sums of the inner loop.
            with T.serial(v.unknown(dims // 16, blocks)) as pair:
                columns(pair * 16, 2)
        if dims % 16:
            columns(dims - 8, 1)

    def _load(self, buffer: Buffer, index: list[Expr]) -> Expr:
        loaded = buffer.vload(index, f"{self.cache.dtype}x8")
        return loaded if self.cache.dtype == "float32" else self.T.cast(loaded, "float32x8")


def attend_prefill(name: str, rows: int, spec: ModelSpec, cache: CacheShape) -> Any:
    """Causal attention of many queries of one slot over everything stored for it, their own positions included.

    Arguments: rows (1,) i32, slot (R,), position (R,), Q (R, H, D) f32, K, V, O (R, padded query size) f32 out. The
    rows are consecutive positions of one slot.
    """
    heads, per_group = spec.num_heads, spec.num_heads // spec.num_groups
    from tvm import tirx

    args = {**_attention_args(rows, spec, cache), "O": ((rows, round_up(spec.query_size, 32)), "float32")}

    def body(
        T: Any, count: Buffer, slot: Buffer, position: Buffer, query: Buffer, keys: Buffer, values: Buffer, out: Buffer
    ) -> None:
        used = T.Bind(count[0])
        tiles = T.Bind(tirx.floordiv(used + (TILE - 1), TILE))
        with T.parallel(tiles * heads) as task:
            head, first = T.Bind(tirx.floordiv(task, tiles)), T.Bind(tirx.floormod(task, tiles) * TILE)
            queries = [T.Bind(tirx.min(first + i, used - 1)) for i in range(TILE)]
            tile = _Tile(T, query, keys, values, cache, TILE)
            members = [_TileRow(q, head, T.Bind(position[q])) for q in queries]
            stop = tirx.floordiv(members[-1].last, POSITIONS) + 1
            group = T.Bind(tirx.floordiv(head, per_group))
            tile.run(members, T.Bind(slot[0]), group, tirx.const(0, "int32"), stop)
            for i, q in enumerate(queries):  # rows past the end repeat the last one and write the same values
                inverse = T.Bind(v.f32(1.0) / tile.total[i][0])
                with T.serial(spec.head_dim) as d:
                    T.buffer_store(out, tile.output[i][d] * inverse, [q, head * spec.head_dim + d])

    return v.prim_func(name, args, body)


def attend_decode(name: str, rows: int, spec: ModelSpec, cache: CacheShape) -> Any:
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
                v.put(T, sums, [row.query, row.head, part], tile.total[i][0])
                for d in range(0, cache.head_dim, v.LANES):
                    v.store(T, partial, [row.query, row.head, part, d], v.load(tile.output[i], [d]))

        with T.parallel(rows * groups * parts) as task:
            part = T.Bind(tirx.floormod(task, parts))
            group = T.Bind(tirx.floormod(tirx.floordiv(task, parts), groups))
            r = T.Bind(tirx.floordiv(task, parts * groups))
            last, where = T.Bind(position[r]), T.Bind(slot[r])
            blocks = T.Bind(tirx.floordiv(last, POSITIONS) + 1)
            start = T.Bind(tirx.floordiv(part * blocks, parts))
            stop = T.Bind(tirx.floordiv((part + 1) * blocks, parts))

            def heads_from(first: Expr, height: int) -> None:
                tile = _Tile(T, query, keys, values, cache, height)
                members = [_TileRow(r, T.Bind(group * per_group + first + i), last) for i in range(height)]
                tile.run(members, where, group, start, stop)
                finish(tile, members, part)

            if per_group >= TILE:
                with T.serial(per_group // TILE) as n:
                    heads_from(n * TILE, TILE)
            if per_group % TILE:
                heads_from(per_group - per_group % TILE, per_group % TILE)

    return v.prim_func(name, _attention_args(rows, spec, cache) | _partial_args(rows, spec, cache), body)


def join_splits(name: str, rows: int, spec: ModelSpec, cache: CacheShape) -> Any:
    """Join the parts of `attend_decode`: arguments PO, PM, PS and O (R, padded query size) f32 out."""
    parts = cache.splits
    from tvm import tirx

    args = _partial_args(rows, spec, cache) | {"O": ((rows, round_up(spec.query_size, 32)), "float32")}

    def body(T: Any, partial: Buffer, tops: Buffer, sums: Buffer, out: Buffer) -> None:
        weights = v.local(T, parts * v.LANES)
        with T.serial(rows * spec.num_heads) as row:
            r, h = T.Bind(tirx.floordiv(row, spec.num_heads)), T.Bind(tirx.floormod(row, spec.num_heads))
            top = T.Bind(_fold(tirx.max, [tops[r, h, s] for s in range(parts)]))
            for s in range(parts):
                v.store(T, weights, [s * 8], v.exp2(T, v.splat(T, tops[r, h, s] - top)))
            total = _fold(lambda a, b: a + b, [weights[s * 8] * sums[r, h, s] for s in range(parts)])
            inverse = T.Bind(v.f32(1.0) / total)
            with T.serial(spec.head_dim) as d:
                mixed = _fold(lambda a, b: a + b, [partial[r, h, s, d] * weights[s * 8] for s in range(parts)])
                T.buffer_store(out, mixed * inverse, [r, h * spec.head_dim + d])

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
