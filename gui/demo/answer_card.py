"""The question and its answer as it streams, in letters that can be read from two metres."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.events import Metrics
from gui.chat import words
from gui.chat.answer_body import AnswerBody
from gui.chat.look import message_style
from gui.chat.slices import Slices
from gui.demo.type import shown_at
from gui.design import Space
from gui.theme import current
from gui.widgets import Card, IconLabel, Label
from gui.widgets.scroll import BareArea

TEXT_SHARE = 1.3
"""Size of the answer's letters beside the window's."""


class AnswerCard(Card):
    """`feed` adds text and follows it to the end; `finish` renders what is still plain and shows the figures."""

    def __init__(self, slices: Slices, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._slices = slices
        self._icon = IconLabel("chat", "accent", 26)
        self.question = Label("", "title", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.question, 1)
        self.body.addLayout(top)
        self._page = QWidget()
        self._page.setObjectName("page")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, Space.S, 0)
        self._scroll = BareArea()
        self._scroll.setWidget(self._page)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._follow)
        self.body.addWidget(self._scroll, 1)
        self.waiting = Label("", "muted", wrap=True)
        self.figures = Label("", "caption", wrap=True)
        foot = QHBoxLayout()
        foot.addWidget(self.figures, 1)
        self.body.addWidget(self.waiting)
        self.body.addLayout(foot)
        self._answer: AnswerBody | None = None
        self._following = True

    def begin(self, icon: str, question: str) -> None:
        """Show a question without an answer yet."""
        self.clear()
        self._icon.set_icon(icon, "accent")
        self.question.setText(question)
        self._answer = AnswerBody(self._slices)
        self._answer.setStyleSheet(shown_at(TEXT_SHARE))
        self._column.addWidget(self._answer)
        self._column.addStretch(1)
        self._following = True
        self.waiting.setText(self.tr("Reading the question …"))
        self.waiting.show()

    def feed(self, text: str) -> None:
        """Add words."""
        if self._answer is not None and text:
            self.waiting.hide()
            self._answer.feed(text)

    def finish(self, figures: Metrics | None, note: str = "") -> None:
        """Show the whole answer, its figures, and what went wrong."""
        self.waiting.hide()
        if self._answer is not None:
            self._answer.finish()
        self.figures.setText(note or (words.metrics_line(figures) if figures else ""))

    def say(self, text: str) -> None:
        """Say what goes on in place of the answer."""
        self.waiting.setText(text)
        self.waiting.show()

    def text(self) -> str:
        """Return the answer so far."""
        return self._answer.text() if self._answer is not None else ""

    def clear(self) -> None:
        """Forget question and answer."""
        self.question.setText("")
        self.figures.setText("")
        self.waiting.setText("")
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._answer = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay at the end of the text."""
        super().resizeEvent(event)
        self._follow()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self._page.setStyleSheet(message_style(current().colours))
        if self._answer is not None:
            self._answer.setStyleSheet(shown_at(TEXT_SHARE))
            self._answer.restyle()

    def _follow(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())
