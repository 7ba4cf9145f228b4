"""The Show page: overview and pieces."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.events import Generated
from gui.app import Panel
from gui.session import Turn
from gui.show.page import OFFERS, ShowPage
from tests.gui.show.scenes import loaded, metrics, say


@pytest.fixture
def show(panel: Panel) -> ShowPage:
    panel.window.go_to("show")
    page = panel.window.page("show")
    assert isinstance(page, ShowPage)
    return page


def test_every_piece_opens_from_its_card_and_closes_by_key(show: ShowPage, qtbot: QtBot) -> None:
    for offer in OFFERS:
        card = show.cards[offer.piece_id]
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        assert show.open_piece == offer.piece_id
        qtbot.keyClick(show, Qt.Key.Key_Escape)
        assert show.open_piece == ""
        card.button.click()
        assert show.open_piece == offer.piece_id
        show.piece(offer.piece_id).back_button.click()
        assert card.button.hasFocus()


def test_pieces_follow_the_language(show: ShowPage, panel: Panel, qtbot: QtBot) -> None:
    panel.window.set_language("zh")
    qtbot.waitUntil(lambda: show.cards[OFFERS[0].piece_id].accessibleName() == OFFERS[0].translated_title())
    for offer in OFFERS:
        assert offer.translated_title() != offer.title
        assert show.cards[offer.piece_id].accessibleName() == offer.translated_title()


def test_a_new_visitor_finds_the_overview_and_nothing_of_the_last(show: ShowPage, panel: Panel) -> None:
    panel.session.heard([Turn("user", "secret")])
    say(panel, loaded(), Generated("a", [[5]], ["secret"], ["eos"], metrics()))
    show.open("vendor")
    panel.window.context.booth.new_visitor()
    assert show.open_piece == ""
    assert panel.session.transcript == ()
    assert panel.session.last is None
