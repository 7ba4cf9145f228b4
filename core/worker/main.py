"""The worker process: `python -m core.worker` reads commands from stdin and writes events to stdout.

Nothing but events ever reaches stdout: the first thing done is to keep a private copy of it and to point file
descriptor 1 at 2. Commands run one after another on the main thread; a second thread reads them, handles `stop` at
once, and sends the heartbeat. The process ends when its parent does.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from core import __version__
from core.errors import C10Error, WorkerError
from core.events import Event, Failed, Heartbeat, Ready, Token

HEARTBEAT_S = 1.0
TOGETHER_S = 0.025
"""Tokens that come faster than this, in seconds, are written together: each line wakes the reader on the processors
that compute."""
_BURST_S = 0.001
"""Tokens closer together than this, in seconds, come from one pass."""
PARENT_VARIABLE = "C10_PANEL_PARENT"
"""Environment variable with the parent's process id, to notice a parent that died while the worker started."""

_PR_SET_PDEATHSIG = 1


def claim_stdout() -> BinaryIO:
    """Return a private copy of stdout and make everything else that is written there go to stderr."""
    private = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return private


def tie_to_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; end at once if that has happened already."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # not Linux: end of input on stdin does it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    expected = os.environ.get(PARENT_VARIABLE, "")
    if expected.isdecimal() and os.getppid() != int(expected):
        os._exit(1)


def be_the_first_victim() -> None:
    """Make the kernel prefer this process over its parent when memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 -- no pathlib import before the pipe is safe
        file.write("500")


class Channel:
    """The events' way out; threads may share it."""

    def __init__(self, out: BinaryIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._lock = threading.Lock()
        self._held = bytearray()
        """Lines of tokens that aren't written yet."""
        self._written = self._last = 0.0
        """When tokens were written last, and when the last one came, in seconds of the clock."""
        self._pace = TOGETHER_S
        """Seconds from one pass's tokens to the next one's."""

    def emit(self, event: Event) -> None:
        """Write one event, a token of a fast answer with those after it; ends the process if the parent reads no more.

        What is held goes out with the next event of any kind, a heartbeat at the latest.
        """
        line = json.dumps(event.to_json(), ensure_ascii=True).encode("ascii") + b"\n"
        with self._lock:
            self._held += line
            if isinstance(event, Token) and self._more_to_come():
                return
            try:
                rest = memoryview(bytes(self._held))
                self._held.clear()
                while rest:
                    rest = rest[self._out.write(rest) :]
            except OSError:
                os._exit(1)

    def _more_to_come(self) -> bool:
        """Return whether the token that has just come may wait for the next one."""
        now = self._clock()
        if now - self._last > _BURST_S:
            self._pace = now - self._last
        self._last = now
        if self._pace < TOGETHER_S and now - self._written < TOGETHER_S:
            return True
        self._written = now
        return False


class Inbox:
    """Reads command lines from a file descriptor on its own thread, and beats.

    `get` gives the next line with its number; `stopped(number)` says whether a stop came after it.
    """

    def __init__(self, descriptor: int, emit: Callable[[Event], None], is_stop: Callable[[bytes], bool]) -> None:
        self._descriptor = descriptor
        self._emit = emit
        self._is_stop = is_stop
        self._lines: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        self._count = 0
        self._stop_before = 0
        self.busy = False
        threading.Thread(target=self._run, name="inbox", daemon=True).start()

    def get(self) -> tuple[int, bytes]:
        """Wait for the next line."""
        return self._lines.get()

    def stopped(self, number: int) -> bool:
        """Return whether the line with this number, or a later one, was followed by a stop."""
        return number <= self._stop_before

    def _run(self) -> None:
        from core.worker.protocol import MAX_LINE_BYTES

        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            pending = bytearray()
            while True:
                if not selector.select(HEARTBEAT_S):
                    self._emit(Heartbeat(self.busy))
                    continue
                data = os.read(self._descriptor, 1 << 16)
                if not data or len(pending) > MAX_LINE_BYTES:
                    os._exit(0 if not data else 1)
                pending += data
                if b"\n" in data:
                    *lines, rest = bytes(pending).split(b"\n")
                    pending = bytearray(rest)
                    for line in lines:
                        self._take(line)

    def _take(self, line: bytes) -> None:
        if self._is_stop(line):
            self._stop_before = self._count
        elif line.strip():
            self._count += 1
            self._lines.put((self._count, line))


def serve(
    channel: Channel, inbox: Inbox, handle: Callable[[bytes, Callable[[], bool]], bool], limits: list[str]
) -> None:
    """Run commands until `handle` returns False; whatever goes wrong in one becomes a Failed event.

    `limits`: what this process has given up, in words.
    """
    channel.emit(Ready(os.getpid(), __version__, limits))
    while True:
        number, line = inbox.get()
        inbox.busy = True
        try:
            if not handle(line, lambda number=number: inbox.stopped(number)):  # type: ignore[misc]
                return
        except C10Error as error:
            channel.emit(Failed.of(error, _job_of(line)))
        except MemoryError:
            channel.emit(
                Failed(
                    "resource", "Memory ran out.", "Close other programs, or choose a smaller setting.", _job_of(line)
                )
            )
        except Exception as error:  # noqa: BLE001 -- the last line of defence: no traceback may reach a user
            sys.excepthook(type(error), error, error.__traceback__)
            reason = WorkerError(
                f"Something unexpected went wrong ({type(error).__name__}: {error}).", "The log has the details."
            )
            channel.emit(Failed.of(reason, _job_of(line)))
        finally:
            inbox.busy = False


def _job_of(line: bytes) -> str:
    """Return the job that a command line names, "" if none."""
    with contextlib.suppress(ValueError, RecursionError):
        data = json.loads(line)
        if isinstance(data, dict) and isinstance(data.get("job"), str):
            return str(data["job"])
    return ""


def main() -> None:
    """Run the worker that ships."""
    run(None)


def run(services: object) -> None:
    """Run a worker with the given `core.worker.services.Services`; None: the ones that ship."""
    out = claim_stdout()
    from core.worker.narrow import active, narrow

    narrow()  # before tie_to_parent: a change of credentials may untie
    tie_to_parent()
    be_the_first_victim()
    import faulthandler

    faulthandler.enable(sys.stderr)
    from core.worker.jobs import Jobs
    from core.worker.protocol import Stop
    from core.worker.services import Services

    stop = Stop().to_line().strip()
    channel = Channel(out)
    inbox = Inbox(0, channel.emit, lambda line: line.strip() == stop)
    chosen = services if isinstance(services, Services) else Services()
    jobs = Jobs(chosen, channel.emit)
    try:
        serve(channel, inbox, jobs.handle, active())
    finally:
        jobs.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # native threads of libraries need not be waited for
