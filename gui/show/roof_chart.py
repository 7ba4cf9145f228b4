"""The roofline, log-log: the roof of bandwidth and arithmetic, and dots below it that leave a trail."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.bench.limits import Limits, Point
from gui.design import Space
from gui.show.chart import chart_painter
from gui.theme import current

TRAIL = 24
"""Past places of the moving dot that are drawn."""
_X = (0.1, 1000.0)
"""Operations for each byte, from left to right."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A horizontal roof: its name and height in 10**9 operations/s."""

    name: str
    peak: float


class RoofChart(QWidget):
    """`show_limits` draws the roof, `move_dot` the decode dot, `show_prefill` a second one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits: Limits | None = None
        self._ceilings: tuple[Ceiling, ...] = ()
        self._names = ("", "", "", "")
        self._trail: deque[Point] = deque(maxlen=TRAIL)
        self._prefill: Point | None = None
        self._label = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(760, 480)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(360, 320)

    def set_names(self, x_axis: str, y_axis: str, bandwidth: str, prefill: str) -> None:
        """Name axes, the slanted roof and the second dot."""
        self._names = (x_axis, y_axis, bandwidth, prefill)
        self.update()

    def show_limits(self, limits: Limits | None, ceilings: tuple[Ceiling, ...]) -> None:
        """Draw the roof of a machine; None: not measured, only the axes."""
        self._limits, self._ceilings = limits, ceilings
        self.update()

    def move_dot(self, point: Point | None, label: str = "") -> None:
        """Move the decode dot; None takes it and its trail away."""
        if point is None:
            self._trail.clear()
        else:
            self._trail.append(point)
        self._label = label
        self.update()

    def show_prefill(self, point: Point | None) -> None:
        """Put the second dot."""
        self._prefill = point
        self.update()

    @property
    def dot(self) -> Point | None:
        """Where the decode dot is."""
        return self._trail[-1] if self._trail else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, roof and dots."""
        del event
        painter = chart_painter(self)
        area = self._area()
        self._draw_axes(painter, area)
        if self._limits is not None:
            self._draw_roof(painter, area, self._limits)
        if self._prefill is not None:
            self._draw_dot(painter, self._place(area, self._prefill), current().colours.series[1], self._names[3])
        self._draw_trail(painter, area)

    def _area(self) -> QRectF:
        size = current().size
        return QRectF(self.rect()).adjusted(size(74), size(18), -size(22), -size(58))

    def _span(self) -> tuple[float, float]:
        """Return the least and the most operations/s that are shown, whole powers of ten."""
        peaks = [ceiling.peak for ceiling in self._ceilings] or [100.0]
        return 1.0, 10.0 ** math.ceil(math.log10(max(peaks) * 1.6))

    def _at(self, area: QRectF, intensity: float, gop: float) -> QPointF:
        low, high = self._span()
        x = math.log10(max(intensity, 1e-9) / _X[0]) / math.log10(_X[1] / _X[0])
        y = math.log10(max(gop, 1e-9) / low) / math.log10(high / low)
        return QPointF(
            area.left() + min(1.0, max(0.0, x)) * area.width(), area.bottom() - min(1.0, max(0.0, y)) * area.height()
        )

    def _place(self, area: QRectF, point: Point) -> QPointF:
        return self._at(area, point.intensity, point.gop_per_s)

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        colours = current().colours
        grid, text = QColor(colours.border), QColor(colours.muted)
        low, high = self._span()
        size = current().size
        for exponent in range(round(math.log10(_X[0])), round(math.log10(_X[1])) + 1):
            x = self._at(area, 10.0**exponent, low).x()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(text)
            box = QRectF(x - 40, area.bottom() + 4, 80, size(20))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, _power(exponent))
        for exponent in range(round(math.log10(low)), round(math.log10(high)) + 1):
            y = self._at(area, _X[0], 10.0**exponent).y()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(text)
            box = QRectF(area.left() - size(52), y - size(12), size(46), size(24))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _power(exponent))
        below = QRectF(area.left(), area.bottom() + size(26), area.width(), size(26))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._names[0])
        painter.save()
        painter.translate(size(12), area.center().y())
        painter.rotate(-90)
        beside = QRectF(-area.height() / 2, -size(12), area.height(), size(24))
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, self._names[1])
        painter.restore()

    def _draw_roof(self, painter: QPainter, area: QRectF, limits: Limits) -> None:
        colours = current().colours
        top = max(self._ceilings, key=lambda ceiling: ceiling.peak)
        ridge = top.peak / limits.bandwidth_gb_per_s
        low = self._span()[0]
        start = max(_X[0], low / limits.bandwidth_gb_per_s)
        eaves = self._at(area, start, start * limits.bandwidth_gb_per_s)
        corner, end = self._at(area, ridge, top.peak), self._at(area, _X[1], top.peak)
        fill = QColor(colours.accent)
        fill.setAlphaF(0.10)
        under = QPolygonF([QPointF(eaves.x(), area.bottom()), eaves, corner, end, QPointF(end.x(), area.bottom())])
        path = QPainterPath()
        path.addPolygon(under)
        painter.fillPath(path, fill)
        for ceiling in self._ceilings:
            strongest = ceiling is top
            left = self._at(area, ceiling.peak / limits.bandwidth_gb_per_s, ceiling.peak)
            pen = QPen(QColor(colours.accent), 3 if strongest else 1.5)
            pen.setStyle(Qt.PenStyle.SolidLine if strongest else Qt.PenStyle.DashLine)
            painter.setPen(pen)
            right = QPointF(area.right(), left.y())
            painter.drawLine(left, right)
            painter.setPen(QColor(colours.text))
            size = current().size
            box = QRectF(area.right() - size(320), left.y() - size(24), size(316), size(22))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, ceiling.name)
        painter.setPen(QPen(QColor(colours.accent), 3))
        painter.drawLine(eaves, corner)
        self._name_slope(painter, eaves, corner)

    def _name_slope(self, painter: QPainter, eaves: QPointF, corner: QPointF) -> None:
        painter.save()
        painter.translate(eaves + (corner - eaves) * 0.55)
        painter.rotate(math.degrees(math.atan2(corner.y() - eaves.y(), corner.x() - eaves.x())))
        painter.setPen(QColor(current().colours.text))
        size = current().size
        box = QRectF(-size(200), -size(28), size(400), size(22))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._names[2])
        painter.restore()

    def _draw_trail(self, painter: QPainter, area: QRectF) -> None:
        if not self._trail:
            return
        colours = current().colours
        painter.setPen(Qt.PenStyle.NoPen)
        for number, point in enumerate(list(self._trail)[:-1]):
            colour = QColor(colours.ok)
            colour.setAlphaF(0.05 + 0.30 * number / TRAIL)
            painter.setBrush(colour)
            painter.drawEllipse(self._place(area, point), 5, 5)
        self._draw_dot(painter, self._place(area, self._trail[-1]), colours.ok, self._label)

    def _draw_dot(self, painter: QPainter, place: QPointF, colour: str, label: str) -> None:
        size = current().size
        halo = QColor(colour)
        halo.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawEllipse(place, size(18), size(18))
        painter.setBrush(QColor(colour))
        painter.setPen(QPen(QColor(current().colours.surface), 2))
        painter.drawEllipse(place, size(9), size(9))
        if not label:
            return
        font = QFont(painter.font())
        font.setPixelSize(current().type.title)
        font.setWeight(QFont.Weight.DemiBold)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(current().colours.text))
        gap, width = size(18) + Space.XS, size(320)
        right = place.x() < self.width() * 0.66
        left = place.x() + gap if right else place.x() - gap - width
        side = Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight
        box = QRectF(left, place.y() - size(4 if right else 15), width, size(30))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, label)
        painter.restore()


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if exponent < 0 else f"{10**exponent:,}"
