"""The one file writer: a save leaves exactly the old bytes or exactly the new ones.

Temporary file in the same folder, fsync, rename, fsync of the folder. While it is written, a temporary file is locked
(flock), so `sweep` can tell the debris of a killed process from work that goes on. Two processes that save the same
file at once don't mix: each has its own temporary file, and the one that finishes last wins.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from core.errors import C10Error, FileError, ResourceError
from core.system import cache_dir, format_bytes, started_before

_PART = re.compile(r"\..*\.(?P<pid>\d{1,10})-[0-9a-f]{12}\.part", re.DOTALL)
FLUSH_BYTES = 32 << 20
"""Written bytes after which a file's data is sent to the disk."""
LOCK_S = 5.0
"""Longest wait for another process that is changing the same file, in seconds."""
_MAX_NAME_BYTES = 200  # leaves room for the pid and the random part within a file system's 255 bytes


@contextlib.contextmanager
def publish(path: Path, size: int = 0) -> Iterator[BinaryIO]:
    """Give a file to write whose content becomes `path` at the end of the with block, all of it or nothing.

    The file is open for reading and writing; `size` (bytes, 0: unknown) is reserved on the disk beforehand, so the
    file gets at least that length. An exception in the block removes the temporary file and leaves `path` as it was.
    Raises FileError, and ResourceError when the disk is full, also for an OSError that the block lets out.
    """
    path = Path(path).absolute()
    part = _part_path(path)
    with _mapped(path):
        if path.is_dir():
            raise FileError(f"{path} is a folder, so no file can be written there.", "Choose another file name.")
        if size:
            require_space(path.parent, size)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                _locked(file.fileno())  # without locks, the pid in the name still tells
                if size:
                    preallocate(file.fileno(), size)
                yield file
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)  # while still open: the lock keeps a sweep away until it has its name
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        sync_folder(path.parent)


@contextlib.contextmanager
def publish_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill that becomes `path` at the end of the with block, all of it or nothing.

    `path` must not exist yet or be an empty folder. Raises FileError and ResourceError as `publish` does.
    """
    path = Path(path).absolute()
    part = _part_path(path)
    with _mapped(path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise FileError(
                f"{path} exists already and is not an empty folder.", "Choose another folder, or remove it first."
            )
        part.mkdir()
        try:
            lock = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                _locked(lock)
                yield part
                _sync_tree(part)
                part.replace(path)
            finally:
                os.close(lock)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        sync_folder(path.parent)


@contextlib.contextmanager
def staging(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path` for another program to write into; it is gone after the with block.

    What is to stay leaves it through `adopt`. Raises FileError and ResourceError.
    """
    part = _part_path(Path(path).absolute())
    with _mapped(part):
        part.mkdir()
        lock = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _locked(lock)
        yield part
    finally:
        os.close(lock)
        shutil.rmtree(part, ignore_errors=True)


def adopt(source: Path, path: Path) -> None:
    """Make the finished file `source` durable and give it the name `path`, on the same file system.

    Raises FileError and ResourceError; then `path` is as it was.
    """
    with _mapped(path):
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        source.replace(path)
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Save `data` as `path`; raises FileError or ResourceError and then leaves the old content."""
    with publish(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Save `text` as `path` in UTF-8; raises as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def make_folder(path: Path) -> Path:
    """Make the folder `path` and its parents where missing and return it; raises FileError or ResourceError."""
    with _mapped(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def is_file(path: Path) -> bool:
    """Return whether there is a file `path`; what can't be looked at (permissions, a failing disk) isn't there."""
    return _is(path, stat.S_ISREG)


def is_folder(path: Path) -> bool:
    """Return whether there is a folder `path`, as `is_file` does."""
    return _is(path, stat.S_ISDIR)


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    try:
        return kind(path.stat().st_mode)
    except (OSError, ValueError):  # a name with a null byte is no name
        return False


def files_below(folder: Path, suffix: str) -> list[Path]:
    """Return the files with this suffix in `folder` and below it, sorted; what can't be looked into is passed over."""
    return sorted(Path(root, name) for root, _, names in os.walk(folder) for name in names if name.endswith(suffix))


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep other processes out that want to read, change and save `path`; after LOCK_S seconds, go on all the same.

    Only for moments: whoever waits does so without a sign of life. Raises FileError if the lock file can't be made.
    """
    lock = path.with_name(f"{path.name}.lock")
    with _mapped(lock):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        deadline = time.monotonic() + LOCK_S
        while not _locked(descriptor) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def claim(path: Path) -> Iterator[None]:
    """Let nobody else claim `path` meanwhile; raises FileError if another job has claimed it.

    The lock lies in the folder for caches, not beside `path`; where none can be made there, nobody is kept off.
    """
    place = os.path.realpath(path)
    lock = cache_dir() / "locks" / f"{hashlib.sha256(os.fsencode(place)).hexdigest()[:32]}.lock"
    descriptor = -1
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError:
        yield
        return
    try:
        if not _locked(descriptor):
            raise FileError(
                f"{path} is being written by another job already.", "Wait for it to end, or choose another name."
            )
        yield
    finally:
        os.close(descriptor)


def preallocate(descriptor: int, size: int) -> None:
    """Reserve `size` bytes for an open file, so that a full disk shows now; raises OSError (ENOSPC)."""
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
        os.ftruncate(descriptor, size)  # this file system can't reserve: at least the size is right


def write_at(descriptor: int, data: bytes | memoryview, offset: int) -> None:
    """Write all of `data` at byte `offset` of an open file; raises OSError."""
    rest = memoryview(data).cast("B")
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]


class Flusher:
    """Context manager that brings an open file to the disk while it is being written.

    Left to the end, an fsync of gigabytes holds its process for as long as the disk takes, and nothing can end it. A
    thread syncs each `piece` bytes; at most two pieces wait. Raises OSError from `wrote`, and at the block's end.
    """

    def __init__(self, descriptor: int, piece: int = FLUSH_BYTES) -> None:
        self._descriptor, self._piece = descriptor, piece
        self._new = 0
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def __enter__(self) -> Flusher:
        return self

    def wrote(self, count: int) -> None:
        """Take note of `count` more bytes; may wait for the disk."""
        self._new += count
        if self._new < self._piece:
            return
        self._wait()
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._running = self._pool.submit(os.fdatasync, self._descriptor)
        self._new = 0

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._wait()
        finally:
            if self._pool:
                self._pool.shutdown()

    def _wait(self) -> None:
        if self._running:
            self._running.result()
            self._running = None


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; raises OSError, except where the file system can't sync folders."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):
            raise
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> list[Path]:
    """Remove what killed writers left in `folder` (not below it) and return what went; errors are passed over.

    Only names of the writer's own pattern are touched, and only if no living process holds them: neither the process
    that the name tells, nor another (in another container, for instance) that has the file locked.
    """
    removed = []
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:
        return []
    for entry in entries:
        match = _PART.fullmatch(entry.name)
        if match is None:
            continue
        with contextlib.suppress(OSError):
            if _is_debris(entry, int(match["pid"])):
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
                removed.append(entry)
    return removed


def sweep_all(folders: Iterable[Path]) -> list[Path]:
    """Do as `sweep` does for `folders` and the folders right in them; return what went."""
    removed = []
    for folder in folders:
        removed += sweep(folder)
        with contextlib.suppress(OSError):
            for inner in sorted(folder.iterdir()):
                if inner.is_dir() and not inner.is_symlink():
                    removed += sweep(inner)
    return removed


def free_bytes(folder: Path) -> int:
    """Return the bytes that this user can still write in `folder` (or its nearest existing parent)."""
    folder = Path(folder).absolute()
    with _mapped(folder):
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def require_space(folder: Path, needed: int) -> None:
    """Raise ResourceError with the bytes needed and free, unless `folder` has room for `needed` bytes."""
    free = free_bytes(folder)
    if free < needed:
        raise ResourceError(
            f"{format_bytes(needed)} ({needed} bytes) are needed in {folder}, but only {format_bytes(free)} "
            f"({free} bytes) are free.",
            "Free some space, or choose a folder on another disk.",
        )


def file_error(error: OSError, path: Path, doing: str = "written") -> C10Error:
    """Return the error to show for `error`, which arose while `path` was being `doing` ("written", "read").

    A full disk gives a ResourceError with the bytes free, everything else a FileError.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = ""
        with contextlib.suppress(C10Error, OSError):
            count = free_bytes(Path(path).parent)
            free = f" ({count} bytes are free)"
        return ResourceError(
            f"The disk is full: {path} couldn't be {doing}{free}.",
            "Free some space, or choose a folder on another disk.",
        )
    subject, participle = os.fspath(path), doing
    if isinstance(error.filename, str | bytes) and not _is_ours(os.fsdecode(error.filename), Path(path)):
        subject, participle = os.fsdecode(error.filename), "used"
    reason = (error.strerror or str(error)).lower()
    hint = _HINTS.get(error.errno or 0, "Check the folder and the disk.")
    return FileError(f"{subject} can't be {participle}: {reason}.", hint)


_HINTS = {
    errno.ENOENT: "Check the path; the folder must exist.",
    errno.EACCES: "Check the permissions, or choose another folder.",
    errno.EPERM: "Check the permissions, or choose another folder.",
    errno.EROFS: "Choose a folder that can be written.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EFBIG: "The file system or a limit of this session doesn't allow files this large.",
    errno.EIO: "The disk reported an error; check it, or choose another one.",
}


def _is_ours(name: str, path: Path) -> bool:
    return name == os.fspath(path) or _PART.fullmatch(Path(name).name) is not None


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise file_error(error, path) from error


def _part_path(path: Path) -> Path:
    name = os.fsdecode(os.fsencode(path.name)[:_MAX_NAME_BYTES])
    return path.with_name(f".{name}.{os.getpid()}-{secrets.token_hex(6)}.part")


def _locked(descriptor: int) -> bool:
    """Lock an open file; return False if another process has it. A file system without locks counts as free."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _is_debris(entry: Path, pid: int) -> bool:
    state = entry.lstat()
    if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)) or started_before(pid, state.st_mtime):
        return False
    descriptor = os.open(entry, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return _locked(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            descriptor = os.open(Path(root, name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(root))
