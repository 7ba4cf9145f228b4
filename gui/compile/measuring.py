"""Measures an engine's quality card in a child, beside whatever else goes on, and keeps it with the engine."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import C10Error, WorkerError
from core.events import Event, Exported, Failed, QualityMeasured, StepProgress
from core.quality import card as cards
from core.system import data_dir
from gui.bridge import Bridge
from gui.compile.demo import make_room
from gui.compile.errand import Errand


def folder() -> Path:
    """Return the folder for the demo model's ONNX in between."""
    return data_dir() / "quality-build"


def is_demo(engine: Path) -> bool:
    """Return whether the engine was made of the built-in demo model, whose ONNX can be made again."""
    from core.cli.cmd_demo import NAME

    return engine.stem.startswith(NAME)


def clean_up() -> None:
    """Remove the ONNX in between."""
    shutil.rmtree(folder(), ignore_errors=True)


class Measuring(QObject):
    """One engine at a time. `changed`: progress; `ended` carries None, or the error that ended it."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self._questions: list[str] = []
        self._made = False
        self.engine: Path | None = None
        """Which engine is being measured, None if none is."""
        self.done, self.total = 0, 0
        """Layers; total 0: not known yet."""

    def start(self, engine: Path, model: Path | None, questions: list[str]) -> None:
        """Measure an engine against its ONNX model; None: the demo model, whose ONNX is made for it."""
        if self.engine is not None:
            return
        self.engine, self._questions, self._made = engine, questions, model is None
        self.done = self.total = 0
        if model is not None:
            self._measure(model)
        else:
            self._bridge.call(partial(make_room, folder()), self._export, self._end)
        self.changed.emit()

    def cancel(self) -> None:
        """Give it up; nothing is kept."""
        if self._errand is not None:
            self._errand.cancel()

    def dispose(self) -> None:
        """End with the window."""
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None
        if self.engine is not None and self._made:
            clean_up()

    def _export(self, source: Path) -> None:
        from core.worker.job import OutputJob
        from core.worker.protocol import Export

        onnx = folder() / "onnx"
        self._errand = Errand(
            self._bridge, OutputJob(Export(str(source), str(onnx)), onnx), self._take, partial(self._gone, onnx)
        )

    def _measure(self, model: Path) -> None:
        from core.worker.job import WorkerJob
        from core.worker.protocol import Load, Quality

        job = WorkerJob(Load(str(self.engine)), Quality(str(self.engine), str(model), self._questions))
        self._errand = Errand(self._bridge, job, self._take, partial(self._gone, None))

    def _take(self, event: Event) -> None:
        if isinstance(event, StepProgress) and event.step == "quality":
            self.done, self.total = event.done, event.total or 0
            self.changed.emit()
        elif isinstance(event, Exported | QualityMeasured | Failed):
            self._answer = event

    def _gone(self, onnx: Path | None) -> None:
        """Go on after a child: from the export to the measurement, from there to the file."""
        answer, self._answer, self._errand = self._answer, None, None
        if isinstance(answer, Exported) and onnx is not None:
            self._measure(onnx / "model.onnx")
        elif isinstance(answer, QualityMeasured) and self.engine is not None:
            keep = partial(_keep, answer, self.engine)
            self._bridge.call(keep, lambda _none: self._end(None), self._end)
        else:
            silent = WorkerError("The worker gave no answer.", "Try again.")
            self._end(answer.error() if isinstance(answer, Failed) else silent)

    def _end(self, error: C10Error | None) -> None:
        self.engine = None
        if self._made:
            self._bridge.call(clean_up, lambda _none: None)
        self.changed.emit()
        self.ended.emit(error)


def _keep(event: QualityMeasured, engine: Path) -> None:
    cards.save(cards.parse(event.card), engine)
