"""The int4 search of `core.kernels.quantise` as a compiled kernel: some ten times as fast as numpy, on any thread.

The arithmetic is the same; sums are rounded in another order, so that a group in a thousand may choose a level next to
numpy's. Groups that may lie on a grid of half floats, or whose range is no ordinary number, are marked and left to
numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.quantise import (
    CUTS,
    HALF_MAX,
    LEVELS,
    ON_GRID,
    REFITS,
    Bytes,
    Floats,
    Halves,
    Int4Quantiser,
    quantise_int4,
)
from core.spec import GROUP

COLUMNS = 2048
"""Groups of one call."""

_SAMPLES = range(0, GROUP, GROUP // 8)
"""Values of a group on which the grid is tried."""
_NARROWEST, _WIDEST = 1e-30, 1e30
_HALF_STEP = 2.0**-24
"""Distance between float16's subnormal numbers, which reach up to:"""
_HALF_NORMAL = 2.0**-14

Expr = Any
Buffer = Any


def compiled_int4(target: CpuTarget) -> Int4Quantiser:
    """Return `quantise_int4` in machine code for `target`; it may be called from several threads at once."""
    import tvm
    from tvm_ffi import from_dlpack

    kernel = tvm.compile(search_int4("search_int4", target), target=target.to_tvm())["search_int4"]

    def quantise(groups: Floats) -> tuple[Bytes, Halves, Halves]:
        count = len(groups)
        codes = np.empty(groups.shape, np.uint8)
        scale, offset = np.empty(count, np.float16), np.empty(count, np.float16)
        odd = np.empty(count, np.bool_)
        x, q = _aligned((GROUP, COLUMNS), "float32"), _aligned((GROUP, COLUMNS), "uint8")
        found = _aligned((3, COLUMNS), "float32")
        tensors = [from_dlpack(array) for array in (x, q, found)]
        for start in range(0, count, COLUMNS):
            part = slice(start, min(start + COLUMNS, count))
            size = part.stop - start
            x[:, :size] = groups[part].T
            kernel(*tensors)
            codes[part] = q[:, :size].T
            scale[part], offset[part], odd[part] = found[:, :size]
        if odd.any():
            codes[odd], scale[odd], offset[odd] = quantise_int4(groups[odd])
        return codes, scale, offset

    return quantise


def search_int4(name: str, target: CpuTarget) -> Any:
    """Return the PrimFunc that quantises COLUMNS groups, each a column.

    Arguments: X (32, C) f32, Q (32, C) u8 out, FOUND (3, C) f32 out: scale and offset, rounded to float16, and 1 where
    the group has to be done otherwise, else 0.
    """
    args: v.Args = {
        "X": ((GROUP, COLUMNS), "float32"),
        "Q": ((GROUP, COLUMNS), "uint8"),
        "FOUND": ((3, COLUMNS), "float32"),
    }
    lanes = 16 if target.wide else 8

    def body(T: Any, x: Buffer, codes: Buffer, found: Buffer) -> None:
        with T.serial(COLUMNS // lanes) as block:
            _Columns(T, lanes, x, block * lanes).emit(codes, found)

    return v.prim_func(name, args, body)


def _aligned(shape: tuple[int, int], dtype: str) -> Any:
    """Return zeros that start at a multiple of 64 bytes, as kernels take for granted."""
    size = shape[0] * shape[1] * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


class _Columns:
    """Emits the search for as many groups as a vector has lanes; names as in `core.kernels.quantise`."""

    def __init__(self, T: Any, lanes: int, x: Buffer, at: Expr) -> None:
        self.T, self.lanes, self.x, self.at = T, lanes, x, at

    def emit(self, codes: Buffer, found: Buffer) -> None:
        """Store codes, scale, offset and mark."""
        T = self.T
        low, high = self._bounds()
        extent = T.Bind(high - low)
        step = T.Bind(extent * self._splat(1 / LEVELS))
        to_steps = T.Bind(self._inverse(step))
        scale, offset = self._search(low, to_steps)
        scale = T.Bind(self._half(scale * step))
        offset = T.Bind(self._centred(T.Bind(low + offset * step), scale))
        self._store_codes(codes, scale, offset)
        odd = self._odd(low, extent)
        for row, value in enumerate((scale, offset, odd)):
            v.store(T, found, [row, self.at], value, self.lanes)

    def _bounds(self) -> tuple[Expr, Expr]:
        from tvm import tirx

        low, high = self._locals(self._load(0), self._load(0))

        def step(i: Expr) -> None:
            value = self.T.Bind(self._load(i))
            self._put(low, tirx.min(self._get(low), value))
            self._put(high, tirx.max(self._get(high), value))

        self._each(step)
        return self.T.Bind(self._get(low)), self.T.Bind(self._get(high))

    def _search(self, low: Expr, to_steps: Expr) -> tuple[Expr, Expr]:
        """Return scale and offset of the best fit, in steps."""
        T = self.T
        best = self._locals(self._splat(0.0), self._splat(0.0), self._splat(-1.0))  # scale, offset, gain
        for below in CUTS:
            cuts = [(self._splat(below), self._splat(LEVELS / (LEVELS - below - above))) for above in CUTS]
            self._fit(low, to_steps, cuts, best)
        for _ in range(REFITS):
            self._fit(low, to_steps, [(T.Bind(self._get(best[1])), T.Bind(self._inverse(self._get(best[0]))))], best)
        return self._get(best[0]), self._get(best[1])

    def _fit(self, low: Expr, to_steps: Expr, cuts: list[tuple[Expr, Expr]], best: list[Buffer]) -> None:
        """Fit a line to the levels of each of `cuts` (what to take away, what to multiply with); keep the best."""
        T = self.T
        total, *sums = self._locals(*[self._splat(0.0)] * (1 + 3 * len(cuts)))

        def step(i: Expr) -> None:
            value = T.Bind((self._load(i) - low) * to_steps)
            self._put(total, self._get(total) + value)
            for cut, (start, factor) in enumerate(cuts):
                q = T.Bind(self._level((value - start) * factor))
                for buffer, term in zip(sums[3 * cut : 3 * cut + 3], (q, q * q, q * value), strict=True):
                    self._put(buffer, self._get(buffer) + term)

        self._each(step)
        mean_value = T.Bind(self._get(total) * self._splat(1 / GROUP))
        for cut in range(len(cuts)):
            levels, squares, products = (T.Bind(self._get(buffer)) for buffer in sums[3 * cut : 3 * cut + 3])
            mean = T.Bind(levels * self._splat(1 / GROUP))
            shared = T.Bind(products - mean * self._get(total))
            scale = T.Bind(shared * self._inverse(T.Bind(squares - mean * levels)))
            self._keep(best, (scale, mean_value - scale * mean, scale * shared))

    def _keep(self, best: list[Buffer], fit: tuple[Expr, Expr, Expr]) -> None:
        from tvm import tirx

        values = [self.T.Bind(value) for value in fit]
        gain = self.T.Bind(self._get(best[2]))
        for buffer, value in zip(best, values, strict=True):
            self._put(buffer, tirx.Select(values[2] > gain, value, self._get(buffer)))

    def _centred(self, offset: Expr, scale: Expr) -> Expr:
        """Return the offset, rounded to float16, that takes the mean error away."""
        T = self.T
        inverse = T.Bind(self._inverse(scale))
        (total,) = self._locals(self._splat(0.0))

        def step(i: Expr) -> None:
            value = T.Bind(self._load(i))
            level = self._level((value - offset) * inverse)
            self._put(total, self._get(total) + (value - level * scale))

        self._each(step)
        return self._half(self._get(total) * self._splat(1 / GROUP))

    def _store_codes(self, codes: Buffer, scale: Expr, offset: Expr) -> None:
        inverse = self.T.Bind(self._inverse(scale))

        def step(i: Expr) -> None:
            level = self._level((self._load(i) - offset) * inverse)
            whole = self.T.cast(self.T.cast(level, f"int32x{self.lanes}"), f"uint8x{self.lanes}")
            v.store(self.T, codes, [i, self.at], whole, self.lanes)

        self._each(step)

    def _odd(self, low: Expr, extent: Expr) -> Expr:
        """Return 1 where samples lie on a grid of 2 to 16 levels over the group's range, or the range is odd."""
        from tvm import tirx

        T = self.T
        inverse = T.Bind(self._inverse(extent))
        shares = [T.Bind((self._load(i) - low) * inverse) for i in _SAMPLES]
        nearest = self._splat(1.0)
        for apart in range(1, LEVELS + 1):
            farthest = self._splat(0.0)
            for share in shares:
                level = T.Bind(share * self._splat(float(apart)))
                miss = T.Bind(level - self._round(level))
                farthest = T.Bind(tirx.max(farthest, tirx.max(miss, self._splat(0.0) - miss)))
            nearest = T.Bind(tirx.min(nearest, farthest))
        one, zero = self._splat(1.0), self._splat(0.0)
        odd = tirx.Select(nearest < self._splat(ON_GRID), one, zero)
        odd = tirx.Select(extent < self._splat(_NARROWEST), one, odd)
        return T.Bind(tirx.Select(extent > self._splat(_WIDEST), one, odd))

    def _level(self, value: Expr) -> Expr:
        """Return `value` rounded to a whole number in 0..15."""
        from tvm import tirx

        bounded = self.T.Bind(tirx.min(tirx.max(value, self._splat(0.0)), self._splat(float(LEVELS))))
        return self._round(bounded)

    def _round(self, value: Expr) -> Expr:
        """Return the nearest whole number, of two the even one."""
        from tvm import tirx

        return tirx.call_llvm_pure_intrin(f"float32x{self.lanes}", "llvm.nearbyint", value)

    def _half(self, value: Expr) -> Expr:
        """Return `value` rounded to the nearest float16, ties to even, bounded to finite ones."""
        from tvm import tirx

        T, words = self.T, f"uint32x{self.lanes}"
        bounded = T.Bind(tirx.max(tirx.min(value, self._splat(HALF_MAX)), self._splat(-HALF_MAX)))
        bits = T.Bind(tirx.reinterpret(words, bounded))
        tie = tirx.bitwise_and(tirx.shift_right(bits, self._word(13)), self._word(1))
        normal = tirx.bitwise_and(bits + tie + self._word(0xFFF), self._word(0xFFFFE000))
        subnormal = self._round(bounded * self._splat(1 / _HALF_STEP)) * self._splat(_HALF_STEP)
        size = tirx.max(bounded, self._splat(0.0) - bounded)
        floats = tirx.reinterpret(f"float32x{self.lanes}", normal)
        return tirx.Select(size < self._splat(_HALF_NORMAL), subnormal, floats)

    def _inverse(self, value: Expr) -> Expr:
        """Return 1 / value, and 0 for 0."""
        from tvm import tirx

        bound = self.T.Bind(value)
        zero, one = self._splat(0.0), self._splat(1.0)
        return tirx.Select(bound == zero, zero, one / tirx.Select(bound == zero, one, bound))

    def _each(self, step: Callable[[Expr], None]) -> None:
        with self.T.serial(GROUP) as i:
            step(i)

    def _locals(self, *values: Expr) -> list[Buffer]:
        buffers = [v.local(self.T, self.lanes) for _ in values]
        for buffer, value in zip(buffers, values, strict=True):
            self._put(buffer, value)
        return buffers

    def _load(self, i: Expr | int) -> Expr:
        return v.load(self.x, [i, self.at], self.lanes)

    def _get(self, buffer: Buffer) -> Expr:
        return v.load(buffer, [0], self.lanes)

    def _put(self, buffer: Buffer, value: Expr) -> None:
        v.store(self.T, buffer, [0], value, self.lanes)

    def _splat(self, value: float) -> Expr:
        return v.splat(self.T, float(value), self.lanes)

    def _word(self, value: int) -> Expr:
        from tvm import tirx

        return self.T.broadcast(tirx.const(value, "uint32"), self.lanes)
