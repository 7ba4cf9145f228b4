"""The giant figure: tokens a second, as large as the room allows, digits that don't dance."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.demo.type import font
from gui.theme import current

WIDEST = "888.8"
"""What the size is chosen for."""
_LEAST, _MOST = 48, 420
_NONE = "–"
_UNIT_SHARE = 0.20
"""Size of the unit beside the figure's."""


class Hero(QWidget):
    """Shows one figure with its unit; `set_figure(None)` shows a dash, never a zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._unit, self._live = _NONE, "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        current().changed.connect(self.update)

    def set_figure(self, value: float | None, *, live: bool = False) -> None:
        """Show tokens a second; `live` while they are being made."""
        text = _NONE if value is None else f"{value:.1f}" if value < 1000 else f"{value:.0f}"
        if (text, live) != (self._text, self._live):
            self._text, self._live = text, live
            self._say()
            self.update()

    def set_unit(self, unit: str) -> None:
        """Set the unit ("tok/s")."""
        self._unit = unit
        self._say()
        self.update()

    @property
    def known(self) -> bool:
        """Whether there is a figure to show."""
        return self._text != _NONE

    def text(self) -> str:
        """Return the figure that is shown."""
        return self._text

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(480, 260)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(240, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the figure at the bottom, the unit on its baseline."""
        del event
        colours = current().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setOpacity(1.0 if self.known else 0.35)
        large = font(self._pixels(), QFont.Weight.Bold)
        metrics = QFontMetricsF(large)
        # Digits are drawn in cells of one width: a proportional 1 would make the whole figure jump.
        cell = max(metrics.horizontalAdvance(digit) for digit in "0123456789")
        baseline = self.height() - metrics.capHeight() * 0.08
        painter.setFont(large)
        painter.setPen(QColor(colours.accent if self._live else colours.text))
        left = 0.0
        for sign in self._text:
            width = cell if sign.isdigit() else metrics.horizontalAdvance(sign)
            offset = (width - metrics.horizontalAdvance(sign)) / 2
            painter.drawText(QRectF(left + offset, baseline - metrics.ascent(), width + cell, metrics.height()),
                             Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, sign)  # fmt: skip
            left += width
        unit = font(max(14, round(large.pixelSize() * _UNIT_SHARE)), QFont.Weight.Medium)
        unit_metrics = QFontMetricsF(unit)
        painter.setFont(unit)
        top = baseline - unit_metrics.ascent()
        beside = QRectF(left + cell * 0.18, top, self.width(), unit_metrics.height())
        painter.setPen(QColor(colours.muted))
        painter.drawText(beside,
                         Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._unit)  # fmt: skip

    def _pixels(self) -> int:
        """Return the font size that fits the widest figure with its unit."""
        trial = 100
        metrics = QFontMetricsF(font(trial, QFont.Weight.Bold))
        unit = QFontMetricsF(font(round(trial * _UNIT_SHARE), QFont.Weight.Medium))
        wide = metrics.horizontalAdvance(WIDEST) + unit.horizontalAdvance(self._unit) + 0.2 * trial
        by_width = trial * self.width() / wide
        by_height = trial * self.height() / (metrics.capHeight() * 1.2)
        return max(_LEAST, min(_MOST, int(min(by_width, by_height))))

    def _say(self) -> None:
        self.setAccessibleName(f"{self._text} {self._unit}")
