"""A strict reader for GGUF files: metadata, and rows of tensors in float32.

The format is described in the document gguf.md of the ggml project. The values are dequantised by the `gguf` package,
whose own reader is not used: it takes seconds for a vocabulary and accepts files that end early.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.export.safefile import RegularFile, open_inside, open_regular
from core.export.weights import Array
from core.spec import round_up

MAGIC = b"GGUF"
_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_MAX_ENTRIES = 1 << 16
_MAX_ITEMS = 1 << 22
_MAX_STRING = 1 << 20
_MAX_HEADER = 1 << 28
_READ_AHEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """Where a tensor lies."""

    name: str
    shape: tuple[int, ...]
    """(out, in): the file's own order is the other way round."""
    kind: int
    """ggml type number."""
    offset: int
    """Bytes from the start of the file."""
    row_bytes: int


class GgufFile:
    """An open GGUF file; close it when done.

    Raises ModelError for anything that breaks the format, FileError where the file can't be read.
    """

    def __init__(self, path: Path, *, picked: bool = True) -> None:
        """`picked`: the user chose this very file, so links are followed; otherwise only its folder."""
        self._file = open_regular(path) if picked else open_inside(path.parent, path.name)
        try:
            header = _Header(self._file)
            self.metadata: dict[str, Any] = header.metadata
            self._tensors = header.tensors
        except BaseException:
            self._file.close()
            raise

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor, (out, in) for matrices."""
        return {name: tensor.shape for name, tensor in self._tensors.items()}

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows of a matrix, (stop - start, in), or a part of a vector, in float32."""
        from gguf import GGMLQuantizationType
        from gguf.quants import dequantize

        tensor = self._tensors[name]
        if len(tensor.shape) == 1:
            data = self._file.read(tensor.offset, tensor.row_bytes)
        else:
            data = self._file.read(tensor.offset + start * tensor.row_bytes, (stop - start) * tensor.row_bytes)
        raw = np.frombuffer(data, np.uint8).reshape(-1, tensor.row_bytes)
        kind = GGMLQuantizationType(tensor.kind)
        try:
            with np.errstate(all="ignore"):  # NaN and infinity are found by whoever writes the values
                values = dequantize(_plain(raw, kind), kind).astype(np.float32, copy=False)
        except NotImplementedError as error:
            raise ModelError(
                f"The tensor {name} is stored as {kind.name}, which can't be read.",
                "Choose another GGUF of this model.",
            ) from error
        return np.asarray(values[0][start:stop] if len(tensor.shape) == 1 else values)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _plain(raw: NDArray[np.uint8], kind: Any) -> NDArray[Any]:
    """Return the bytes in the type that the gguf package expects: plain floats as such, blocks as bytes."""
    return raw.view({"F32": np.float32, "F16": np.float16}.get(kind.name, np.uint8))


class _Header:
    """Parses everything before the tensors' data."""

    def __init__(self, file: RegularFile) -> None:
        self._file, self._at = file, 0
        self._window, self._window_start = b"", 0
        if file.size < 24 or self._take(4) != MAGIC:
            raise ModelError(f"{file.path} is not a GGUF file.", "Choose a .gguf file or a Hugging Face folder.")
        version = self._scalar(4)
        if version not in (2, 3):
            raise ModelError(f"{file.path.name} is GGUF version {version}; only 2 and 3 are known.", "Convert it anew.")
        tensor_count, entry_count = self._scalar(10), self._scalar(10)
        if max(tensor_count, entry_count) > _MAX_ENTRIES:
            self._fail(f"has {max(tensor_count, entry_count)} entries, more than the {_MAX_ENTRIES} that are allowed")
        self.metadata: dict[str, Any] = {}
        for _ in range(entry_count):
            key = self._string()
            if key in self.metadata:
                self._fail(f"has the key {key[:80]!r} twice")
            self.metadata[key] = self._value(self._scalar(4))
        infos = [self._tensor_info() for _ in range(tensor_count)]
        self.tensors = self._place(infos)

    def _fail(self, what: str) -> NoReturn:
        raise ModelError(f"{self._file.path.name} {what}.", "It is damaged or no model; fetch it again.")

    def _take(self, size: int) -> bytes:
        if self._at + size > _MAX_HEADER:
            self._fail(f"has a header of more than {_MAX_HEADER} bytes")
        begin = self._at - self._window_start
        if begin + size > len(self._window):
            ahead = min(max(size, _READ_AHEAD), self._file.size - self._at)
            self._window, self._window_start, begin = self._file.read(self._at, max(ahead, size)), self._at, 0
        self._at += size
        return self._window[begin : begin + size]

    def _scalar(self, kind: int) -> Any:
        layout = _SCALARS[kind]
        return struct.unpack(layout, self._take(struct.calcsize(layout)))[0]

    def _string(self) -> str:
        size = self._scalar(10)
        if size > _MAX_STRING:
            self._fail(f"has a string of {size} bytes, more than the {_MAX_STRING} that are allowed")
        return self._take(size).decode("utf-8", errors="replace")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            self._fail(f"has a value of the unknown type {kind}")
        return self._scalar(kind)

    def _array(self) -> list[Any]:
        kind, count = self._scalar(4), self._scalar(10)
        if count > _MAX_ITEMS or (kind != _STRING and kind not in _SCALARS):
            self._fail(f"has an array of {count} values of type {kind}, which can't be read")
        if kind == _STRING:
            return [self._string() for _ in range(count)]
        item = _SCALARS[kind]
        return [value for (value,) in struct.iter_unpack(item, self._take(count * struct.calcsize(item)))]

    def _tensor_info(self) -> tuple[str, tuple[int, ...], int, int]:
        name, rank = self._string(), self._scalar(4)
        if not 1 <= rank <= 4:
            self._fail(f"has the tensor {name[:80]!r} of rank {rank}")
        shape = tuple(self._scalar(10) for _ in range(rank))[::-1]
        return name, shape, self._scalar(4), self._scalar(10)

    def _place(self, infos: list[tuple[str, tuple[int, ...], int, int]]) -> dict[str, GgufTensor]:
        alignment = self.metadata.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= 1 << 20:
            self._fail(f"asks for an alignment of {alignment!r}")
        start = round_up(self._at, alignment)
        tensors: dict[str, GgufTensor] = {}
        for name, shape, kind, offset in infos:
            row_bytes = self._row_bytes(name, shape, kind)
            end = start + offset + row_bytes * prod(shape[:-1])
            if name in tensors or end > self._file.size:
                reason = "is there twice" if name in tensors else f"ends at byte {end} of {self._file.size}"
                self._fail(f"is no valid GGUF: its tensor {name[:80]!r} {reason}")
            tensors[name] = GgufTensor(name, shape, kind, start + offset, row_bytes)
        return tensors

    def _row_bytes(self, name: str, shape: tuple[int, ...], kind: int) -> int:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

        try:
            block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
        except (KeyError, ValueError):
            self._fail(f"has the tensor {name[:80]!r} of the unknown type {kind}")
        if min(shape) < 1 or shape[-1] % block:
            self._fail(f"has the tensor {name[:80]!r} of the impossible shape {list(shape)}")
        return int(shape[-1] // block * size)
