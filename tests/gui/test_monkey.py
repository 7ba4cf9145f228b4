"""A seeded monkey at the whole window: nothing breaks, nothing hangs, nothing is left behind."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import _delete_deferred
from tests.gui.monkey import Monkey, Stage, settings_in
from tests.gui.trouble import Trouble

EVENTS = 2000
FEW_EVENTS = 600
HANG_S = 3.0
"""Longest time that the window's thread may compute in one go, in seconds of its own processor time: far beyond what
the slowest click takes on a slow machine, and nothing that a busy machine adds to."""
WAIT_MS = 290_000


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("seed", range(5))
def test_two_thousand_events_break_nothing(
    seed: int, qapp: QApplication, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _let_loose(Stage(qapp, seed, tmp_path), EVENTS, qapp, qtbot, caplog)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_failing_files_and_killed_children_break_nothing(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trouble = Trouble(1, tmp_path, settings_in(tmp_path).parent, FEW_EVENTS)
    _let_loose(Stage(qapp, 1, tmp_path, trouble), FEW_EVENTS, qapp, qtbot, caplog)
    assert trouble.done.total() > 5


def _let_loose(stage: Stage, events: int, qapp: QApplication, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)  # where the bridge reports what a handler raised
    try:
        monkey = Monkey(stage, events)
        with qtbot.waitSignal(monkey.done, timeout=WAIT_MS):
            monkey.begin()
    finally:
        stage.close()
    _delete_deferred()
    gc.collect()
    assert [record.exc_text or record.getMessage() for record in caplog.records] == []
    assert max(seconds for seconds, _what in monkey.work) < HANG_S, monkey.worst()
    left = Counter(type(widget).__name__ for widget in qapp.allWidgets() if not _librarys_own(widget))
    assert left.total() < 20, left


def _librarys_own(widget: QWidget) -> bool:
    """Return whether a widget belongs to what Qt and pyqtgraph keep for themselves."""
    top = widget.window()
    return top.metaObject().className() in ("QTipLabel", "QMenu") or type(top).__module__.startswith("pyqtgraph")
