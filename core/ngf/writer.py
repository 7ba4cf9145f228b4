"""Writing engine files: sections stream in, any number of them at a time, and are hashed on the way."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import fsio
from core.errors import FormatError
from core.ngf import layout
from core.ngf.format import Header, PlannedSection, Section, digest_of_weights

Data = bytes | bytearray | memoryview


def planned_size(header: Header, planned: Sequence[PlannedSection]) -> int:
    """Return the exact size in bytes of the file that would be written; raises FormatError as NgfWriter does."""
    return layout.plan(header, planned).file_size


class NgfWriter:
    """Context manager that writes an engine file, published as `path` at the end of the block or not at all.

    `header` needs no sections and no digest of weights: they come from `planned`, in this order. The disk space is
    reserved at the start. Raises FormatError for a plan that breaks a rule, ResourceError if the disk is too small,
    FileError if `path` can't be written.
    """

    def __init__(self, path: Path, header: Header, planned: Sequence[PlannedSection]) -> None:
        self.path = Path(path)
        self.header = layout.plan(header, planned)
        """Places are final from the start; digests are filled in at the end of the block."""
        self.digest = ""
        """SHA-256 (hex) of the header, as `NgfFile.digest`; known at the end of the block."""
        self._streams = {section.name: _Stream(section) for section in self.header.sections}
        self._stack = contextlib.ExitStack()
        self._descriptor = -1

    @property
    def size(self) -> int:
        """Return the size of the whole file in bytes."""
        return self.header.file_size

    def __enter__(self) -> NgfWriter:
        self._descriptor = self._stack.enter_context(fsio.publish(self.path, self.size)).fileno()
        self._flusher = self._stack.enter_context(fsio.Flusher(self._descriptor))
        return self

    def write(self, name: str, data: Data | NDArray[Any]) -> None:
        """Append `data` (bytes or an array, as its elements lie in C order) to the section `name`.

        Sections may be written in turns. Raises FormatError for an unknown section or more bytes than planned, OSError
        when writing fails (the block's end maps it to FileError or ResourceError).
        """
        if name not in self._streams:
            raise FormatError(f"The section {name!r} was not planned.")
        view = data.reshape(-1).view(np.uint8).data if isinstance(data, np.ndarray) else memoryview(data).cast("B")
        stream = self._streams[name]
        if len(view) > stream.missing:
            raise FormatError(f"The section {name!r} gets {len(view) - stream.missing} bytes more than planned.")
        fsio.write_at(self._descriptor, view, stream.section.offset + stream.written)
        stream.digest.update(view)
        stream.written += len(view)
        self._flusher.wrote(len(view))

    def digest_of(self, name: str) -> str:
        """Return the SHA-256 (hex) of what the section `name` has got so far."""
        return self._streams[name].digest.hexdigest()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        # The stack's own exit sees what happens in _finish, so a failure there removes the file as well.
        with self._stack:
            if error is not None:
                raise error
            self._finish()
        return None

    def _finish(self) -> None:
        for stream in self._streams.values():
            if stream.missing:
                raise FormatError(f"The section {stream.section.name!r} lacks {stream.missing} bytes of those planned.")
        sections = tuple(stream.finished() for stream in self._streams.values())
        self.header = replace(self.header, sections=sections, weights_digest=digest_of_weights(sections))
        data = layout.header_bytes(self.header)
        self.digest = hashlib.sha256(data).hexdigest()
        fsio.write_at(self._descriptor, layout.prefix_bytes(data) + data, 0)


class _Stream:
    """How far one section is written."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.written = 0
        self.digest = hashlib.sha256()

    @property
    def missing(self) -> int:
        return self.section.length - self.written

    def finished(self) -> Section:
        return replace(self.section, sha256=self.digest.hexdigest())
