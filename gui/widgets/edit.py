"""A field for plain text of any source: what is pasted or dropped is cut to a length that stays quick."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit

MAX_CHARS = 400_000
"""Longest text, in characters; far more than any context holds."""


class PlainEdit(QPlainTextEdit):
    """`shortened` tells how many characters of a pasted or dropped text were left out."""

    shortened = Signal(int)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text only: files and pictures that are dropped aren't opened."""
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert a text as far as there is room."""
        text = source.text()
        held = self.document().characterCount() - 1 - len(self.textCursor().selectedText())
        room = max(0, MAX_CHARS - held)
        self.insertPlainText(text[:room])
        self.ensureCursorVisible()
        if len(text) > room:
            self.shortened.emit(len(text) - room)
