"""Line icons drawn in a colour of the theme, sharp at every screen scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.paths import icon_path

_INK = b"#000"
"""Colour of the lines in the icon files, replaced when they are drawn."""


@lru_cache(maxsize=256)
def _source(name: str, colour: str) -> QByteArray:
    return QByteArray(icon_path(name).read_bytes().replace(_INK, colour.encode()))


class _Engine(QIconEngine):
    """Draws the SVG anew for each size instead of scaling a bitmap."""

    def __init__(self, name: str, colour: str, checked: str, disabled: str) -> None:
        super().__init__()
        self._name, self._colour, self._checked, self._disabled = name, colour, checked, disabled

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        colour = self._checked if state == QIcon.State.On else self._colour
        if mode == QIcon.Mode.Disabled:
            colour = self._disabled
        area = QRectF(rect)  # type: ignore[call-overload]  # a QRect, whatever the stubs say
        area.setWidth(area.height())  # a wider icon keeps its right part empty: Qt has no gap between icon and text
        QSvgRenderer(_source(self._name, colour)).render(painter, area)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour, self._checked, self._disabled)


def icon(name: str, colour: str, checked: str = "", disabled: str = "") -> QIcon:
    """Return icon `name` (a file in resources/icons) in `colour`; `checked` and `disabled` default to it."""
    return QIcon(_Engine(name, colour, checked or colour, disabled or colour))


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return icon `name` as a pixmap of `size` logical pixels for a screen with `ratio` device pixels each."""
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(_source(name, colour)).render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
