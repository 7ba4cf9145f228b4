"""Group-wise quantisation of weights without calibration data (numpy)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Bytes = NDArray[np.uint8]

_HALF_MAX = np.float32(65504)


def quantise_int8(groups: Floats) -> tuple[Bytes, Halves]:
    """Quantise `groups` (n, 32) symmetrically.

    Returns q + 128 (n, 32) with q in -127..127 and the scale (n,): w is close to scale * q.
    """
    top = np.maximum(groups.max(1), -groups.min(1))
    scale = _half(top / np.float32(127))
    short = scale.astype(np.float32) * np.float32(127.5) < top
    scale[short] = np.nextafter(scale[short], np.float16(np.inf))
    np.minimum(scale, np.float16(_HALF_MAX), out=scale)
    step = scale.astype(np.float32)
    inverse = np.divide(np.float32(1), step, out=np.zeros_like(step), where=step > 0)
    q = groups * inverse[:, None]
    np.rint(q, out=q)
    np.clip(q, -127, 127, out=q)
    q += 128
    return q.astype(np.uint8), scale


def quantise_int4(groups: Floats) -> tuple[Bytes, Halves, Halves]:
    """Quantise `groups` (n, 32) to 16 levels.

    Returns q (n, 32) in 0..15, scale (n,) and offset (n,): w is close to scale * q + offset.
    """
    low, high = groups.min(1), groups.max(1)
    scale, offset = _half((high - low) / np.float32(15)), _half(low)
    step = scale.astype(np.float32)
    inverse = np.divide(np.float32(1), step, out=np.zeros_like(step), where=step > 0)
    q = (groups - offset.astype(np.float32)[:, None]) * inverse[:, None]
    np.rint(q, out=q)
    np.clip(q, 0, 15, out=q)
    return q.astype(np.uint8), scale, offset


def _half(values: Floats) -> Halves:
    return np.clip(values, -_HALF_MAX, _HALF_MAX).astype(np.float16)
