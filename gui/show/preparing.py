"""Compiles what a race lacks of the built-in demo model: its ONNX once, then each missing precision."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core import fsio
from core.errors import C10Error, Cancelled, WorkerError
from core.events import COMPILE_STEPS, CompileFinished, Event, Exported, Failed, StepProgress, StepStarted
from core.spec import Quantisation
from core.system import data_dir
from gui.bridge import Bridge
from gui.compile.demo import make_room
from gui.compile.errand import Errand

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest
    from core.worker.job import WorkerJob

Work = tuple[Path, list["CompileRequest"]]


def folder() -> Path:
    """Return the folder for the ONNX in between."""
    return data_dir() / "race-build"


def plan(missing: tuple[Quantisation, ...]) -> Work:
    """Return the demo's GGUF and the jobs for what is missing, with room made. Raises FileError and ResourceError."""
    from core.cli import cmd_demo
    from core.race.lanes import demo_requests

    base = replace(cmd_demo.demo_request(data_dir()), model_path=folder() / "onnx" / "model.onnx")
    wanted = [job for one, job in demo_requests(base).items() if one in missing and cmd_demo.ready_engine(job) is None]
    source = make_room(folder(), len(wanted))
    fsio.make_folder(base.target_path)
    return source, wanted


def clean_up() -> None:
    """Remove the ONNX in between."""
    shutil.rmtree(folder(), ignore_errors=True)


class Preparing(QObject):
    """`changed`: progress; `ended` carries None, or the error that ended it."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._errand: Errand | None = None
        self._jobs: list[Callable[[], WorkerJob]] = []
        self._answer: Event | None = None
        self.running = False
        self.name = ""
        """Precision that is being compiled, empty while the model is converted."""
        self.share = 0.0
        """Done of everything, 0 to 1, in whole steps and the known parts of steps."""
        self._steps = 1
        self._done = 0
        self._names: list[str] = []

    def start(self, missing: tuple[Quantisation, ...]) -> None:
        """Compile the demo model's missing engines."""
        if not self.running:
            self.running, self.name, self.share, self._done = True, "", 0.0, 0
            self._bridge.call(lambda: plan(missing), self._begin, self._fail)
            self.changed.emit()

    def cancel(self) -> None:
        """End the job; finished engines stay."""
        self._jobs = []
        if self._errand is not None:
            self._errand.cancel()
        elif self.running:
            self._fail(Cancelled("The job was cancelled; nothing was written."))

    def dispose(self) -> None:
        """End with the window."""
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None
            clean_up()

    def _begin(self, work: Work) -> None:
        from core.worker.job import CompileJob, OutputJob
        from core.worker.protocol import Export

        if not self.running:
            return
        source, requests = work
        onnx = folder() / "onnx"
        self._steps = 1 + len(COMPILE_STEPS) * len(requests)
        self._names = ["", *(request.config.linear_format for request in requests)]
        self._jobs = [lambda: OutputJob(Export(str(source), str(onnx)), onnx)]
        self._jobs += [lambda request=request: CompileJob(request) for request in requests]  # type: ignore[misc]  # bound now
        self._next()

    def _next(self) -> None:
        if not self._jobs:
            self._end(None)
            return
        self.name = self._names.pop(0)
        self._answer = None
        self._errand = Errand(self._bridge, self._jobs.pop(0)(), self._take, self._gone)
        self.changed.emit()

    def _take(self, event: Event) -> None:
        if isinstance(event, StepStarted) and event.step in COMPILE_STEPS:
            self._done += 1
            self.share = self._done / self._steps
        elif isinstance(event, StepProgress) and event.total:
            self.share = min(1.0, (self._done + event.done / event.total) / self._steps)
        elif isinstance(event, CompileFinished | Exported | Failed):
            self._answer = event
        else:
            return
        self.changed.emit()

    def _gone(self) -> None:
        self._errand = None
        answer = self._answer
        if isinstance(answer, CompileFinished | Exported):
            self._next()
        else:
            silent = WorkerError("The worker gave no answer.", "Try again.")
            self._fail(answer.error() if isinstance(answer, Failed) else silent)

    def _fail(self, error: C10Error) -> None:
        self._end(error)

    def _end(self, error: C10Error | None) -> None:
        self.running = False
        self._bridge.call(clean_up, lambda _none: None)
        self.changed.emit()
        self.ended.emit(error)
