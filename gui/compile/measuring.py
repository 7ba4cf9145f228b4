"""Measures an engine's quality card in a child, beside whatever else goes on, and keeps it with the engine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from core.demo_model import make_room
from core.events import Event, QualityMeasured, StepProgress
from core.quality import card as cards
from gui.bridge import Bridge
from gui.compile.chain import Chain


def is_demo(engine: Path) -> bool:
    """Return whether the demo model's ONNX can be made again for this engine, see `core.cli.cmd_demo.is_demo`."""
    from core.cli import cmd_demo

    return cmd_demo.is_demo(engine)


class Measuring(Chain):
    """One engine at a time."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(bridge, "quality-build", parent)
        self._engine = Path()
        self._questions: list[str] = []
        self._trust = False
        self.done, self.total = 0, 0
        """Layers; total 0: not known yet."""

    @property
    def engine(self) -> Path | None:
        """Which engine is being measured, None if none is."""
        return self._engine if self.running else None

    def start(self, engine: Path, model: Path | None, questions: list[str], *, trust: bool = False) -> None:
        """Measure an engine against its ONNX model; None: the demo model, whose ONNX is made for it.

        `trust`: the user has said that the engine may run, though it wasn't built here.
        """
        if self.running:
            return
        self._engine, self._questions, self._trust = engine, questions, trust
        self.done = self.total = 0
        if model is None:
            self.begin(partial(make_room, self.folder, 0), self._export)
        else:
            self.running = True
            self._measure(model)
            self.changed.emit()

    def took(self, event: Event) -> None:
        """Count the layers."""
        if isinstance(event, StepProgress) and event.step == "quality":
            self.done, self.total = event.done, event.total or 0
            self.changed.emit()

    def _export(self, source: Path) -> None:
        self.export(source, lambda _answer: self._measure(self.onnx / "model.onnx"))

    def _measure(self, model: Path) -> None:
        from core.worker.job import WorkerJob
        from core.worker.protocol import Load, Quality

        engine = str(self._engine)
        self.run(WorkerJob(Load(engine, trust=self._trust), Quality(engine, str(model), self._questions)), self._keep)

    def _keep(self, answer: Event) -> None:
        self.aside(partial(_save, answer, self._engine), self.finish)


def _save(answer: Event, engine: Path) -> None:
    assert isinstance(answer, QualityMeasured)  # noqa: S101 -- nothing else answers the command
    cards.save(cards.parse(answer.card), engine)
