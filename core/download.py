"""Fetching the vendor's model archive: resumable, with more than one host, checked, and unpacked safely."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, BinaryIO

from core.errors import Cancelled, DownloadError, UsageError
from core.fsio import file_error, make_folder, require_space, sync_folder
from core.unpack import extract, find_model

__all__ = ["ARCHIVE_NAME", "DEFAULT_HOSTS", "download", "extract", "find_model", "model_urls"]

ARCHIVE_NAME = "chatglm2_6b_20230624_onnx.tar.gz"
DEFAULT_HOSTS = ("https://download.hexaflake.com/release",)
"""The vendor's documented release host. Where the vendor keeps the model may change: pass other hosts then."""

CHUNK = 1 << 20
_TIMEOUT_S = 30.0
_ROUNDS = 2
"""Times that every host is tried without a single new byte before giving up."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and the bytes that there will be (None: unknown)."""


def model_urls(hosts: Sequence[str] = DEFAULT_HOSTS) -> tuple[str, ...]:
    """Return the archive's address on each of `hosts`."""
    return tuple(f"{host.rstrip('/')}/{ARCHIVE_NAME}" for host in hosts)


def download(
    urls: Sequence[str],
    target: Path,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> Path:
    """Fetch `target` from the first of `urls` that gives it and return its path.

    What has arrived stays in `target`.partial, so that a later call goes on from there, with another host if need be.

    Args:
        urls: http or https addresses of the same file.
        target: the file to make; a right one that is there already is left as it is.
        size: its bytes, if known.
        sha256: its digest in hexadecimal; without it only the length is checked.
        progress: told about every chunk.
        cancelled: asked after every chunk.
        timeout_s: longest silence of a host.

    Raises:
        DownloadError: no host gave the whole file, or it isn't the right one.
        ResourceError: the disk hasn't enough room.
        FileError: the file can't be written, or another process is fetching it.
        Cancelled: `cancelled` returned true; what has arrived is kept.
        UsageError: an address is neither http nor https.
    """
    if not urls:
        raise UsageError("No address to download from was given.", "Give at least one.")
    for url in urls:
        if not re.match(r"https?://[^/\s]+/\S*$", url):
            raise UsageError(f"{url!r} is not an http or https address.", "Give the whole address of the archive.")
    target = target.absolute()
    job = _Job(target, size, sha256.lower() if sha256 else None, progress, cancelled, timeout_s)
    make_folder(target.parent)
    try:
        if target.is_file():
            with target.open("rb") as file:
                job.take_stock(file)
            if job.is_complete() and job.is_right():
                return target
        with _locked(target.with_name(f"{target.name}.partial")) as (part, file):
            job.take_stock(file)
            resumed = job.done > 0
            _fetch(job, urls, file)
            if resumed and not job.is_right():  # the old bytes may have been another file's: one fresh try
                _restart(job, file)
                _fetch(job, urls, file)
            if not job.is_right():
                part.unlink()
                raise DownloadError(
                    f"The file that arrived has the SHA-256 {job.digest.hexdigest()}, not {job.sha256}.",
                    "It was changed or damaged on the way and has been removed; try another host.",
                )
            file.flush()
            os.fsync(file.fileno())
            part.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise file_error(error, target) from error
    return target


@dataclass
class _Job:
    """One download: what is wanted, and what is there."""

    target: Path
    size: int | None
    sha256: str | None
    progress: Progress | None
    cancelled: Callable[[], bool] | None
    timeout_s: float
    done: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def take_stock(self, file: BinaryIO) -> None:
        """Count and digest what `file` holds."""
        self.done, self.digest = 0, hashlib.sha256()
        while chunk := file.read(CHUNK):
            self.add(chunk)

    def add(self, chunk: bytes) -> None:
        self.done += len(chunk)
        self.digest.update(chunk)
        if self.progress:
            self.progress(self.done, self.size)
        if self.cancelled and self.cancelled():
            raise Cancelled("The download was stopped.", "Start it again to go on from there.")

    def is_complete(self) -> bool:
        return self.size is not None and self.done == self.size

    def is_right(self) -> bool:
        return self.sha256 is None or self.digest.hexdigest() == self.sha256


@contextlib.contextmanager
def _locked(part: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open the partial file for reading and writing, for this process only."""
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError(f"{part} is being fetched by another process.", "Wait for it to end.") from error
        yield part, file


def _fetch(job: _Job, urls: Sequence[str], file: BinaryIO) -> None:
    """Fill `file`; a host that cuts the connection is asked again as long as it gives new bytes."""
    failures: list[str] = []
    while not job.is_complete():
        if len(failures) >= _ROUNDS * len(urls):
            raise DownloadError(
                f"None of {len(urls)} hosts gave the whole file ({job.done} bytes arrived): {failures[-1]}.",
                "Check the network and the addresses, then start again: what arrived is kept.",
            )
        before, url = job.done, urls[len(failures) % len(urls)]
        try:
            _request(job, url, file)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            reason = getattr(error, "reason", None) or error
            failures = [*failures, f"{url}: {reason}"] if job.done <= before else []


def _request(job: _Job, url: str, file: BinaryIO) -> None:
    """Ask one host for what is missing; returns when it has sent all it announced."""
    request = urllib.request.Request(url, headers={"User-Agent": "c10-panel", "Accept-Encoding": "identity"})  # noqa: S310 -- http(s) only, checked by download
    if job.done:
        request.add_header("Range", f"bytes={job.done}-")
    try:
        response = _opener().open(request, timeout=job.timeout_s)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and job.done:
            _restart(job, file)  # what is there doesn't fit what the host has
            raise urllib.error.URLError("it has less than had arrived") from error
        raise
    with response:
        start, total = _extent(response.status, response.headers)
        if start not in (0, job.done) or (job.size is not None and total not in (None, job.size)):
            raise urllib.error.URLError(f"it offers {total} bytes from {start} on, not {job.size} from {job.done}")
        if start == 0 and job.done:
            _restart(job, file)  # a host that can't resume
        if job.size is None:
            job.size = total
        require_space(job.target.parent, (job.size or 0) - job.done)
        _receive(job, response, file)
        if job.size is None:
            job.size = job.done  # the host didn't say, and closed the connection


def _restart(job: _Job, file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()
    job.take_stock(file)


def _receive(job: _Job, response: IO[bytes], file: BinaryIO) -> None:
    file.seek(job.done)
    while chunk := _read(response):
        if job.size is not None and job.done + len(chunk) > job.size:
            raise urllib.error.URLError(f"it sends more than {job.size} bytes")
        file.write(chunk)
        job.add(chunk)
    file.flush()
    if job.size is not None and job.done < job.size:
        raise ConnectionError(f"the connection ended after {job.done} of {job.size} bytes")


def _read(response: IO[bytes]) -> bytes:
    try:
        return response.read(CHUNK)
    except OSError as error:  # so that it isn't taken for an error of the disk
        raise ConnectionError(str(error)) from error


def _extent(status: int, headers: Message) -> tuple[int, int | None]:
    """Return the first byte's position and the whole file's size (None: not told) of an answer."""
    if status == http.HTTPStatus.PARTIAL_CONTENT:
        match = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", headers.get("Content-Range", ""))
        if match is None:
            raise urllib.error.URLError("it answers with an unknown part of the file")
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = headers.get("Content-Length", "")
    return 0, int(length) if re.fullmatch(r"\d{1,18}", length) else None


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only, and never from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        allowed = ("https://",) if req.full_url.startswith("https://") else ("https://", "http://")
        if not newurl.lower().startswith(allowed):
            raise urllib.error.URLError(f"it redirects to {newurl[:80]!r}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoDowngrade())
