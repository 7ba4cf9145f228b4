"""Group-wise quantisation of weights without calibration data (numpy).

int8 is symmetric. int4 has a scale and an offset. Data that already lies on a 16-level grid of half floats (weights
that went through a 4-bit file) is found and kept exactly. Anything else is searched for the least squared error: over
clipped ranges, with least-squares refits (the idea of llama.cpp's make_qkx2_quants). Work goes on in chunks that stay
in the cache, transposed to (32, groups) so that sums over a group are sums of long vectors. numpy lets other threads
run meanwhile, so callers may quantise several blocks at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.spec import GROUP

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Int4Quantiser = Callable[[Floats], tuple[Bytes, Halves, Halves]]
"""Gives levels, scale and offset of groups, as `quantise_int4` does."""

CHUNK = 2048
"""Groups that are worked on at a time: 256 KiB as float32."""

LEVELS = 15
"""Steps between the lowest and the highest of 16 levels."""
CUTS = (-0.2, 0.3, 0.8, 1.4)
"""How much of the range is cut off at each end, in steps, before the first fit; all pairs are tried."""
REFITS = 2
ON_GRID = 0.02
"""Farthest that a value may lie from its level, in steps, to count as on a grid."""
HALF_MAX = 65504.0


def quantise_int8(groups: Floats) -> tuple[Bytes, Halves]:
    """Quantise `groups` (n, 32) symmetrically.

    Returns q + 128 (n, 32) with q in -127..127 and the scale (n,): w is close to scale * q.
    """
    codes, scale = np.empty(groups.shape, np.uint8), np.empty(len(groups), np.float16)
    for start in range(0, len(groups), CHUNK):
        part = slice(start, start + CHUNK)
        x = np.ascontiguousarray(groups[part].T)  # (32, m)
        scale[part] = _int8_scale(np.maximum(x.max(0), -x.min(0)))
        x *= _inverse(scale[part].astype(np.float32))
        np.rint(x, out=x)
        np.clip(x, -127, 127, out=x)
        x += 128
        codes[part] = x.astype(np.uint8).T
    return codes, scale


def quantise_int4(groups: Floats) -> tuple[Bytes, Halves, Halves]:
    """Quantise `groups` (n, 32) to 16 levels.

    Returns q (n, 32) in 0..15, scale (n,) and offset (n,): w is close to scale * q + offset.
    """
    count = len(groups)
    codes = np.empty(groups.shape, np.uint8)
    scale, offset = np.empty(count, np.float16), np.empty(count, np.float16)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        x = np.ascontiguousarray(groups[part].T)  # (32, m)
        scale[part], offset[part] = _fit_int4(x)
        x -= offset[part].astype(np.float32)
        x *= _inverse(scale[part].astype(np.float32))
        np.rint(x, out=x)
        np.clip(x, 0, LEVELS, out=x)
        codes[part] = x.astype(np.uint8).T
    return codes, scale, offset


def _int8_scale(top: Floats) -> Halves:
    scale = _half(top / np.float32(127))
    short = scale.astype(np.float32) * np.float32(127.5) < top  # tiny weights: a half's steps are coarse there
    scale[short] = np.nextafter(scale[short], np.float16(HALF_MAX))
    return scale


def _fit_int4(x: Floats) -> tuple[Halves, Halves]:
    """Return scale and offset for each column of x (32, m)."""
    low, high = x.min(0), x.max(0)
    scale, offset, known = _find_grid(x, low, high)
    flat = low == high
    if flat.any():
        scale[flat], offset[flat] = _fit_constants(low[flat])
        known |= flat
    rest = ~known
    if rest.all():
        return _search(x, low, high)
    if rest.any():
        scale[rest], offset[rest] = _search(np.ascontiguousarray(x[:, rest]), low[rest], high[rest])
    return scale, offset


@dataclass(slots=True)
class _Fit:
    """Least-squares lines x = scale * q + offset of many groups, and how much each explains (larger is better)."""

    scale: Floats
    offset: Floats
    gain: Floats

    @classmethod
    def of(cls, x: Floats, q: Floats, total: Floats) -> _Fit:
        """Fit x (32, m) with column sums `total` to the levels q (32, m)."""
        levels = q.sum(0)
        mean = levels / np.float32(GROUP)
        spread = np.einsum("ij,ij->j", q, q) - mean * levels
        shared = np.einsum("ij,ij->j", q, x) - mean * total
        scale = shared * _inverse(spread)
        return cls(scale, total / np.float32(GROUP) - scale * mean, scale * shared)

    def take(self, other: _Fit) -> None:
        """Replace the groups that `other` fits better."""
        better = other.gain > self.gain
        np.copyto(self.scale, other.scale, where=better)
        np.copyto(self.offset, other.offset, where=better)
        np.copyto(self.gain, other.gain, where=better)


def _search(x: Floats, low: Floats, high: Floats) -> tuple[Halves, Halves]:
    """Return scale and offset of small squared error; `low` < `high` are each column's bounds."""
    step = (high - low) / np.float32(LEVELS)
    steps = np.subtract(x, low)
    steps *= _inverse(step)  # in 0..15
    total = steps.sum(0)
    q = np.empty_like(x)
    best: _Fit | None = None
    for below in CUTS:
        for above in CUTS:
            np.subtract(steps, np.float32(below), out=q)
            q *= np.float32(LEVELS / (LEVELS - below - above))
            fit = _round_and_fit(steps, q, total)
            if best is None:
                best = fit
            else:
                best.take(fit)
    assert best is not None  # noqa: S101 -- there is at least one pair of cuts
    for _ in range(REFITS):
        np.subtract(steps, best.offset, out=q)
        q *= _inverse(best.scale)
        best.take(_round_and_fit(steps, q, total))
    scale = _half(best.scale * step)
    rounded = scale.astype(np.float32)
    np.subtract(x, low + best.offset * step, out=q)
    q *= _inverse(rounded)
    _round(q)
    q *= rounded
    np.subtract(x, q, out=q)
    return scale, _half(q.sum(0) / np.float32(GROUP))


def _round_and_fit(x: Floats, q: Floats, total: Floats) -> _Fit:
    _round(q)
    return _Fit.of(x, q, total)


def _round(q: Floats) -> None:
    np.rint(q, out=q)
    np.clip(q, 0, LEVELS, out=q)


def _find_grid(x: Floats, low: Floats, high: Floats) -> tuple[Halves, Halves, Mask]:
    """Return scale and offset of the columns whose values are all levels of one 16-level grid, and which these are.

    The lowest and the highest value are some number of levels apart: each number from 1 to 15 is tried, first on four
    values of each column, so that other data costs little.
    """
    count = x.shape[1]
    scale, offset = np.zeros(count, np.float16), np.zeros(count, np.float16)
    best = np.full(count, np.inf, np.float32)
    share = np.subtract(x[:: GROUP // 4], low)
    share *= _inverse(high - low)
    apart = np.arange(1, LEVELS + 1, dtype=np.float32)
    levels = share * apart[:, None, None]  # (15, 4, m)
    levels -= np.rint(levels)
    near = np.abs(levels, out=levels).max(1) < ON_GRID
    for index in range(LEVELS):
        if not near[index].any():
            continue
        columns = np.flatnonzero(near[index])
        bottom, top = low[columns], high[columns]
        levels = (x[:, columns] - bottom) * (apart[index] * _inverse(top - bottom))
        fits = (np.abs(levels - np.rint(levels)) < ON_GRID).all(0)
        columns, bottom, top = columns[fits], bottom[fits], top[fits]
        found = _place_grid(bottom, top, index + 1)
        better = found.error < best[columns]
        columns = columns[better]
        scale[columns], offset[columns] = found.scale[better], found.offset[better]
        best[columns] = found.error[better]
    return scale, offset, np.isfinite(best)


@dataclass(slots=True)
class _Grid:
    """Grids of many columns, and how far their ends miss the data's."""

    scale: Halves
    offset: Halves
    error: Floats


def _place_grid(low: Floats, high: Floats, apart: int) -> _Grid:
    """Find where on a grid of half floats `low` and `high` lie, `apart` levels from each other.

    Level 0 need not occur in the data, and the scale may be negative (as in GGUF's Q4_0).
    """
    best = _Grid(np.zeros(len(low), np.float16), np.zeros(len(low), np.float16), np.full(len(low), np.inf, np.float32))
    for start, end in ((low, high), (high, low)):
        half_scale = _half((end - start) / np.float32(apart))
        scale = half_scale.astype(np.float32)
        for first in range(LEVELS - apart + 1):
            half_offset = _half(start - scale * np.float32(first))
            offset = half_offset.astype(np.float32)
            error = np.abs(scale * np.float32(first) + offset - start)
            error += np.abs(scale * np.float32(first + apart) + offset - end)
            better = error < best.error
            best.scale[better], best.offset[better] = half_scale[better], half_offset[better]
            best.error[better] = error[better]
    return best


def _fit_constants(values: Floats) -> tuple[Halves, Halves]:
    """Return scale and offset that give each value as level 0 or, where a half is too coarse, as another level."""
    scale, offset = np.zeros(len(values), np.float16), _half(values)
    left = values - offset.astype(np.float32)
    for level in range(1, LEVELS + 1):
        open_ = np.flatnonzero(left)
        step = _half(left[open_] / np.float32(level))
        exact = step.astype(np.float32) * np.float32(level) + offset[open_].astype(np.float32) == values[open_]
        scale[open_[exact]] = step[exact]
        left[open_[exact]] = 0
    open_ = np.flatnonzero(left)
    scale[open_] = _half(left[open_])
    return scale, offset


def _inverse(values: Floats) -> Floats:
    """Return 1 / values, and 0 for 0."""
    return np.divide(np.float32(1), values, out=np.zeros_like(values), where=values != 0)


def _half(values: Floats) -> Halves:
    return np.clip(values, -HALF_MAX, HALF_MAX).astype(np.float16)
