"""States of the chat page for the screenshots: an answered question, a batch run, a worker that broke off."""

from __future__ import annotations

import queue
import time
from dataclasses import replace
from typing import Any
from unittest import mock

from core.events import Event, Exited, Generated, Loaded, Metrics, Prompted, Token
from gui.bridge import RUNTIME
from gui.chat import conversation as tree
from gui.chat.dialogs import BatchDialog
from gui.graphs.runs import Run

ANSWER = """Reversing a list takes **one line**:

```python
def reverse(items: list[int]) -> list[int]:
    \"\"\"Return the items, last first.\"\"\"
    return items[::-1]  # a copy; the list itself stays

print(reverse([1, 2, 3]))
```

1. `items[::-1]` walks through the list with a step of *minus one*.
2. The result is a new list.

| way | copies | speed |
|---|---|---|
| `items[::-1]` | yes | fast |
| `items.reverse()` | no | fastest |

> 列表本身保持不变。
"""
QUESTION = "Write a short Python function that reverses a list, and explain it."
CONFIG = {"batch": 4, "pre_len": 512, "total_len": 2048, "dtype": "bf16", "quantisation": "int4"}


def figures(tokens: int = 168, rate: float = 104.3) -> Metrics:
    """Return plausible figures."""
    return Metrics(52, 0, tokens, 0.087, 1000 / rate, 0.086, tokens / rate, 604.0, rate, 220, 2048, 292 << 20)


def load(panel: Any) -> Any:
    """Let an engine be loaded; return the chat page."""
    events: queue.Queue[Event] = queue.Queue()
    events.put(Loaded("/engines/smollm2_bf16_q4_multi.ngf", {}, CONFIG, "bpe", 0.1, 1 << 27, 1 << 24))
    panel.session._runtime = mock.MagicMock()  # nothing is asked of a child
    panel.bridge.attach(RUNTIME, events)
    panel.bridge.drain()
    panel.session.last_rate = figures().decode_tokens_per_s
    panel.session.changed.emit()
    return panel.window.page("chat")


def answered(panel: Any) -> None:
    """Show a question with its second answer, and some runs in the graph."""
    page = load(panel)
    now = time.time()
    talk = tree.ask(tree.new(now), QUESTION, now)
    for text in ("First try.", ANSWER):
        talk = tree.begin_answer(talk, 1, now, "smollm2_bf16_q4_multi")
        talk = tree.finish_answer(talk, len(talk.messages), text, "eos", now=now, metrics=figures())
    talk = tree.ask(talk, "你好！请用一句话介绍你自己。", now)
    talk = tree.begin_answer(talk, 4, now, "smollm2_bf16_q4_multi")
    talk = tree.finish_answer(
        talk, 5, "我是一个语言模型，在这台机器上运行。", "length", now=now, metrics=figures(21, 98.7)
    )
    page.conduct.conversation = talk
    page.conduct.earlier = (talk,)
    page.refresh()
    page.conduct.listed.emit()
    for number in range(8):
        page.conduct.runs.add(Run.of(figures(60 + 17 * number, 90.0 + number), now, "smollm2", CONFIG, 1))
    if page.graphs.samples is not None:
        for tick in range(60):
            page.graphs.samples.add(tick / 10, max(0, (tick - 1) * 10 + tick % 3), 52 + tick * 10, 290 << 20)
    page.graphs._metrics = figures()
    page.graphs._show_figures()
    page.graphs._draw()


def batch(panel: Any) -> None:
    """Show a batch run."""
    page = load(panel)
    questions = ("What is a sea?", "Name three colours.", "法国的首都是哪里？", "Write a haiku about winter.")
    answers = ("A large body of salt water.", "1. red\n2. green\n3. blue", "巴黎。", "*Snow on the river*\n\nquiet")
    talk = tree.begin_batch(tree.new(time.time()), questions, time.time(), "smollm2")
    for row, text in enumerate(answers):
        talk = tree.finish_row(talk, row, text, "eos")
    page.conduct.conversation = tree.finish_batch(talk, figures(), time.time())
    page.refresh()


def expert(panel: Any) -> None:
    """Show the Expert panel over a conversation whose worker broke off."""
    answered(panel)
    page = panel.window.page("chat")
    page.composer.expert_button.setChecked(True)
    events: queue.Queue[Event] = queue.Queue()
    events.put(Exited(-9, "The worker process was killed (signal 9), probably because memory ran out."))
    panel.bridge.attach(RUNTIME, events)


def streaming(panel: Any) -> None:
    """Show an answer that is being made."""
    page = load(panel)
    page.conduct.ask(QUESTION)
    job = page.conduct.answering._job
    events: queue.Queue[Event] = queue.Queue()
    events.put(Prompted(job, [QUESTION], [52]))
    for at in range(0, 420, 4):
        events.put(Token(job, 0, 7, ANSWER[at : at + 4]))
    panel.bridge.attach(RUNTIME, events)
    while not events.empty():
        panel.bridge.drain()
    page.conduct.answering.live.begun -= 1.1
    page.conduct.answering.live.first -= 1.0
    if page.graphs.samples is not None:
        for tick in range(12):
            page.graphs.samples.add(tick / 10, max(0, (tick - 1) * 10), 52 + tick * 10, 290 << 20)


def full(panel: Any) -> None:
    """Show an answer that ended because the context was full."""
    page = load(panel)
    page.conduct.ask(QUESTION)
    job = page.conduct.answering._job
    events: queue.Queue[Event] = queue.Queue()
    events.put(Prompted(job, [QUESTION], [52]))
    events.put(Generated(job, [[7]], [ANSWER], ["context_full"], replace(figures(), context_used=2048)))
    panel.bridge.attach(RUNTIME, events)
    panel.bridge.drain()


def questions(panel: Any) -> None:
    """Show the question bank."""
    answered(panel)
    panel.window.page("chat").load_bank()


def many(panel: Any) -> None:
    """Show the dialog for several questions."""
    answered(panel)
    page = panel.window.page("chat")
    page.ask_batch()
    page.findChild(BatchDialog).edit.setPlainText("What is a sea?\nName three colours.\n法国的首都是哪里？")


def runs(panel: Any) -> None:
    """Show past answers side by side."""
    answered(panel)
    panel.window.page("chat").graphs.show_runs()


def editing(panel: Any) -> None:
    """Show a question that is edited, and the graph of past answers."""
    answered(panel)
    page = panel.window.page("chat")
    page.graphs.show_kind("answers")
    page.thread_view.views()[-2].edit_button.click()


SCENES = (
    ("chat-answered", answered), ("chat-batch", batch), ("chat-expert", expert), ("chat-streaming", streaming),
    ("chat-full", full), ("chat-questions", questions), ("chat-many", many), ("chat-runs", runs),
    ("chat-editing", editing),
)  # fmt: skip
