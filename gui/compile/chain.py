"""Children one after another with the demo model's ONNX in between: what measuring and a race's compiling share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from core.errors import C10Error, Cancelled, WorkerError
from core.events import CompileFinished, Event, Exported, Failed, QualityMeasured
from core.system import data_dir
from gui.bridge import Bridge
from gui.compile.errand import Errand

if TYPE_CHECKING:
    from core.worker.job import WorkerJob

T = TypeVar("T")


class Chain(QObject):
    """One chain at a time. `changed`: progress; `ended` carries None, or the error that ended it.

    A subclass calls `begin`, then `run` for each child, at last `finish`; `took` gets what children report on the way.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(self, bridge: Bridge, place: str, parent: QObject | None = None) -> None:
        """`place`: name of the folder for the ONNX in between, below the data folder."""
        super().__init__(parent)
        self._bridge = bridge
        self._place = place
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self._number = 0
        """Tells what a chain that was given up still says from what this one does."""
        self.running = False

    @property
    def folder(self) -> Path:
        """Folder for what lies in between; removed at the end."""
        return data_dir() / self._place

    @property
    def onnx(self) -> Path:
        """Folder of the demo model's ONNX."""
        return self.folder / "onnx"

    def begin(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Start with `work` on a background thread, then `then(result)`; a C10Error of `work` ends the chain."""
        self.running = True
        self.aside(work, then)
        self.changed.emit()

    def aside(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do `work` on a background thread within the chain, as in `begin`."""
        self._bridge.call(
            work, partial(self._go_on, self._number, then), partial(self._go_on, self._number, self.finish)
        )

    def export(self, source: Path, then: Callable[[Event], None]) -> None:
        """Convert the demo's GGUF to ONNX, then `then(answer)`."""
        from core.worker.job import OutputJob
        from core.worker.protocol import Export

        self.run(OutputJob(Export(str(source), str(self.onnx)), self.onnx), then)

    def run(self, job: WorkerJob, then: Callable[[Event], None]) -> None:
        """Start a child, then `then(answer)`; where it fails or says nothing, the chain ends."""
        self._answer = None
        self._errand = Errand(self._bridge, job, self._take, partial(self._gone, then))

    def took(self, event: Event) -> None:
        """Note an event of the running child that is no answer."""

    def cancel(self) -> None:
        """End the chain; what is finished stays."""
        if self._errand is not None:
            self._errand.cancel()
        elif self.running:
            self.finish(Cancelled("The job was cancelled; nothing was written."))

    def finish(self, error: C10Error | None = None) -> None:
        """Clean up, then tell the end."""
        self._number += 1
        self._bridge.call(self._clean_up, partial(self._go_on, self._number, partial(self._end, error)))

    def dispose(self) -> None:
        """End with the window."""
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None
        if self.running:
            self._clean_up()

    def _go_on(self, number: int, then: Callable[[T], None], result: T) -> None:
        if self.running and number == self._number:
            then(result)

    def _end(self, error: C10Error | None, _none: None) -> None:
        self.running = False
        self.changed.emit()
        self.ended.emit(error)

    def _take(self, event: Event) -> None:
        if isinstance(event, CompileFinished | Exported | QualityMeasured | Failed):
            self._answer = event
        else:
            self.took(event)

    def _gone(self, then: Callable[[Event], None]) -> None:
        answer, self._errand = self._answer, None
        if answer is None:
            self.finish(WorkerError("The worker gave no answer.", "Try again."))
        elif isinstance(answer, Failed):
            self.finish(answer.error())
        else:
            then(answer)

    def _clean_up(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
