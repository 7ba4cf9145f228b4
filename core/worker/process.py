"""The one runner of child processes: lines of JSON in and out, caps on everything, and an outcome in a sentence.

A child belongs to the thread that starts it: the kernel kills the child when that thread ends, so it must be the
thread that reads its events. Any thread may `send` to it or `kill` it.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import core
from core.errors import C10Error, WorkerError
from core.events import Event, from_json
from core.worker.main import PARENT_VARIABLE
from core.worker.narrow import NETWORK_VARIABLE
from core.worker.protocol import MAX_LINE_BYTES, Command, needs_network

LOG_BYTES = 64 << 10
"""How much of a child's stderr is kept."""

GRACE_S = 1.0
"""Time between asking a child's process group to end and killing it."""

_READ = 1 << 16


def worker_command() -> list[str]:
    """Return the command that starts the worker that ships, isolated from the folder it is started in."""
    return [sys.executable, "-P", "-m", "core.worker"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended. `violation`: what it did against the protocol, "" if nothing."""

    returncode: int
    asked: bool
    """The parent told it to end."""
    violation: str = ""

    @property
    def sentence(self) -> str:
        """Return what to tell the user, "" if the child was asked to end."""
        if self.asked:
            return ""
        if self.violation:
            return f"The worker process {self.violation}, so it was ended."
        if self.returncode == -signal.SIGKILL:
            return "The worker process was killed (signal 9), probably because memory ran out."
        if self.returncode < 0:
            return f"The worker process crashed with signal {-self.returncode} ({_signal_name(-self.returncode)})."
        return f"The worker process ended unexpectedly with exit code {self.returncode}."

    def error(self) -> WorkerError:
        """Return the sentence as an error with a next step."""
        return WorkerError(self.sentence or "The worker process has ended.", "Try again; the log has its last lines.")


def environment_for(commands: Iterable[Command]) -> dict[str, str]:
    """Return the variables that a worker for `commands` is started with."""
    return {NETWORK_VARIABLE: "keep"} if any(map(needs_network, commands)) else {}


class Waker:
    """Wakes the thread that waits in `Child.poll`, from any thread."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self._lock = threading.Lock()
        self._open = True
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._read

    def wake(self) -> None:
        """End the current or next wait."""
        with self._lock, contextlib.suppress(BlockingIOError):  # full: it is awake already
            if self._open:
                os.write(self._write, b"!")

    def wait(self) -> None:
        """Wait for a wake."""
        _wait_for(self._read, None)
        self.clear()

    def clear(self) -> None:
        """Forget the wakes so far."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 512):
                pass

    def close(self) -> None:
        """Close both ends; waking does nothing from now on."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self._read)
                os.close(self._write)


class Child:
    """A running worker in its own session and process group."""

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        waker: Waker,
        environment: Mapping[str, str] | None = None,
        inherited: Sequence[int] = (),
    ) -> None:
        """Start it; `inherited`: descriptors that it gets under the same numbers. Raises WorkerError if it can't be."""
        self.log = collections.deque[bytes]()
        self.ended = False
        """All events have been read and the process is gone; `outcome` can be asked."""
        self._log_size = 0
        self._waker = waker
        self._asked = False
        self._violation = ""
        self._outgoing = bytearray()
        self._pending = bytearray()
        self._lock = threading.Lock()
        self._reaping = threading.Lock()
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- a fixed command of this program, no shell
                list(command or worker_command()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=_environment(environment or {}),
                start_new_session=True,
                pass_fds=tuple(inherited),
            )
        except OSError as error:
            raise _not_started(error) from error
        assert self._process.stdin is not None  # noqa: S101 -- tells mypy that PIPE was asked for
        assert self._process.stdout is not None  # noqa: S101 -- the same
        assert self._process.stderr is not None  # noqa: S101 -- the same
        self._in, self._out, self._err = self._process.stdin, self._process.stdout, self._process.stderr
        try:
            self._watch()
        except OSError as error:  # no descriptors are left, for instance
            self._abandon()
            raise _not_started(error) from error

    def _watch(self) -> None:
        self._exit = os.pidfd_open(self._process.pid)
        try:
            self._selector = selectors.DefaultSelector()
        except OSError:
            os.close(self._exit)
            raise
        for descriptor in (self._out.fileno(), self._err.fileno(), self._in.fileno()):
            os.set_blocking(descriptor, False)
        for source in (self._out.fileno(), self._err.fileno(), self._exit, self._waker.fileno()):
            self._selector.register(source, selectors.EVENT_READ)

    def _abandon(self) -> None:
        """End a child that can't be watched."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out, self._err):
            pipe.close()

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    def fileno(self) -> int:
        """Return a descriptor that can be read while `poll` has something to do; it is closed when the child ends."""
        return self._selector.fileno()

    def send(self, command: Command) -> None:
        """Queue a command; the reading thread writes it, so a child that doesn't read never blocks the caller."""
        with self._lock:
            self._outgoing += command.to_line()
        self._waker.wake()

    def poll(self, timeout: float | None) -> list[Event]:
        """Wait until there are events, a wake, or `timeout` seconds; return the events.

        Only the thread that started the child may call it. Sets `ended` once the child is gone.
        """
        if self.ended:
            return []
        self._watch_input()
        events: list[Event] = []
        for key, _ in self._selector.select(timeout):
            if self.ended:
                break  # what was left in its pipes has been read at its end, and they are closed
            if key.fd == self._waker.fileno():
                self._waker.clear()
            elif key.fd == self._out.fileno():
                events += self._read_events()
            elif key.fd == self._err.fileno():
                self._read_log()
            elif key.fd == self._exit:
                events += self._finish()
            else:
                self._write()
        return events

    def expect_end(self) -> None:
        """Count the coming end as asked for."""
        self._asked = True

    def kill(self, *, asked: bool = True, grace: float = GRACE_S) -> None:
        """End the whole process group: SIGTERM, and SIGKILL after `grace` seconds. Returns when the child is dead."""
        self._asked = self._asked or asked
        if self.ended:
            return
        deadline = time.monotonic() + grace
        self._signal(signal.SIGTERM)
        while not self._dead() and time.monotonic() < deadline:
            _wait_for(self._exit, deadline - time.monotonic())
        self._signal(signal.SIGKILL)
        while not self._dead():
            _wait_for(self._exit, 0.1)
        self._waker.wake()

    def outcome(self) -> Outcome:
        """Return how it ended; call it when `ended`."""
        return Outcome(self._process.wait(), self._asked and not self._violation, self._violation)

    def log_text(self) -> str:
        """Return the last part of what the child wrote to stderr."""
        return b"".join(self.log)[-LOG_BYTES:].decode("utf-8", errors="replace")

    def close(self) -> None:
        """Kill it if it lives, and give up all descriptors."""
        if not self.ended:
            self.kill()
            self._finish()

    def _dead(self) -> bool:
        with contextlib.suppress(ChildProcessError):
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return True

    def _signal(self, number: int) -> None:
        """Signal the group; it can't be someone else's, as its leader is reaped under the same lock."""
        with self._reaping:
            if not self.ended:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, number)

    def _watch_input(self) -> None:
        """Wait for the child to read only while there is something to write."""
        descriptor = self._in.fileno()
        watched = descriptor in self._selector.get_map()
        if self._outgoing and not watched:
            self._selector.register(descriptor, selectors.EVENT_WRITE)
        elif not self._outgoing and watched:
            self._selector.unregister(descriptor)

    def _write(self) -> None:
        with self._lock:
            try:
                written = os.write(self._in.fileno(), bytes(self._outgoing[:_READ]))
            except BlockingIOError:
                return
            except OSError:  # it reads no more: its end will be reported
                written = len(self._outgoing)
            del self._outgoing[:written]

    def _read_log(self) -> None:
        data = _read_some(self._err.fileno())
        if data == b"":
            self._selector.unregister(self._err.fileno())
        elif data:
            self.log.append(data)
            self._log_size += len(data)
            while self._log_size - len(self.log[0]) >= LOG_BYTES:
                self._log_size -= len(self.log.popleft())

    def _read_events(self) -> list[Event]:
        data = _read_some(self._out.fileno())
        if data == b"":
            self._selector.unregister(self._out.fileno())
            return []
        self._pending += data or b""
        if self._violation:
            self._pending.clear()
            return []
        if len(self._pending) > MAX_LINE_BYTES:
            self._break("sent a line that never ends")
            return []
        if b"\n" not in (data or b""):
            return []
        *lines, rest = bytes(self._pending).split(b"\n")
        self._pending = bytearray(rest)
        return self._parse(lines)

    def _parse(self, lines: list[bytes]) -> list[Event]:
        events = []
        for line in lines:
            try:
                events.append(from_json(json.loads(line)))
            except (ValueError, RecursionError, C10Error):
                self._break("sent something that is no event")
                self.log.append(b"\nnot an event: " + line[:200] + b"\n")
                break
        return events

    def _break(self, violation: str) -> None:
        self._violation = violation
        self._pending.clear()
        self._signal(signal.SIGKILL)

    def _drain(self) -> list[Event]:
        """Read what the dead child has left in its pipes."""
        events: list[Event] = []
        watched = self._selector.get_map()
        for descriptor, read in ((self._out.fileno(), True), (self._err.fileno(), False)):
            while descriptor in watched and _readable(descriptor):
                if read:
                    events += self._read_events()
                else:
                    self._read_log()
        return events

    def _finish(self) -> list[Event]:
        """Kill what is left of the group, read what is left in the pipes, reap the child and close everything."""
        self._signal(signal.SIGKILL)
        events = self._drain()
        with self._reaping:
            self.ended = True
            self._process.wait()
        self._selector.close()
        for pipe in (self._in, self._out, self._err):
            with contextlib.suppress(OSError):
                pipe.close()
        os.close(self._exit)
        return events


def _not_started(error: OSError) -> WorkerError:
    return WorkerError(f"The worker can't be started: {error}.", "Install the program again.")


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    root = str(Path(core.__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH", "")
    return {
        **os.environ,
        "PYTHONPATH": f"{root}{os.pathsep}{inherited}" if inherited else root,
        "PYTHONUTF8": "1",
        PARENT_VARIABLE: str(os.getpid()),
        **extra,
    }


def _read_some(descriptor: int) -> bytes | None:
    """Return what can be read now, b"" at the end, None if there is nothing yet."""
    try:
        return os.read(descriptor, _READ)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _readable(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


def _wait_for(descriptor: int, timeout: float | None) -> None:
    with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:  # another thread closed it
        selector.register(descriptor, selectors.EVENT_READ)
        selector.select(None if timeout is None else max(0.0, timeout))


def _signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return "unknown"
