"""The one question before a stranger's engine runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import UntrustedError
from core.events import Failed
from gui.app import Panel
from gui.widgets import TrustDialog
from tests.gui.conftest import FakeRuntime

ENGINE = "/data/模型_multi.ngf"


@pytest.fixture
def asked(panel: Panel, runtime: FakeRuntime, qtbot: QtBot) -> Callable[[], TrustDialog]:
    """Load a stranger's engine; return a function that gives the dialog."""
    panel.session.load(ENGINE, "/data/tokenizer.model")
    runtime.events.put(Failed.of(UntrustedError("It was not built on this computer.", "Allow it.")))
    qtbot.waitUntil(lambda: bool(panel.window.findChildren(TrustDialog)))
    return lambda: panel.window.findChildren(TrustDialog)[0]


def loads(runtime: FakeRuntime) -> list[Any]:
    return [value for name, value in runtime.asked if name == "load"]


def test_a_strangers_engine_runs_only_after_the_question(
    asked: Callable[[], TrustDialog], panel: Panel, runtime: FakeRuntime, qtbot: QtBot
) -> None:
    dialog = asked()
    assert "模型_multi.ngf" in dialog.message.text()
    assert dialog.leave_button.isDefault()
    assert loads(runtime) == [(ENGINE, "/data/tokenizer.model", 0)]
    qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert loads(runtime)[1:] == [(ENGINE, "/data/tokenizer.model", 0, "trusted")]
    assert panel.session.loading == ENGINE


def test_return_and_escape_leave_it_alone(
    asked: Callable[[], TrustDialog], panel: Panel, runtime: FakeRuntime, qtbot: QtBot
) -> None:
    qtbot.keyClick(asked(), Qt.Key.Key_Return)
    assert len(loads(runtime)) == 1
    assert not panel.session.loading
    assert panel.session.failure is not None


def test_another_failure_asks_nothing(panel: Panel, runtime: FakeRuntime, qtbot: QtBot) -> None:
    panel.session.load(ENGINE)
    runtime.events.put(Failed("format", "It is damaged.", ""))
    qtbot.waitUntil(lambda: panel.session.failure is not None)
    assert not panel.window.findChildren(TrustDialog)
