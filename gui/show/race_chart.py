"""Speed of each lane over time: a light curve for each, with a flag where it finished."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.race.track import Track
from gui.show.chart import chart_painter
from gui.theme import current

STEP_S = 0.1
"""Seconds between two points of a curve."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One lane's points up to now: seconds and tokens/s; `flag` is where it finished, None while it runs."""

    points: tuple[tuple[float, float], ...]
    flag: float | None


def curve(track: Track, now: float) -> Curve:
    """Return a lane's speed up to `now` seconds after its start."""
    end = now if track.finished_at is None else min(now, track.finished_at)
    first = track.steps[0].at if track.steps else end
    count = max(0, math.ceil((end - first) / STEP_S))
    moments = [first + STEP_S * (1 + index) for index in range(count)]
    points = tuple((min(at, end), track.speed(min(at, end))) for at in moments)
    return Curve(points, track.finished_at if track.finished_at is not None and track.finished_at <= now else None)


class RaceChart(QWidget):
    """`show_curves` draws the lanes in the colours of the series."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Curve, ...] = ()
        self._names = ("", "")
        self._span = (8.0, 20.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(900, 260)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(320, 200)

    def set_names(self, x_axis: str, y_axis: str) -> None:
        """Name the axes, with their units."""
        self._names = (x_axis, y_axis)
        self.update()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw curves; the axes grow in round steps."""
        self._curves = tuple(curves)
        points = [point for one in curves for point in one.points]
        self._span = (
            _round_up(max([4.0, *(at for at, _ in points)])),
            _round_up(1.08 * max([10.0, *(speed for _, speed in points)])),
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, curves and flags."""
        del event
        painter = chart_painter(self)
        size = current().size
        area = QRectF(self.rect()).adjusted(size(64), size(14), -size(20), -size(50))
        self._draw_axes(painter, area)
        for number, one in enumerate(self._curves):
            self._draw_curve(painter, area, one, QColor(current().colours.series[number]))

    def _at(self, area: QRectF, at: float, speed: float) -> QPointF:
        return QPointF(
            area.left() + at / self._span[0] * area.width(), area.bottom() - speed / self._span[1] * area.height()
        )

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        colours, size = current().colours, current().size
        for index in range(5):
            speed = self._span[1] * index / 4
            y = self._at(area, 0, speed).y()
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted))
            box = QRectF(area.left() - size(50), y - size(10), size(44), size(20))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{speed:g}")
            at = self._span[0] * index / 4
            box = QRectF(self._at(area, at, 0).x() - size(40), area.bottom() + size(4), size(80), size(20))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{at:g}")
        below = QRectF(area.left(), area.bottom() + size(24), area.width(), size(22))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._names[0])
        painter.save()
        painter.translate(size(10), area.center().y())
        painter.rotate(-90)
        beside = QRectF(-area.height(), -size(10), 2 * area.height(), size(20))
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, self._names[1])
        painter.restore()

    def _draw_curve(self, painter: QPainter, area: QRectF, one: Curve, colour: QColor) -> None:
        if not one.points:
            return
        places = [self._at(area, at, speed) for at, speed in one.points]
        fill = QColor(colour)
        fill.setAlphaF(0.08)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        feet = [QPointF(places[-1].x(), area.bottom()), QPointF(places[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*places, *feet]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF(places))
        end = places[-1]
        painter.setPen(QPen(QColor(current().colours.surface), 2))
        painter.setBrush(colour)
        painter.drawEllipse(end, 6, 6)
        if one.flag is not None:
            self._draw_flag(painter, end, colour)

    def _draw_flag(self, painter: QPainter, foot: QPointF, colour: QColor) -> None:
        size = current().size
        top = foot - QPointF(0, size(30))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(foot, top)
        painter.setPen(Qt.PenStyle.NoPen)
        cell = size(5)
        for row in range(3):
            for column in range(4):
                dark = (row + column) % 2 == 0
                painter.setBrush(colour if dark else QColor(current().colours.surface))
                painter.drawRect(QRectF(top.x() + column * cell, top.y() + row * cell, cell, cell))


def _round_up(value: float) -> float:
    step = 10 ** math.floor(math.log10(value)) / 2
    return float(math.ceil(value / step) * step)
