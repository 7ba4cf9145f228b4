"""One bar for each layer: how far its weights are from the original's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.quality.card import LayerError
from gui.show.chart import chart_painter
from gui.theme import current


class LayerChart(QWidget):
    """`show_layers` draws relative errors in percent; the output layer has another colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[LayerError, ...] = ()
        self._names = ("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(800, 280)

    def set_names(self, x_axis: str, y_axis: str, output: str) -> None:
        """Name axes and the output layer."""
        self._names = (x_axis, y_axis, output)
        self.update()

    def show_layers(self, layers: Sequence[LayerError]) -> None:
        """Draw the layers' errors."""
        self._layers = tuple(layers)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw grid and bars."""
        del event
        painter = chart_painter(self)
        size = current().size
        area = QRectF(self.rect()).adjusted(size(70), size(10), -size(10), -size(48))
        top = max([1e-6, *(layer.relative_error for layer in self._layers)]) * 1.15
        self._draw_grid(painter, area, top)
        self._draw_bars(painter, area, top)

    def _draw_grid(self, painter: QPainter, area: QRectF, top: float) -> None:
        colours, size = current().colours, current().size
        for index in range(5):
            y = area.bottom() - area.height() * index / 4
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted))
            box = QRectF(area.left() - size(62), y - size(10), size(54), size(20))
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{100 * top * index / 4:.2g} %"
            )
        below = QRectF(area.left(), area.bottom() + size(24), area.width(), size(22))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._names[0])

    def _draw_bars(self, painter: QPainter, area: QRectF, top: float) -> None:
        if not self._layers:
            return
        colours, size = current().colours, current().size
        width = area.width() / len(self._layers)
        every = max(1, round(size(34) / width))
        painter.setPen(Qt.PenStyle.NoPen)
        for number, layer in enumerate(self._layers):
            is_output = number == len(self._layers) - 1
            height = area.height() * layer.relative_error / top
            bar = QRectF(area.left() + number * width + width * 0.15, area.bottom() - height, width * 0.7, height)
            painter.setBrush(QColor(colours.series[1] if is_output else colours.series[0]))
            painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QColor(colours.muted))
        for number, layer in enumerate(self._layers[:-1]):
            if number % every == 0 and number < len(self._layers) - 1 - every // 2:
                box = QRectF(
                    area.left() + (number + 0.5) * width - size(20), area.bottom() + size(4), size(40), size(18)
                )
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, layer.name)
        box = QRectF(area.right() - size(90), area.bottom() + size(4), size(90), size(18))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._names[2])
