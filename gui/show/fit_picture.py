"""Cards as stacked DRAM bars with the layers as tiles; tiles and bars move to their places when the plan changes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.planner import Plan
from gui.theme import current
from gui.widgets import size_text

MOVE_MS = 450
_COLUMNS = 4
"""Tiles in a row on a card."""
HOME = -1
"""The card of a tile that finds no place."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn: (index, limit, weights, KV cache, workspace) of each card in bytes, and each part's card.

    Parts are the embedding, the layers, and the output; a part without a place has the card HOME.
    """

    cards: tuple[tuple[int, int, int, int, int], ...] = ()
    parts: tuple[int, ...] = ()


def scene_of(plan: Plan | None, cards: tuple[tuple[int, int], ...], layers: int) -> Scene:
    """Return the scene of a plan; without one all parts are at home and the cards (index, limit) are empty."""
    if plan is None:
        return Scene(tuple((index, limit, 0, 0, 0) for index, limit in cards), (HOME,) * (layers + 2))
    parts = [HOME] * (layers + 2)
    for number, place in enumerate(plan.placements):
        for layer in range(place.first_layer, place.first_layer + place.num_layers):
            parts[layer + 1] = number
        if place.embedding:
            parts[0] = number
        if place.output:
            parts[-1] = number
    placed = tuple((p.card, p.limit_bytes, p.weight_bytes, p.kv_bytes, p.workspace_bytes) for p in plan.placements)
    return Scene(placed, tuple(parts))


class FitPicture(QWidget):
    """`show_scene` moves from what is shown to a new scene."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = self._before = Scene()
        self._progress = 1.0
        self._names = ("{0}", "", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MOVE_MS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(self._on_moved)
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(900, 480)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(320, 360)

    def set_names(self, card: str, embedding: str, output: str, homeless: str) -> None:
        """Name cards ("Card {0}"), the first and the last tile, and the place of tiles that don't fit."""
        self._names = (card, embedding, output, homeless)
        self.update()

    def show_scene(self, scene: Scene, *, animated: bool = True) -> None:
        """Show a scene; tiles and bars move there if it has as many cards as before."""
        if scene == self._scene:
            return
        same = len(scene.cards) == len(self._scene.cards) and len(scene.parts) == len(self._scene.parts)
        self._before = self._scene if same else scene
        self._scene = scene
        self._animation.stop()
        if animated and same and self.isVisible():
            self._progress = 0.0
            self._animation.start()
        else:
            self._progress = 1.0
        self.update()

    @property
    def scene(self) -> Scene:
        """What is shown, or moved to."""
        return self._scene

    def stop(self) -> None:
        """End the movement at its goal."""
        self._animation.stop()
        self._progress = 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw cards, bars and tiles."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(len(self._scene.cards)):
            self._draw_card(painter, number)
        homeless = HOME in self._scene.parts
        if homeless:
            painter.setPen(QColor(current().colours.bad))
            painter.setFont(self._font(current().type.caption))
            painter.drawText(QRectF(0, 0, self.width(), current().size(20)), Qt.AlignmentFlag.AlignLeft, self._names[3])
        for part in range(len(self._scene.parts)):
            self._draw_tile(painter, part)

    def _on_moved(self, value: object) -> None:
        self._progress = float(value)  # type: ignore[arg-type]  # a number between the two ends
        self.update()

    def _font(self, pixels: int, *, strong: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    def _column(self, number: int) -> QRectF:
        """Return the place of a card."""
        size, count = current().size, max(1, len(self._scene.cards))
        gap, top = size(14), size(64)
        width = min(size(420), (self.width() - gap * (count - 1)) / count)
        return QRectF(number * (width + gap), top, width, self.height() - top)

    def _bar(self, number: int) -> QRectF:
        column, size = self._column(number), current().size
        return QRectF(column.left() + size(10), column.top() + size(50), size(34), column.height() - size(62))

    def _draw_card(self, painter: QPainter, number: int) -> None:
        colours, size = current().colours, current().size
        index, limit, *_rest = self._scene.cards[number]
        column = self._column(number)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(column.adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)
        bar = self._bar(number)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.sunken))
        painter.drawRoundedRect(bar, 6, 6)
        bottom, used = bar.bottom(), 0
        for kind in range(3):
            after = self._scene.cards[number][2 + kind]
            before = self._before.cards[number][2 + kind]
            value = before + (after - before) * self._progress
            height = bar.height() * min(1.0, value / limit)
            painter.setBrush(QColor(colours.series[kind]))
            painter.drawRect(QRectF(bar.left(), bottom - height, bar.width(), height))
            bottom -= height
            used += after
        painter.setPen(QColor(colours.text))
        painter.setFont(self._font(current().type.strong, strong=True))
        painter.drawText(
            QRectF(column.left() + size(10), column.top() + size(6), column.width() - size(14), size(22)),
            Qt.AlignmentFlag.AlignLeft, self._names[0].format(index),
        )  # fmt: skip
        painter.setPen(QColor(colours.muted))
        painter.setFont(self._font(current().type.caption))
        box = QRectF(column.left() + size(10), column.top() + size(27), column.width() - size(14), size(20))
        shown = painter.fontMetrics().elidedText(
            f"{size_text(used)} / {size_text(limit)}", Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, shown)

    def _home(self, part: int) -> QRectF:
        """Return a tile's place above the cards."""
        size, count = current().size, max(1, len(self._scene.parts))
        width = min(size(34), (self.width() - 3 * count) / count)
        return QRectF(part * (width + 3), size(24), width, size(28))

    def _place(self, scene: Scene, part: int) -> QRectF:
        card = scene.parts[part]
        if card == HOME:
            return self._home(part)
        size, column, bar = current().size, self._column(card), self._bar(card)
        number = sum(1 for other in scene.parts[:part] if other == card)
        held = sum(1 for other in scene.parts if other == card)
        left, gap = bar.right() + size(10), 4
        room = column.right() - size(10) - left
        columns = max(1, min(_COLUMNS, int(room // size(26))))
        width = (room - gap * (columns - 1)) / columns
        rows = -(-held // columns)
        height = min(size(44), (bar.height() - gap * (rows - 1)) / max(1, rows))
        row, across = divmod(number, columns)
        return QRectF(left + across * (width + gap), bar.top() + row * (height + gap), width, height)

    def _draw_tile(self, painter: QPainter, part: int) -> None:
        colours = current().colours
        here, there = self._place(self._before, part), self._place(self._scene, part)
        at = QPointF(*(a + (b - a) * self._progress for a, b in ((here.x(), there.x()), (here.y(), there.y()))))
        box = QRectF(at.x(), at.y(), there.width(), there.height())
        last = len(self._scene.parts) - 1
        homeless = self._scene.parts[part] == HOME
        colour = QColor(colours.bad if homeless else colours.accent)
        if part in (0, last) and not homeless:
            colour = QColor(colours.series[3])
        fill = QColor(colour)
        fill.setAlphaF(0.20)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 5, 5)
        text = self._names[1] if part == 0 else self._names[2] if part == last else str(part - 1)
        painter.setFont(self._font(current().type.caption))
        painter.setPen(QColor(colours.text))
        if painter.fontMetrics().horizontalAdvance(text) <= box.width() + 2 and box.height() >= 12:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
