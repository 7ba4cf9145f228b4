"""The KV cache of a layer, and the kernel that rotates queries and keys and writes to it.

The cache is two tensors: keys `(B, G, T/16, D, 16)`, sixteen positions interleaved so that scores of neighbouring
positions are one vector, and values `(B, G, T, D)`. B = batch, G = key/value groups, T = total length and D = head
size, both padded (`CacheShape`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from core.kernels import vector as v
from core.spec import EngineConfig, ModelSpec, round_up

POSITIONS = 16
"""Positions interleaved in the key cache."""
_LOG2_E = math.log2(math.e)

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
    scale = _LOG2_E / math.sqrt(size)
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
