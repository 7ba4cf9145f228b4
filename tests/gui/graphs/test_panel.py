"""The graphs beside the conversation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.events import PrefillProgress, Prompted
from gui.graphs.panel import KINDS
from gui.graphs.runs_dialog import RunsDialog
from tests.gui.chat.conftest import Chat
from tests.gui.chat.conftest import chat as chat


def _stream(chat: Chat) -> str:
    job = chat.ask("Hi")
    chat.say(Prompted(job, ["Hi"], [5]), PrefillProgress(job, 5, 5))
    for _ in range(4):
        chat.tokens(job, "a", "b")
        chat.page.graphs.sample()
    return job


def test_the_timer_runs_only_while_there_is_an_answer(chat: Chat) -> None:
    graphs = chat.page.graphs
    assert not graphs.timer.isActive()
    job = _stream(chat)
    assert graphs.timer.isActive()
    chat.finish(job, "abababab")
    assert not graphs.timer.isActive()


def test_samples_and_figures_follow_the_answer(chat: Chat) -> None:
    graphs = chat.page.graphs
    job = _stream(chat)
    assert graphs.samples is not None
    assert sorted(set(graphs.samples.column(2))) == [7, 9, 11, 13]
    assert graphs.figures.context_text.text() == "13 of 128 tokens"
    assert graphs.figures.tokens.value() == "8"
    assert graphs.figures.ttft.value().endswith("s")
    assert "%" in graphs.figures.split_texts[0].text()
    chat.finish(job, "abababab")
    assert graphs.figures.ttft.value() == "250 ms"
    assert graphs.speed.text() == "100.0 tok/s"
    assert graphs.figures.context_text.text() == "12 of 128 tokens"


def test_longer_numbers_do_not_move_the_plot(chat: Chat) -> None:
    chat.page.graphs.show_kind("speed")
    plot = chat.page.graphs.plot
    assert plot is not None
    widths = []
    for top in (7.0, 70_000.0):
        plot.show_curve(np.arange(3.0), np.full(3, top))
        plot.grab()  # axes measure their numbers while they are painted
        QApplication.processEvents()
        widths.append(plot._item.getAxis("left").width())
    assert widths[0] == widths[1] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_each_graph_draws_names_its_units_and_exports(chat: Chat, kind: str, tmp_path: Path) -> None:
    chat.finish(_stream(chat), "abababab")
    graphs = chat.page.graphs
    graphs.show_kind(kind)
    QApplication.processEvents()
    assert graphs.plot is not None
    labels = [graphs.plot._item.getAxis(side).labelText for side in ("left", "bottom")]
    assert all("(" in label for label in labels)
    graphs.export_png(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    graphs.export_csv(tmp_path / "graph.csv")
    assert len((tmp_path / "graph.csv").read_text(encoding="utf-8").splitlines()) >= 2


def test_the_value_under_the_pointer_is_said(chat: Chat) -> None:
    chat.finish(_stream(chat), "abababab")
    graphs = chat.page.graphs
    graphs.show_kind("answers")
    assert graphs.plot is not None
    assert graphs.plot.value_at(1.2) == (1.0, [0.2, 0.07])
    graphs.plot.hovered.emit(1.0, [0.2, 0.07])
    assert graphs.hover.text() == "Answer 1: prefill 200 ms, decode 70 ms"
    graphs.plot.left.emit()
    assert graphs.hover.text() == ""


def test_pausing_keeps_the_picture_and_the_samples_go_on(chat: Chat) -> None:
    graphs = chat.page.graphs
    job = _stream(chat)
    graphs.pause_button.setChecked(True)
    assert graphs.plot is not None
    assert graphs.samples is not None
    drawn = graphs.plot._x.size
    for _ in range(4):
        graphs.sample()
    assert graphs.plot._x.size == drawn
    graphs.pause_button.setChecked(False)
    assert graphs.plot._x.size == len(graphs.samples) > drawn
    chat.finish(job, "abababab")


def test_runs_are_listed_compared_and_come_back(chat: Chat, qtbot: QtBot, panel_home: Path, tmp_path: Path) -> None:
    chat.finish(_stream(chat), "abababab")
    qtbot.waitUntil(lambda: (panel_home / "data" / "runs.json").exists())
    chat.page.graphs.runs_button.click()
    dialog = chat.page.graphs.findChild(RunsDialog)
    assert dialog is not None
    assert dialog.model.rowCount() == 1
    row = [dialog.model.data(dialog.model.index(0, column)) for column in range(dialog.model.columnCount())]
    assert row[1:4] == ["demo", "bf16 int8", "100.0"]
    dialog.export_csv(tmp_path / "runs.csv")
    assert "decode_tokens_per_s" in (tmp_path / "runs.csv").read_text(encoding="utf-8")
    dialog.clear_button.click()
    assert dialog.model.rowCount() == 0
    dialog.close_button.click()
