"""A chat page over a fake runtime, and a small real engine with a tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.events import Event, Generated, Loaded, PrefillProgress, Prompted, RowFinished, StopReason, Token
from core.export.synthetic import tiny_spec, write_model, write_tokenizer
from core.spec import EngineConfig
from gui.app import Panel
from gui.chat import answer_body
from gui.chat.page import ChatPage
from gui.pace import Pace
from tests.gui.chat.test_history import FIGURES
from tests.gui.conftest import FakeRuntime

CONFIG = {"batch": 1, "pre_len": 16, "total_len": 128, "dtype": "bf16", "quantisation": "int8", "quant_lm_head": False}


def loaded(tokenizer: str = "bpe", batch: int = 1) -> Loaded:
    return Loaded("/engines/demo.ngf", {}, {**CONFIG, "batch": batch}, tokenizer, 0.1, 1000, 1000)


@dataclass
class Chat:
    """The page, and the worker's part played by the test."""

    page: ChatPage
    panel: Panel
    runtime: FakeRuntime

    def say(self, *events: Event) -> None:
        """Put events into the runtime's queue and let the bridge hand them on."""
        self.runtime.say(self.panel, *events)

    def ask(self, text: str) -> str:
        """Type a question and send it; return the job."""
        self.page.composer.edit.setPlainText(text)
        self.page.composer.submit()
        return self.job()

    def job(self) -> str:
        """Return the job that was asked last."""
        return self.runtime.last_job()

    def command(self) -> Any:
        """Return the last command to generate."""
        return next(c for kind, c in reversed(self.runtime.asked) if kind == "generate")

    def tokens(self, job: str, *texts: str, row: int = 0) -> None:
        """Let the worker say these pieces."""
        self.say(*(Token(job, row, 7, text) for text in texts))

    def finish(self, job: str, *texts: str, reason: StopReason = "eos") -> None:
        """Let the worker finish all rows with these texts."""
        rows = [RowFinished(job, row, reason, text) for row, text in enumerate(texts)]
        self.say(*rows, Generated(job, [[7]] * len(texts), list(texts), [reason] * len(texts), FIGURES))

    def answer(self, question: str, text: str, reason: StopReason = "eos") -> str:
        """Ask and let the worker answer."""
        job = self.ask(question)
        self.say(Prompted(job, [question], [5]), PrefillProgress(job, 5, 5))
        self.tokens(job, *text)
        self.finish(job, text, reason=reason)
        return job

    def shown(self) -> list[str]:
        """Return the texts of the conversation's shown messages."""
        from gui.chat import conversation as tree

        return [message.text for message in tree.path(self.page.conduct.conversation)]


@pytest.fixture
def chat(panel: Panel, runtime: FakeRuntime, qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Return the chat page with an engine loaded; text is shown at every tick."""
    monkeypatch.setattr(Pace, "due", lambda _self: True)
    monkeypatch.setattr(answer_body, "RENDER_S", 0.0)
    panel.window.resize(1600, 900)
    panel.window.go_to("chat")
    qapp.processEvents()
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    qtbot.waitUntil(lambda: page.graphs.plot is not None, timeout=20_000)
    assert panel.session.runtime is not None
    made = Chat(page, panel, runtime)
    made.say(loaded())
    return made


@pytest.fixture(scope="session")
def tiny_engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a combined engine of a small random model that has a tokenizer."""
    folder = tmp_path_factory.mktemp("chat-engine")
    write_tokenizer(folder / "model")
    onnx = write_model(folder / "model", tiny_spec())
    write_tokenizer(folder / "model")
    config = EngineConfig(batch=1, pre_len=32, total_len=4096, dtype="bf16", quantisation="int8")
    request = CompileRequest(onnx, folder, "tiny", config, combine=True)
    return Path(compile_engine(request, lambda _: None).outputs[0])
