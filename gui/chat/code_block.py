"""A code fence: its language, a button that copies it, and the code in colours."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextBlock, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.chat.markdown import Span, ink_colour, spans
from gui.chat.text_block import TextBlock
from gui.design import Palette, Space
from gui.theme import current
from gui.widgets import Label, QuietButton

_LINES_A_STEP = 40


class CodeBlock(QFrame):
    """Shows code; `copied` carries its text when the user asks for it."""

    copied = Signal(str)

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("codeBlock")
        self._language = language
        self._text = ""
        self._spans: list[Span] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, Space.M)
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(Space.L, 0, Space.XS, 0)
        self._name = Label(language, "caption")
        self.copy_button = QuietButton("", "copy")
        head.addWidget(self._name, 1)
        head.addWidget(self.copy_button)
        layout.addLayout(head)
        self.body = TextBlock(wrap=False)
        inner = QHBoxLayout()
        inner.setContentsMargins(Space.L, 0, Space.L, 0)
        inner.addWidget(self.body)
        layout.addLayout(inner)
        self.copy_button.clicked.connect(lambda: self.copied.emit(self._text))
        self.restyle()
        self.retranslate()

    def text(self) -> str:
        """Return the code."""
        return self._text

    def append(self, text: str) -> None:
        """Add code at the end, in one colour."""
        self._text += text
        self.body.append_plain(text)

    def set_text(self, text: str) -> None:
        """Show this code, in one colour."""
        if text == self._text:
            return
        if text.startswith(self._text):
            self.append(text[len(self._text) :])
        else:
            self._text = text
            self.body.set_plain(text)

    def highlight(self) -> Iterator[None]:
        """Colour the code, step by step."""
        self._spans = []
        for number, span in enumerate(spans(self._language, self._text)):
            self._spans.append(span)
            if number % 100 == 99:
                yield
        yield from self._paint()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.body.restyle()
        for _ in self._paint():
            pass

    def retranslate(self) -> None:
        """Set the texts."""
        self.copy_button.setText(self.tr("Copy code"))
        self._name.setText(self._language or self.tr("Code"))
        self.setAccessibleName(self.tr("Code, {0}").format(self._language) if self._language else self.tr("Code"))

    def _paint(self) -> Iterator[None]:
        """Give each line its colours without touching the text."""
        formats = _formats(current().colours)
        document = self.body.document()
        block, waiting = document.begin(), list(self._spans)
        at = lines = 0
        while block.isValid() and at < len(waiting):
            at = _colour_line(block, waiting, at, formats)
            document.markContentsDirty(block.position(), block.length())
            block = block.next()
            lines += 1
            if lines % _LINES_A_STEP == 0:
                yield


def _colour_line(block: QTextBlock, found: list[Span], at: int, formats: dict[str, QTextCharFormat]) -> int:
    """Colour one line with the spans from `at` on; return the first span that isn't used up."""
    start, end = block.position(), block.position() + block.length()
    ranges = []
    while at < len(found) and found[at].start < end:
        span = found[at]
        piece = QTextLayout.FormatRange()
        piece.start = max(span.start, start) - start
        piece.length = min(span.start + span.length, end) - max(span.start, start)
        piece.format = formats[span.ink]
        ranges.append(piece)
        if span.start + span.length > end:
            break
        at += 1
    block.layout().setFormats(ranges)
    return at


def _formats(colours: Palette) -> dict[str, QTextCharFormat]:
    made: dict[str, QTextCharFormat] = {}
    for ink in ("keyword", "string", "comment", "number", "function", "type", "constant", "operator"):
        made[ink] = QTextCharFormat()
        made[ink].setForeground(QColor(ink_colour(ink, colours)))
        made[ink].setFontItalic(ink == "comment")
    return made
