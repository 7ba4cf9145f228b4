from __future__ import annotations

import queue
import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from core.errors import FileError
from core.events import Event, LogLine, Token
from gui.app import Panel
from gui.bridge import COMPILE, RUNTIME


def test_events_arrive_in_order_on_the_windows_thread(panel: Panel, qtbot: QtBot) -> None:
    events: queue.Queue[Event] = queue.Queue()
    panel.bridge.attach(RUNTIME, events)
    seen: list[int] = []
    threads = set()
    panel.bridge.subscribe(Token, lambda event: (seen.append(event.token), threads.add(threading.get_ident())))
    sender = threading.Thread(target=lambda: [events.put(Token("j", 0, n, "x")) for n in range(5000)])
    sender.start()
    sender.join()
    qtbot.waitUntil(lambda: len(seen) == 5000, timeout=10_000)
    assert seen == list(range(5000))
    assert threads == {threading.get_ident()}


def test_subscribers_get_only_their_kind_and_source(panel: Panel) -> None:
    compile_events: queue.Queue[Event] = queue.Queue()
    detach = panel.bridge.attach(COMPILE, compile_events)
    from_runtime: list[str] = []
    from_compile: list[str] = []
    everything: list[Event] = []
    panel.bridge.subscribe(LogLine, lambda event: from_runtime.append(event.text))
    panel.bridge.subscribe(LogLine, lambda event: from_compile.append(event.text), COMPILE)
    end = panel.bridge.subscribe(Event, everything.append, None)
    compile_events.put(LogLine("a"))
    panel.bridge.drain()
    end()
    compile_events.put(LogLine("b"))
    panel.bridge.drain()
    detach()
    compile_events.put(LogLine("c"))
    panel.bridge.drain()
    assert (from_runtime, from_compile, len(everything)) == ([], ["a", "b"], 1)


def test_a_handler_that_fails_does_not_keep_events_from_others(panel: Panel, caplog: pytest.LogCaptureFixture) -> None:
    events: queue.Queue[Event] = queue.Queue()
    panel.bridge.attach(RUNTIME, events)
    seen: list[str] = []

    def broken(event: LogLine) -> None:
        raise ValueError(event.text)

    panel.bridge.subscribe(LogLine, broken)
    panel.bridge.subscribe(LogLine, lambda event: seen.append(event.text))
    events.put(LogLine("line"))
    panel.bridge.drain()
    assert seen == ["line"]
    assert "A handler of the window failed" in caplog.text


def test_background_work_comes_back_to_the_windows_thread(panel: Panel, qtbot: QtBot) -> None:
    answers: list[tuple[int, int]] = []
    panel.bridge.call(threading.get_ident, lambda there: answers.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(answers), timeout=5000)
    there, here = answers[0]
    assert here == threading.get_ident()
    assert there != here


def test_an_error_of_background_work_is_handed_on(panel: Panel, qtbot: QtBot) -> None:
    errors: list[str] = []

    def work() -> None:
        raise FileError("No such folder.", "Choose another.")

    panel.bridge.call(work, lambda _none: None, lambda error: errors.append(str(error)))
    qtbot.waitUntil(lambda: bool(errors), timeout=5000)
    assert errors == ["No such folder. Choose another."]


class _Dialog(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def take(self, result: str) -> None:
        self.told.append(result)


def test_work_whose_dialog_is_gone_tells_nobody(panel: Panel, qtbot: QtBot) -> None:
    gone, there = _Dialog(), _Dialog()
    panel.bridge.call(lambda: "a", gone.take)
    panel.bridge.call(lambda: "b", there.take)
    delete(gone)
    qtbot.waitUntil(lambda: there.told == ["b"], timeout=10_000)
    assert gone.told == []
