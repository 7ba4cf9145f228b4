"""The Show page: an overview of the pieces, and the one that is open."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gui.design import Space
from gui.pages import Context, Page
from gui.show.piece import Piece
from gui.widgets import Card, FlowLayout, IconLabel, Label, PageBody, PrimaryButton

_LEAST_CARD = 380


@dataclass(frozen=True, slots=True)
class Offer:
    """One piece in the overview; texts are English and translated in the context "ShowPieces"."""

    piece_id: str
    icon: str
    module: str
    cls: str
    title: str
    text: str

    def translated_title(self) -> str:
        """Return the title in the current language."""
        return QCoreApplication.translate("ShowPieces", self.title)

    def translated_text(self) -> str:
        """Return the sentence in the current language."""
        return QCoreApplication.translate("ShowPieces", self.text)

    def make(self, context: Context) -> Piece:
        """Import and construct the piece."""
        made = getattr(importlib.import_module(self.module), self.cls)(context)
        assert isinstance(made, Piece)  # noqa: S101 -- a wrong entry in OFFERS is a bug, not a user's doing
        return made


OFFERS: tuple[Offer, ...] = (
    Offer(
        "race", "race", "gui.show.race", "RacePiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Precision race")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "Three precisions, one prompt: who is first, and where the answers part.")),
    ),
    Offer(
        "roofline", "roof", "gui.show.roofline", "RooflinePiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Roofline")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "A dot that moves while the model decodes, under what the memory allows.")),
    ),
    Offer(
        "takehome", "qr", "gui.show.takehome", "TakeHomePiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Take it home")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "Your conversation as a QR code, and a card of its speed.")),
    ),
    Offer(
        "fit", "memory", "gui.show.fit", "FitPiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Fit preview")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "Move the sliders and see which layers land on which card.")),
    ),
    Offer(
        "quality", "check", "gui.show.quality", "QualityPiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Quality card")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "What an engine has kept of its model, layer by layer.")),
    ),
    Offer(
        "vendor", "scale", "gui.show.vendor", "VendorPiece",
        str(QT_TRANSLATE_NOOP("ShowPieces", "Vendor's table against today")),
        str(QT_TRANSLATE_NOOP("ShowPieces", "The published figures of one C10 beside a run on this machine.")),
    ),
)  # fmt: skip


class ShowPage(Page):
    """Shows the overview or one piece; each piece is made when it is first opened."""

    page_id = "show"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._pieces: dict[str, Piece] = {}
        self._open: Piece | None = None
        self._locked = False
        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._body = PageBody()
        self._stack.addWidget(self._body)
        holder = QWidget()
        self._flow = FlowLayout(_LEAST_CARD, Space.L)
        holder.setLayout(self._flow)
        self._body.column.addWidget(holder)
        self._body.column.addStretch(1)
        self.cards: dict[str, OfferCard] = {}
        for offer in OFFERS:
            card = OfferCard(offer)
            card.opened.connect(partial(self.open, offer.piece_id))
            self._flow.addWidget(card)
            self.cards[offer.piece_id] = card
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(self.show_overview)

    def piece(self, piece_id: str) -> Piece:
        """Return a piece, made now if it was never opened."""
        if piece_id not in self._pieces:
            offer = next(offer for offer in OFFERS if offer.piece_id == piece_id)
            made = offer.make(self.context)
            made.retranslate()
            made.restyle()
            made.set_locked(self._locked)
            made.closed.connect(self.show_overview)
            self._pieces[piece_id] = made
            self._stack.addWidget(made)
        return self._pieces[piece_id]

    def open(self, piece_id: str) -> None:
        """Bring a piece to the front."""
        piece = self.piece(piece_id)
        if piece is self._open:
            return
        if self._open is not None:
            self._open.deactivate()
        self._open = piece
        self._stack.setCurrentWidget(piece)
        piece.back_button.setFocus()
        piece.activate()

    def show_overview(self) -> None:
        """Go back to the overview."""
        if self._open is None:
            return
        closing, self._open = self._open, None
        closing.deactivate()
        self._stack.setCurrentWidget(self._body)
        card = next(card for name, card in self.cards.items() if self._pieces.get(name) is closing)
        card.button.setFocus()

    @property
    def open_piece(self) -> str:
        """Id of the piece that is open, empty for the overview."""
        return next((name for name, piece in self._pieces.items() if piece is self._open), "")

    def activate(self) -> None:
        """Let the open piece go on."""
        if self._open is not None:
            self._open.activate()

    def deactivate(self) -> None:
        """Let the open piece rest."""
        if self._open is not None:
            self._open.deactivate()

    def retranslate(self) -> None:
        """Set every text."""
        self._body.set_heading(
            self.tr("Show"),
            self.tr("See what happens on this machine. Everything is measured, now and here."),
        )
        for card in self.cards.values():
            card.retranslate()
        for piece in self._pieces.values():
            piece.retranslate()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self._flow.set_least(self.context.theme.size(_LEAST_CARD))
        for piece in self._pieces.values():
            piece.restyle()

    def busy(self) -> bool:
        """Whether a piece lets the model work."""
        return any(piece.busy() for piece in self._pieces.values())

    def occupied(self) -> bool:
        """Whether a visitor has begun something in a piece."""
        return self._open is not None and any(piece.occupied() for piece in self._pieces.values())

    def set_locked(self, locked: bool) -> None:
        """Withhold from visitors what is the operator's."""
        self._locked = locked
        for piece in self._pieces.values():
            piece.set_locked(locked)

    def wipe(self) -> None:
        """Let every piece forget the visitor, and go back to the overview."""
        for piece in self._pieces.values():
            piece.wipe()
        self.show_overview()

    def unfinished(self) -> str:
        """Return what would be lost in a piece."""
        return next((text for piece in self._pieces.values() if (text := piece.unfinished())), "")

    def dispose(self) -> None:
        """End what the pieces started."""
        for piece in self._pieces.values():
            piece.dispose()


class OfferCard(Card):
    """A piece in the overview; a press anywhere on it opens the piece."""

    opened = Signal()

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self._offer = offer
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.body.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        self.body.addWidget(IconLabel(offer.icon, "accent", 52))
        self.body.addSpacing(Space.S)
        self._heading, self._text = Label("", "heading", wrap=True), Label("", "muted", wrap=True)
        self.body.addWidget(self._heading)
        self.body.addWidget(self._text)
        self.body.addStretch(1)
        self.button = PrimaryButton("", "play")
        self.button.clicked.connect(lambda _checked: self.opened.emit())
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)

    def retranslate(self) -> None:
        """Set the texts."""
        self._heading.setText(self._offer.translated_title())
        self._text.setText(self._offer.translated_text())
        self.button.setText(self.tr("Open"))
        self.button.setAccessibleName(f"{self.button.text()}: {self._heading.text()}")
        self.setAccessibleName(self._heading.text())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the piece."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.opened.emit()
        super().mouseReleaseEvent(event)
