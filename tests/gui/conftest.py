"""What the window's tests share: a whole panel without a child process, and a check that no Qt object stays behind."""

from __future__ import annotations

import gc
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from core.events import Event
from gui import app as gui_app
from gui.app import Panel
from gui.options import Options
from gui.settings import Settings, Store
from gui.theme import Theme

OFFSCREEN = "This plugin does not support propagateSizeHints"
"""What the offscreen platform says to every dialog with a least size; it isn't the program's fault."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let that one message pass; every other warning of Qt fails a test."""
    for item in items:
        if "gui" in item.path.parts:
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN, extend=True))


LESSON = (
    "The test left behind: {names}. Close it where it was opened: a page ends its timers and subscriptions in "
    "dispose(), a widget without a parent belongs to qtbot.addWidget(), a panel to the fixture `make_panel`."
)


@dataclass
class FakeRuntime:
    """Stands in for the thread with the inference child: notes what it is asked, says what the test puts in."""

    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def load(
        self, engine: str, *, tokenizer: str = "", threads: int = 0, cards: dict[str, Any] | None = None,
        c10: dict[str, Any] | None = None, trust: bool = False,
    ) -> None:  # fmt: skip
        options = next((chosen for chosen in (c10, cards) if chosen is not None), None)
        what: tuple[Any, ...] = (engine, tokenizer, threads) if options is None else (engine, options)
        self.asked.append(("load", (*what, "trusted") if trust else what))

    def generate(self, command: Any) -> str:
        self.asked.append(("generate", command))
        return str(command.job)

    def stop(self) -> None:
        self.asked.append(("stop", None))

    def unload(self) -> None:
        self.asked.append(("unload", None))

    def forget(self) -> None:
        self.asked.append(("forget", None))

    def kill(self) -> None:
        self.asked.append(("kill", None))

    def close(self) -> None:
        self.asked.append(("close", None))

    def say(self, panel: Panel, *events: Event) -> None:
        """Put events into the queue and let the panel's bridge hand them on."""
        for event in events:
            self.events.put(event)
        while not self.events.empty():
            panel.bridge.drain()
        panel.bridge.drain()

    def last_job(self) -> str:
        """Return the job that was asked last."""
        return str(next(c.job for kind, c in reversed(self.asked) if kind == "generate"))


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """Return the runtime that every panel of this test uses instead of a child process."""
    fake = FakeRuntime()
    monkeypatch.setattr(gui_app, "make_runtime", lambda: fake)
    return fake


MakePanel = Callable[..., Panel]


@pytest.fixture
def make_panel(qapp: QApplication, qtbot: QtBot, runtime: FakeRuntime) -> Iterator[MakePanel]:
    """Return a function that shows a window: make_panel(settings..., lang=, theme=, simulate_cards=)."""
    del runtime
    made: list[Panel] = []

    def make(store: Store | None = None, **options: Any) -> Panel:
        chosen = Options(**{"lang": "en", "theme": "light", **options})
        panel = Panel(qapp, chosen, store or Store(None))
        made.append(panel)
        panel.window.show_start()
        qtbot.waitUntil(lambda: panel.window.current_page_id() != "", timeout=5000)
        return panel

    yield make
    for panel in made:
        panel.window.leave()
        panel.close()
        panel.window.deleteLater()
        panel.languages.use("en")
        for part in (panel.bridge, panel.session, panel.theme, panel.languages):
            part.deleteLater()
        del panel
    made.clear()
    _delete_deferred()


@pytest.fixture
def panel(make_panel: MakePanel) -> Panel:
    """Return a shown window in English and light colours with settings that are kept nowhere."""
    return make_panel()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Return a theme, for tests of single widgets."""
    made = Theme(qapp, "light")
    yield made
    made.deleteLater()
    _delete_deferred()


@pytest.fixture
def settings() -> Settings:
    """Return fresh settings."""
    return Settings()


def _delete_deferred() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def _no_qt_object_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a top-level widget, an active timer or a running thread of Qt behind."""
    before = {id(found) for found in _left_objects(qapp)}
    yield
    _delete_deferred()
    gc.collect()
    left = [found for found in _left_objects(qapp) if id(found) not in before]
    if not left:
        return
    names = ", ".join(f"{_kind(item)} {_name(item)}" for item in left)
    for item in left:
        if isinstance(item, QWidget):
            item.close()
            item.deleteLater()
        elif isinstance(item, QTimer):
            item.stop()
    pytest.fail(LESSON.format(names=names), pytrace=False)


def _left_objects(app: QApplication) -> list[QObject]:
    """Return windows that nobody owns, active timers and running threads."""
    found = [item for item in gc.get_objects() if isinstance(item, QTimer | QThread)]
    timers = [item for item in found if isinstance(item, QTimer) and _active(item)]
    threads = [item for item in found if isinstance(item, QThread) and _running(item)]
    windows = [item for item in app.topLevelWidgets() if item.parent() is None and not _librarys_own(item)]
    return [*windows, *timers, *threads]


def _librarys_own(item: QWidget) -> bool:
    """Return whether it is Qt's tooltip, or a hidden menu such as pyqtgraph makes for each plot and frees late."""
    return item.metaObject().className() == "QTipLabel" or (isinstance(item, QMenu) and not item.isVisible())


def _kind(item: QObject) -> str:
    return "the window" if isinstance(item, QWidget) else "the timer" if isinstance(item, QTimer) else "the thread"


def _active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # its Qt part is deleted already
        return False


def _running(thread: QThread) -> bool:
    try:
        return thread.isRunning() and thread is not QCoreApplication.instance().thread()
    except RuntimeError:
        return False


def _name(item: QObject) -> str:
    parent = item.parent()
    name = item.metaObject().className() + (f" {item.objectName()!r}" if item.objectName() else "")
    return f"{name} of {parent.metaObject().className()}" if parent else name
