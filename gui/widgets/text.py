"""Labels by role, and how values are written."""

from __future__ import annotations

import html
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from core.system import format_bytes

Role = Literal["body", "count", "display", "lead", "heading", "title", "strong", "value", "muted", "caption", "mono"]
Tone = Literal["", "ok", "warn", "bad"]


class Label(QLabel):
    """A text in one of the roles of the type scale; wraps where asked for. Plain text: no markup."""

    def __init__(
        self, text: str = "", role: Role = "body", *, wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self.setMinimumWidth(1)

    def set_tone(self, tone: Tone) -> None:
        """Colour the text as good, doubtful or bad."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            repolish(self)


class LiveLabel(QWidget):
    """A label whose text changes several times a second: what is around it is laid out again only for a longer text.

    A label tells every layout above it of every change, up to the window's, on a processor that the model needs.
    """

    def __init__(self, text: str = "", role: Role = "body", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = Label(text, role, parent=self)
        self._room = QSize()

    def setText(self, text: str) -> None:
        """Set the text."""
        if text == self._label.text():
            return
        self._label.setText(text)
        if self._room.expandedTo(self._label.sizeHint()) != self._room:
            self.updateGeometry()

    def text(self) -> str:
        """Return the text."""
        return self._label.text()

    def sizeHint(self) -> QSize:
        """Return the room of the longest text so far, in pixels."""
        self._room = self._room.expandedTo(self._label.sizeHint())
        return self._room

    def minimumSizeHint(self) -> QSize:
        """Return the same: the text isn't cut."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the text all of the room."""
        super().resizeEvent(event)
        self._label.resize(event.size())

    def changeEvent(self, event: QEvent) -> None:
        """Forget how long the texts were in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._room = QSize()
            self.updateGeometry()


class ElidedLabel(Label):
    """A label of one line that ends in … where the text is wider than the room; the tooltip has the whole text."""

    def __init__(self, text: str = "", role: Role = "body", *, parent: QWidget | None = None) -> None:
        super().__init__("", role, parent=parent)
        self._full = text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Set the whole text."""
        self._full = text
        self.setAccessibleName(text)
        self._elide()

    def text(self) -> str:
        """Return the whole text."""
        return self._full

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text for the new width."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Cut the text for the new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, self.width())
        super().setText(shown)
        self.setToolTip(plain_tip(self._full) if shown != self._full else "")


def plain_tip(text: str) -> str:
    """Return `text` as a tooltip that shows it as it is; Qt takes a text with markup for HTML, pictures included."""
    return f"<span>{html.escape(text)}</span>" if "<" in text else text


def repolish(widget: QWidget) -> None:
    """Let the style sheet see changed properties."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def not_available() -> str:
    """Return what stands for an unknown value; never a zero."""
    return QCoreApplication.translate("Values", "N/A")


def size_text(count: int | None) -> str:
    """Return bytes for people, or "N/A"."""
    return not_available() if count is None else format_bytes(count)


def of_limit(value: int | None, limit: int | None) -> str:
    """Return "value / limit" in bytes for people, with "N/A" for what is unknown."""
    return f"{size_text(value)} / {size_text(limit)}"
