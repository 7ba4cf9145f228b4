"""The real window with hands: it does one thing over and over, and says on stdout when it was painted and has swept.

`python -m tests.faults.driven settings|compile|chat|idle [MODEL TARGET | ENGINE]`; "idle" closes once it has swept.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from core.compiler.plan import CompileRequest
from core.events import Failed, Generated, Loaded, StepStarted
from core.worker.protocol import Generate
from gui import app
from gui.compile.page import CompilePage
from tests.faults.small import CONFIG


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _settings(panel: app.Panel) -> None:
    """Save them without end."""
    numbers = itertools.count(1)
    timer = QTimer(panel.window)
    timer.timeout.connect(lambda: panel.store.update(last_engine=f"/{next(numbers)}" * 2000))
    timer.start(0)
    _say("busy")


def _compile(panel: app.Panel) -> None:
    """Compile one engine after the other."""
    page = panel.window.page("compile")
    assert isinstance(page, CompilePage)
    numbers = itertools.count(1)

    def begin() -> None:
        if not page.runner.busy:
            name = f"x{next(numbers)}"
            page._start_compile(CompileRequest(Path(sys.argv[2]), Path(sys.argv[3]), name, CONFIG, combine=True))

    timer = QTimer(panel.window)
    timer.timeout.connect(begin)
    timer.start(20)
    panel.bridge.subscribe(StepStarted, lambda _event: _say("busy"), source=None)


def _chat(panel: app.Panel) -> None:
    """Ask one question after the other."""

    def ask(_event: object) -> None:
        panel.session.runtime.generate(Generate("again", input_ids=[[1, 2, 3]], max_new_tokens=40))
        _say("busy")

    panel.bridge.subscribe(Loaded, ask)
    panel.bridge.subscribe(Generated, ask)
    panel.bridge.subscribe(Failed, lambda event: _say(f"failed: {event.message}"))
    panel.session.load(sys.argv[2])


def _idle(panel: app.Panel) -> None:
    assert panel.window.last_end in ("", "killed"), panel.window.last_end


DOINGS: dict[str, Callable[[app.Panel], None]] = {
    "settings": _settings,
    "compile": _compile,
    "chat": _chat,
    "idle": _idle,
}


class _Panel(app.Panel):
    """Begins its doing when the window has been painted."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.window.first_painted.connect(self._on_painted)

    def _on_painted(self) -> None:
        _say("painted")
        QTimer.singleShot(0, self.window, lambda: DOINGS[sys.argv[1]](self))
        if sys.argv[1] == "idle":
            _when_swept(self.window.close)


def _when_swept(then: Callable[[], object]) -> None:
    """Call `then` in the window's thread after the sweep of the start."""
    swept: list[bool] = []
    sweep = app._sweep

    def noted(folders: list[str]) -> None:
        sweep(folders)
        swept.append(True)

    app._sweep = noted
    timer = QTimer()
    timer.timeout.connect(lambda: (_say("swept"), timer.stop(), then()) if swept else None)
    timer.start(10)
    _TIMERS.append(timer)


_TIMERS: list[QTimer] = []


if __name__ == "__main__":
    app.Panel = _Panel  # type: ignore[misc]
    sys.exit(app.main([]))
