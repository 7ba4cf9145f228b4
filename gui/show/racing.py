"""Runs the lanes of a race: at once where the machine allows it, else one after another with a replay at the end."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.errors import UntrustedError
from core.events import Event
from core.race.lanes import Runner, together
from core.race.track import Track, commands
from core.system import cpu_threads, memory
from gui.bridge import Bridge
from gui.compile.errand import Errand

State = Literal["idle", "running", "replaying", "over"]


class Racing(QObject):
    """`changed` fires when a lane starts, ends or fails, and when the state changes; in between look at `now`."""

    changed = Signal()
    untrusted = Signal(str)
    """The race ended as this engine is a stranger's; see `trust`."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.state: State = "idle"
        self.parallel = False
        self.tracks: tuple[Track, ...] = ()
        self._runners: tuple[Runner, ...] = ()
        self._trusted: set[Path] = set()
        self._errands: dict[int, Errand] = {}
        self._order: tuple[str, int] = ("", 0)
        self._replay_from = 0.0

    def start(self, runners: tuple[Runner, ...], prompt: str, tokens: int) -> None:
        """Let the lanes run; nothing happens while a race is on."""
        if self.busy:
            return
        self._runners, self._order = runners, (prompt, tokens)
        self.tracks = tuple(Track(runner.name) for runner in runners)
        self.parallel = together(runners, cpu_threads(), memory().available)
        self.state = "running"
        for lane in range(len(runners)) if self.parallel else (0,):
            self._run(lane)
        self.changed.emit()

    def trust(self, engine: Path) -> None:
        """Let a stranger's engine run from now on, as the user has said so."""
        self._trusted.add(engine)

    def stop(self) -> None:
        """End the race; what the lanes have done stays."""
        for errand in self._errands.values():
            errand.drop()
        self._errands.clear()
        if self.state in ("running", "replaying"):
            self.state = "over"
            self.changed.emit()

    def forget(self) -> None:
        """End the race and forget its answers."""
        self.stop()
        self.state, self.tracks, self._order = "idle", (), ("", 0)
        self.changed.emit()

    def replay(self) -> None:
        """Show the lanes again, all starting at the same moment."""
        if self.tracks and not self.busy:
            self.state, self._replay_from = "replaying", time.monotonic()
            self.changed.emit()

    def dispose(self) -> None:
        """End the children with the window."""
        for errand in self._errands.values():
            errand.drop(wait=True)
        self._errands.clear()

    @property
    def busy(self) -> bool:
        """Whether lanes run or are replayed."""
        return self.state in ("running", "replaying")

    @property
    def replayed(self) -> bool:
        """Whether what is shown didn't happen at the same time."""
        return not self.parallel and self.state in ("replaying", "over")

    @property
    def running_lane(self) -> int:
        """Number of the lane that runs alone, from 1; 0: none does."""
        return min(self._errands, default=-1) + 1 if not self.parallel else 0

    def now(self, track: Track) -> float:
        """Return how many seconds of a lane are to be shown."""
        if self.state == "replaying":
            return time.monotonic() - self._replay_from
        if track.over or track.started is None or self.state == "over":
            return float("inf") if track.steps else 0.0
        return time.monotonic() - track.started

    def tick(self) -> None:
        """End a replay that has shown everything; call it now and then."""
        if self.state != "replaying":
            return
        longest = max((track.finished_at or 0.0 for track in self.tracks), default=0.0)
        if time.monotonic() - self._replay_from > longest:
            self.state = "over"
            self.changed.emit()

    def _run(self, lane: int) -> None:
        from core.worker.job import WorkerJob

        runner = self._runners[lane]
        threads = cpu_threads() // len(self._runners) if self.parallel else 0
        trusted = runner.path in self._trusted
        orders = commands(str(runner.path), *self._order, threads, runner.name, trust=trusted)
        self._errands[lane] = Errand(
            self._bridge, WorkerJob(*orders), partial(self._take, lane), partial(self._gone, lane)
        )

    def _take(self, lane: int, event: Event) -> None:
        track = self.tracks[lane]
        before = track.loaded
        track.take(event, time.monotonic())
        if track.loaded != before:
            self.changed.emit()

    def _gone(self, lane: int) -> None:
        self._errands.pop(lane, None)
        failure = self.tracks[lane].failure
        if failure is not None:
            self.stop()
        elif not self.parallel and lane + 1 < len(self._runners):
            self._run(lane + 1)
        elif not self._errands:
            self.state, self._replay_from = "over" if self.parallel else "replaying", time.monotonic()
        self.changed.emit()
        if failure is not None and failure.code == UntrustedError.code:
            self.untrusted.emit(str(self._runners[lane].path))
