"""Taking the conversation home."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from gui.app import Panel
from gui.chat.page import ChatPage
from gui.session import Turn
from gui.show.takehome import TakeHomePiece
from tests.gui.chat.conftest import Chat
from tests.gui.chat.conftest import chat as chat
from tests.gui.show.scenes import answered, opened


def _piece(panel: Panel) -> TakeHomePiece:
    made = opened(panel, "takehome")
    assert isinstance(made, TakeHomePiece)
    return made


@pytest.fixture
def piece(panel: Panel) -> TakeHomePiece:
    return _piece(panel)


def test_without_a_conversation_there_is_nothing_to_take(piece: TakeHomePiece) -> None:
    assert piece.code.empty
    assert "Ask something first" in piece._hint.text()
    assert not piece._picture_card.isVisible()
    assert not piece.timer.isActive()


def test_what_was_asked_in_the_chat_is_in_the_code_without_the_system_prompt(chat: Chat) -> None:
    assert isinstance(chat.page, ChatPage)
    chat.page.conduct.set_system("operator's own words")
    chat.answer("Why is the sky blue?", "Because of the air.")
    piece = _piece(chat.panel)
    assert len(piece.frames) == 1
    assert "Q: Why is the sky blue?\n\nA: Because of the air." in piece.frames[0]
    assert "operator" not in piece.frames[0]
    assert "tok/s" in piece.frames[0]
    assert not piece.code.empty


def test_several_codes_change_by_themselves_and_by_hand(piece: TakeHomePiece, panel: Panel) -> None:
    panel.session.heard([Turn("user", "Hi"), Turn("assistant", "long answer " * 120)])
    answered(panel)
    assert len(piece.frames) == 3
    assert piece.timer.isActive()
    piece.timer.timeout.emit()
    assert piece._count.text() == "2 / 3"
    piece.previous_button.click()
    assert piece._count.text() == "1 / 3"
    assert not piece.timer.isActive()
    piece.pause_button.click()
    assert piece.timer.isActive()
    piece.back_button.click()
    assert not piece.timer.isActive()


def test_the_card_is_a_picture_that_says_what_computed(piece: TakeHomePiece, panel: Panel, tmp_path: Path) -> None:
    answered(panel)
    assert piece._picture_card.isVisible()
    piece.save_picture(tmp_path / "card.png")
    picture = QImage(str(tmp_path / "card.png"))
    assert (picture.width(), picture.height()) == (1200, 675)


def test_visitors_write_no_file_and_leave_nothing(piece: TakeHomePiece, panel: Panel) -> None:
    panel.session.heard([Turn("user", "secret"), Turn("assistant", "yes")])
    answered(panel)
    assert piece.occupied()
    piece.set_locked(True)
    assert not piece.save_button.isVisible()
    panel.window.context.booth.new_visitor()
    assert piece.frames == ()
    assert piece.code.empty
    assert piece._picture is None
    assert not piece.occupied()
