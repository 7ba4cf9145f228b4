"""Attention of decoding: one row of every slot, the context cut into parts that run in parallel and are then joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.kernels import attention_int8
from core.kernels import vector as v
from core.kernels.attention import Tile, TileRow, attention_args, tile_height
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import CacheShape
from core.spec import ModelSpec, round_up

Expr = Any
Buffer = Any


def attend_decode(name: str, rows: int, spec: ModelSpec, cache: CacheShape, target: CpuTarget) -> Any:
    """Attention of one query for each slot, the context cut into `cache.splits` parts that run in parallel.

    Arguments: rows (1,) i32, slot (R,), position (R,), Q (R, H, D) f32, K, V, then partial results for `join_splits`:
    PO (R, H, S, D) unnormalised sums, PM and PS (R, H, S) top score and sum of weights.
    """
    groups, per_group, parts = spec.num_groups, spec.num_heads // spec.num_groups, cache.splits
    kind = attention_int8.IntegerTile if attention_int8.usable(cache, target) else Tile
    from tvm import tirx

    def body(
        T: Any, _: Buffer, slot: Buffer, position: Buffer, query: Buffer, keys: Buffer, values: Buffer, partial: Buffer,
        tops: Buffer, sums: Buffer,
    ) -> None:  # fmt: skip
        def finish(tile: Tile, members: list[TileRow], part: Expr) -> None:
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
                tile = kind(T, (query, keys, values), cache, target, height, fetch=True)
                steps = T.Bind(tirx.floordiv(last, tile.positions) + 1)
                start = T.Bind(tirx.floordiv(part * steps, parts))
                stop = T.Bind(tirx.floordiv((part + 1) * steps, parts))
                members = [TileRow(r, T.Bind(group * per_group + first + i), last) for i in range(height)]
                tile.run(members, where, group, start, stop)
                finish(tile, members, part)

            whole, rest = divmod(per_group, tile_height(target))
            if whole:
                with T.serial(whole) as n:
                    heads_from(n * tile_height(target), tile_height(target))
            if rest:
                heads_from(per_group - rest, rest)

    return v.prim_func(name, attention_args(rows, spec, cache) | _partial_args(rows, spec, cache), body)


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


def _partial_args(rows: int, spec: ModelSpec, cache: CacheShape) -> v.Args:
    shape = (rows, spec.num_heads, cache.splits)
    return {"PO": ((*shape, cache.head_dim), "float32"), "PM": (shape, "float32"), "PS": (shape, "float32")}
