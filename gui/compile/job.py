"""The running job, apart from any widget: it goes on while the wizard is closed or another page is shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from core.errors import C10Error, Cancelled, WorkerError
from core.events import (
    COMPILE_STEPS,
    CompileFinished,
    Event,
    Exported,
    Failed,
    LogLine,
    StepFinished,
    StepProgress,
    StepStarted,
    TimeLeft,
)
from gui.bridge import Bridge
from gui.compile import words
from gui.compile.demo import clean_up, prepare
from gui.compile.errand import Errand

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest
    from core.worker.job import WorkerJob

LOG_LINES = 500
Kind = Literal["compile", "combine", "demo"]
StepState = Literal["waiting", "running", "done", "skipped", "failed"]
State = Literal["running", "cancelling", "finished", "failed", "cancelled"]


@dataclass(slots=True)
class Step:
    """One step: what is done of how much, and how long it took in seconds."""

    name: str
    state: StepState = "waiting"
    done: int = 0
    total: int | None = None
    unit: str = ""
    started: float = 0.0
    seconds: float = 0.0


@dataclass(slots=True)
class Job:
    """A job as the window shows it."""

    kind: Kind
    title: str
    steps: list[Step]
    started: float
    """time.monotonic()"""
    state: State = "running"
    seconds: float = 0.0
    """How long it took, once it is over."""
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    logged: int = 0
    """Lines ever written to the log."""
    left: float | None = None
    """How long it still takes, in seconds, as far as the worker can tell."""
    result: CompileFinished | None = None
    failure: C10Error | None = None

    @property
    def running(self) -> bool:
        """Whether a child is still at work."""
        return self.state in ("running", "cancelling")

    @property
    def engine(self) -> str:
        """Path of the engine that can be asked, empty if the job made none."""
        outputs = self.result.outputs if self.result else []
        return outputs[0] if len(outputs) == 1 and outputs[0].endswith(".ngf") else ""

    def step(self, name: str) -> Step | None:
        """Return a step by its name."""
        return next((step for step in self.steps if step.name == name), None)

    @property
    def current(self) -> Step | None:
        """The step that runs."""
        return next((step for step in self.steps if step.state == "running"), None)

    @property
    def number(self) -> int:
        """Number of the step that runs, from 1."""
        return min(1 + sum(step.state in ("done", "skipped") for step in self.steps), len(self.steps))

    def elapsed(self, now: float) -> float:
        """Return how long the job has run, in seconds."""
        return now - self.started if self.running else self.seconds

    def write(self, line: str) -> None:
        """Append a line to the log."""
        self.log.append(line)
        self.logged += 1


class JobRunner(QObject):
    """Runs one job at a time. `changed` fires at most once a tick of the bridge, `ended` once at the end of a job."""

    changed = Signal()
    ended = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.job: Job | None = None
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self._next: Callable[[], None] | None = None
        self._clean: Callable[[], None] | None = None
        self._again: Callable[[], None] = self._touch
        self._dirty = False
        self._end_tick = bridge.after_drain(self._tick)

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self.job is not None and self.job.running

    def compile(self, request: CompileRequest, variables: dict[str, str] | None = None) -> None:
        """Start a compile job with `variables` in its environment; nothing happens while another one runs."""
        from core.worker.job import CompileJob

        if not self.busy:
            self._again = partial(self.compile, request, variables)
            self._begin("compile", request.name, COMPILE_STEPS)
            self._run(CompileJob(request, environment=variables))

    def combine(self, one: Path, other: Path, output: Path) -> None:
        """Start combining two parts."""
        from core.worker.job import OutputJob
        from core.worker.protocol import Combine

        if not self.busy:
            self._again = partial(self.combine, one, other, output)
            self._begin("combine", output.stem, ("combine",))
            self._run(OutputJob(Combine(str(one), str(other), str(output)), output))

    def demo(self) -> None:
        """Export the built-in demo model and compile it."""
        if self.busy:
            return
        self._again = self.demo
        job = self._begin("demo", words.demo_title(), ("export", *COMPILE_STEPS))
        self._clean = clean_up
        self._bridge.call(prepare, partial(self._export_demo, job), partial(self._prepared_badly, job))

    def cancel(self) -> None:
        """End the job; its child is gone within two seconds and leaves no file."""
        if self.job is None or self.job.state != "running":
            return
        self.job.state = "cancelling"
        self._next = None
        if self._errand is not None:
            self._errand.cancel()
        else:
            self._finish(Failed.of(Cancelled("The job was cancelled; nothing was written.")))
        self._touch()

    def again(self) -> None:
        """Start the job that is over once more."""
        if not self.busy:
            self._again()

    def forget(self) -> None:
        """Forget a job that is over."""
        if not self.busy:
            self.job = None
            self._touch()

    def dispose(self) -> None:
        """End the job with the window."""
        self._end_tick()
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None
        if self._clean is not None:
            self._clean()

    def _begin(self, kind: Kind, title: str, steps: tuple[str, ...]) -> Job:
        self.job = Job(kind, title, [Step(name) for name in steps], time.monotonic())
        self._answer = None
        self._next = self._clean = None
        self._touch()
        return self.job

    def _run(self, worker: WorkerJob) -> None:
        self._errand = Errand(self._bridge, worker, self._take, self._gone)

    def _export_demo(self, job: Job, sources: tuple[Path, CompileRequest]) -> None:
        from core.worker.job import CompileJob, OutputJob
        from core.worker.protocol import Export

        gguf, request = sources
        if self.job is not job or job.state != "running":
            clean_up()
            return
        folder = request.model_path.parent
        self._next = lambda: self._run(CompileJob(request))
        self._run(OutputJob(Export(str(gguf), str(folder)), folder))

    def _prepared_badly(self, job: Job, error: C10Error) -> None:
        if self.job is job and job.running:
            self._finish(Failed.of(error))

    def _take(self, event: Event) -> None:
        job = self.job
        if job is None:
            return
        if isinstance(event, LogLine):
            job.write(event.text)
        elif isinstance(event, StepStarted):
            self._step_started(job, event)
        elif isinstance(event, StepProgress):
            _advance(job, event)
        elif isinstance(event, StepFinished):
            _step_finished(job, event)
        elif isinstance(event, TimeLeft):
            job.left = event.seconds
        elif isinstance(event, CompileFinished | Failed | Exported):
            self._answer = event
        self._dirty = True

    def _step_started(self, job: Job, event: StepStarted) -> None:
        step = job.step(event.step)
        if step is not None:
            step.state, step.started = "running", time.monotonic()
            job.write(words.step_name(event.step) + " …")

    def _gone(self) -> None:
        """Go on after a child has ended: with the next one, or to the end of the job."""
        answer, self._answer = self._answer, None
        self._errand = None
        job = self.job
        if isinstance(answer, Exported) and self._next is not None and job is not None and job.state == "running":
            following, self._next = self._next, None
            following()
            return
        self._finish(answer)

    def _finish(self, answer: Event | None) -> None:
        job = self.job
        if job is None:
            return
        job.seconds = time.monotonic() - job.started
        if isinstance(answer, CompileFinished):
            job.state, job.result = "finished", answer
            job.write(words.finished(answer.seconds))
        else:
            self._fail(job, answer)
        if self._clean is not None:
            self._bridge.call(self._clean, lambda _nothing: None)
            self._clean = None
        self._touch()
        self.ended.emit()

    def _fail(self, job: Job, answer: Event | None) -> None:
        error: C10Error = WorkerError("The worker gave no answer.", "Try again.")
        if job.state == "cancelling":
            error = Cancelled("The job was cancelled; nothing was written.")
        elif isinstance(answer, Failed):
            error = answer.error()
        job.state = "cancelled" if isinstance(error, Cancelled) else "failed"
        job.failure = error
        if job.current is not None:
            job.current.state = "failed"
        job.write(words.failure(error))

    def _touch(self) -> None:
        self._dirty = True
        self._tick()

    def _tick(self) -> None:
        if self._dirty:
            self._dirty = False
            self.changed.emit()


def _advance(job: Job, event: StepProgress) -> None:
    step = job.step(event.step)
    if step is not None:
        step.state = "running"
        step.done, step.total, step.unit = event.done, event.total, event.unit


def _step_finished(job: Job, event: StepFinished) -> None:
    step = job.step(event.step)
    if step is not None:
        step.state, step.seconds = ("skipped" if event.skipped else "done"), event.seconds
        job.write(words.step_over(event.step, event.seconds, skipped=event.skipped))
