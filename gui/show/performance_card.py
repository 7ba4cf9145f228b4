"""The performance card: a picture with what a visitor wants to remember, painted in memory."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from gui.design import DARK
from gui.paths import icon_path

WIDTH, HEIGHT = 1200, 675
"""Pixels, 16:9."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card says; texts are ready to be shown."""

    rate: str
    unit: str
    caption: str
    model: str
    rows: tuple[tuple[str, str], ...]
    """Name and value: precision, device, tokens, date ..."""
    warning: str = ""
    """Such as "CPU, not C10"; empty for a run on a card."""


def paint(facts: Facts) -> QImage:
    """Return the card as a picture of WIDTH x HEIGHT pixels."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(DARK.window))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _background(painter)
    _head(painter, facts)
    _rate(painter, facts)
    _rows(painter, facts)
    painter.end()
    return image


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def _background(painter: QPainter) -> None:
    gradient = QLinearGradient(QPointF(0, 0), QPointF(WIDTH, HEIGHT))
    gradient.setColorAt(0.0, QColor("#0F1A2E"))
    gradient.setColorAt(0.6, QColor("#12315E"))
    gradient.setColorAt(1.0, QColor("#0E8A7C"))
    painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), gradient)
    painter.setPen(QPen(QColor(255, 255, 255, 22), 2))
    for number in range(9):
        path = QPainterPath(QPointF(0, HEIGHT - 30 - 26 * number))
        path.cubicTo(
            QPointF(WIDTH * 0.4, HEIGHT - 20 - 8 * number), QPointF(WIDTH * 0.6, 330 - 34 * number),
            QPointF(WIDTH, 250 - 40 * number),
        )  # fmt: skip
        painter.drawPath(path)


def _head(painter: QPainter, facts: Facts) -> None:
    QSvgRenderer(str(icon_path("c10-panel"))).render(painter, QRectF(60, 48, 64, 64))
    painter.setPen(QColor(DARK.rail_text))
    painter.setFont(_font(34, QFont.Weight.DemiBold))
    painter.drawText(QRectF(142, 48, 500, 64), Qt.AlignmentFlag.AlignVCenter, "C10 Panel")
    if not facts.warning:
        return
    painter.setFont(_font(26, QFont.Weight.DemiBold))
    width = painter.fontMetrics().horizontalAdvance(facts.warning) + 56
    box = QRectF(WIDTH - 60 - width, 54, width, 52)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DARK.warn))
    painter.drawRoundedRect(box, 26, 26)
    painter.setPen(QColor(DARK.window))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, facts.warning)


def _rate(painter: QPainter, facts: Facts) -> None:
    painter.setPen(QColor(255, 255, 255))
    painter.setFont(_font(190, QFont.Weight.Bold))
    painter.drawText(QPointF(52, 330), facts.rate)
    left = 52 + painter.fontMetrics().horizontalAdvance(facts.rate) + 26
    painter.setFont(_font(54, QFont.Weight.DemiBold))
    painter.drawText(QPointF(left, 330), facts.unit)
    painter.setFont(_font(28))
    painter.setPen(QColor(DARK.muted).lighter(115))
    painter.drawText(QPointF(62, 386), facts.caption)


def _rows(painter: QPainter, facts: Facts) -> None:
    painter.setPen(QColor(255, 255, 255))
    painter.setFont(_font(38, QFont.Weight.DemiBold))
    shown = painter.fontMetrics().elidedText(facts.model, Qt.TextElideMode.ElideMiddle, WIDTH - 124)
    painter.drawText(QPointF(62, 470), shown)
    longest = max(len(value) for _name, value in facts.rows)
    shares = [2 if len(value) == longest else 1 for _name, value in facts.rows]
    unit, left = (WIDTH - 124) / sum(shares), 62.0
    for (name, value), share in zip(facts.rows, shares, strict=True):
        width = share * unit
        painter.setPen(QColor(DARK.muted).lighter(115))
        painter.setFont(_font(22))
        painter.drawText(QPointF(left, 542), name)
        painter.setPen(QColor(255, 255, 255))
        painter.setFont(_font(27, QFont.Weight.DemiBold))
        box = QRectF(left, 554, width - 20, 84)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(box, flags, value)
        left += width
