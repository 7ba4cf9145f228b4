"""Decoding over an int8 cache with integer dot products.

Queries and softmax weights take 16 bits there, in two planes of bytes, so that the error is the cache's alone.
Only for processors whose dot product takes unsigned by signed bytes (VNNI); others multiply floats (`attention.Tile`).
"""

from __future__ import annotations

from typing import Any

from core.kernels import vector as v
from core.kernels.attention import CHUNK, Tile
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import POSITIONS, CacheShape
from core.kernels.tir import Emitter

Expr = Any
Buffer = Any

_QUERY = 127 * 256 + 127
_WEIGHT = 255 * 256 + 255
"""Largest numbers in two planes, signed and unsigned."""
_SIGNS = 0x80


def usable(cache: CacheShape, target: CpuTarget) -> bool:
    """Return whether this machine's dot products fit this cache."""
    return cache.dtype == "int8" and target.kernel_class in ("vnni", "amx") and cache.head_dim <= 256


class IntegerTile(Tile):
    """A tile whose scores and sums of values are integer dot products."""

    def __init__(
        self, T: Any, buffers: tuple[Buffer, ...], cache: CacheShape, target: CpuTarget, height: int, *, fetch: bool
    ) -> None:
        super().__init__(T, buffers, cache, target, height, fetch=fetch)
        rows = range(height)
        self._emit = Emitter(T, target)
        self._planes = [[v.local(T, cache.head_dim, "int8") for _ in range(2)] for _ in rows]
        self._starts = [[v.local(T, 1, "int32") for _ in range(2)] for _ in rows]
        self._units = [v.local(T, 1) for _ in rows]
        """What one step of a row's integers is worth: of its query's, then of its weights'."""
        self._weights = [[v.local(T, CHUNK * POSITIONS, "uint8") for _ in range(2)] for _ in rows]
        self._weight_units = [v.local(T, 1) for _ in rows]
        self._width = min(max(1, (24 if target.wide else 10) // (2 * height)), cache.head_dim // self.lanes)
        self._dots = [
            [[v.local(T, self.lanes, "int32") for _ in range(2)] for _ in range(max(2, self._width))] for _ in rows
        ]

    def _prepare(self) -> None:
        from tvm import tirx

        T, lanes = self.T, self.lanes
        for i in range(self.height):
            peak = T.Bind(self._peak_of(self._q[i], self.cache.head_dim // lanes))
            inverse = T.Bind(v.inverse(T, peak, _QUERY))
            v.put(T, self._units[i], [0], peak * v.f32(1 / _QUERY))
            totals = [v.local(T, lanes, "int32") for _ in range(2)]
            for total in totals:
                self._put(total, [0], self._whole(0))
            for d in range(0, self.cache.head_dim, lanes):
                number = T.Bind(self._rounded(self._get(self._q[i], d) * self._splat(inverse)))
                high = T.Bind(tirx.shift_right(number + self._whole(128), self._whole(8)))
                low = T.Bind(number - tirx.shift_left(high, self._whole(8)))
                for plane, total, part in zip(self._planes[i], totals, (high, low), strict=True):
                    T.buffer_store(plane, T.cast(part, f"int8x{lanes}"), [T.ramp(d, 1, lanes)])
                    self._put(total, [0], self._ints(total) + part)
            for start, total in zip(self._starts[i], totals, strict=True):
                added = tirx.call_llvm_pure_intrin("int32", "llvm.vector.reduce.add", self._ints(total))
                v.put(T, start, [0], added * -_SIGNS)

    def _multiply(self, slot: Expr, group: Expr, step: Expr) -> None:
        from tvm import tirx

        T, lanes = self.T, self.lanes
        signs = T.broadcast(tirx.const(_SIGNS, "uint8"), 4 * lanes)
        together = [(0, 1)] if self.height <= 4 and lanes == 16 else [(0,), (1,)]
        for units in together:
            places = [(i, u, plane) for i in range(self.height) for u in units for plane in range(2)]
            for i, u, plane in places:
                self._put(self._dots[i][u][plane], [0], T.broadcast(self._starts[i][plane][0], lanes))
            with T.serial(self.cache.head_dim // 4) as quad:
                if units[0] == 0:
                    self._ask(slot, group, step, quad)
                keys = {}
                for u in units:
                    raw = self.view.key_words(slot, group, step * self.positions + u * lanes, quad, lanes)
                    keys[u] = T.Bind(tirx.bitwise_xor(tirx.reinterpret(f"uint8x{4 * lanes}", raw), signs))
                for i in range(self.height):
                    for plane in range(2):
                        word = self._emit.activation_word(self._planes[i][plane], [quad * 4], lanes)
                        for u in units:
                            self._add(self._dots[i][u][plane], keys[u], word)

    def _dot(self, i: int, u: int) -> Expr:
        return self._joined(self._dots[i][u]) * self._splat(self._units[i][0])

    def _soften(self, slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        from tvm import tirx

        super()._soften(slot, group, first, steps)
        T, lanes = self.T, self.lanes
        for i in range(self.height):
            peak = T.Bind(self._peak_of(self.scores[i], 2 * steps))
            inverse = T.Bind(v.inverse(T, peak, _WEIGHT))
            v.put(T, self._weight_units[i], [0], peak * v.f32(1 / _WEIGHT))
            with T.serial(2 * steps) as part:
                weight = self._get(self.scores[i], part * lanes) * self._splat(inverse)
                number = T.Bind(self._rounded(weight))
                planes = (tirx.shift_right(number, self._whole(8)), tirx.bitwise_and(number, self._whole(255)))
                for plane, numbers in zip(self._weights[i], planes, strict=True):
                    T.buffer_store(plane, T.cast(numbers, f"uint8x{lanes}"), [T.ramp(part * lanes, 1, lanes)])

    def _mix(self, slot: Expr, group: Expr, first: Expr, steps: Expr) -> None:
        from tvm import tirx

        T, lanes = self.T, self.lanes

        def columns(start: Expr, width: int) -> None:
            places = [(i, u, plane) for i in range(self.height) for u in range(width) for plane in range(2)]
            for i, u, plane in places:
                self._put(self._dots[i][u][plane], [0], self._whole(0))
            quads = self.positions // 4
            with T.serial(steps * quads) as quad:
                at = T.Bind(first * quads + quad)
                values = [
                    T.Bind(self.view.value_words(slot, group, at, start + u * lanes, lanes)) for u in range(width)
                ]
                for i in range(self.height):
                    for plane in range(2):
                        raw = tirx.reinterpret("int32", self._weights[i][plane].vload([quad * 4], "uint8x4"))
                        word = T.Bind(tirx.reinterpret(f"uint8x{4 * lanes}", T.broadcast(raw, lanes)))
                        for u in range(width):
                            self._add(self._dots[i][u][plane], word, values[u])
            for i in range(self.height):
                for u in range(width):
                    sums = self._joined(self._dots[i][u]) * self._splat(self._weight_units[i][0])
                    self._store(
                        self.output[i], [start + u * lanes], self._get(self.output[i], start + u * lanes) + sums
                    )

        whole, rest = divmod(self.cache.head_dim // lanes, self._width)
        with T.serial(v.unknown(whole, steps)) as part:
            columns(part * self._width * lanes, self._width)
        if rest:
            columns(whole * self._width * lanes, rest)

    def _peak_of(self, buffer: Buffer, parts: Expr | int) -> Expr:
        """Return the largest magnitude in the first `parts` vectors of a buffer."""
        from tvm import tirx

        T, peaks = self.T, v.local(self.T, self.lanes)
        self._store(peaks, [0], self._splat(0.0))
        with T.serial(parts) as part:
            size = v.magnitude(self._get(buffer, part * self.lanes), self.lanes)
            self._store(peaks, [0], tirx.max(self._get(peaks), size))
        return tirx.call_llvm_pure_intrin("float32", "llvm.vector.reduce.fmax", self._get(peaks))

    def _add(self, sums: Buffer, unsigned: Expr, signed: Expr) -> None:
        self._put(sums, [0], self._emit.dot_step("int8", self._ints(sums), unsigned, signed, self.lanes))

    def _joined(self, planes: list[Buffer]) -> Expr:
        """Return the number of two planes' sums as float32."""
        high, low = (self.T.cast(self._ints(plane), f"float32x{self.lanes}") for plane in planes)
        return high * self._splat(256.0) + low

    def _rounded(self, x: Expr) -> Expr:
        from tvm import tirx

        whole = tirx.call_llvm_pure_intrin(f"float32x{self.lanes}", "llvm.nearbyint", x)
        return self.T.cast(whole, f"int32x{self.lanes}")

    def _whole(self, value: int) -> Expr:
        return self._emit.const(value, "int32", self.lanes)

    def _ints(self, buffer: Buffer) -> Expr:
        return buffer.vload([0], f"int32x{self.lanes}")

    def _put(self, buffer: Buffer, index: list[Expr], value: Expr) -> None:
        v.store(self.T, buffer, index, value, self.lanes)
