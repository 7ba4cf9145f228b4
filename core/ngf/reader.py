"""Opening engine files: everything is checked before it is believed, and nothing is run."""

from __future__ import annotations

import contextlib
import hashlib
import math
import mmap
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, FileError, FormatError
from core.fsio import file_error
from core.ngf import layout
from core.ngf.format import Header, Section

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

BLOCK = 4 << 20
"""Bytes that are read at once when content is checked or copied."""

_MAP_NORESERVE = 0x4000  # Linux; Python's mmap doesn't name it. Without it a private map of all weights asks for swap


def no_progress(done: int, total: int) -> None:
    """Take progress and do nothing with it."""


def never() -> bool:
    """Say that nothing was cancelled."""
    return False


def read_header(path: Path) -> Header:
    """Return the checked header of the engine file `path`, without reading its sections.

    Takes at most 1 s and 64 MiB whatever the file holds. Raises FormatError (ForeignEngineError for another program's
    file) for bad content and FileError if it can't be read.
    """
    descriptor, size = _open(path)
    try:
        return _read_header(path, descriptor, size)[0]
    finally:
        os.close(descriptor)


class NgfFile:
    """An open engine file whose sections are mapped, not read; make one with `NgfFile.open`.

    Tensors are views of a private map: pages come in as they are touched, and writing to one changes this process's
    copy only. They stay valid after `close`, which gives up this object's own hold.
    """

    def __init__(self, path: Path, descriptor: int, header: Header, digest: str, header_end: int, size: int) -> None:
        self.path = path
        self.header = header
        self.digest = digest
        """SHA-256 (hex) of the header, and so, through the sections' digests in it, of the whole engine."""
        self.size = size
        self._header_end = header_end
        self._descriptor = descriptor
        self._sections = {section.name: section for section in header.sections}
        self._map: mmap.mmap | None = None

    @classmethod
    def open(cls, path: Path) -> NgfFile:
        """Open `path` after the same checks as `read_header`; raises what it raises."""
        path = Path(path)
        descriptor, size = _open(path)
        try:
            header, digest, header_end = _read_header(path, descriptor, size)
            return cls(path, descriptor, header, digest, header_end, size)
        except BaseException:
            os.close(descriptor)
            raise

    def __enter__(self) -> NgfFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, name: object) -> bool:
        return name in self._sections

    def close(self) -> None:
        """Give up the file and the map; tensors that are still in use keep their pages."""
        if self._map is not None:
            with contextlib.suppress(BufferError):  # tensors still refer to it: it goes with the last of them
                self._map.close()
            self._map = None
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def tensor(self, name: str, *, alone: bool = False) -> NDArray[Any]:
        """Return the weight `name` in its shape, without copying; bfloat16 comes as uint16. Raises FormatError.

        `alone`: through a map of this section only, for a process that is to hold no others.
        """
        section = self._section(name)
        if section.kind != "weight":
            raise FormatError(
                f"{self.path}: the section {name!r} is a {section.kind}, not a weight.",
                "Compile the model again with this program.",
            )
        dtype = np.dtype("uint16" if section.dtype == "bfloat16" else section.dtype).newbyteorder("<")
        source, offset = (
            (self._map_of(section.offset, section.length), 0) if alone else (self._mapped(), section.offset)
        )
        return np.frombuffer(source, dtype, math.prod(section.shape), offset).reshape(section.shape)

    def bytes_of(self, name: str) -> bytes:
        """Return a copy of the section `name`, its digest checked (for code and tokenizers); raises FormatError."""
        section = self._section(name)
        data = self.read(section.offset, section.length)
        if hashlib.sha256(data).hexdigest() != section.sha256:
            raise damaged(self.path, section)
        return data

    def verify(self, progress: Progress = no_progress, cancelled: Callable[[], bool] = never) -> None:
        """Check the digest of every section and that all padding is zero.

        Reads the file once in blocks. Raises FormatError naming the first damaged part, Cancelled when `cancelled`
        returns True.
        """
        self._check_padding()
        done, total = 0, sum(section.length for section in self.header.sections)
        for section in self.header.sections:
            digest = hashlib.sha256()
            for start in range(section.offset, section.end, BLOCK):
                if cancelled():
                    raise Cancelled("Checking the engine was stopped.")
                data = self.read(start, min(BLOCK, section.end - start))
                digest.update(data)
                done += len(data)
                progress(done, total)
            if digest.hexdigest() != section.sha256:
                raise damaged(self.path, section)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes at `offset`; raises FormatError if the file ends before, FileError if unreadable."""
        return _read(self.path, self._descriptor, offset, length)

    def _check_padding(self) -> None:
        for offset, length in layout.gaps(self.header.sections, self._header_end):
            if any(self.read(offset, length)):
                raise FormatError(f"{self.path} has data in the padding at byte {offset}.", "Copy or compile it again.")

    def _section(self, name: str) -> Section:
        if name not in self._sections:
            raise FormatError(f"{self.path} has no section {name!r}.", "Compile the model again with this program.")
        return self._sections[name]

    def _mapped(self) -> mmap.mmap:
        if self._map is None:
            self._map = self._map_of(0, self.size)
        return self._map

    def _map_of(self, offset: int, length: int) -> mmap.mmap:
        """Return a private map of a part of the file; `offset` is a multiple of layout.ALIGN."""
        if self._descriptor < 0:
            raise FileError(f"{self.path} is closed already.", "Open it again.")
        if os.fstat(self._descriptor).st_size != self.size:
            raise FormatError(f"{self.path} has changed its size since it was opened.", "Copy or compile it again.")
        flags = mmap.MAP_PRIVATE | _MAP_NORESERVE
        try:
            return mmap.mmap(self._descriptor, length, flags, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)
        except OSError as error:
            raise file_error(error, self.path, "mapped") from error


def _open(path: Path) -> tuple[int, int]:
    """Return a descriptor of the regular file `path` and its size; raises FormatError or FileError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO mustn't hang us
        state = os.fstat(descriptor)
    except OSError as error:
        raise file_error(error, path, "opened") from error
    except ValueError as error:
        raise FileError(f"{str(path)!r} is not a file name.", "Check the path.") from error
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise FormatError(f"{path} is not a regular file.", "Choose an .ngf file.")
    return descriptor, state.st_size


def _read_header(path: Path, descriptor: int, size: int) -> tuple[Header, str, int]:
    """Return the header, its digest (hex) and the offset after its last byte."""
    start = _read(path, descriptor, 0, min(size, layout.PREFIX_SIZE))
    try:
        prefix = layout.parse_prefix(start, size)
        header = layout.parse_header(_read(path, descriptor, layout.PREFIX_SIZE, prefix.header_length), prefix)
        end = layout.PREFIX_SIZE + prefix.header_length
        layout.check_layout(header.sections, end, size)
    except FormatError as error:
        raise type(error)(f"{path}: {error.message}", error.hint or "Copy or compile it again.") from error
    return header, prefix.header_digest.hex(), end


def _read(path: Path, descriptor: int, offset: int, length: int) -> bytes:
    parts, end = [], offset + length
    while offset < end:
        try:
            part = os.pread(descriptor, end - offset, offset)
        except OSError as error:
            raise file_error(error, path, "read") from error
        if not part:
            raise FormatError(
                f"{path} ends at byte {offset}, {end - offset} bytes too early.", "Copy or compile it again."
            )
        parts.append(part)
        offset += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def damaged(path: Path, section: Section) -> FormatError:
    """Return the error for a section of `path` whose bytes don't have its digest."""
    return FormatError(
        f"{path}: the digest of the section {section.name!r} doesn't match: the file is damaged.",
        "Copy or compile it again.",
    )
