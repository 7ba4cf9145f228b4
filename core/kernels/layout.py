"""How one weight matrix lies in memory: a single tensor that a kernel reads from front to back.

Eight output rows are interleaved, so that one vector holds the same input feature of eight rows. The first axis is the
block of eight rows. Bytes of each format (K = inputs padded to 32, G = K / 32 groups):

- fp32 `(N/8, K, 8)` float32.
- bf16 `(N/8, K/2, 16)` uint16: for each pair of features, row by row, the even feature then the odd one.
- int8 `(N/8, ceil(G/2), 544)` uint8: records of two groups. A group has eight chunks of 32 bytes; chunk c holds, row by
  row, the four features 4c..4c+3 as q + 128 with q in -127..127. The two groups' chunks are followed by their scales,
  eight float16 each. w = scale * q.
- int4 `(N/8, ceil(G/2), 320)` uint8: records of two groups. A group has four chunks of 32 bytes; the low nibbles of
  chunk c are the features 4c..4c+3 of each row, the high nibbles 16+4c..16+4c+3. The two groups' chunks are followed by
  scales and offsets of the first group, then of the second, eight float16 each. w = scale * q + offset, q in 0..15.

A missing second group of the last record is all zero bytes (int8: q = 0, stored as 128), so it adds nothing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kernels.quantise import Int4Quantiser, quantise_int4, quantise_int8
from core.spec import GROUP, WeightFormat, round_up

BLOCK = 8
"""Output rows that are interleaved."""

RECORD_GROUPS = 2
"""Groups of GROUP features in one record of the int8 and int4 formats."""

GROUP_BYTES = {"int8": BLOCK * GROUP, "int4": BLOCK * GROUP // 2}
"""Bytes of one group's quantised values."""

SCALE_BYTES = {"int8": 2 * BLOCK, "int4": 4 * BLOCK}
"""Bytes of one group's scales (int4: and offsets)."""

RECORD_BYTES = {name: RECORD_GROUPS * (GROUP_BYTES[name] + SCALE_BYTES[name]) for name in GROUP_BYTES}

ACTIVATION_BYTES = 2 * GROUP
"""Bytes of one group's quantised activations, by the format of the weights that they meet."""

_PADDING = 32

Array = NDArray[Any]
Floats = NDArray[np.float32]


def padded_in(k: int) -> int:
    """Return the input features of a matrix with `k` of them, padding included."""
    return round_up(k, _PADDING)


def padded_out(n: int) -> int:
    """Return the output rows of a matrix with `n` of them, padding included."""
    return round_up(n, _PADDING)


def packed_shape(fmt: WeightFormat, n: int, k: int) -> tuple[tuple[int, ...], str]:
    """Return shape and numpy dtype name of an `n` x `k` matrix in `fmt`; the first axis counts blocks of eight rows."""
    blocks, width = padded_out(n) // BLOCK, padded_in(k)
    if fmt == "fp32":
        return (blocks, width, BLOCK), "float32"
    if fmt == "bf16":
        return (blocks, width // 2, 2 * BLOCK), "uint16"
    records = -(-width // (GROUP * RECORD_GROUPS))
    return (blocks, records, RECORD_BYTES[fmt]), "uint8"


def packed_bytes(fmt: WeightFormat, n: int, k: int) -> int:
    """Return the bytes of an `n` x `k` matrix in `fmt`."""
    shape, dtype = packed_shape(fmt, n, k)
    return math.prod(shape) * np.dtype(dtype).itemsize


def activation_args(fmt: WeightFormat, rows: int, k: int) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return the buffers that hold `rows` rows of `k` features as weights of `fmt` meet them: name -> (shape, dtype).

    fp32 and bf16: X, the features. int8 and int4: 16 bits, round(x / XS) = 256 * high + low; XQ holds a group's high
    bytes, then its low bytes, XS the scale of each group. XB of int4 = XS * the sum of the group's values, which meets
    the offset; of int8 = -128 * the sum, which takes back the 128 that is stored in each weight.
    """
    if fmt in ("fp32", "bf16"):
        return {"X": ((rows, padded_in(k)), "float32")}
    groups = padded_in(k) // GROUP
    return {
        "XQ": ((rows, groups, ACTIVATION_BYTES), "int8"),
        "XS": ((rows, groups), "float32"),
        "XB": ((rows, groups), "int32" if fmt == "int8" else "float32"),
    }


def pack(fmt: WeightFormat, rows: Floats, int4: Int4Quantiser = quantise_int4) -> Array:
    """Return float32 `rows` (r, k) as consecutive blocks of a packed matrix; r is padded with zero rows to eights.

    `int4` does what `quantise_int4` does.
    """
    r, k = rows.shape
    padded = rows
    if r % BLOCK or k % _PADDING or rows.dtype != np.float32:
        padded = np.zeros((round_up(r, BLOCK), padded_in(k)), np.float32)
        padded[:r, :k] = rows
    blocks = padded.reshape(-1, BLOCK, padded.shape[1])  # (B, 8, K)
    if fmt == "fp32":
        return np.ascontiguousarray(blocks.transpose(0, 2, 1))
    if fmt == "bf16":
        return _pack_bf16(blocks)
    groups = padded.reshape(-1, GROUP)  # (B * 8 * G, 32)
    if fmt == "int8":
        return _pack_int8(*quantise_int8(groups), len(blocks))
    return _pack_int4(*int4(groups), len(blocks))


def unpack(fmt: WeightFormat, packed: Array, n: int, k: int) -> Floats:
    """Return the first `n` x `k` weights of `packed` as the float32 values that the kernels compute with."""
    blocks, width = len(packed), padded_in(k)
    if fmt == "fp32":
        values = packed.transpose(0, 2, 1)
    elif fmt == "bf16":
        halves = packed.reshape(blocks, width // 2, BLOCK, 2).transpose(0, 2, 1, 3)
        values = (halves.astype(np.uint32) << 16).view(np.float32)
    else:
        values = _unpack_groups(fmt, packed)
    return np.ascontiguousarray(values.reshape(blocks * BLOCK, -1)[:n, :k], np.float32)


def interleave_gate_up(gate: Array, up: Array) -> Array:
    """Return packed gate and up matrices (or slices of them) as one: gate block 0, up block 0, gate block 1, ..."""
    return np.stack([gate, up], 1).reshape(2 * len(gate), *gate.shape[1:])


def _pack_bf16(blocks: Floats) -> Array:
    bits = blocks.view(np.uint32)
    rounded = bits >> 16
    rounded &= 1
    rounded += bits
    rounded += 0x7FFF
    rounded >>= 16  # nearest, ties to even
    halves = rounded.astype(np.uint16).reshape(len(blocks), BLOCK, -1, 2)
    return halves.transpose(0, 2, 1, 3).reshape(len(blocks), -1, 2 * BLOCK)


def _pack_int8(q: Array, scale: Array, blocks: int) -> Array:
    chunks = q.reshape(blocks, BLOCK, -1, 8, 4).transpose(0, 2, 3, 1, 4)  # (B, G, 8, 8 rows, 4)
    count = chunks.shape[1]
    out = np.zeros((blocks, round_up(count, RECORD_GROUPS), GROUP_BYTES["int8"]), np.uint8)
    out[:, :count] = chunks.reshape(blocks, count, -1)
    out[:, count:] = 128
    return _records(out, _by_block(scale, blocks))


def _pack_int4(q: Array, scale: Array, offset: Array, blocks: int) -> Array:
    nibbles = q.reshape(blocks, BLOCK, -1, 2, 4, 4)
    chunks = (nibbles[:, :, :, 0] | (nibbles[:, :, :, 1] << 4)).transpose(0, 2, 3, 1, 4)  # (B, G, 4, 8 rows, 4)
    count = chunks.shape[1]
    out = np.zeros((blocks, round_up(count, RECORD_GROUPS), GROUP_BYTES["int4"]), np.uint8)
    out[:, :count] = chunks.reshape(blocks, count, -1)
    both = np.concatenate([_by_block(scale, blocks), _by_block(offset, blocks)], 2)
    return _records(out, both)


def _by_block(scale: Array, blocks: int) -> Array:
    return scale.reshape(blocks, BLOCK, -1).transpose(0, 2, 1)  # (B, G, 8)


def _records(values: Array, scales: Array) -> Array:
    """Join values (B, G rounded up, bytes) and float16 scales (B, G, n) to records."""
    blocks, count = values.shape[:2]
    padded = np.zeros((blocks, count, scales.shape[2]), np.float16)
    padded[:, : scales.shape[1]] = scales
    parts = [part.reshape(blocks, count // RECORD_GROUPS, -1) for part in (values, padded.view(np.uint8))]
    return np.concatenate(parts, 2)


def _unpack_groups(fmt: str, packed: Array) -> Floats:
    blocks, records = packed.shape[:2]
    split = RECORD_GROUPS * GROUP_BYTES[fmt]
    raw = packed[:, :, :split].reshape(blocks, records * RECORD_GROUPS, -1, BLOCK, 4)
    scales = np.ascontiguousarray(packed[:, :, split:]).view(np.float16).astype(np.float32)
    scales = scales.reshape(blocks, records * RECORD_GROUPS, -1, BLOCK).transpose(2, 0, 3, 1)[
        ..., None
    ]  # (.., B, 8, G, 1)
    if fmt == "int8":
        q = raw.transpose(0, 3, 1, 2, 4).reshape(blocks, BLOCK, -1, GROUP).astype(np.float32) - 128
        return np.asarray(scales[0] * q, np.float32)
    nibbles = np.stack([raw & 15, raw >> 4], 2)  # (B, G, 2, 4, 8 rows, 4)
    q = nibbles.transpose(0, 4, 1, 2, 3, 5).reshape(blocks, BLOCK, -1, GROUP).astype(np.float32)
    return np.asarray(scales[0] * q + scales[1], np.float32)
