"""Measures how smooth the window stays while it streams, and what streaming costs.

    python -m tests.bench.gui_streaming                         event-loop gaps, 32,000 characters a text
    python -m tests.bench.gui_streaming --compile               also while the demo model is compiled
    python -m tests.bench.gui_streaming --engine X_multi.ngf    also tokens/s in the window against without a window

Gap: how much later than due a 2 ms timer of the window's loop fires, in milliseconds; work: the part of it that the
window's thread spent computing, which doesn't depend on what else the machine does. The window is real (all pages'
shell, thread, graphs); without --engine the worker is played by a thread that says prepared text at a given rate. The
command line's part is the same runtime client without a window, its events read and dropped. What streaming costs is
measured without the timer of the gaps, which takes processor time itself.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["C10_PANEL_HOME"] = tempfile.mkdtemp(prefix="gui-streaming-")

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.events import Event, Failed, Generated, Loaded, Metrics, PrefillProgress, Prompted, RowFinished, Token
from gui import app as gui_app
from gui.app import Panel
from gui.chat.page import ChatPage
from gui.options import Options
from gui.pages import visible_pages
from gui.settings import Store

PROBE_MS = 2
CONFIG = {"batch": 1, "pre_len": 512, "total_len": 32768, "dtype": "bf16", "quantisation": "int4"}
PARAGRAPH = (
    "The compiler reads the graph, finds out which weight feeds which operator, and writes **packed** rows with their "
    "`scale` and `offset`. 编译器读取计算图，找出每个权重的去向。\n\n"
)
CODE = "```python\ndef pack(rows):\n    for row in rows:  # eight at a time\n        yield row.reshape(-1, 32)\n```\n\n"
LIST = "1. first *point* of the list\n2. second point\n3. third point with `code`\n\n"
TEXTS = {
    "prose": PARAGRAPH * 200,
    "mixed": (PARAGRAPH + CODE + LIST) * 100,
    "one code block": "```python\n" + "value = compute(index, scale=0.5)  # comment\n" * 900,
    "one paragraph": "word and word and " * 2000,
}
QUESTION = "Write a long story about a voyage around the world, with all of its adventures, and never stop."


@dataclass
class PlayedRuntime:
    """Says `text` at `rate` tokens a second (4 characters each) when it is asked."""

    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    text: str = ""
    rate: float = 100.0
    thread: threading.Thread | None = None

    def load(self, engine: str, *, tokenizer: str = "", threads: int = 0, cards: dict[str, Any] | None = None) -> None:
        """Answer at once."""
        self.events.put(Loaded(engine, {}, CONFIG, "bpe", 0.1, 1000, 1000))

    def generate(self, command: Any) -> str:
        """Start to speak."""
        self.thread = threading.Thread(target=self._speak, args=(command.job, self.text, self.rate), daemon=True)
        self.thread.start()
        return str(command.job)

    def stop(self) -> None:
        """Do nothing: the text is spoken to its end."""

    unload = kill = close = stop

    def _speak(self, job: str, text: str, rate: float) -> None:
        self.events.put(Prompted(job, ["q"], [12]))
        self.events.put(PrefillProgress(job, 12, 12))
        pieces = [text[i : i + 4] for i in range(0, len(text), 4)]
        begun = time.perf_counter()
        for number, piece in enumerate(pieces):
            due = begun + number / rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            self.events.put(Token(job, 0, 5, piece))
        seconds = time.perf_counter() - begun
        figures = Metrics(12, 0, len(pieces), 0.01, 1000 / rate, 0.01, seconds, 1200.0, rate, 12, 32768, 1 << 28)
        self.events.put(RowFinished(job, 0, "eos", text))
        self.events.put(Generated(job, [[5]], [text], ["eos"], figures))


class Probe:
    """Notes how late a timer of the window's loop fires."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.work: list[float] = []
        self._worked = time.thread_time()
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PROBE_MS)
        self._timer.timeout.connect(self._tick)
        self._cpu = time.process_time()
        self._begun = self._last
        self._timer.start()

    def stop(self) -> dict[str, float]:
        """Return the gaps in ms, and the share of one processor that this process took."""
        self._timer.stop()
        ordered, worked = sorted(self.gaps), sorted(self.work)
        seconds = time.perf_counter() - self._begun
        return {
            "gap_p50_ms": round(statistics.median(ordered), 1),
            "gap_p99_ms": round(ordered[int(0.99 * (len(ordered) - 1))], 1),
            "gap_p99.9_ms": round(ordered[int(0.999 * (len(ordered) - 1))], 1),
            "gap_max_ms": round(ordered[-1], 1),
            "work_p99.9_ms": round(worked[int(0.999 * (len(worked) - 1))], 1),
            "work_max_ms": round(worked[-1], 1),
            "cpu_share": round((time.process_time() - self._cpu) / seconds, 3),
            "seconds": round(seconds, 1),
        }

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(max(0.0, (now - self._last) * 1000 - PROBE_MS))
        self._last = now
        worked = time.thread_time()
        self.work.append((worked - self._worked) * 1000)
        self._worked = worked


def wait_for(condition: Callable[[], bool], seconds: float = 900.0) -> None:
    """Run the window's loop until `condition` holds."""
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(50)
    deadline = time.monotonic() + seconds

    def look() -> None:
        if condition() or time.monotonic() > deadline:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if not condition():
        raise SystemExit("The window took too long.")


def settle(seconds: float) -> None:
    """Run the window's loop for a while."""
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > end, seconds + 30)


def open_window(app: QApplication) -> tuple[Panel, ChatPage]:
    """Show the window with the chat page in front and everything imported."""
    panel = Panel(app, Options(lang="en", theme="light"), Store(None))
    panel.window.resize(1920, 1080)
    panel.window.show_start()
    settle(0.5)
    panel.window.go_to("chat")
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    panel.window.go_to("chat")
    wait_for(lambda: page.graphs.plot is not None)
    settle(1.0)
    return panel, page


def ask(page: ChatPage, question: str) -> None:
    """Send a question through the composer."""
    page.composer.edit.setPlainText(question)
    page.composer.submit()


def wait_for_end(page: ChatPage) -> None:
    """Run the window's loop until the answer has ended, without a timer beside it."""
    loop = QEventLoop()
    page.conduct.ended.connect(loop.quit)
    loop.exec()
    page.conduct.ended.disconnect(loop.quit)


def measure_gaps(app: QApplication, rates: list[float]) -> None:
    """Print the gaps while each text is streamed at each rate, and while a long conversation is opened."""
    runtime = PlayedRuntime()
    gui_app.make_runtime = lambda: runtime
    panel, page = open_window(app)
    panel.session.load("/engines/played.ngf")
    wait_for(lambda: page.conduct.can_ask)
    for rate in rates:
        for name, text in TEXTS.items():
            runtime.text, runtime.rate = text[:32_000], rate
            page.conduct.new()
            settle(0.5)
            probe = Probe()
            ask(page, f"{name}, please")
            wait_for(lambda: not page.conduct.busy)
            settle(1.0)
            report("stream", text=name, chars=len(runtime.text), tokens_per_s=rate, **probe.stop())
    opened = page.conduct.earlier[1].id
    probe = Probe()
    page.conduct.open(opened)
    settle(2.0)
    report("open a 32,000-character conversation", **probe.stop())
    probe = Probe()
    for width in range(1900, 1400, -20):
        panel.window.resize(width, 1000)
        settle(0.06)
    report("resize with it open", **probe.stop())
    panel.window.leave()
    panel.close()


def measure_looks(app: QApplication) -> None:
    """Print the gaps while colours and text size change, with every page made."""
    panel, _page = open_window(app)
    for entry in visible_pages():
        panel.window.go_to(entry.page_id)
        settle(0.3)
    panel.window.go_to("chat")
    settle(1.0)
    probe = Probe()
    for _ in range(3):
        for change in (
            lambda: panel.window.set_theme("dark"), lambda: panel.window.set_scale(125),
            lambda: panel.window.set_theme("light"), lambda: panel.window.set_scale(100),
        ):  # fmt: skip
            change()
            settle(0.3)
    report("change colours and text size", widgets=len(app.allWidgets()), **probe.stop())
    panel.window.leave()
    panel.close()


def measure_compile(app: QApplication) -> None:
    """Print the gaps while the real worker compiles the demo model and its page is in front."""
    gui_app.make_runtime = MAKE_RUNTIME
    panel, _page = open_window(app)
    panel.window.go_to("compile")
    page: Any = panel.window.page("compile")
    settle(1.0)
    probe = Probe()
    page.start_demo()
    wait_for(lambda: page.runner.job is not None and not page.runner.busy)
    report("compile the demo model", state=page.runner.job.state, **probe.stop())
    panel.window.leave()
    panel.close()


class Alone:
    """The runtime client without a window, its events read and dropped."""

    def __init__(self, engine: Path) -> None:
        from core.runtime.client import RuntimeClient

        self._client = RuntimeClient()
        self._client.load(str(engine))
        _next(self._client.events, Loaded)

    def answer(self, tokens: int) -> float:
        """Return decode tokens/s of an answer."""
        from core.worker.protocol import Generate

        turns = [[{"role": "user", "content": QUESTION}]]
        self._client.generate(Generate("bench", conversations=turns, max_new_tokens=tokens, constant_output=True))
        return _next(self._client.events, Generated).metrics.decode_tokens_per_s

    def close(self) -> None:
        """End the worker."""
        self._client.close()


def _next(events: queue.Queue[Event], kind: type[Any]) -> Any:
    while not isinstance(event := events.get(timeout=600), kind):
        if isinstance(event, Failed):
            raise SystemExit(f"{event.message} {event.hint}")
    return event


def measure_cost(app: QApplication, engine: Path, tokens: int, rounds: int) -> None:
    """Print tokens/s in the window and without one, in turn; both have their worker loaded all the time."""
    gui_app.make_runtime = MAKE_RUNTIME
    alone = Alone(engine)
    panel, page = open_window(app)
    panel.session.load(str(engine))
    wait_for(lambda: page.conduct.can_ask)
    page.composer.expert.max_new_tokens.setValue(tokens)
    page.composer.expert.constant_output.setChecked(True)
    pairs: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        outside = alone.answer(tokens) if number % 2 else 0.0  # who comes first changes
        page.conduct.new()
        settle(0.5)
        worked = time.thread_time()
        ask(page, QUESTION)
        wait_for_end(page)
        worked = time.thread_time() - worked
        inside = page.conduct.runs.runs[-1].decode_tokens_per_s
        settle(0.2)
        outside = outside or alone.answer(tokens)
        if number:  # the first isn't counted
            pairs.append((inside, outside))
            report("round", number=number, window=round(inside, 1), alone=round(outside, 1), work_s=round(worked, 3))
    panel.window.leave()
    panel.close()
    alone.close()
    best, best_alone = (max(column) for column in zip(*pairs, strict=True))
    middle, middle_alone = (statistics.median(column) for column in zip(*pairs, strict=True))
    cost = 1 - statistics.median(inside / outside for inside, outside in pairs)
    report(
        "cost", window=round(middle, 1), alone=round(middle_alone, 1), cost_percent=round(100 * cost, 1),
        cost_of_medians_percent=round(100 * (1 - middle / middle_alone), 1),
        cost_of_best_percent=round(100 * (1 - best / best_alone), 1),
    )  # fmt: skip


MAKE_RUNTIME = gui_app.make_runtime


def report(what: str, **figures: Any) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps({"what": what, **figures}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=Path)
    parser.add_argument("--tokens", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--rates", type=float, nargs="*", default=[100.0, 400.0])
    chosen = parser.parse_args()
    app = QApplication(sys.argv[:1])
    if chosen.rates:
        measure_gaps(app, chosen.rates)
        measure_looks(app)
    if chosen.compile:
        measure_compile(app)
    if chosen.engine:
        measure_cost(app, chosen.engine, chosen.tokens, chosen.rounds)


if __name__ == "__main__":
    main()
