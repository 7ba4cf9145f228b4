"""A strict reader for safetensors files, one or several shards: rows of tensors in float32.

The rules are those of the safetensors library: a capped header, and data that covers the file exactly, without holes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from core import strictjson
from core.errors import FormatError, ModelError
from core.export.safefile import RegularFile, open_inside, read_small
from core.export.weights import Array

INDEX_NAME = "model.safetensors.index.json"
SINGLE_NAME = "model.safetensors"
_MAX_HEADER = 100_000_000
_MAX_INDEX = 1 << 25
_MAX_SHARDS = 1024
_SIZES = {"F32": 4, "F16": 2, "BF16": 2}
_OTHER_SIZES = {"F64": 8, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}


@dataclass(frozen=True, slots=True)
class _Tensor:
    file: RegularFile
    dtype: str
    shape: tuple[int, ...]
    begin: int
    """Bytes from the start of the file."""
    end: int


class SafetensorsFiles:
    """The safetensors files of a folder; close them when done.

    Raises ModelError where they break the format or are not there, FileError where they can't be read.
    """

    def __init__(self, folder: Path) -> None:
        self._files: list[RegularFile] = []
        self._tensors: dict[str, _Tensor] = {}
        try:
            for name in _shards(folder):
                file = open_inside(folder, name)
                self._files.append(file)
                self._add(file)
        except BaseException:
            self.close()
            raise

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor."""
        return {name: tensor.shape for name, tensor in self._tensors.items()}

    @property
    def half(self) -> bool:
        """Whether every tensor of more than one axis is float16."""
        return all(tensor.dtype == "F16" for tensor in self._tensors.values() if len(tensor.shape) > 1)

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows of a matrix, (stop - start, in), or a part of a vector, in float32."""
        tensor = self._tensors[name]
        if tensor.dtype not in _SIZES:
            raise ModelError(
                f"The tensor {name} is of the type {tensor.dtype}; only F32, F16 and BF16 can be exported.",
                "Choose the unquantised model.",
            )
        row_bytes = (tensor.end - tensor.begin) // tensor.shape[0]
        data = tensor.file.read(tensor.begin + start * row_bytes, (stop - start) * row_bytes)
        return _to_float32(data, tensor.dtype).reshape(-1, *tensor.shape[1:])

    def close(self) -> None:
        """Close all files."""
        for file in self._files:
            file.close()

    def _add(self, file: RegularFile) -> None:
        header, start = _read_header(file)
        header.pop("__metadata__", None)
        position = 0
        entries = {name: _entry(file, name, value) for name, value in header.items()}
        for name, (dtype, shape, begin, end) in sorted(entries.items(), key=lambda item: item[1][2:]):
            if begin != position or name in self._tensors:
                _fail(file, f"has the tensor {name[:80]!r} twice, or with a gap or overlap before it")
            self._tensors[name] = _Tensor(file, dtype, shape, start + begin, start + end)
            position = end
        if start + position != file.size:
            _fail(file, f"has {file.size} bytes, but its tensors end at {start + position}")


def _to_float32(data: bytes, dtype: str) -> Array:
    if dtype == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(data, "<f2" if dtype == "F16" else "<f4").astype(np.float32)


def _shards(folder: Path) -> list[str]:
    index = read_small(folder, INDEX_NAME, _MAX_INDEX)
    if index is not None:
        data = parse_json(index, f"{folder / INDEX_NAME}")
        weight_map = data.get("weight_map")
        if not isinstance(weight_map, dict) or not all(isinstance(name, str) for name in weight_map.values()):
            raise ModelError(f"{folder / INDEX_NAME} has no weight_map of file names.", "Fetch the model again.")
        names = sorted(set(weight_map.values()))
        if not 1 <= len(names) <= _MAX_SHARDS:
            raise ModelError(f"{folder / INDEX_NAME} names {len(names)} files.", "Fetch the model again.")
        return names
    if (folder / SINGLE_NAME).exists() or (folder / SINGLE_NAME).is_symlink():
        return [SINGLE_NAME]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelError(
            f"{folder} has its weights as pickled .bin files, which can run code when they are read.",
            "Fetch the model's safetensors files instead.",
        )
    raise ModelError(f"{folder} has no {SINGLE_NAME} and no {INDEX_NAME}.", "Is the download complete?")


def parse_json(data: bytes, what: str) -> dict[str, Any]:
    """Return a JSON object of a model's files; raises ModelError where it is none."""
    try:
        value = strictjson.loads(data, max_bytes=_MAX_HEADER, what=what)
    except FormatError as error:
        raise ModelError(error.message, error.hint or "Fetch the model again.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{what} is not a JSON object.", "Fetch the model again.")
    return value


def _fail(file: RegularFile, what: str) -> NoReturn:
    raise ModelError(f"{file.path.name} {what}.", "It is damaged or cut short; fetch it again.")


def _read_header(file: RegularFile) -> tuple[dict[str, Any], int]:
    if file.size < 8:
        _fail(file, f"has {file.size} bytes and is no safetensors file")
    size = int.from_bytes(file.read(0, 8), "little")
    if size > min(_MAX_HEADER, file.size - 8):
        _fail(file, f"claims a header of {size} bytes, but has {file.size} bytes in all or may have {_MAX_HEADER}")
    return parse_json(file.read(8, size), f"header of {file.path.name}"), 8 + size


def _entry(file: RegularFile, name: str, value: object) -> tuple[str, tuple[int, ...], int, int]:
    if not isinstance(value, Mapping) or set(value) != {"dtype", "shape", "data_offsets"}:
        _fail(file, f"describes the tensor {name[:80]!r} in an unknown way")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not _are_lengths(shape) or not _are_lengths(offsets) or len(offsets) != 2 or not isinstance(dtype, str):
        _fail(file, f"gives the tensor {name[:80]!r} an impossible shape or place")
    size = (_SIZES | _OTHER_SIZES).get(dtype)
    if size is not None and offsets[1] - offsets[0] != prod(shape) * size:
        _fail(file, f"gives the tensor {name[:80]!r} {offsets[1] - offsets[0]} bytes, not {prod(shape) * size}")
    return dtype, tuple(shape), offsets[0], offsets[1]


def _are_lengths(values: object) -> bool:
    return isinstance(values, list) and len(values) <= 8 and all(type(v) is int and 0 <= v < 1 << 48 for v in values)
