"""States of the Demo page and of the booth for the screenshots."""

from __future__ import annotations

import math
import queue
import time
from typing import Any

from PySide6.QtWidgets import QApplication

from core.events import Event, Generated, Loaded, Prompted, Token
from gui.bridge import RUNTIME
from gui.compile.job import Job, Step
from gui.demo.editor import TileEditor
from tests.gui.chat.scenes import CONFIG, figures

ANSWER = {
    "en": (
        "Once there was a small robot named Bolt who had only ever known the quiet hum of the workshop. One morning, "
        "the door stood open, and Bolt followed the wind down to the shore.\n\n"
        "The sea was larger than anything it had a number for. It counted the waves until it understood that they "
        "would **not** end, and that this was the point.\n\n"
        "“I will come back tomorrow,” said Bolt, “and count the rest.”"
    ),
    "zh": (
        "从前有一个叫小闪的机器人，它只熟悉车间里轻轻的嗡嗡声。一天清晨，门开着，它跟着风一路走到了海边。\n\n"
        "大海比它认识的任何数字都要大。它数着海浪，直到明白海浪**不会**结束，而这正是大海的意义。\n\n"
        "“明天我再来，”小闪说，“把剩下的数完。”"
    ),
}


def loaded(panel: Any) -> queue.Queue[Event]:
    """Let an engine be loaded; return the queue in which the worker speaks."""
    events: queue.Queue[Event] = queue.Queue()
    panel.session.runtime.load = lambda *_args, **_kwargs: None
    panel.session.runtime.generate = lambda command: command.job
    panel.session.runtime.stop = lambda: None
    events.put(Loaded("/engines/smollm2-135m-instruct_q4.ngf", {}, CONFIG, "bpe", 0.1, 1 << 27, 1 << 24))
    panel.bridge.attach(RUNTIME, events)
    panel.bridge.drain()
    return events


def idle(panel: Any) -> None:
    """Show the invitation."""
    loaded(panel)
    page = panel.window.page("demo")
    page._rate = 104.3
    _curve(page)
    page._show_state()


def running(panel: Any, share: float = 0.7) -> queue.Queue[Event]:
    """Show an answer under way."""
    events = loaded(panel)
    page = panel.window.page("demo")
    page.start(1)
    job = page.show_.answering._job
    text = ANSWER[panel.languages.current]
    events.put(Prompted(job, ["?"], [24]))
    for word in text[: round(len(text) * share)]:
        events.put(Token(job, 0, 7, word))
    while not events.empty():
        panel.bridge.drain()
    page.show_.answering._flush()
    page._rate = 105.2
    panel.session.rate.at = lambda _now: 105.2  # what the strip shows
    _curve(page)
    page._sample = lambda _now: None  # the curve is made up; the words came all at once
    page._show_state()
    return events


def finished(panel: Any) -> None:
    """Show a whole answer with its figures."""
    events = running(panel, 1.0)
    page = panel.window.page("demo")
    job = page.show_.answering._job
    events.put(Generated(job, [[7]], [ANSWER[panel.languages.current]], ["eos"], figures(168, 104.3)))
    panel.bridge.drain()


def attract(panel: Any) -> None:
    """Show the attract loop in visitor mode."""
    _visitors(panel)
    running(panel)
    page = panel.window.page("demo")
    page._attract = True
    page.stage.set_attract(True)
    page._show_state()


def countdown(panel: Any) -> None:
    """Show the warning before the wipe."""
    _visitors(panel)
    finished(panel)
    panel.window.desk.curtain.show_seconds(7)


def making(panel: Any) -> None:
    """Show the demo model being made."""
    page = panel.window.page("demo")
    runner = panel.window.page("compile").runner
    steps = [Step("export", "done"), Step("import", "running", 18, 30, "layers"), Step("base"), Step("incremental")]
    runner.job = Job("demo", "Demo", steps, time.monotonic() - 21.0)
    page._show_state()
    page._tick()


def pin(panel: Any) -> None:
    """Show the operator's PIN being asked for."""
    _visitors(panel)
    finished(panel)
    panel.window.desk.ask_pin(lambda: None)
    dialog = QApplication.activeModalWidget()
    for _ in range(3):
        dialog.press("1")
    dialog.keypad.keys["5"].setFocus()


def operator(panel: Any) -> None:
    """Show what the operator can set."""
    idle(panel)
    panel.window.desk.show_operator()


def editor(panel: Any) -> None:
    """Show the editor of the tiles."""
    idle(panel)
    made = TileEditor(panel.window.context, panel.window)
    made.open()


def first_start(panel: Any) -> None:
    """Show the greeting of the first start."""
    panel.window.page("health").greeting.show()


def _visitors(panel: Any) -> None:
    panel.store.update(visitor_mode=True)
    panel.window._show_rail()
    panel.window.page("demo").set_locked(True)


def _curve(page: Any) -> None:
    """Give the wall a minute of plausible speed."""
    now = time.monotonic()
    page._last_sample = now
    for number in range(450):
        wave = 104 + 6 * math.sin(number / 17) + 2.5 * math.sin(number / 2.3) + 3 * math.sin(number / 41)
        fall = 1.0 if number % 190 > 12 else (number % 190) / 12
        page._shown_s = number / 10
        page._wall.add(page._shown_s, wave * fall)
    page._draw()


SCENES = (
    ("demo-none", None), ("demo-idle", idle), ("demo-running", running), ("demo-finished", finished),
    ("demo-making", making), ("demo-attract", attract), ("demo-countdown", countdown), ("demo-pin", pin),
    ("demo-operator", operator), ("demo-editor", editor),
)  # fmt: skip
