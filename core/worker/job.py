"""Commands in a child of their own: compile, plan, inspect, combine, export, and the command line's answers."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.compiler.plan import CompileRequest
from core.errors import C10Error, Cancelled, WorkerError
from core.events import (
    BenchFinished,
    CompileFinished,
    Event,
    Exited,
    Exported,
    Failed,
    Forgotten,
    Generated,
    Heartbeat,
    Inspected,
    Loaded,
    Planned,
    QualityMeasured,
    Ready,
    Scored,
    Unloaded,
)
from core.fsio import claim, sweep
from core.worker.process import Child, Waker, environment_for
from core.worker.protocol import Command, Compile, Quit, request_to_json

ENDINGS = (
    CompileFinished,
    Planned,
    Inspected,
    Exported,
    Loaded,
    Generated,
    Scored,
    QualityMeasured,
    BenchFinished,
    Unloaded,
    Forgotten,
    Failed,
)
"""Events that answer a command. A job's queue gets one for each command unless one fails, and an Exited last."""


class WorkerJob:
    """Runs `commands` in one child, on a thread of its own; the answer to the last of them ends the job.

    `events` gets what the child reports, the last answer (Failed if the child died or was cancelled), then Exited.
    """

    def __init__(
        self, *commands: Command, worker: Sequence[str] | None = None, events: queue.Queue[Event] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """`worker`: another command to start the child with, for tests; `environment`: variables on top for it."""
        self.events: queue.Queue[Event] = queue.Queue() if events is None else events
        self.log = ""
        """The last part of the child's stderr, once the job is over."""
        self._commands = commands
        self._worker = worker
        self._environment = environment
        self._waker = Waker()
        self._child: Child | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-job", daemon=True)

    def start(self) -> None:
        """Start the child."""
        self._thread.start()

    def cancel(self) -> None:
        """End the job; its child is dead within two seconds and what it was writing is gone. Doesn't wait."""
        self._cancelled.set()
        self._waker.wake()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether the job's thread is alive."""
        return self._thread.is_alive()

    def results(self) -> Iterator[Event]:
        """Start the job and give its events up to the last answer; cancels it if the caller leaves early.

        Raises the error that a Failed stands for.
        """
        self.start()
        try:
            while not isinstance(event := self.events.get(), Exited):
                if isinstance(event, Failed):
                    raise event.error()
                yield event
        finally:
            self.cancel()
            self.join()

    def prepare(self, held: contextlib.ExitStack) -> None:
        """Get ready, on the job's thread before the child starts; `held` is let go when the child has ended."""

    def tidy(self) -> None:
        """Remove what a killed child was writing; called on the job's thread after a cancel or a crash."""

    def _run(self) -> None:
        returncode: int | None = None
        sentence = ""
        try:
            answer, returncode, sentence = self._drive()
        except C10Error as error:
            answer = Failed.of(error)
        finally:
            self._waker.close()
        self.events.put(answer)
        self.events.put(Exited(returncode, sentence))

    def _drive(self) -> tuple[Event, int, str]:
        """Return the answer, and the child's return code and sentence."""
        with contextlib.ExitStack() as held:
            self.prepare(held)
            return self._drive_child()

    def _drive_child(self) -> tuple[Event, int, str]:
        environment = environment_for(self._commands) | dict(self._environment or {})
        child = Child(self._worker, waker=self._waker, environment=environment)
        answer: Event | None = None
        try:
            for command in self._commands:
                child.send(command)
            left = len(self._commands)
            while answer is None and not child.ended and not self._cancelled.is_set():
                for event in child.poll(None):
                    answer, left = self._take(event, left)
                    if answer:
                        break
        finally:
            if answer:
                self._let_go(child)
            child.close()
            self.log = child.log_text()
        outcome = child.outcome()
        if answer is None or isinstance(answer, Failed):
            self.tidy()
        if answer is None and self._cancelled.is_set():
            return Failed.of(Cancelled("The job was cancelled; nothing was written.")), outcome.returncode, ""
        return answer or Failed.of(outcome.error()), outcome.returncode, outcome.sentence

    def _take(self, event: Event, left: int) -> tuple[Event | None, int]:
        if isinstance(event, Ready | Heartbeat):
            return None, left
        done = isinstance(event, ENDINGS)
        if isinstance(event, Failed) or (done and left == 1):
            return event, left
        self.events.put(event)
        return None, left - done

    def _let_go(self, child: Child) -> None:
        """Let a child that has answered end by itself, for a moment."""
        child.expect_end()
        child.send(Quit())
        for _ in range(20):
            if child.ended or self._cancelled.is_set():
                return
            child.poll(0.05)


class CompileJob(WorkerJob):
    """A compile job; a cancelled one leaves no file."""

    def __init__(
        self, request: CompileRequest, *, worker: Sequence[str] | None = None,
        events: queue.Queue[Event] | None = None, environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """`worker` and `environment` are as for WorkerJob."""
        super().__init__(Compile(request_to_json(request)), worker=worker, events=events, environment=environment)
        extra = [] if request.ngf else [request.folder / name for name in ("base.json", "inc.json")]
        self._outputs = [path for path in [*request.outputs(), *extra] if not path.exists()]
        self._wanted = request.outputs()
        self._made_folders = [path for path in _chain(request.folder) if not path.exists()]
        self._folder = request.folder

    def prepare(self, held: contextlib.ExitStack) -> None:
        """Keep other jobs off the outputs, remove the debris of earlier ones; raises FileError if one is at work."""
        for path in self._wanted:
            held.enter_context(claim(path))
        sweep(self._folder)

    def tidy(self) -> None:
        """Remove temporary files, the outputs that weren't there before, and folders that are empty again."""
        sweep(self._folder)
        for path in self._outputs:
            with contextlib.suppress(OSError):
                path.unlink()
        for folder in self._made_folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


class OutputJob(WorkerJob):
    """A job that writes one file or folder through the file writer, such as combine or export."""

    def __init__(
        self, command: Command, output: Path, *, worker: Sequence[str] | None = None,
        events: queue.Queue[Event] | None = None,
    ) -> None:  # fmt: skip
        """`worker`: another command to start the child with, for tests."""
        super().__init__(command, worker=worker, events=events)
        self._output = output

    def prepare(self, held: contextlib.ExitStack) -> None:
        """Keep other jobs off the output, and remove the debris of earlier ones; raises FileError if one is at work."""
        held.enter_context(claim(self._output))
        sweep(self._output.absolute().parent)

    def tidy(self) -> None:
        """Remove temporary files beside the output."""
        sweep(self._output.absolute().parent)


def run_command(*commands: Command, worker: Sequence[str] | None = None) -> Event:
    """Run `commands` in a child and return the answer to the last; raises the error if one fails."""
    last: Event | None = None
    for event in WorkerJob(*commands, worker=worker).results():
        last = event
    if last is None:
        raise WorkerError("The worker gave no answer.", "Try again.")
    return last


def _chain(folder: Path) -> list[Path]:
    """Return `folder` and its parents, innermost first."""
    return [folder.absolute(), *folder.absolute().parents]
