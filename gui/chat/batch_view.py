"""A batch run: the rows side by side, each with its question and its answer as it comes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from gui.chat import words
from gui.chat.answer_body import AnswerBody
from gui.chat.conversation import Conversation, Row
from gui.chat.look import message_style
from gui.chat.slices import Slices
from gui.design import Space
from gui.theme import current
from gui.widgets import Card, FlowLayout, IconButton, Label

_LEAST = 340


class RowCard(Card):
    """One row."""

    copied = Signal(str)
    link_clicked = Signal(str)

    def __init__(self, number: int, row: Row, slices: Slices) -> None:
        super().__init__()
        self._number = number
        self.number = Label(str(number), "caption")
        self.question = Label(row.question, "strong", wrap=True)
        self.copy_button = IconButton("copy")
        self.waiting = Label("…", "muted")
        self.text = AnswerBody(slices)
        self.ending = Label("", "caption", wrap=True)
        bottom = QHBoxLayout()
        bottom.addWidget(self.ending, 1)
        bottom.addWidget(self.copy_button)
        for part in (self.number, self.question, self.waiting, self.text):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.body.addLayout(bottom)
        self.copy_button.clicked.connect(lambda: self.copied.emit(self.text.text()))
        self.text.copied.connect(self.copied)
        self.text.link_clicked.connect(self.link_clicked)

    def feed(self, text: str) -> None:
        """Add words."""
        self.waiting.hide()
        self.text.feed(text)

    def end(self, row: Row) -> None:
        """Show the whole answer and why it ended."""
        self.waiting.hide()
        self.text.feed(row.text[len(self.text.text()) :])
        self.text.finish()
        self.ending.setText(words.reason(row.reason) or self.tr("Complete"))

    def retranslate(self) -> None:
        """Set the texts."""
        self.setAccessibleName(self.tr("Row {0}").format(self._number))
        self.copy_button.set_name(self.tr("Copy answer"))
        self.text.retranslate()


class BatchView(QScrollArea):
    """Shows the rows of a conversation."""

    copied = Signal(str)
    link_clicked = Signal(str)

    def __init__(self, slices: Slices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slices = slices
        self._shown = ""
        self.cards: list[RowCard] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = page = QWidget()
        page.setObjectName("page")
        self.figures = Label("", "muted", wrap=True)
        self._flow = FlowLayout(least=_LEAST)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(Space.XL, Space.M, Space.XL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self.figures)
        layout.addLayout(self._flow)
        layout.addStretch(1)
        self.setWidget(page)

    def show_conversation(self, conversation: Conversation) -> None:
        """Show a batch run, complete or about to begin."""
        key = f"{conversation.id} {conversation.changed} {len(conversation.rows)}"
        if key == self._shown:
            return
        self._shown = key
        while self._flow.count():
            self._flow.takeAt(0)
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        for number, row in enumerate(conversation.rows, start=1):
            card = RowCard(number, row, self._slices)
            card.copied.connect(self.copied)
            card.link_clicked.connect(self.link_clicked)
            card.retranslate()
            self._flow.addWidget(card)
            self.cards.append(card)
            if row.reason:
                card.end(row)
        self._show_figures(conversation)

    def feed(self, texts: dict[int, str]) -> None:
        """Add words to rows."""
        for row, text in texts.items():
            if row < len(self.cards):
                self.cards[row].feed(text)

    def show_waiting(self, text: str) -> None:
        """Say what is going on before the first word."""
        self.figures.setText(text)

    def end(self, conversation: Conversation) -> None:
        """Show the whole run."""
        self._shown = f"{conversation.id} {conversation.changed} {len(conversation.rows)}"
        for card, row in zip(self.cards, conversation.rows, strict=True):
            card.end(row)
        self._show_figures(conversation)

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self._flow.set_least(current().size(_LEAST))
        self._page.setStyleSheet(message_style(current().colours))
        for card in self.cards:
            card.text.restyle()

    def retranslate(self) -> None:
        """Set the texts."""
        self.setAccessibleName(self.tr("Batch run"))
        for card in self.cards:
            card.retranslate()

    def _show_figures(self, conversation: Conversation) -> None:
        text = self.tr("{0} questions side by side").format(len(conversation.rows))
        if conversation.metrics:
            text = f"{text} · {words.metrics_line(conversation.metrics)}"
        self.figures.setText(text)
