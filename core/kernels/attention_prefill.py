"""Attention of prefill: many rows of one slot."""

from __future__ import annotations

from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.attention import Tile, TileRow, attention_args, tile_height
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import CacheShape
from core.kernels.tiles import TileRows
from core.spec import ModelSpec, WeightFormat, round_up

Buffer = Any


def attend_prefill(
    name: str, rows: int, spec: ModelSpec, cache: CacheShape, target: CpuTarget, tiled: WeightFormat | None = None
) -> Any:
    """Causal attention of many queries of one slot over everything stored for it, their own positions included.

    Arguments: rows (1,) i32, slot (R,), position (R,), Q (R, H, D) f32, K, V, O (R, padded query size) f32 out. The
    rows are consecutive positions of one slot. A tile's rows are neighbours among all queries and heads of a group.
    With `tiled` O is `TileRows` in the buffer that holds activations for weights of that format.
    """
    groups, per_group, height = spec.num_groups, spec.num_heads // spec.num_groups, tile_height(target)
    from tvm import tirx

    args = {**attention_args(rows, spec, cache), "O": ((rows, round_up(spec.query_size, 32)), "float32")}
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
            tile = Tile(T, (query, keys, values), cache, target, height, fetch=False)
            members = []
            for i in range(height):  # rows past the end repeat the last one and write the same values
                at = T.Bind(tirx.min(first + i, used - 1))
                q = T.Bind(tirx.floordiv(at, per_group))
                head = T.Bind(group * per_group + tirx.floormod(at, per_group))
                members.append(TileRow(q, head, T.Bind(position[q])))
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
