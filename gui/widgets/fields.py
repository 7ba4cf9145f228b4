"""Fields for numbers: with room around the text, and deaf to the wheel of somebody who only scrolls the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from gui.design import Space


class IntegerField(QSpinBox):
    """A whole number between `least` and `most`."""

    def __init__(self, least: int, most: int, value: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setValue(value)
        _prepare(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the value only where the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalField(QDoubleSpinBox):
    """A number between `least` and `most` in steps of `step`, with two decimals."""

    def __init__(self, least: float, most: float, value: float, step: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setDecimals(2)
        self.setValue(value)
        _prepare(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the value only where the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _prepare(field: QAbstractSpinBox) -> None:
    field.setKeyboardTracking(False)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.lineEdit().setTextMargins(Space.M, 0, 0, 0)
