"""Stored tensors: constants of an ONNX file, wherever their bytes lie, and reading parts of them."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.onnx_import.external import MOST_LINES, FileSpan, opened, span_of

Array = NDArray[Any]
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

FLOAT_TYPES = {1: "float32", 10: "float16", 16: "bfloat16"}
"""ONNX element types that a weight may have, with the names that ModelSpec.source_dtype uses."""

_RAW = {1: "<f4", 10: "<f2", 16: "<u2", 11: "<f8", 6: "<i4", 7: "<i8", 9: "?", 2: "u1", 3: "i1", 5: "<i2", 4: "<u2",
        12: "<u4", 13: "<u8"}  # fmt: skip
_READ_AHEAD_FROM = 4 << 20
"""Bytes of a block of columns from which on the whole matrix is asked for from the disk at once, in its own order."""

_NARROW_GAP = 8 << 10
"""Bytes between two pieces up to which it is quicker to read over them than to ask for each piece."""

MAX_ELEMENTS = 1 << 40
_FLOAT16, _BFLOAT16 = 10, 16
_SIGN_AND_NUMBER = np.int32(-0x70000001)
_EXPONENT_SHIFT = np.float32(2.0**112)
_TILE_COLUMNS = 64
_PIECE = 1 << 16
PANEL_BYTES = 16 << 20
"""Most bytes of a transposed weight that are kept between two reads."""


class Tensor:
    """A constant of the graph: shape, element type, and its bytes in the ONNX file or beside it."""

    def __init__(self, proto: Any, folder: Path) -> None:
        self.name = str(proto.name)
        self.shape = tuple(int(dim) for dim in proto.dims)
        self.elem_type = int(proto.data_type)
        if any(dim < 0 for dim in self.shape) or math.prod(self.shape) > MAX_ELEMENTS:
            raise ModelError(f"The constant {self.name!r} has the impossible shape {list(self.shape)[:8]}.")
        self._proto = proto
        self.span: FileSpan | None = None
        if proto.data_location == 1:
            self.span = span_of(proto, folder, self.nbytes)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def item_bytes(self) -> int:
        """Bytes of one element; raises ModelError for types that can't be read (strings, 4-bit numbers and so on)."""
        if self.elem_type not in _RAW:
            raise ModelError(
                f"The constant {self.name!r} has ONNX type {self.elem_type}, which is not supported.",
                "Export the model with float32, float16 or bfloat16 weights.",
            )
        return np.dtype(_RAW[self.elem_type]).itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of the whole tensor."""
        return self.size * self.item_bytes

    @cached_property
    def _inline(self) -> Array:
        """The raw elements (bfloat16 as uint16) of a tensor inside the ONNX file, in the stored shape."""
        from onnx import numpy_helper

        try:
            if self._proto.HasField("raw_data"):
                return np.frombuffer(self._proto.raw_data, _RAW[self.elem_type]).reshape(self.shape)
            array = numpy_helper.to_array(self._proto)
            return np.ascontiguousarray(array).view(_RAW[self.elem_type]).reshape(self.shape)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ModelError(
                f"The constant {self.name!r} does not hold the {self.nbytes} bytes of its shape."
            ) from error

    def raw(self, start: int, stop: int) -> Array:
        """Return the flat raw elements [start, stop) (bfloat16 as uint16)."""
        dtype = _RAW[self.elem_type]
        if self.span is None:
            return self._inline.reshape(-1)[start:stop]
        out = np.empty(stop - start, dtype)
        with opened(self.span) as fd:
            self.span.pread_into(fd, memoryview(out.data).cast("B"), start * out.itemsize)
        return out

    def raw_columns(self, start: int, stop: int) -> Array:
        """Return the raw elements [:, start:stop) of a matrix, contiguous."""
        rows, columns = self.shape
        if self.span is None:
            return self._inline[:, start:stop]
        out: Array = np.empty((rows, stop - start), _RAW[self.elem_type])
        buffer, width = memoryview(out.data).cast("B"), out.itemsize * (stop - start)
        with opened(self.span) as fd:
            if start == 0 and out.nbytes >= _READ_AHEAD_FROM:
                _read_ahead(fd, self.span)
            for first in range(0, rows, MOST_LINES):
                lines = [buffer[row * width : (row + 1) * width] for row in range(first, min(first + MOST_LINES, rows))]
                _read_lines(fd, self.span, lines, columns * out.itemsize, (first * columns + start) * out.itemsize)
        return out

    def read_ahead(self) -> None:
        """Have the system read the tensor's bytes now, in their order: a later read of columns goes to and fro."""
        if self.span is not None:
            with opened(self.span) as fd:
                _read_ahead(fd, self.span)

    def values(self) -> Array:
        """Return the whole tensor as numbers (bfloat16 as float32). Only for tensors that are known to be small."""
        return self.from_raw(self.raw(0, self.size).reshape(self.shape))

    def from_raw(self, raw: Array) -> Array:
        """Return raw elements as numbers."""
        return to_float32(raw, self.elem_type) if self.elem_type == _BFLOAT16 else raw


def _read_lines(fd: int, span: FileSpan, lines: list[memoryview], pitch: int, start: int) -> None:
    """Fill `lines`, which begin `pitch` bytes apart from byte `start` of the span on."""
    gap = pitch - len(lines[0])
    if gap <= _NARROW_GAP and span.scatter(fd, lines, gap, start):
        return
    for row, line in enumerate(lines):
        span.pread_into(fd, line, start + row * pitch)


def _read_ahead(fd: int, span: FileSpan) -> None:
    os.posix_fadvise(fd, span.offset, span.length, os.POSIX_FADV_WILLNEED)


def to_float32(raw: Array, elem_type: int) -> Floats:
    """Return raw elements (bfloat16 as uint16) as contiguous float32; a transposed view may be given.

    NaN and infinity of float16 become numbers of at least 65536, which float16 doesn't have. The conversion goes in
    pieces that fit a processor's cache: numpy's own takes up to five times as long.
    """
    out = np.empty(raw.shape, np.float32)
    if raw.ndim == 2 and raw.strides[0] < raw.strides[1]:
        scratch: Ints = np.empty((raw.shape[0], _TILE_COLUMNS), np.int32)
        for start in range(0, raw.shape[1], _TILE_COLUMNS):
            tile = raw[:, start : start + _TILE_COLUMNS]
            _convert(tile, out[:, start : start + _TILE_COLUMNS], scratch[:, : tile.shape[1]], elem_type)
        return out
    flat_raw, flat_out = np.ascontiguousarray(raw).reshape(-1), out.reshape(-1)
    scratch = np.empty(min(_PIECE, flat_raw.size), np.int32)
    for start in range(0, flat_raw.size, _PIECE):
        piece = flat_raw[start : start + _PIECE]
        _convert(piece, flat_out[start : start + _PIECE], scratch[: piece.size], elem_type)
    return out


def _convert(raw: Array, out: Floats, scratch: Ints, elem_type: int) -> None:
    if elem_type == _FLOAT16:
        np.copyto(scratch, raw.view(np.int16))  # the sign spreads over the upper half
        np.left_shift(scratch, 13, out=scratch)
        np.bitwise_and(scratch, _SIGN_AND_NUMBER, out=scratch)
        np.multiply(scratch.view(np.float32), _EXPONENT_SHIFT, out=out)
    elif elem_type == _BFLOAT16:
        np.copyto(scratch, raw)
        np.left_shift(scratch, 16, out=scratch)
        np.copyto(out, scratch.view(np.float32))
    else:
        np.copyto(out, raw)


@dataclass
class PanelCache:
    """The last panel of columns that was read from a transposed weight: at most `limit` bytes (or what was asked)."""

    limit: int = PANEL_BYTES
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tensor: Tensor | None = None
    _start: int = 0
    _panel: Array | None = None

    def columns(self, tensor: Tensor, start: int, stop: int) -> Array:
        """Return raw elements [:, start:stop) of a matrix; neighbouring columns are read ahead and kept."""
        with self._lock:
            if self._panel is None or self._tensor is not tensor or not self._holds(start, stop):
                self._panel = None
                wide = max(stop - start, self.limit // max(1, tensor.shape[0] * tensor.item_bytes))
                self._panel = tensor.raw_columns(start, min(tensor.shape[1], start + wide))
                self._tensor, self._start = tensor, start
            return self._panel[:, start - self._start : stop - self._start]

    def _holds(self, start: int, stop: int) -> bool:
        return self._panel is not None and self._start <= start and stop <= self._start + self._panel.shape[1]
