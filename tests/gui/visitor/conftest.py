"""A booth with visitors at the keyboard, on a clock that the tests move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from core.events import Event, Generated, Token
from gui.app import Panel
from gui.options import Options
from gui.paths import settings_file
from gui.settings import Store
from gui.visitor import pin as pins
from gui.visitor import screen_saver
from gui.visitor.pin_dialog import PinDialog
from tests.gui.chat.test_history import FIGURES
from tests.gui.conftest import FakeRuntime, _delete_deferred
from tests.gui.test_shell import loaded
from tests.soak.clock import ShowClock

PIN = "2468"
SEALED = pins.sealed(PIN)


@dataclass
class Stand:
    """The window, its clock, and the worker's part played by the test."""

    panel: Panel
    clock: ShowClock
    runtime: FakeRuntime
    qtbot: QtBot

    def say(self, *events: Event) -> None:
        self.runtime.say(self.panel, *events)

    def wait(self, seconds: float) -> None:
        """Let time pass in steps of a second at most."""
        while seconds > 0:
            self.clock.advance(min(seconds, 1.0))
            seconds -= 1.0
            self.panel.bridge.drain()
        QApplication.processEvents()

    def job(self) -> str:
        return self.runtime.last_job()

    def answer(self, text: str = "An answer.") -> None:
        """Let the worker answer what was asked last."""
        job = self.job()
        self.say(Token(job, 0, 7, text), Generated(job, [[7]], [text], ["eos"], FIGURES))

    def jobs(self) -> int:
        return sum(kind == "generate" for kind, _ in self.runtime.asked)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key the way the system does: on the window that has the focus."""
        QTest.keyClick(QApplication.focusWindow() or self.panel.window.windowHandle(), key, modifier)

    def touch(self, at: QPoint) -> None:
        handle = self.panel.window.windowHandle()
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def dialog(self) -> QDialog | None:
        found = QApplication.activeModalWidget()
        return found if isinstance(found, QDialog) else None

    def enter(self, pin: str) -> None:
        """Give a PIN to the dialog that asks for it, and wait for its verdict."""
        dialog = self.dialog()
        assert isinstance(dialog, PinDialog)
        for digit in pin:
            dialog.press(digit)
        before = self.panel.store.value.pin_failures
        dialog.submit()
        lock = self.panel.window.booth.lock
        self.qtbot.waitUntil(lambda: lock.operator or bool(dialog.note.text()), timeout=10_000)
        assert lock.operator or self.panel.store.value.pin_failures >= before


@pytest.fixture
def stand(
    qapp: QApplication, qtbot: QtBot, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch, panel_home: Path
) -> Iterator[Stand]:
    """Return a stand in visitor mode with an engine loaded, on the Demo page."""
    del panel_home
    monkeypatch.setattr(screen_saver, "hold", lambda _window: "")
    clock = ShowClock()
    store = Store(settings_file())
    store.update(visitor_mode=True, pin=SEALED, greeted=True)
    panel = Panel(qapp, Options(lang="en", theme="light"), store, clock)
    panel.window.resize(1600, 900)
    panel.window.show_start()
    qtbot.waitUntil(lambda: panel.window.current_page_id() == "demo", timeout=10_000)
    assert panel.session.runtime is not None
    made = Stand(panel, clock, runtime, qtbot)
    made.say(loaded())
    yield made
    panel.window.leave()
    panel.close()
    panel.window.deleteLater()
    for part in (panel.bridge, panel.session, panel.theme, panel.languages):
        part.deleteLater()
    _delete_deferred()
