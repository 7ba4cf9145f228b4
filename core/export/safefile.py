"""Reading a stranger's model folder: only regular files of that very folder, and only bytes that are there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from core.errors import FileError, ModelError

_COPY = "Copy the real file to that place."


class RegularFile:
    """An open regular file that is read by position; use it as a context manager, or close it."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self.size = os.fstat(handle).st_size
        self._handle = handle

    def read(self, offset: int, size: int) -> bytes:
        """Return exactly `size` bytes from `offset`; raises ModelError where the file ends before."""
        if not 0 <= offset <= offset + size <= self.size:
            raise ModelError(
                f"{self.path.name} has {self.size} bytes, but its header speaks of bytes up to {offset + size}.",
                "It is damaged or cut short; fetch it again.",
            )
        parts: list[bytes] = []
        while size:
            try:
                part = os.pread(self._handle, size, offset)
            except OSError as error:
                raise FileError(f"{self.path} can't be read: {error.strerror}.", "Check the disk.") from error
            if not part:
                raise ModelError(
                    f"{self.path.name} became shorter while it was read.", "Leave it alone, and try again."
                )
            parts.append(part)
            size, offset = size - len(part), offset + len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Close the file; reading afterwards is an error."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> RegularFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_regular(path: Path) -> RegularFile:
    """Open the file that a user picked; raises FileError if it is missing, unreadable or no regular file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # opening a FIFO would wait for a writer
    except OSError as error:
        raise FileError(f"{path} can't be opened: {error.strerror}.", "Check the path and its permissions.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileError(f"{path} is not a regular file.", "Choose a model file.")
    return RegularFile(path, handle)


def open_inside(folder: Path, name: str) -> RegularFile:
    """Open the file `name` of `folder`, a name that a model's files may have given.

    Raises ModelError for a name with a path in it and for symbolic or hard links, which could lead out of the folder,
    and FileError as open_regular does.
    """
    if not name or name in {".", ".."} or set(name) & set("/\\\0"):
        raise ModelError(f"The model names the file {name[:80]!r}, which is not in its own folder.", _COPY)
    path = folder / name
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        if path.is_symlink():
            raise ModelError(f"{path} is a symbolic link, which is not followed.", _COPY) from error
        raise FileError(f"{path} can't be opened: {error.strerror}.", "Is the download complete?") from error
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1:
        os.close(handle)
        kind = "has several hard links" if stat.S_ISREG(state.st_mode) else "is not a regular file"
        raise ModelError(f"{path} {kind}, so it could lie outside of the model's folder.", _COPY)
    return RegularFile(path, handle)


def read_small(folder: Path, name: str, limit: int) -> bytes | None:
    """Return the content of a file of `folder`, None where it is absent; raises ModelError beyond `limit` bytes."""
    if not (folder / name).exists() and not (folder / name).is_symlink():
        return None
    with open_inside(folder, name) as file:
        if file.size > limit:
            raise ModelError(
                f"{folder / name} has {file.size} bytes, more than the {limit} that are read.",
                "That is not a usual model file.",
            )
        return file.read(0, file.size)
