"""Unpacking a .tar.gz from the network: plain files and folders only, into a new folder, whole or not at all."""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn

from core.errors import Cancelled, DownloadError, ModelError
from core.fsio import file_error, publish_folder, require_space

MAX_BYTES = 64 << 30
"""Most bytes that an archive may unpack to."""
MAX_FILES = 10_000
_CHUNK = 1 << 20
_MAX_READ = 4 << 20
"""Longest single read of tarfile: names and extended headers, which it holds in memory."""
_MAX_PADDING = 1 << 20

Progress = Callable[[int, int | None], None]


def extract(
    archive: Path,
    folder: Path,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Unpack `archive` as the new folder `folder` and return it.

    `progress` is told the bytes of the archive that are read and its size.

    Raises:
        DownloadError: damaged, or with an entry that is no plain file or folder, leads out of the folder, comes twice,
            or makes the whole larger than `max_bytes`. Nothing is left behind.
        ResourceError: the disk hasn't enough room.
        FileError: a file can't be read or written, or `folder` is taken.
        Cancelled: `cancelled` returned true; nothing is left behind.
    """
    try:
        packed = archive.open("rb")
    except OSError as error:
        raise file_error(error, archive, "read") from error
    with packed, publish_folder(folder) as part:
        unpacker = _Unpacker(packed, part, archive.name, max_bytes, progress, cancelled)
        try:
            unpacker.run()
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError) as error:
            unpacker.refuse(f"is damaged: {error}", error)
    return folder


def find_model(folder: Path) -> Path:
    """Return the path of the one model.onnx below `folder`; raises ModelError where there is none, or several."""
    found = sorted(folder.rglob("model.onnx"))
    if len(found) != 1:
        raise ModelError(
            f"{folder} holds {len(found)} files named model.onnx, not one.", "Choose the model file yourself."
        )
    return found[0]


class _Limited:
    """A decompressed stream that refuses long reads, so that a forged header can't fill the memory."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_READ:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._file.read(size)

    def seek(self, position: int) -> int:
        return self._file.seek(position)

    def tell(self) -> int:
        return self._file.tell()


class _Unpacker:
    """Writes the entries of one archive into an empty folder."""

    def __init__(
        self,
        packed: BinaryIO,
        folder: Path,
        name: str,
        max_bytes: int,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._packed, self._folder, self._name, self._max_bytes = packed, folder, name, max_bytes
        self._progress, self._cancelled = progress, cancelled
        self._size = os.fstat(packed.fileno()).st_size
        self._total = self._files = 0

    def refuse(self, what: str, error: Exception | None = None) -> NoReturn:
        raise DownloadError(f"The archive {self._name} {what}.", "Fetch it again, or from another host.") from error

    def run(self) -> None:
        with gzip.GzipFile(fileobj=self._packed) as stream:
            with tarfile.open(fileobj=_Limited(stream), mode="r:") as tar:  # type: ignore[call-overload] # seek, tell, read are all it needs
                for entry in tar:
                    self._admit(entry)
                    path = self._folder / entry.name
                    if entry.isdir():
                        path.mkdir(parents=True, exist_ok=True)
                    else:
                        self._write(tar, entry, path)
            self._check_end(stream)

    def _check_end(self, stream: gzip.GzipFile) -> None:
        """Read the padding after the last entry: gzip's checksum comes behind it."""
        left = _MAX_PADDING
        while chunk := stream.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0 or any(chunk):
                self.refuse("has something behind its last file")

    def _admit(self, entry: tarfile.TarInfo) -> None:
        shown = repr(entry.name[:80])
        self._files += 1
        self._total += entry.size
        if self._files > MAX_FILES or self._total > self._max_bytes:
            self.refuse(f"unpacks to more than {self._max_bytes} bytes or {MAX_FILES} files")
        if not (entry.isreg() or entry.isdir()) or entry.issparse():
            self.refuse(f"holds {shown}, which is neither a plain file nor a folder")
        if not _stays_inside(entry.name):
            self.refuse(f"holds {shown}, which leads out of its folder")
        second_opinion = getattr(tarfile, "data_filter", None)  # Python before 3.11.4 lacks it: the rules above suffice
        if second_opinion is not None:
            second_opinion(entry, str(self._folder))
        require_space(self._folder, entry.size)

    def _write(self, tar: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> None:
        source = tar.extractfile(entry)
        if source is None or path.exists():
            self.refuse(f"holds {entry.name[:80]!r} twice")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            left = entry.size
            while left:
                chunk = source.read(min(left, _CHUNK))
                if not chunk:
                    self.refuse(f"ends inside of {entry.name[:80]!r}")
                file.write(chunk)
                left -= len(chunk)
                self._report()

    def _report(self) -> None:
        if self._progress:
            self._progress(self._packed.tell(), self._size)
        if self._cancelled and self._cancelled():
            raise Cancelled("Unpacking was stopped.", "Start it again; the archive is kept.")


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
