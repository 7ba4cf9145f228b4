"""The window with real workers on cards: simulated ones of which one is killed, and the double of the C10's SDK."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core import trust
from core.c10.description import CHATGLM2_CHAT, Description, write_description
from core.export.synthetic import write_tokenizer
from core.ngf.reader import read_header
from core.planner import CardLimit, fits
from gui.app import Panel
from gui.chat import conversation as tree
from gui.chat.page import ChatPage
from tests.core.c10.doubles import FOLDER, hx_double
from tests.gui.chat.test_real_worker import WAIT_MS, real_panel

__all__ = ["real_panel"]
pytestmark = pytest.mark.slow


LONG = 1000
"""Tokens of an answer that still goes on when the window has shown its beginning."""


def ask(page: ChatPage, text: str, tokens: int) -> None:
    page.composer.expert.constant_output.setChecked(True)
    page.composer.expert.max_new_tokens.setValue(tokens)
    QTest.keyClicks(page.composer.edit, text)
    QTest.keyClick(page.composer.edit, Qt.Key.Key_Return)


def chat_page(panel: Panel) -> ChatPage:
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    return page


def half(engine: Path) -> int:
    """Return a limit in bytes that holds the engine on two cards, but not on one."""
    header = read_header(engine)
    limit = 1 << 16
    while not fits(header.spec, header.config, [CardLimit(0, limit), CardLimit(1, limit)]):
        limit += 1 << 12
    assert not fits(header.spec, header.config, [CardLimit(0, limit)])
    return limit


@pytest.mark.parametrize("room", [True, False], ids=["the rest can hold it", "only the cpu can"])
def test_a_killed_card_costs_at_most_one_click(
    real_panel: Panel, tiny_engine: Path, qtbot: QtBot, *, room: bool
) -> None:
    page = chat_page(real_panel)
    session, conduct = real_panel.session, page.conduct
    limits = [] if room else [half(tiny_engine)] * 2
    session.cards = lambda: {"devices": [0, 1], "limits": limits, "strategy": 1}
    session.load(str(tiny_engine))
    qtbot.waitUntil(lambda: conduct.can_ask and len(session.card_states) == 2, timeout=WAIT_MS)
    ask(page, "What is the capital of France?", LONG)
    qtbot.waitUntil(lambda: conduct.answering.live.new_tokens > 3, timeout=WAIT_MS)
    os.kill(session.card_states[1]["pid"], signal.SIGKILL)
    qtbot.waitUntil(lambda: not conduct.busy, timeout=WAIT_MS)
    if not room:
        assert tree.path(conduct.conversation)[-1].text
        assert page.banner.text().startswith("Card 1 is gone: its process was ended by signal 9.")
        assert page.banner.button.text() == "Go on with the CPU"
        page.banner.button.click()
        qtbot.waitUntil(lambda: not conduct.busy and len(conduct.conversation.messages) == 3, timeout=WAIT_MS)
        assert session.card_states == []
    else:
        assert "It goes on with card 0." in real_panel.window.banner.text()
        assert [state["card"] for state in session.card_states] == [0]
    metrics = tree.path(conduct.conversation)[-1].metrics
    assert metrics is not None
    assert metrics.new_tokens == LONG


def test_the_double_answers_in_the_window(
    real_panel: Panel, tiny_engine: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    header = read_header(tiny_engine)
    engine = hx_double.wrap(tiny_engine, tmp_path / "vendor_multi.ngf")
    write_description(engine, Description(header.spec, header.config, CHATGLM2_CHAT, assumed=False))
    trust.note_vendor_built(engine)
    write_tokenizer(tmp_path)
    real_panel.store.update(c10_python=sys.executable)
    page = chat_page(real_panel)
    real_panel.session.load(str(engine))
    qtbot.waitUntil(lambda: page.conduct.can_ask, timeout=WAIT_MS)
    assert "simulated, not Hexaflake hardware" in real_panel.window.banner.text()
    ask(page, "What is the capital of France?", 8)
    qtbot.waitUntil(lambda: not page.conduct.busy, timeout=WAIT_MS)
    answer = tree.path(page.conduct.conversation)[-1]
    assert answer.reason == "length"
    assert answer.metrics is not None
    assert answer.metrics.new_tokens == 8
