"""The one button without an engine: makes the built-in demo model if need be, and loads it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import C10Error
from gui.bridge import Bridge
from gui.compile.demo import ready_engine
from gui.compile.job import Job, JobRunner
from gui.session import Session


class Maker(QObject):
    """`changed`: the job went on; `failed` carries why there will be no engine."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, bridge: Bridge, session: Session, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._session, self._runner = bridge, session, runner
        self._wanted = False
        runner.changed.connect(self.changed)
        runner.ended.connect(self._on_ended)

    @property
    def job(self) -> Job | None:
        """The job that makes the demo model, None if none runs."""
        job = self._runner.job
        return job if job is not None and job.running and job.kind == "demo" else None

    def make(self) -> None:
        """Load the demo model, made first where it isn't there yet."""
        self._wanted = True
        if self.job is None:
            self._bridge.call(ready_engine, self._take, self._give_up)
        self.changed.emit()

    def _take(self, engine: Path | None) -> None:
        if engine is not None:
            self._load(str(engine))
        else:
            self._runner.demo()

    def _load(self, engine: str) -> None:
        if self._wanted:
            self._wanted = False
            self._session.load(engine)

    def _give_up(self, error: C10Error) -> None:
        self._wanted = False
        self.failed.emit(error)

    def _on_ended(self) -> None:
        job = self._runner.job
        if job is None or job.kind != "demo" or not self._wanted:
            return
        if job.engine:
            self._load(job.engine)
        elif job.failure is not None:
            self._give_up(job.failure)
