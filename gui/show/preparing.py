"""Compiles what a race lacks of the built-in demo model: its ONNX once, then each missing precision."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core import fsio
from core.demo_model import make_room
from core.events import COMPILE_STEPS, Event, StepProgress, StepStarted
from core.spec import Quantisation
from core.system import data_dir
from gui.bridge import Bridge
from gui.compile.chain import Chain

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest

Work = tuple[Path, list["CompileRequest"]]


def plan(folder: Path, missing: tuple[Quantisation, ...]) -> Work:
    """Return the demo's GGUF and the jobs for what is missing, with room made in `folder` for the ONNX in between.

    Raises FileError and ResourceError.
    """
    from core.cli import cmd_demo
    from core.race.lanes import demo_requests

    base = replace(cmd_demo.demo_request(data_dir()), model_path=folder / "onnx" / "model.onnx")
    wanted = [job for one, job in demo_requests(base).items() if one in missing and cmd_demo.ready_engine(job) is None]
    source = make_room(folder, len(wanted))
    fsio.make_folder(base.target_path)
    return source, wanted


class Preparing(Chain):
    """Compiles one engine after another; those that are finished stay where it is cancelled."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(bridge, "race-build", parent)
        self._left: list[CompileRequest] = []
        self.name = ""
        """Precision that is being compiled, empty while the model is converted."""
        self.share = 0.0
        """Done of everything, 0 to 1, in whole steps and the known parts of steps."""
        self._steps = 1
        self._done = 0

    def start(self, missing: tuple[Quantisation, ...]) -> None:
        """Compile the demo model's missing engines."""
        if not self.running:
            self.name, self.share, self._done = "", 0.0, 0
            self.begin(partial(plan, self.folder, missing), self._begin)

    def took(self, event: Event) -> None:
        """Follow the steps."""
        if isinstance(event, StepStarted) and event.step in COMPILE_STEPS:
            self._done += 1
            self.share = self._done / self._steps
            self.changed.emit()
        elif isinstance(event, StepProgress) and event.total:
            self.share = min(1.0, (self._done + event.done / event.total) / self._steps)
            self.changed.emit()

    def _begin(self, work: Work) -> None:
        source, self._left = work
        self._steps = 1 + len(COMPILE_STEPS) * len(self._left)
        self.export(source, self._next)

    def _next(self, _answer: Event) -> None:
        from core.worker.job import CompileJob

        if not self._left:
            self.finish()
            return
        request = self._left.pop(0)
        self.name = request.config.linear_format
        self.run(CompileJob(request), self._next)
        self.changed.emit()
