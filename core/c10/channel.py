"""The vendor's interpreter as a child: operations in, replies out, and a sentence when it ends.

`core.c10.vendor_worker` describes the wire.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.c10.sdk import Place, environment
from core.errors import DeviceError, WorkerError, by_code

MAX_LINE = 1 << 20
"""Longest line of a reply, in bytes."""
MAX_DATA = 256 << 20
"""Most logits of a reply, in bytes."""
_END_SECONDS = 2.0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `logits` (rows, vocab) where it has some."""

    name: str
    values: dict[str, Any]
    logits: Floats | None


class VendorProcess:
    """The vendor's interpreter, started in `folder`. Its stderr is this process's; it dies with this process."""

    def __init__(self, place: Place, folder: Path | None, limit_s: float | None = None) -> None:
        """`limit_s`: it is killed after so many seconds.

        Raises DeviceError if it can't be started or doesn't say that it is ready.
        """
        self._place = place
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- the interpreter that the user named
                place.command(folder),
                cwd=folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise DeviceError(
                f"The C10 SDK's interpreter {place.sdk.python} can't be started: {error.strerror}.",
                "Check --c10-python.",
            ) from error
        self._limit = threading.Timer(limit_s or 0, self._process.kill)
        if limit_s:
            self._limit.start()
        try:
            self.python = str(self._expect(self._read(), "ready").values.get("python", ""))
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the interpreter, or of the `docker exec` that holds it."""
        return self._process.pid

    def ask(self, operation: str, answer: str, **values: Any) -> Reply:
        """Send an operation and return its reply, which is called `answer`; raises what the other side reports."""
        self._send(operation, values)
        return self._expect(self._read(), answer)

    def stream(self, operation: str, last: str, **values: Any) -> Iterator[Reply]:
        """Send an operation and give its replies up to the one called `last`; raises what the other side reports."""
        self._send(operation, values)
        while True:
            reply = self._checked(self._read())
            yield reply
            if reply.name == last:
                return

    def close(self) -> None:
        """End it: ask first, then kill."""
        with contextlib.suppress(OSError):
            self._stdin.write(b'{"op": "quit"}\n')
            self._stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._limit.cancel()
        with contextlib.suppress(OSError):
            self._stdout.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout

    def _send(self, operation: str, values: dict[str, Any]) -> None:
        line = json.dumps({"op": operation, **values}, ensure_ascii=True).encode("ascii") + b"\n"
        try:
            self._stdin.write(line)
            self._stdin.flush()
        except (OSError, ValueError):
            raise self._ended() from None

    def _read(self) -> Reply:
        line = self._stdout.readline(MAX_LINE)
        if not line:
            raise self._ended()
        try:
            values = json.loads(line)
            name, size = str(values.pop("reply")), int(values.pop("bytes"))
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
            raise self._broken(f"sent a line that is no reply: {line[:80]!r}") from error
        if not 0 <= size <= MAX_DATA:
            raise self._broken(f"announced {size} bytes of logits")
        data = self._stdout.read(size) if size else b""
        if len(data) < size:
            raise self._ended()
        return Reply(name, values, self._logits(data, values) if size else None)

    def _logits(self, data: bytes, values: dict[str, Any]) -> Floats:
        try:
            return np.frombuffer(data, dtype="<f4").reshape(tuple(values["shape"])).astype(np.float32)
        except (ValueError, LookupError, TypeError) as error:
            raise self._broken(f"sent {len(data)} bytes of logits without their shape") from error

    def _expect(self, reply: Reply, name: str) -> Reply:
        if self._checked(reply).name != name:
            raise self._broken(f"answered {reply.name[:40]!r} instead of {name!r}")
        return reply

    def _checked(self, reply: Reply) -> Reply:
        if reply.name == "failed":
            texts = {key: str(reply.values.get(key, "")) for key in ("code", "message", "hint")}
            raise by_code().get(texts["code"], DeviceError)(texts["message"], texts["hint"])
        return reply

    def _broken(self, what: str) -> WorkerError:
        self.kill()
        return WorkerError(f"The C10 SDK's interpreter {what}, so it was ended.", "Load the engine again.")

    def _ended(self) -> WorkerError:
        """Return what to tell about an interpreter that has gone."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return WorkerError(
                "The C10 SDK's interpreter stopped answering, so it was ended.", "Load the engine again."
            )
        number = -code if code < 0 else code - 128 if self._place.sdk.container and code > 128 else 0
        how = f"was killed (signal {number})" if number else f"ended unexpectedly with exit code {code}"
        return WorkerError(f"The C10 SDK's interpreter {how}.", "Load the engine again; the log has its last lines.")
