"""The vendor's other output (without --ngf): NAME.tar and NAME_inc.tar, with base.json and inc.json beside them.

An archive holds `header.json` and one member for each section of the engine file; the JSON files list what each entry
point is called with.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from core import fsio, strictjson
from core.compiler.arguments import Entry, entry_arguments
from core.ngf.format import Header, PlannedSection

ENTRIES: dict[str, tuple[Entry, ...]] = {"base": ("base", "score"), "incremental": ("incremental",)}
JSON_NAMES = {"base": "base.json", "incremental": "inc.json"}


class ArchiveWriter:
    """Context manager that writes one archive; takes sections as NgfWriter does, but strictly in the planned order."""

    def __init__(self, path: Path, header: Header, planned: list[PlannedSection]) -> None:
        self.path, self.header = path, header
        self._left = {section.name: section.length for section in planned}
        self._open = ""
        self._stack = contextlib.ExitStack()
        self._file: BinaryIO = io.BytesIO()

    def __enter__(self) -> ArchiveWriter:
        self._file = self._stack.enter_context(fsio.publish(self.path, sum(self._left.values())))
        self._flusher = self._stack.enter_context(fsio.Flusher(self._file.fileno()))
        self._member("header.json", _header_json(self.header))
        return self

    def write(self, name: str, data: Any) -> None:
        """Append `data` (bytes or an array) to the member `name`."""
        if name != self._open:
            self._pad()
            self._start(name, self._left[name])
            self._open = name
        written = self._file.write(memoryview(data).cast("B"))
        self._left[name] -= written
        self._flusher.wrote(written)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        with self._stack:
            if error is not None:
                raise error
            self._pad()
            self._file.write(bytes(2 * tarfile.BLOCKSIZE))
            self._file.truncate()

    def _member(self, name: str, content: bytes) -> None:
        self._start(name, len(content))
        self._file.write(content)
        self._pad()

    def _start(self, name: str, length: int) -> None:
        info = tarfile.TarInfo(name)
        info.size = length
        self._file.write(info.tobuf(tarfile.PAX_FORMAT))

    def _pad(self) -> None:
        self._file.write(bytes(-self._file.tell() % tarfile.BLOCKSIZE))


def write_entry_lists(folder: Path, header: Header) -> None:
    """Write base.json and inc.json: for each entry point its arguments with shape, type and kind."""
    for part, entries in ENTRIES.items():
        lists = {entry: list(_described(entry, header)) for entry in entries}
        data = {"spec": header.spec.to_json(), "config": header.config.to_json(), "entries": lists}
        fsio.write_bytes(folder / JSON_NAMES[part], strictjson.dumps(data))


def _described(entry: Entry, header: Header) -> Iterator[dict[str, Any]]:
    for argument in entry_arguments(entry, header.spec, header.config):
        yield {
            "name": argument.name,
            "shape": list(argument.shape),
            "dtype": argument.dtype,
            "kind": argument.kind,
        }


def _header_json(header: Header) -> bytes:
    described = header.to_json()
    return strictjson.dumps({name: described[name] for name in described if name not in ("sections", "weights_digest")})
