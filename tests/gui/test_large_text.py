"""The largest text on the smallest screen that is supported: dialogs stay on it, with all of their buttons."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QDialog, QPushButton, QScrollArea, QWidget

from core.export.synthetic import TINY
from gui.app import Panel
from gui.chat.page import ChatPage
from gui.compile.choices import Model
from gui.compile.page import CompilePage
from gui.compile.wizard import MODEL, PRECISION, REVIEW, SHAPE
from gui.demo.editor import TileEditor
from gui.visitor.pin_dialog import PinDialog
from gui.window import MainWindow
from tests.gui.conftest import MakePanel

Make = Callable[[MainWindow], QDialog]


@pytest.fixture
def large(make_panel: MakePanel) -> Iterator[Panel]:
    panel = make_panel()
    panel.window.resize(1920, 1080)
    panel.window.set_scale(250)
    panel.window.show()
    QApplication.processEvents()
    yield panel
    panel.window.set_scale(100)


def place(part: QWidget, within: QWidget) -> QRect:
    return QRect(part.mapTo(within, part.rect().topLeft()), part.size())


def trust(window: MainWindow) -> QDialog:
    from gui.widgets import TrustDialog

    return TrustDialog("/data/engines/glm2_6b2048_48M_bf16_q4/glm2_6b2048_48M_bf16_q4_multi.ngf", window)


def error(window: MainWindow) -> QDialog:
    from gui.widgets import ErrorDialog

    return ErrorDialog("Something is wrong with the file. " * 20, "Choose another one. " * 10, window)


def pin(window: MainWindow) -> QDialog:
    return PinDialog(window.context.booth.lock, window)


def tiles(window: MainWindow) -> QDialog:
    return TileEditor(window.context, window)


@pytest.mark.parametrize("make", [trust, error, pin, tiles])
def test_a_dialog_and_its_buttons_stay_on_the_screen(large: Panel, make: Make) -> None:
    dialog = make(large.window)
    dialog.show()
    QApplication.processEvents()
    assert large.window.rect().contains(QRect(0, 0, dialog.width(), dialog.height()))
    buttons = [button for button in dialog.findChildren(QPushButton) if button.isVisible()]
    assert len(buttons) > 1
    places = [place(button, dialog) for button in buttons]
    assert all(dialog.rect().contains(one) for one in places)
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))
    dialog.close()
    dialog.deleteLater()


@pytest.mark.parametrize("make", [trust, error])
def test_sentences_need_no_scrolling_where_there_is_room(make_panel: MakePanel, make: Make) -> None:
    window = make_panel().window
    window.resize(1920, 1080)
    window.show()
    dialog = make(window)
    dialog.show()
    QApplication.processEvents()
    [area] = dialog.findChildren(QScrollArea)
    assert area.verticalScrollBar().maximum() == 0
    assert area.height() == area.heightForWidth(area.width())
    dialog.close()
    dialog.deleteLater()


def test_the_experts_fields_scroll_where_they_have_no_room(large: Panel) -> None:
    large.window.go_to("chat")
    page = large.window.page("chat")
    assert isinstance(page, ChatPage)
    page.composer.expert_button.setChecked(True)
    QApplication.processEvents()
    expert = page.composer.expert
    fields = [place(field, expert) for field in expert.findChildren(QAbstractSpinBox)]
    assert len(fields) == 6
    for one, other in itertools.combinations([*fields, place(expert.system, expert)], 2):
        assert not one.intersects(other)


@pytest.mark.parametrize("step", [MODEL, SHAPE, PRECISION, REVIEW])
def test_a_step_of_the_wizard_is_not_wider_than_the_window(large: Panel, step: int) -> None:
    large.window.go_to("compile")
    page = large.window.page("compile")
    assert isinstance(page, CompilePage)
    report = {"parameters": 1, "opset": 14, "weight_bytes": 1, "weight_dtype": "float16", "tokenizer": ""}
    page.show_wizard()
    page.wizard._take_model(Model(Path("model.onnx"), TINY, report))
    page.wizard.show_step(step)
    QApplication.processEvents()
    bars = [area.horizontalScrollBar() for area in page.findChildren(QScrollArea) if area.isVisible()]
    assert bars
    assert [bar.maximum() for bar in bars] == [0] * len(bars)
