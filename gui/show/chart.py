"""What the charts of the show pieces share."""

from __future__ import annotations

from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QWidget

from gui.theme import current


def chart_painter(widget: QWidget) -> QPainter:
    """Return a painter for `widget` with smooth lines and the caption's font."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = QFont(widget.font())
    font.setPixelSize(current().type.caption)
    painter.setFont(font)
    return painter
