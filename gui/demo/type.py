"""Letters of the home page: larger than the window's, which are for people who sit in front of it."""

from __future__ import annotations

from PySide6.QtGui import QFont

from gui.design import FONT_FAMILIES
from gui.theme import current


def shown_at(share: float) -> str:
    """Return a style sheet for texts of `share` times the window's size."""
    return f"TextBlock {{ font-size: {round(current().type.body * share)}px; }}"


def font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the window's font in a size of pixels."""
    made = QFont()
    made.setFamilies(list(FONT_FAMILIES))
    made.setPixelSize(pixels)
    made.setWeight(weight)
    return made
