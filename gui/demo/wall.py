"""The wall graph: tokens a second over the last minute, filled, without axes, made to be seen from ten metres.

Imports pyqtgraph (and numpy): import this module on a background thread first.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.graphs.ring import Ring
from gui.theme import current

SPAN_S = 45.0
"""Seconds that the wall shows."""
CAPACITY = 600
LEAST_TOP = 20.0
"""The scale never ends below this, in tokens/s: a slow start doesn't fill the wall."""


class Wall(QWidget):
    """`add` takes a sample, `draw` paints; the newest is at the right edge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = Ring(2, CAPACITY)
        self._top = LEAST_TOP
        self._widget = pg.PlotWidget(enableMenu=False)
        self._widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._item = self._widget.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(False, False)
        for side in ("left", "bottom"):
            self._item.hideAxis(side)
        self._item.setContentsMargins(0, 0, 0, 0)
        self._item.vb.setDefaultPadding(0)
        self._curve = self._item.plot([], [], fillLevel=0.0)
        self._head = pg.ScatterPlotItem(size=11, pen=None)
        self._item.addItem(self._head)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._widget)
        self.restyle()
        self.draw(0.0)

    def __len__(self) -> int:
        return len(self._ring)

    @property
    def top(self) -> float:
        """Upper end of the scale, in tokens/s."""
        return self._top

    def add(self, seconds: float, rate: float) -> None:
        """Take a sample: tokens/s at a moment in seconds."""
        self._ring.append(seconds, rate)

    def draw(self, now: float) -> None:
        """Paint the last SPAN_S seconds before `now`."""
        x, y = self._ring.column(0) - now, self._ring.column(1)
        shown = x >= -SPAN_S - 1
        x, y = x[shown], y[shown]
        self._curve.setData(x, y)
        if x.size:
            self._head.setData([float(x[-1])], [float(y[-1])])
        else:
            self._head.setData([], [])
        peak = float(np.max(y)) if y.size else 0.0
        self._top = max(LEAST_TOP, _calm(self._top, peak))
        self._item.setXRange(-SPAN_S, SPAN_S * 0.012, padding=0)
        self._item.setYRange(0, self._top, padding=0)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = current().colours
        self._widget.setBackground(None)
        self._widget.setStyleSheet("background: transparent; border: none;")
        accent = QColor(colours.accent)
        self._curve.setPen(pg.mkPen(accent, width=round(3 * self.devicePixelRatioF())))  # the pen is cosmetic
        gradient = QLinearGradient(0, 0, 0, 1)
        gradient.setCoordinateMode(QLinearGradient.CoordinateMode.ObjectBoundingMode)
        low, high = QColor(accent), QColor(accent)
        low.setAlpha(10)
        high.setAlpha(120)
        gradient.setColorAt(0, low)
        gradient.setColorAt(1, high)
        self._curve.setFillBrush(QBrush(gradient))
        self._head.setBrush(QColor(colours.text))

    def drawn(self) -> QRectF:
        """Return the part of the plane that is shown: seconds and tokens/s."""
        return QRectF(self._item.vb.viewRect())

    def dispose(self) -> None:
        """Delete what pyqtgraph makes without a parent."""
        for menu in (self._item.ctrlMenu, *self._item.ctrlMenu.findChildren(QWidget)):
            menu.deleteLater()


def _calm(top: float, peak: float) -> float:
    """Return a scale that holds `peak`, is a round number, and doesn't jump for small changes."""
    if 0.45 * top <= peak <= 0.92 * top:
        return top
    wanted = max(peak * 1.25, LEAST_TOP)
    step = 10 ** math.floor(math.log10(wanted)) / 2
    return float(math.ceil(wanted / step) * step)
