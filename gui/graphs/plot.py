"""The plot: pyqtgraph in the window's colours, units on its axes, the value under the pointer.

Imports pyqtgraph (and numpy): import this module on a background thread first.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.graphs.ring import Floats
from gui.theme import current

Kind = Literal["speed", "answers", "context", "memory"]
WIDEST = "00000"
"""What the left axis has room for: tokens of a long context."""

pg.setConfigOptions(antialias=False, useOpenGL=False)


class Plot(QWidget):
    """Shows one curve, or bars; `hovered` carries the sample under the pointer: x, and a list of values."""

    hovered = Signal(float, object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widget = pg.PlotWidget(enableMenu=False)
        self._widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._widget.viewport().setMouseTracking(True)
        self._item = self._widget.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(False, False)
        self._item.setDownsampling(mode="peak", auto=True)
        self._item.setClipToView(True)
        self._curve = self._item.plot([], [])
        self._limit = pg.InfiniteLine(angle=0, movable=False)
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._bars: list[Any] = []
        self._bar_values: list[Floats] = []
        self._x: Floats = np.zeros(0)
        self._y: Floats = np.zeros(0)
        for line in (self._limit, self._pointer):
            line.hide()
            self._item.addItem(line, ignoreBounds=True)
        self._mouse = pg.SignalProxy(self._widget.scene().sigMouseMoved, rateLimit=20, slot=self._on_mouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._widget)
        self.restyle()

    def set_axes(self, bottom: tuple[str, str], left: tuple[str, str]) -> None:
        """Name the axes: (name, unit) each."""
        colour = current().colours.muted
        style = {"color": colour, "font-size": f"{current().type.caption}px"}
        for side, (name, unit) in (("bottom", bottom), ("left", left)):
            axis = self._item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(f"{name} ({unit})" if unit else name, **style)
        self._item.getAxis("bottom").setTickSpacing()

    def show_curve(self, x: Floats, y: Floats, limit: float | None = None) -> None:
        """Draw a curve (n,) over (n,); `limit` draws a dashed line."""
        self._clear_bars()
        self._x, self._y = x, y
        self._curve.setData(x, y, connect="finite")
        self._limit.setVisible(limit is not None)
        if limit is not None:
            self._limit.setPos(limit)
        top = max(float(np.nanmax(y)) if y.size and not np.isnan(y).all() else 0.0, limit or 0.0) or 10.0
        self._item.setYRange(0, _round_up(top * 1.02), padding=0)
        left, right = (float(x[0]), float(x[-1])) if x.size else (0.0, 0.0)
        self._item.setXRange(left, left + max(10.0, _round_up(right - left)), padding=0)

    def show_bars(self, stacks: list[Floats], first: int) -> None:
        """Draw stacked bars: stacks[i] (n,) lies on those before it; the bars are numbered from `first`."""
        self._curve.setData([], [])
        self._limit.hide()
        self._clear_bars()
        self._bar_values = stacks
        count = stacks[0].size if stacks else 0
        self._x = np.arange(first, first + count, dtype=np.float64)
        base = np.zeros(count)
        colours = current().colours.series
        for number, heights in enumerate(stacks):
            colour = QColor(colours[number])
            bars = pg.BarGraphItem(x=self._x, y0=base, height=heights, width=0.7, brush=colour, pen=pg.mkPen(None))
            self._item.addItem(bars)
            self._bars.append(bars)
            base = base + heights
        self._item.setYRange(0, max(float(base.max()) if count else 1.0, 1e-3) * 1.08, padding=0)
        self._item.setXRange(first - 0.6, first + max(count, 5) - 0.4, padding=0)
        self._item.getAxis("bottom").setTickSpacing(max(1, count // 5), 1)

    def set_zoomable(self, zoomable: bool) -> None:
        """Let the mouse move and zoom the view (while paused)."""
        self._item.setMouseEnabled(zoomable, zoomable)

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        theme = current()
        colours = theme.colours
        self._widget.setBackground(QColor(colours.surface))
        font = QFont()
        font.setPixelSize(theme.type.caption)
        metrics = QFontMetrics(font)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(colours.border_strong))
            axis.setTextPen(pg.mkPen(colours.muted))
            axis.setTickFont(font)
            # Room that follows the numbers would lay out and paint the plot twice whenever they get longer.
            axis.setStyle(
                tickLength=-4, tickTextOffset=6, maxTickLevel=1 if side == "left" else 0, autoExpandTextSpace=False,
                tickTextWidth=metrics.horizontalAdvance(WIDEST), tickTextHeight=metrics.height(),
            )  # fmt: skip
        self._item.showGrid(x=False, y=True, alpha=0.18)
        self._curve.setPen(pg.mkPen(colours.series[0], width=2))
        self._limit.setPen(pg.mkPen(colours.bad, width=1, style=Qt.PenStyle.DashLine))
        self._pointer.setPen(pg.mkPen(colours.border_strong, width=1))

    def leaveEvent(self, event: Any) -> None:
        """Take the pointer's line away."""
        super().leaveEvent(event)
        self._pointer.hide()
        self.left.emit()

    def dispose(self) -> None:
        """Delete what pyqtgraph makes without a parent."""
        self._mouse.disconnect()
        for menu in (self._item.ctrlMenu, *self._item.ctrlMenu.findChildren(QWidget)):
            menu.deleteLater()

    def value_at(self, x: float) -> tuple[float, list[float]] | None:
        """Return the sample next to `x` and its values, None where there is none."""
        if not self._x.size:
            return None
        index = int(np.argmin(np.abs(self._x - x)))
        if self._bar_values:
            return float(self._x[index]), [float(values[index]) for values in self._bar_values]
        return float(self._x[index]), [float(self._y[index])]

    def _on_mouse(self, event: tuple[QPointF]) -> None:
        box = self._item.vb
        if not self._item.sceneBoundingRect().contains(event[0]):
            self._pointer.hide()
            self.left.emit()
            return
        found = self.value_at(box.mapSceneToView(event[0]).x())
        if found is None:
            return
        self._pointer.setPos(found[0])
        self._pointer.show()
        self.hovered.emit(found[0], found[1])

    def _clear_bars(self) -> None:
        for bars in self._bars:
            self._item.removeItem(bars)
        self._bars, self._bar_values = [], []


def _round_up(value: float) -> float:
    """Return the next round number: an axis that stands still is calmer to look at and cheaper to paint."""
    step = 10 ** math.floor(math.log10(value)) / 4 if value > 0 else 1.0
    return math.ceil(value / step) * step
