"""The whole way with the real worker on a small random model: load, ask, stream, stop, regenerate, kill, export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.runtime.client import RuntimeClient
from gui.app import Panel
from gui.chat import conversation as tree
from gui.chat.page import ChatPage
from gui.options import Options
from gui.settings import Store
from tests.gui.conftest import _delete_deferred

WAIT_MS = 60_000


@pytest.fixture
def real_panel(qapp: QApplication) -> Iterator[Panel]:
    panel = Panel(qapp, Options(lang="en", theme="light"), Store(None))
    panel.window.resize(1600, 900)
    panel.window.show_start()
    yield panel
    panel.window.close()
    panel.close()
    panel.window.deleteLater()
    for part in (panel.bridge, panel.session, panel.theme, panel.languages):
        part.deleteLater()
    _delete_deferred()


def _type(page: ChatPage, text: str) -> None:
    QTest.keyClicks(page.composer.edit, text)
    QTest.keyClick(page.composer.edit, Qt.Key.Key_Return)


def test_ask_stream_stop_regenerate_kill_go_on_export(
    real_panel: Panel, tiny_engine: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    real_panel.window.go_to("chat")
    page = real_panel.window.page("chat")
    assert isinstance(page, ChatPage)
    conduct = page.conduct
    real_panel.session.load(str(tiny_engine))
    qtbot.waitUntil(lambda: conduct.can_ask, timeout=WAIT_MS)
    page.composer.expert.max_new_tokens.setValue(40)

    _type(page, "What is the capital of France?")
    qtbot.waitUntil(lambda: not conduct.busy, timeout=WAIT_MS)
    first = tree.path(conduct.conversation)[-1]
    assert first.reason in ("eos", "length")
    assert first.metrics is not None
    assert first.metrics.new_tokens <= 40

    page.composer.expert.constant_output.setChecked(True)
    page.composer.expert.max_new_tokens.setValue(3000)
    page.thread_view.answer(first.id).regenerate_button.click()  # type: ignore[union-attr]  # it is shown
    qtbot.waitUntil(lambda: conduct.answering.live.new_tokens > 3, timeout=WAIT_MS)
    QTest.mouseClick(page.composer.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not conduct.busy, timeout=WAIT_MS)
    stopped = tree.path(conduct.conversation)[-1]
    assert stopped.reason == "stopped"
    assert tree.siblings(conduct.conversation, stopped.id) == (first.id, stopped.id)

    page.thread_view.answer(stopped.id).regenerate_button.click()  # type: ignore[union-attr]  # as above
    qtbot.waitUntil(lambda: conduct.answering.live.new_tokens > 3, timeout=WAIT_MS)
    pid = cast("RuntimeClient", real_panel.session.runtime).pid
    psutil.Process(pid).kill()
    qtbot.waitUntil(lambda: not conduct.busy, timeout=WAIT_MS)
    assert tree.path(conduct.conversation)[-1].reason == "error"
    assert page.banner.isVisible()
    page.composer.expert.max_new_tokens.setValue(5)
    page.banner.button.click()
    qtbot.waitUntil(lambda: not conduct.busy and len(conduct.conversation.messages) == 5, timeout=WAIT_MS)
    assert tree.path(conduct.conversation)[-1].reason == "length"

    page.export_to(tmp_path / "talk.json")
    qtbot.waitUntil((tmp_path / "talk.json").exists)
    saved = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert [message["role"] for message in saved["messages"]] == ["user", *["assistant"] * 4]
    assert page.graphs.timer.isActive() is False
    assert len(conduct.runs.runs) == 3
