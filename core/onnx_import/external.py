"""External data of an ONNX file: which bytes of which file a tensor refers to, and opening them safely.

Nothing outside the model's folder is ever opened. Every component of a location is opened without following links, so
a folder that turns into a link between check and use is refused as well.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ExternalDataError, FileError, ModelError

MAX_OFFSET = 1 << 44
"""Largest byte position that a tensor may refer to (16 TiB)."""

MOST_LINES = 512
"""Lines of one `FileSpan.scatter`: the system takes 1,024 pieces, half of which are what lies between them."""

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_HINT_EXPORT = "Export the model again, with all of its weight files in one folder."


@dataclass(frozen=True, slots=True)
class FileSpan:
    """`length` bytes at `offset` of the file `location`, relative to `folder`."""

    folder: Path
    location: str
    offset: int
    length: int

    @property
    def path(self) -> Path:
        """Where the file should be."""
        return self.folder / self.location

    def check(self) -> int:
        """Return the file's size in bytes; raises ExternalDataError unless it is safe to read and long enough."""
        with opened(self) as fd:
            return os.fstat(fd).st_size

    def pread_into(self, fd: int, buffer: memoryview, start: int) -> None:
        """Fill `buffer` from byte `start` of the span; raises ExternalDataError if the file has become shorter."""
        position, done = self.offset + start, 0
        while done < len(buffer):
            try:
                count = os.preadv(fd, [buffer[done:]], position + done)
            except OSError as error:
                raise ExternalDataError(f"The weight file {self.path} can't be read: {error.strerror}.") from error
            if count == 0:
                raise _too_short(self, os.fstat(fd).st_size)
            done += count

    def scatter(self, fd: int, lines: list[memoryview], gap: int, start: int) -> bool:
        """Fill `lines`, which begin at byte `start` of the span and lie `gap` bytes apart, in one read.

        Returns whether that went well; what is wrong shows when they are read one by one. At most MOST_LINES.
        """
        skipped = memoryview(bytearray(gap))
        buffers = [part for line in lines for part in (line, skipped)][:-1]
        try:
            count = os.preadv(fd, buffers, self.offset + start)
        except OSError:
            return False
        return count == sum(map(len, buffers))


@contextmanager
def opened(span: FileSpan) -> Iterator[int]:
    """Open the span's file for reading; raises ExternalDataError where it is unsafe, missing or too short."""
    fd = _open_inside(span)
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise ExternalDataError(f"The weight file {span.path} is not a regular file.", _HINT_EXPORT)
        if info.st_nlink > 1:
            raise ExternalDataError(
                f"The weight file {span.path} is a hard link that {info.st_nlink} names share, so it may lie outside "
                "the model's folder.",
                "Replace it with a copy of its own.",
            )
        if span.offset + span.length > info.st_size:
            raise _too_short(span, info.st_size)
        yield fd
    finally:
        os.close(fd)


def _too_short(span: FileSpan, size: int) -> ExternalDataError:
    return ExternalDataError(
        f"The weight file {span.path} is cut short: {span.offset + span.length} bytes are needed, it has {size}.",
        "Copy or download it again; the copy probably broke off.",
    )


def _open_inside(span: FileSpan) -> int:
    """Open the file one component at a time, following no link."""
    *parents, name = _components(span.location)
    folder = -1
    try:
        folder = os.open(span.folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        for part in parents:
            inner = os.open(part, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError as error:
        raise ExternalDataError(
            f"The weight file {span.path} is missing: {span.offset + span.length} bytes are needed, 0 found.",
            "Put it beside the ONNX file, under the name that it had when it was exported.",
        ) from error
    except (OSError, ValueError) as error:
        if span.path.is_symlink() or any(p.is_symlink() for p in span.path.parents if p.is_relative_to(span.folder)):
            raise ExternalDataError(
                f"The weight file {span.path} is reached through a symbolic link, which may lead out of the folder.",
                "Replace the link with the file itself.",
            ) from error
        raise ExternalDataError(f"The weight file {span.path} can't be opened: {error}.", _HINT_EXPORT) from error
    finally:
        if folder >= 0:
            os.close(folder)


def _components(location: str) -> list[str]:
    """Return the parts of a relative location; raises ExternalDataError if it is absolute or leaves the folder."""
    parts = [part for part in location.split("/") if part != "."]
    unsafe = (
        not location
        or location.startswith("/")
        or any(part in {"", ".."} for part in parts)
        or any(char in location for char in "\\\0:")
        or len(location) > 1024
        or any(len(part.encode(errors="replace")) > 255 for part in parts)
        or not parts
    )
    if unsafe:
        raise ExternalDataError(
            f"A weight refers to the file {location[:200]!r}, which does not lie inside the model's folder.",
            _HINT_EXPORT,
        )
    return parts


def span_of(tensor: Any, folder: Path, nbytes: int) -> FileSpan:
    """Return where a TensorProto with external data keeps its `nbytes` bytes; raises ExternalDataError."""
    entries: dict[str, str] = {}
    for entry in tensor.external_data:
        if entry.key in entries:
            raise ExternalDataError(
                f"The weight {tensor.name[:200]!r} has two entries {entry.key[:50]!r} for its external data.",
                _HINT_EXPORT,
            )
        entries[entry.key] = entry.value
    location = entries.get("location", "")
    _components(location)
    offset = _number(tensor.name, "offset", entries.get("offset", "0"))
    length = _number(tensor.name, "length", entries.get("length", str(nbytes)))
    if length != nbytes:
        raise ExternalDataError(
            f"The weight {tensor.name[:200]!r} has {length} bytes of external data, but its shape needs {nbytes}.",
            _HINT_EXPORT,
        )
    return FileSpan(folder, location, offset, length)


def _number(name: str, key: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= MAX_OFFSET):
        raise ExternalDataError(
            f"The weight {name[:200]!r} has the {key} {text[:40]!r} in its external data, which is not a "
            "possible number of bytes.",
            _HINT_EXPORT,
        )
    return int(text)


def read_model_file(path: Path, limit: int) -> bytes:
    """Return the bytes of the ONNX file itself; raises FileError or ModelError (too big, or not a regular file)."""
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError as error:
        raise FileError(f"There is no file {path}.", "Check the path.") from error
    except (OSError, ValueError) as error:
        raise FileError(f"The file {path} can't be opened: {error}.", "Check its permissions.") from error
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise ModelError(f"{path} is not a regular file.", "Pick the model's .onnx file.")
        if info.st_size > limit:
            raise ModelError(
                f"{path} has {info.st_size} bytes, but an ONNX file can't be larger than {limit}.",
                "Save the model with its weights as external data.",
            )
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(limit)
    except OSError as error:
        raise FileError(f"The file {path} can't be read: {error.strerror}.", "Check the disk.") from error
    finally:
        os.close(fd)
