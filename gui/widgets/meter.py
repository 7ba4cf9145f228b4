"""Bars that show a value within its limit, in one piece or in parts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import current

_HEIGHT = 12
WARN_FROM = 0.85
BAD_FROM = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: its share of the limit (0 to 1), a colour (#RRGGBB), a name for people who can't see it."""

    share: float
    colour: str
    name: str = ""


class StackedBar(QWidget):
    """Parts side by side on a track; what goes beyond the track is cut and outlined in red."""

    def __init__(self, height: int = _HEIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar_height = height
        self._segments: tuple[Segment, ...] = ()
        self._known = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        current().changed.connect(self.updateGeometry)

    def set_segments(self, segments: tuple[Segment, ...], *, known: bool = True) -> None:
        """Show parts; `known` False draws a dashed, empty track (the value isn't known)."""
        if (segments, known) != (self._segments, self._known):
            self._segments, self._known = segments, known
            self.update()

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(120, current().size(self._bar_height))

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(40, current().size(self._bar_height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and its parts."""
        del event
        colours = current().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        track = QPainterPath()
        radius = min(area.height() / 2, 8.0)
        track.addRoundedRect(area, radius, radius)
        if not self._known:
            pen = painter.pen()
            pen.setColor(QColor(colours.border_strong))
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawPath(track)
            return
        painter.fillPath(track, QColor(colours.sunken))
        painter.setClipPath(track)
        left = area.left()
        for segment in self._segments:
            width = segment.share * area.width()
            painter.fillRect(QRectF(left, area.top(), width, area.height()), QColor(segment.colour))
            left += width
            if segment is not self._segments[-1]:
                painter.fillRect(QRectF(left - 1, area.top(), 1, area.height()), QColor(colours.surface))
        if sum(segment.share for segment in self._segments) > 1.0001:
            painter.setClipping(False)
            pen = painter.pen()
            pen.setColor(QColor(colours.bad))
            pen.setWidthF(2)
            painter.setPen(pen)
            painter.drawPath(track)


class Meter(StackedBar):
    """A value within its limit: blue, amber from 85 %, red from the limit on; dashed where one is unknown."""

    def set_value(self, value: float | None, limit: float | None, name: str = "") -> None:
        """Show `value` of `limit` (same unit); `name` is for screen readers."""
        if value is None or not limit:
            self.set_segments((), known=False)
            self.setAccessibleName(name)
            return
        share = value / limit
        colours = current().colours
        colour = colours.accent if share < WARN_FROM else colours.warn if share < BAD_FROM else colours.bad
        self.set_segments((Segment(min(share, 1.0), colour),))
        self.setAccessibleName(f"{name} {share:.0%}".strip())
