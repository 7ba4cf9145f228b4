"""A monkey at mouse and keyboard, with a seed: `python -m tests.gui.monkey --seed 1 --events 20000`.

It clicks what can be clicked, types, scrolls, resizes, changes language, colours and text size, while the parts of
the children (`tests.gui.played`) answer, refuse, hang and die. It knows nothing of the pages, so new ones are covered
at once. With `--faults` files fail meanwhile, the disk is full and children are killed (`tests.gui.trouble`).
Prints the longest times that the window's thread computed between two events: what would be gaps on an idle machine.
"""

from __future__ import annotations

import argparse
import errno
import faulthandler
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from gui.app import Panel
from gui.design import SCALES
from gui.options import Options
from gui.settings import Store
from tests.core.ngf.sample import HEADER, write_sample
from tests.gui.findings import Findings
from tests.gui.played import PlayedJob, PlayedRuntime
from tests.gui.trouble import Trouble

USABLE = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QAbstractItemView)
TEXT = "Why is the sky blue? 为什么天空是蓝色的？ 1234567890 -.,;:!?\"'/\\<>&%"
KEYS = (
    Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape,
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F11,
)  # fmt: skip
CONTROL_KEYS = "123456789acvxznf"
CHANGES = 4
"""Changes of language, colours and text size: each takes as long as a hundred clicks, so there are few."""
LOOK_EVERY = 20
"""Events between two looks at what there is to click."""


class _FileDialog(QDialog):
    """Stands in for the dialog that asks for a file: the real one could delete and rename files of the user's."""

    fileSelected = Signal(str)
    answer = "/nowhere"

    def __init__(self, parent: QWidget, title: str, folder: str, name_filter: str) -> None:
        super().__init__(parent)
        del folder, name_filter
        self.setWindowTitle(title)
        layout = QVBoxLayout(self)
        for text, act in (("Choose", self._choose), ("Cancel", self.reject)):
            button = QPushButton(text)
            button.clicked.connect(act)
            layout.addWidget(button)

    def __getattr__(self, name: str) -> Any:
        if name in ("AcceptMode", "FileMode", "Option"):
            return mock.MagicMock()
        if name in ("setAcceptMode", "setDefaultSuffix", "setFileMode", "setOption", "selectFile"):
            return lambda *_: None
        raise AttributeError(name)

    def _choose(self) -> None:
        self.accept()
        self.fileSelected.emit(self.answer)


_FileDialog.AcceptMode = _FileDialog.FileMode = _FileDialog.Option = mock.MagicMock()  # type: ignore[attr-defined]


def _no_process(*_: object, **_more: object) -> object:
    """Refuse to start a program: what the monkey does stays in the window."""
    raise OSError(errno.EPERM, "No program is started here.")


def settings_in(folder: Path) -> Path:
    """Return where a stage with trouble keeps its settings."""
    return folder / "panel-home" / "config" / "settings.json"


class Stage:
    """A panel whose children are played, and whose files lie in `folder`. Close it."""

    def __init__(self, app: QApplication, seed: int, folder: Path, trouble: Trouble | None = None) -> None:
        self.trouble = trouble
        self.chance = random.Random(seed)
        self.runtime = PlayedRuntime(self.chance)
        self.jobs: list[PlayedJob] = []
        self._patches = ExitStack()
        _FileDialog.answer = str(folder / "chosen.onnx")
        for name in ("WorkerJob", "CompileJob", "OutputJob"):
            self._patch(f"core.worker.job.{name}", self._job(name))
        self._patch("gui.app.make_runtime", lambda: self.runtime)
        self._patch("gui.widgets.files.QFileDialog", _FileDialog)
        self._patch("PySide6.QtGui.QDesktopServices.openUrl", lambda _url: True)
        self._patch("subprocess.Popen", _no_process)
        home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        self._patches.enter_context(mock.patch.dict(os.environ, home))
        self._patch("core.demo_model.fsio.require_space", lambda *_: None)
        engines = folder / "panel-home" / "data" / "engines"
        engines.mkdir(parents=True, exist_ok=True)
        for number, role in enumerate(("multi", "base", "incremental")):
            write_sample(engines / f"sample{number}{'_inc' if number == 2 else ''}.ngf", role, HEADER)
        store = Store(settings_in(folder) if trouble else None)
        self.panel = Panel(app, Options(lang="en", theme="light", simulate_cards=2), store)
        self.panel.window.resize(1100, 760)
        self.panel.window.show_start()
        if trouble is not None:
            trouble.begin()

    def step(self) -> None:
        """Let the children go on."""
        self.runtime.step()
        self.jobs = [job for job in self.jobs if not job.over]
        for job in self.jobs:
            job.step()
        if self.trouble is not None:
            self.trouble.step(self.runtime, self.jobs)

    def close(self) -> None:
        """Close the window and give back what was replaced."""
        if self.trouble is not None:
            self.trouble.end()
        window = self.panel.window
        for dialog in window.findChildren(QDialog):
            dialog.close()
        window.leave()
        self.panel.close()
        window.deleteLater()
        self.panel.languages.use("en")
        for part in (self.panel.bridge, self.panel.session, self.panel.theme, self.panel.languages):
            part.deleteLater()
        self._patches.close()

    def _patch(self, target: str, replacement: Any) -> None:
        self._patches.enter_context(mock.patch(target, replacement))

    def _job(self, kind: str) -> Callable[..., PlayedJob]:
        def make(*arguments: Any, **_more: Any) -> PlayedJob:
            from core.worker.protocol import Compile, request_to_json

            commands = arguments if kind == "WorkerJob" else arguments[:1]
            if kind == "CompileJob":
                commands = (Compile(request_to_json(arguments[0])),)
            made = PlayedJob(self.chance, commands)
            self.jobs.append(made)
            return made

        return make


class Monkey(QObject):
    """Does one thing in each turn of the loop, so that it goes on in the loops of menus and dialogs, too."""

    done = Signal()

    def __init__(self, stage: Stage, events: int) -> None:
        super().__init__()
        self._stage, self._left = stage, events
        self._window = stage.panel.window
        self._chance = stage.chance
        self._choices: list[QWidget] = []
        self._looked: tuple[QWidget | None, str] = (None, "")
        self._since_look = 0
        self._changes = CHANGES
        self._worked = time.thread_time()
        self.work: list[tuple[float, str]] = []
        """(seconds that the window's thread computed, what was done) of each event."""
        self.last = "start"

    def begin(self) -> None:
        """Start; `done` fires after the last event."""
        QTimer.singleShot(0, self, self._turn)

    def worst(self, count: int = 5) -> list[str]:
        """Return the events that took longest, in words."""
        return [f"{1000 * seconds:.0f} ms: {what}" for seconds, what in sorted(self.work, reverse=True)[:count]]

    def _turn(self) -> None:
        now = time.thread_time()
        self.work.append((now - self._worked, self.last))
        self._worked = now
        if self._left <= 0:
            self._end()
            return
        self._left -= 1
        QTimer.singleShot(0, self, self._turn)  # first, for what follows may run a loop of its own
        self._stage.step()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            self._use_popup(popup)
            return
        acts = (self._click, self._click, self._click, self._type, self._key, self._anywhere, self._rarely)
        self._chance.choice(acts)()

    def _end(self) -> None:
        """Say that it is done once no menu is open: a menu's own loop would go on without anybody to end it."""
        popup = QApplication.activePopupWidget()
        if popup is None:
            self.done.emit()
        else:
            popup.close()
            QTimer.singleShot(0, self, self._turn)

    def _place(self) -> QWidget:
        return QApplication.activeModalWidget() or self._window

    def _click(self) -> None:
        place = self._place()
        state = (place, self._window.current_page_id())
        self._since_look += 1
        if state != self._looked or self._since_look >= LOOK_EVERY:
            self._choices = [found for found in place.findChildren(QWidget) if isinstance(found, USABLE)]
            self._looked, self._since_look = state, 0
        for _ in range(5):
            if self._choices and self._click_one(self._chance.choice(self._choices)):
                return

    def _click_one(self, widget: QWidget) -> bool:
        try:
            usable = widget.isVisible() and widget.isEnabled() and not widget.visibleRegion().isEmpty()
        except RuntimeError:  # deleted since the last look
            self._since_look = LOOK_EVERY
            return False
        if usable:
            text = widget.accessibleName() or getattr(widget, "text", str)()
            self.last = f"click {type(widget).__name__} {text!r} on {self._window.current_page_id()}"
            _tap(widget, Qt.MouseButton.LeftButton, widget.visibleRegion().boundingRect().center())
        return usable

    def _anywhere(self) -> None:
        place = self._place()
        point = QPoint(self._chance.randrange(place.width()), self._chance.randrange(place.height()))
        target = place.childAt(point) or place
        self.last = f"click somewhere on {type(target).__name__}"
        at = target.mapFrom(place, point) if target is not place else point
        button = Qt.MouseButton.LeftButton if self._chance.random() < 0.8 else Qt.MouseButton.RightButton
        nothing = Qt.MouseButton.NoButton
        move = QMouseEvent(
            QEvent.Type.MouseMove, at, target.mapToGlobal(at), nothing, nothing, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(target, move)
        _tap(target, button, at)

    def _type(self) -> None:
        self.last = "type"
        start = self._chance.randrange(len(TEXT))
        target = self._focus()
        for sign in TEXT[start : start + 4]:  # QTest knows only the keys of ASCII
            QApplication.sendEvent(target, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign))

    def _key(self) -> None:
        if self._chance.random() < 0.2:
            key = self._chance.choice(CONTROL_KEYS)
            self.last = f"Ctrl+{key}"
            QTest.keyClick(self._focus(), key, Qt.KeyboardModifier.ControlModifier)
            return
        pressed = self._chance.choice(KEYS)
        self.last = pressed.name
        QTest.keyClick(self._focus(), pressed)

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._place()

    def _rarely(self) -> None:
        if self._chance.random() < 0.9:
            self._wheel()
        elif self._chance.random() < 0.6:
            self.last = "resize"
            self._window.resize(self._chance.randrange(800, 1300), self._chance.randrange(560, 900))
        elif self._may_change():
            self.last = "look"
            strip = self._window.strip
            self._chance.choice((
                lambda: strip.scale_chosen.emit(self._chance.choice(SCALES)),
                lambda: strip.language_chosen.emit(self._chance.choice(("zh", "en"))),
                lambda: strip.theme_chosen.emit(self._chance.choice(("light", "dark"))),
            ))()  # fmt: skip

    def _may_change(self) -> bool:
        self._changes -= 1
        return self._changes >= 0

    def _wheel(self) -> None:
        self.last = "wheel"
        place = self._place()
        point = QPoint(self._chance.randrange(place.width()), self._chance.randrange(place.height()))
        target = place.childAt(point) or place
        at = target.mapFrom(place, point) if target is not place else point
        turn = QPoint(0, self._chance.choice((-240, -120, 120, 240)))
        event = QWheelEvent(
            at, target.mapToGlobal(at), QPoint(), turn, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)

    def _use_popup(self, popup: QWidget) -> None:
        actions = [action for action in popup.actions() if action.isEnabled()] if isinstance(popup, QMenu) else []
        if self._window.strip.isAncestorOf(popup.parentWidget() or popup) and not self._may_change():
            actions = []
        if actions and isinstance(popup, QMenu) and self._chance.random() < 0.7:
            action = self._chance.choice(actions)
            self.last = f"menu {action.text()!r}"
            QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=popup.actionGeometry(action).center())
            return
        key = self._chance.choice((Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Escape))
        self.last = f"popup {key.name}"
        QTest.keyClick(popup, key)


def _tap(widget: QWidget, button: Qt.MouseButton, at: QPoint) -> None:
    """Press and release; a press that opens a menu returns when it closes, and the widget may be gone by then."""
    QTest.mousePress(widget, button, pos=at)
    if isValid(widget):
        QTest.mouseRelease(widget, button, pos=at)


def main(arguments: list[str]) -> int:
    """Let the monkey loose and print what took longest; returns 1 if something happened that must not."""
    parser = argparse.ArgumentParser(prog="monkey", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--faults", action="store_true", help="let files fail and children be killed meanwhile")
    chosen = parser.parse_args(arguments)
    faulthandler.enable()
    findings = Findings()
    app = QApplication([sys.argv[0]])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["C10_PANEL_HOME"] = str(Path(folder) / "panel-home")
        place = Path(folder)
        trouble = Trouble(chosen.seed, place, settings_in(place).parent, chosen.events) if chosen.faults else None
        stage = Stage(app, chosen.seed, place, trouble)
        monkey = Monkey(stage, chosen.events)
        loop = QEventLoop()
        monkey.done.connect(loop.quit)
        monkey.begin()
        loop.exec()
        stage.close()
    _report(monkey, trouble)
    sys.stderr.write("\n".join(findings.found))
    return 1 if findings.found else 0


def _report(monkey: Monkey, trouble: Trouble | None) -> None:
    seconds = sorted(spent for spent, _what in monkey.work)
    if trouble is not None:
        sys.stdout.write(f"faults: {dict(trouble.done)}\n")
    sys.stdout.write(
        f"{len(seconds)} events, {sum(seconds):.1f} s; computed in one go: "
        f"p99 {1000 * seconds[int(0.99 * len(seconds))]:.0f} ms, "
        f"p99.9 {1000 * seconds[int(0.999 * len(seconds))]:.0f} ms; longest\n"
    )
    sys.stdout.write("".join(f"  {line}\n" for line in monkey.worst()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
