"""A day at the stand, simulated: visitors with random input, workers that are killed, and nobody of the staff."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from core.runtime.client import Patience, RuntimeClient
from gui import app as gui_app
from gui.app import Panel
from gui.chat import conversation as tree
from gui.options import Options
from gui.pages import visible_pages
from gui.paths import settings_file
from gui.settings import Store
from gui.show.page import OFFERS
from gui.visitor import pin as pins
from tests.core.worker.doubles import FAKE_WORKER
from tests.soak.clock import ShowClock
from tests.soak.figures import Sample, sample
from tests.soak.report import Report
from tests.soak.traces import Writes, files_with

HOURS, DAY = 10.0, 500
"""A day at the stand, and how many visitors come in it."""
IDLE_S = 60
PIN = "20261126"
KILLS_APART_S = 400.0
"""Workers die at least so far apart: three deaths in ten minutes end restarts, and then an operator is needed."""
PATIENCE_S = 60.0
"""Longest real wait for anything, in seconds, on a busy machine."""
LONGEST_TURN_S = 0.5
"""Most that one turn of waiting counts, in seconds."""
SAMPLE_EVERY = 10
LATEST_S = 200.0
"""How much later than planned the attract loop may begin, because an answer or a run of the Show page went on."""
ALLOWED = ("settings.json", "runs.json", "window.log", "crash.log", "running", "window.lock")
"""The only files that the window may write during the show, under these names or as their temporary files."""


class ShowError(AssertionError):
    """The show needed somebody, or left something."""


class Show:
    """One run in a folder of its own."""

    def __init__(self, app: QApplication, home: Path, seed: int, engine: str = "") -> None:
        self.app, self.home, self.random = app, home, random.Random(seed)
        self.clock = ShowClock()
        self.report = Report()
        self.progress: Callable[[Sample], None] = lambda _sample: None
        self.canaries: list[str] = []
        self._texts: list[str] = []
        self._last_kill = self.clock.now
        self.engine = engine or str(home / "text-whole-show.ngf")
        if not engine:
            Path(self.engine).write_bytes(b"")
        self._writes = Writes()
        self.client = RuntimeClient(
            worker=None if engine else FAKE_WORKER,
            patience=Patience(load_s=1e9, prefill_s=1e9, decode_s=1e9),
            clock=self.clock.monotonic,
        )
        self._make_runtime = gui_app.make_runtime
        gui_app.make_runtime = lambda: self.client
        store = Store(settings_file())
        store.update(
            visitor_mode=True, pin=pins.sealed(PIN), idle_s=IDLE_S, greeted=True, last_engine=self.engine, language="en"
        )
        self.panel = Panel(app, Options(theme="dark"), store, self.clock)
        self.window = self.panel.window
        self.window.booth.changed.connect(self._on_phase)
        self._closer = QTimer()
        self._closer.setInterval(40)
        self._closer.timeout.connect(_close_popups)
        self._closer.start()

    def run(self, visitors: int) -> Report:
        """Let `visitors` come and go; raise ShowError when the show needs somebody."""
        began, first = time.monotonic(), self.clock.now
        self.window.resize(1920, 1080)
        self.window.show_start()
        self.until(lambda: self.window.current_page_id() == "demo", "the first page")
        self.panel.session.load(gui_app.engine_at_start(Options(), self.panel.store))
        self.until(lambda: self.demo.show_.ready, "the engine")
        self._make_pages()
        slot = HOURS * 3600 / DAY
        for number in range(1, visitors + 1):
            arrived = self.clock.now
            self._visit(number)
            self._leave(arrived + slot)
            self._check(number)
            if number % SAMPLE_EVERY == 0 or number == visitors:
                self.report.samples.append(sample(number, (self.app, self.window, self.panel.bridge)))
                self.progress(self.report.samples[-1])
        if not self.report.kills:  # few visitors: none of them happened to see a worker die
            self._last_kill = -KILLS_APART_S
            self._do_kill(visitors)
        self.report.visitors = visitors
        self.report.simulated_s = self.clock.now - first
        self.report.real_s = time.monotonic() - began
        return self.report

    def close(self) -> None:
        """End everything; then the disk is looked at once more."""
        self._closer.stop()
        self.window.leave()
        self.panel.close()
        self.window.deleteLater()
        for part in (self.panel.bridge, self.panel.session, self.panel.theme, self.panel.languages):
            part.deleteLater()
        self._writes.end()
        gui_app.make_runtime = self._make_runtime
        self.report.found = files_with((self.home, Path(tempfile.gettempdir())), (*self.canaries, *self._texts))
        self.report.written = sorted(
            {path for path in self._writes.paths if path != os.devnull and not _allowed(Path(path))}
        )

    def _make_pages(self) -> None:
        """Make what is made when it is first shown, so that the samples show what visitors leave behind."""
        for entry in visible_pages():
            if not entry.guarded:
                self.window.page(entry.page_id)
        for offer in OFFERS:
            self.window.page("show").piece(offer.piece_id)  # type: ignore[attr-defined]  # the Show page

    @property
    def demo(self) -> Any:
        """The Demo page."""
        return self.window.page("demo")

    @property
    def chat(self) -> Any:
        """The Chat page."""
        return self.window.page("chat")

    def spin(self, simulated: float = 0.0, steps: int = 1) -> None:
        """Let the window work while time passes in equal steps.

        processEvents leaves out what is due to be deleted, which the loop of the real window does at each of its turns.
        """
        for _ in range(steps):
            self.clock.advance(simulated / steps)
            self.app.processEvents()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            self.panel.bridge.drain()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that takes real time; the simulated clock goes on slowly.

        A pause of the whole process or machine counts as one turn: what came meanwhile is looked at first.
        """
        waited, before = 0.0, time.monotonic()
        while not condition():
            if waited > PATIENCE_S:
                raise ShowError(f"Waited {PATIENCE_S:.0f} s for {what}: the show stands still: {self._state()}")
            self.spin(0.02)
            time.sleep(0.001)
            now = time.monotonic()
            waited += min(now - before, LONGEST_TURN_S)
            before = now

    def _state(self) -> str:
        """Return what somebody would look at first when the show stands still."""
        session = self.panel.session
        known = {
            "phase": self.window.booth.phase,
            "loading": session.loading,
            "failure": session.failure,
            "worker": self.client.pid,
            "runtime thread": self.client.alive,
            "last worker's log": self.client.log[-2000:],
        }
        return ", ".join(f"{name} {value!r}" for name, value in known.items())

    def _visit(self, number: int) -> None:
        self._touch()
        if self.window.booth.phase == "attract":
            raise ShowError("A touch didn't end the attract loop.")
        for _ in range(self.random.randint(1, 5)):
            name = self.random.choice(
                ("tile", "tile", "space", "digit", "click", "click", "ask", "ask", "type", "batch", "keys", "pages",
                 "close", "pin", "copy", "kill")
            )  # fmt: skip
            self.report.actions[name] = self.report.actions.get(name, 0) + 1
            getattr(self, f"_do_{name}")(number)
            self.spin(self.random.uniform(0.5, 4.0), 3)

    def _leave(self, until: float) -> None:
        """Walk away, or press New visitor; the attract loop fills the rest of the time."""
        self.until(lambda: not self._busy(), "the end of the answer")
        if self.random.random() < 0.4:
            self._click_widget(self.window.strip.visitor)
            self.spin(0.1)
        rest = max(until - self.clock.now, IDLE_S + 15.0)
        latest = self.clock.now + rest + LATEST_S
        until = self.clock.now + rest
        while self.clock.now < until or (self.window.booth.phase != "attract" and self.clock.now < latest):
            self.spin(0.5)
            # A worker answers and comes back in real time: on a busy machine simulated minutes would pass meanwhile.
            self.until(lambda: not self._busy(), "the end of an answer")
            self.until(lambda: self.panel.session.loaded is not None, "an engine after a worker's death")

    def _check(self, number: int) -> None:
        """The visitor is gone: so is everything of theirs, and the show goes on without anybody's help."""
        if self.window.booth.phase != "attract":
            raise ShowError(f"After visitor {number} there is no attract loop: {self._state()}")
        self.chat.composer.edit.undo()
        left = {
            "conversation": not self.chat.conduct.conversation.empty or bool(self.chat.conduct.earlier),
            "composer or its undo stack": bool(self.chat.composer.edit.toPlainText()),
            "clipboard": any(canary in QGuiApplication.clipboard().text() for canary in self.canaries[-20:]),
            "dialog": any(isinstance(top, QDialog) and top.isVisible() for top in self.app.topLevelWidgets()),
            "lock": not self.window.booth.lock.locked,
            "page": self.window.current_page_id() != "demo",
            "settings": bool(self.panel.store.page("chat").get("presets")),
        }
        if any(left.values()):
            raise ShowError(f"Visitor {number} left: {', '.join(name for name, there in left.items() if there)}.")
        if number % 25 == 0:
            found = files_with((self.home,), (*self.canaries, *self._texts))
            if found:
                raise ShowError(f"On the disk after visitor {number}: {found[:3]}")

    def _busy(self) -> bool:
        return self.demo.show_.busy or any(page.busy() for page in self.window.made_pages())

    def _canary(self, number: int) -> str:
        self.canaries.append(f"CANARY{number}X{len(self.canaries)}X")
        self.report.typed += 1
        return self.canaries[-1]

    def _do_tile(self, _number: int) -> None:
        self.window.go_to("demo")
        self._click_widget(self.random.choice(self.demo.stage.tile_buttons))
        self._wait_a_bit()

    def _do_space(self, _number: int) -> None:
        self.window.go_to("demo")
        self.demo.setFocus()
        self._key(Qt.Key.Key_Space)
        self._wait_a_bit()

    def _do_digit(self, _number: int) -> None:
        self._key(Qt.Key(Qt.Key.Key_1.value + self.random.randrange(4)))

    def _do_click(self, _number: int) -> None:
        at = QPoint(self.random.randrange(self.window.width()), self.random.randrange(self.window.height() - 70))
        QTest.mouseClick(self._handle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _do_ask(self, number: int) -> None:
        self._type(number)
        self._key(Qt.Key.Key_Return)
        conduct = self.chat.conduct
        if conduct.busy:
            self.report.answers += 1
            if self.random.random() < 0.3:
                self._key(Qt.Key.Key_Escape)
            self.until(lambda: not conduct.busy, "a chat's answer")
            shown = tree.path(conduct.conversation)
            if shown and len(shown[-1].text) >= 24:
                self._texts = [*self._texts[-40:], shown[-1].text[:24]]

    def _do_type(self, number: int) -> None:
        self._type(number)

    def _do_batch(self, number: int) -> None:
        self.window.go_to("chat")
        if self.chat.composer.batch_button.isEnabled():
            self.chat.composer.batch_button.click()
            self.spin(0.1)
            dialog = self.app.activeModalWidget()
            if isinstance(dialog, QDialog):
                dialog.edit.setPlainText(f"{self._canary(number)}\n{self._canary(number)}")  # type: ignore[attr-defined]  # the batch dialog
                if self.random.random() < 0.5:
                    dialog.ask_button.click()  # type: ignore[attr-defined]  # as above
                    self._wait_a_bit()

    def _do_keys(self, _number: int) -> None:
        for _ in range(self.random.randint(1, 12)):
            self._key(Qt.Key(self.random.randrange(Qt.Key.Key_A.value, Qt.Key.Key_Z.value)))
        self._key(self.random.choice((Qt.Key.Key_F11, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return)))

    def _do_pages(self, _number: int) -> None:
        for _ in range(3):
            self._key(Qt.Key(Qt.Key.Key_1.value + self.random.randrange(6)), Qt.KeyboardModifier.ControlModifier)
            self.spin(0.2)
            self._note_pin()

    def _do_close(self, _number: int) -> None:
        self.window.close()
        self.spin(0.1)
        if not self.window.isVisible():
            raise ShowError("A visitor closed the window.")
        self.report.refused_closes += 1
        self._note_pin()

    def _do_pin(self, _number: int) -> None:
        self.window.desk.show_operator()
        self.spin(0.1)
        self._note_pin()
        for _ in range(6):
            self._key(Qt.Key(Qt.Key.Key_0.value + self.random.randrange(10)))
        self._key(Qt.Key.Key_Return)
        self.spin(0.3, 5)
        if not self.window.booth.lock.locked:
            raise ShowError("A visitor guessed the PIN.")

    def _do_copy(self, _number: int) -> None:
        self._key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    def _do_kill(self, _number: int) -> None:
        if self.clock.now - self._last_kill < KILLS_APART_S or self.client.pid is None:
            return
        self._last_kill = self.clock.now
        self.report.kills += 1
        dead = self.client.pid
        os.kill(dead, signal.SIGKILL)
        self.until(lambda: self.client.pid not in (None, dead) and self.demo.show_.ready, "the worker after its death")
        self.report.recoveries += 1

    def _type(self, number: int) -> None:
        self.window.go_to("chat")
        self.spin(0.1)
        if self.app.activeModalWidget() is None:
            self.chat.composer.edit.setFocus()
            QTest.keyClicks(self.chat.composer.edit, self._canary(number))
            self.chat.composer.edit.insertPlainText("末")  # as an input method does

    def _wait_a_bit(self) -> None:
        if self.random.random() < 0.7:
            self.until(lambda: not self._busy(), "an answer")
        else:
            self.spin(0.3, 5)

    def _touch(self) -> None:
        at = QPoint(self.window.width() // 2, 8)
        QTest.mouseClick(self._handle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        self.spin(0.05)

    def _click_widget(self, widget: Any) -> None:
        if widget.isVisible() and self.app.activeModalWidget() is None:
            at = widget.mapTo(self.window, widget.rect().center())
            QTest.mouseClick(self._handle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.app.focusWindow() or self._handle(), key, modifier)

    def _handle(self) -> QWindow:
        handle = self.window.windowHandle()
        assert handle is not None
        return handle

    def _note_pin(self) -> None:
        if isinstance(self.app.activeModalWidget(), QDialog):
            self.report.pin_dialogs += 1

    def _on_phase(self) -> None:
        phase = self.window.booth.phase
        self.report.countdowns += phase == "countdown"
        self.report.attracts += phase == "attract"


def _close_popups() -> None:
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def _allowed(path: Path) -> bool:
    """Return whether the window may write this; ctypes.util looks for libraries with an empty temporary file."""
    of_ctypes = path.parent == Path(tempfile.gettempdir()) and path.name.startswith("tmp")
    return of_ctypes or path.is_dir() or any(name in path.name for name in ALLOWED)
