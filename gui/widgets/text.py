"""Labels by role, and how values are written."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from core.system import format_bytes

Role = Literal["body", "display", "heading", "title", "strong", "value", "muted", "caption", "mono"]
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
