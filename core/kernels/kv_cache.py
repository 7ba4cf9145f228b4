"""The KV cache of a layer, and the kernel that rotates queries and keys and writes to it.

The cache is two tensors: keys `(B, G, T/16, D, 16)`, sixteen positions interleaved so that scores of neighbouring
positions are one vector, and values `(B, G, T, D)`. B = batch, G = key/value groups, T = total length and D = head
size, both padded (`CacheShape`).

An int8 cache has a scale for each head's key and value of a position: the largest magnitude / 127. Both tensors are
`(B, G, T/16, 16 D + 64)`: records of sixteen positions, their scales (16 float32) last. Four bytes that an integer dot
product takes at once lie together: keys are `(D/4, 16 positions, 4 features)`, values `(4, D, 4 positions)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from core.kernels import vector as v
from core.spec import EngineConfig, KvFormat, ModelSpec, round_up

POSITIONS = 16
"""Positions interleaved in the key cache."""
LARGEST = 127
"""Largest magnitude in an int8 cache."""
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
    dtype: KvFormat

    @classmethod
    def of(cls, spec: ModelSpec, config: EngineConfig) -> CacheShape:
        """Return the cache that an engine of `config` needs for each layer."""
        positions, head_dim = round_up(config.total_len, 2 * POSITIONS), round_up(spec.head_dim, v.LANES)
        return cls(config.batch, spec.num_groups, positions, head_dim, config.kv_format)

    @property
    def keys(self) -> tuple[int, ...]:
        """Shape of the key tensor."""
        if self.dtype == "int8":
            return (self.batch, self.groups, self.positions // POSITIONS, self.scales + 4 * POSITIONS)
        return (self.batch, self.groups, self.positions // POSITIONS, self.head_dim, POSITIONS)

    @property
    def values(self) -> tuple[int, ...]:
        """Shape of the value tensor."""
        if self.dtype == "int8":
            return self.keys
        return (self.batch, self.groups, self.positions, self.head_dim)

    @property
    def scales(self) -> int:
        """Where the scales begin in an int8 cache's record."""
        return POSITIONS * self.head_dim

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
                first_value = spec.query_size + spec.kv_size + g * size
                if cache.dtype == "int8":
                    rounding = _Rounding(T, cache, size)
                    rounding.store_key(line, keys, [where, g, block], lane)
                    with T.serial(size) as d:
                        v.put(T, line, [d], qkv[r, first_value + d])
                    rounding.store_value(line, values, [where, g, block], lane)
                else:
                    with T.serial(size) as d:
                        v.put(T, keys, [where, g, block, d, lane], T.cast(line[d], cache.dtype))
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


class _Rounding:
    """Emits how one head's key or value becomes int8."""

    def __init__(self, T: Any, cache: CacheShape, size: int) -> None:
        self.T, self.cache, self.size = T, cache, size
        self._whole = v.local(T, cache.head_dim, "int8")

    def store_key(self, line: Buffer, keys: Buffer, record: list[Expr], lane: Expr) -> None:
        """Store the features in `line`, a multiple of a vector long, as the key of the record's position `lane`."""
        T = self.T
        self._round(line, keys, record, lane)
        with T.serial(self.cache.head_dim // 4) as quad:
            word = self._whole.vload([quad * 4], "int8x4")
            T.buffer_store(keys, word, [*record, T.ramp(quad * (4 * POSITIONS) + lane * 4, 1, 4)])

    def store_value(self, line: Buffer, values: Buffer, record: list[Expr], lane: Expr) -> None:
        """Store the features in `line` as the value of the record's position `lane`."""
        from tvm import tirx

        self._round(line, values, record, lane)
        first = self.T.Bind(tirx.floordiv(lane, 4) * (4 * self.cache.head_dim) + tirx.floormod(lane, 4))
        with self.T.serial(self.size) as d:
            v.put(self.T, values, [*record, first + 4 * d], self._whole[d])

    def _round(self, line: Buffer, buffer: Buffer, record: list[Expr], lane: Expr) -> None:
        """Store the scale of `line` and keep its whole numbers."""
        from tvm import tirx

        T, width = self.T, round_up(self.size, v.LANES)
        for d in range(self.size, width):
            v.put(T, line, [d], v.f32(0.0))
        peaks = v.local(T, v.LANES)
        v.store(T, peaks, [0], v.splat(T, 0.0))
        with T.serial(width // v.LANES) as part:
            x = T.Bind(v.load(line, [part * v.LANES]))
            v.store(T, peaks, [0], tirx.max(v.load(peaks, [0]), v.magnitude(x)))
        peak = T.Bind(tirx.call_llvm_pure_intrin("float32", "llvm.vector.reduce.fmax", v.load(peaks, [0])))
        inverse = T.Bind(v.inverse(T, peak, LARGEST))
        with T.serial(width // v.LANES) as part:
            x = v.load(line, [part * v.LANES]) * v.splat(T, inverse)
            whole = tirx.call_llvm_pure_intrin("float32x8", "llvm.nearbyint", x)
            number = T.cast(T.cast(whole, "int32x8"), "int8x8")
            T.buffer_store(self._whole, number, [T.ramp(part * v.LANES, 1, v.LANES)])
        scale = tirx.reinterpret("int8x4", T.Bind(peak * v.f32(1 / LARGEST)))
        T.buffer_store(buffer, scale, [*record, T.ramp(self.cache.scales + 4 * lane, 1, 4)])


class CacheView:
    """Emits loads of float32 vectors from one layer's cache; numbers of an int8 cache come without their scales."""

    def __init__(self, T: Any, cache: CacheShape, keys: Buffer, values: Buffer) -> None:
        self.T, self.cache, self.keys, self.values = T, cache, keys, values

    @property
    def scaled(self) -> bool:
        """Whether keys and values have scales."""
        return self.cache.dtype == "int8"

    def key(self, slot: Expr, group: Expr, at: Expr, feature: Expr, lanes: int) -> Expr:
        """Load a feature of the keys of `lanes` positions from `at` on, a multiple of `lanes`."""
        from tvm import tirx

        block, lane = tirx.floordiv(at, POSITIONS), tirx.floormod(at, POSITIONS)
        if not self.scaled:
            return self._floats(self.keys, [slot, group, block, feature, lane], lanes)
        return self._byte(self.key_words(slot, group, at, tirx.floordiv(feature, 4), lanes), feature, lanes)

    def value(self, slot: Expr, group: Expr, at: Expr, feature: Expr, lanes: int) -> Expr:
        """Load features of one position's value, from `feature` on, a multiple of `lanes`."""
        from tvm import tirx

        if not self.scaled:
            return self._floats(self.values, [slot, group, at, feature], lanes)
        return self._byte(self.value_words(slot, group, tirx.floordiv(at, 4), feature, lanes), at, lanes)

    def scaled_key(self, slot: Expr, group: Expr, at: Expr, feature: Expr, lanes: int) -> Expr:
        """Return `key` as it was before it became int8."""
        key = self.key(slot, group, at, feature, lanes)
        return key * self.scales(self.keys, slot, group, at, lanes) if self.scaled else key

    def scaled_value(self, slot: Expr, group: Expr, at: Expr, feature: Expr, lanes: int) -> Expr:
        """Return `value` as it was before it became int8."""
        value = self.value(slot, group, at, feature, lanes)
        if not self.scaled:
            return value
        return value * self.T.broadcast(self.scales(self.values, slot, group, at, 1), lanes)

    def key_words(self, slot: Expr, group: Expr, at: Expr, quad: Expr, lanes: int) -> Expr:
        """Load four features of `lanes` positions from an int8 cache, as int8 by position."""
        from tvm import tirx

        block, lane = tirx.floordiv(at, POSITIONS), tirx.floormod(at, POSITIONS)
        return self.keys.vload([slot, group, block, quad * (4 * POSITIONS) + lane * 4], f"int8x{4 * lanes}")

    def value_words(self, slot: Expr, group: Expr, quad: Expr, feature: Expr, lanes: int) -> Expr:
        """Load `lanes` features of the positions 4 quad..4 quad + 3 from an int8 cache, as int8 by feature."""
        from tvm import tirx

        block, part = tirx.floordiv(quad, POSITIONS // 4), tirx.floormod(quad, POSITIONS // 4)
        place = part * (4 * self.cache.head_dim) + feature * 4
        return self.values.vload([slot, group, block, place], f"int8x{4 * lanes}")

    def scales(self, buffer: Buffer, slot: Expr, group: Expr, at: Expr, lanes: int) -> Expr:
        """Load the scales of `lanes` positions from `at` on; `buffer` is the keys' or the values'."""
        from tvm import tirx

        block, lane = tirx.floordiv(at, POSITIONS), tirx.floormod(at, POSITIONS)
        raw = buffer.vload([slot, group, block, self.cache.scales + lane * 4], f"int8x{4 * lanes}")
        return tirx.reinterpret(f"float32x{lanes}" if lanes > 1 else "float32", raw)

    def _floats(self, buffer: Buffer, index: list[Expr], lanes: int) -> Expr:
        loaded = buffer.vload(index, f"{self.cache.dtype}x{lanes}")
        return loaded if self.cache.dtype == "float32" else self.T.cast(loaded, f"float32x{lanes}")

    def _byte(self, words: Expr, index: Expr, lanes: int) -> Expr:
        """Return the bytes `index` mod 4 of the words as numbers."""
        from tvm import tirx

        shift = tirx.const(24, "int32") - tirx.floormod(index, 4) * 8
        high = tirx.shift_left(tirx.reinterpret(f"int32x{lanes}", words), self.T.broadcast(shift, lanes))
        down = self.T.broadcast(tirx.const(24, "int32"), lanes)
        return self.T.cast(tirx.shift_right(high, down), f"float32x{lanes}")
