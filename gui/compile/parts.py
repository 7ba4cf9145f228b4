"""Small widgets of the Compile page: choices as cards, the wizard's steps, bars with a legend."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from core.system import format_bytes
from gui import icons
from gui.design import Space
from gui.theme import current
from gui.widgets import Badge, FlowLayout, IconLabel, Label, Segment, StackedBar
from gui.widgets.text import repolish


class ChoiceCard(QFrame):
    """A radio button that fills a card: a click anywhere chooses it; arrow keys go through the group."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        self.body.setSpacing(Space.S)
        self.radio = QRadioButton()
        top = QHBoxLayout()
        top.setContentsMargins(-Space.S, 0, 0, 0)  # the button's own padding
        top.setSpacing(Space.S)
        top.addWidget(self.radio, 1)
        self.badge = Badge()
        self.badge.hide()
        top.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(top)
        self.meaning = Label("", "muted", wrap=True)
        self.body.addWidget(self.meaning)
        self.radio.toggled.connect(self._on_toggled)

    def set_texts(self, title: str, meaning: str) -> None:
        """Set the choice's name and when to take it."""
        self.radio.setText(title)
        font = QFont(self.radio.font())
        font.setBold(True)
        self.radio.setFont(font)
        self.meaning.setText(meaning)
        self.radio.setAccessibleDescription(meaning)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose this card."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.radio.setFocus()
            self.radio.setChecked(True)
        super().mouseReleaseEvent(event)

    def set_marked(self, *, marked: bool) -> None:
        """Draw the card as the chosen one."""
        if self.property("active") != marked:
            self.setProperty("active", marked)
            repolish(self)

    def _on_toggled(self, on: bool) -> None:
        self.set_marked(marked=on)
        if on:
            self.chosen.emit()


class Stepper(QWidget):
    """The steps of the wizard: numbered circles on a line, ticks for what is done."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ("",) * count
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        current().changed.connect(self.updateGeometry)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Set the steps' names."""
        self._names = names
        self._say()

    def set_current(self, index: int) -> None:
        """Mark the step that is shown; the ones before it are done."""
        self._current = index
        self._say()

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(480, current().size(64))

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(320, current().size(64))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw line, circles and names."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = len(self._names)
        slot = self.width() / count
        radius = current().size(15)
        middle = radius + 2.0
        for index in range(count - 1):
            done = index < self._current
            colour = current().colours.accent if done else current().colours.border
            painter.setPen(QPen(QColor(colour), 2))
            left, right = (index + 0.5) * slot + radius + 8, (index + 1.5) * slot - radius - 8
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        for index in range(count):
            self._draw_step(painter, index, QPointF((index + 0.5) * slot, middle), radius, slot)

    def _draw_step(self, painter: QPainter, index: int, centre: QPointF, radius: float, slot: float) -> None:
        theme, colours = current(), current().colours
        reached = index <= self._current
        painter.setPen(QPen(QColor(colours.accent if reached else colours.border_strong), 2))
        painter.setBrush(QColor(colours.accent) if reached else QColor(colours.surface))
        painter.drawEllipse(centre, radius, radius)
        area = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        font = QFont(self.font())
        font.setPixelSize(theme.type.body)
        font.setBold(True)
        painter.setFont(font)
        if index < self._current:
            size = round(radius * 1.3)
            picture = icons.pixmap("check", colours.on_accent, size, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(centre.x() - size / 2, centre.y() - size / 2), picture)
        else:
            painter.setPen(QColor(colours.on_accent if reached else colours.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(index + 1))
        font.setBold(index == self._current)
        painter.setFont(font)
        painter.setPen(QColor(colours.text if index == self._current else colours.muted))
        top = centre.y() + radius + 4
        below = QRectF(centre.x() - slot / 2, top, slot, self.height() - top)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._names[index])

    def _say(self) -> None:
        name = self._names[self._current] if self._current < len(self._names) else ""
        self.setAccessibleName(f"{self._current + 1} / {len(self._names)}: {name}")
        self.update()


@dataclass(frozen=True, slots=True)
class Portion:
    """One named part of a bar, in bytes."""

    name: str
    size: int


class Breakdown(QWidget):
    """A stacked bar of bytes against a limit, and under it what each colour stands for."""

    def __init__(self, height: int = 22, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        self.bar = StackedBar(height)
        layout.addWidget(self.bar)
        holder = QWidget()
        self._legend = FlowLayout(least=180, spacing=Space.S)
        holder.setLayout(self._legend)
        layout.addWidget(holder)
        self._entries: list[_Entry] = []
        self._portions: tuple[Portion, ...] = ()
        self._limit: int | None = None
        current().changed.connect(self._draw)

    def show_portions(self, portions: tuple[Portion, ...], limit: int | None) -> None:
        """Show the parts of `limit` bytes (None: not known)."""
        self._portions, self._limit = portions, limit
        self._draw()

    def _draw(self) -> None:
        series = current().colours.series
        shown = [(portion, series[index % len(series)]) for index, portion in enumerate(self._portions)]
        limit = self._limit
        segments = [Segment(part.size / limit, colour, part.name) for part, colour in shown if limit and part.size]
        self.bar.set_segments(tuple(segments), known=bool(limit))
        while len(self._entries) > len(shown):
            old = self._entries.pop()
            self._legend.removeWidget(old)
            old.deleteLater()
        while len(self._entries) < len(shown):
            entry = _Entry()
            self._entries.append(entry)
            self._legend.addWidget(entry)
        words = []
        for entry, (portion, _colour), index in zip(self._entries, shown, range(len(shown)), strict=True):
            entry.show_portion(portion, index)
            words.append(f"{portion.name} {format_bytes(portion.size)}")
        self.bar.setAccessibleName(", ".join(words))


class SeriesDot(IconLabel):
    """A dot in one of the colours of the series."""

    def __init__(self, index: int = 0) -> None:
        self._index = index
        super().__init__("dot", "accent", 16)

    def set_index(self, index: int) -> None:
        """Take another colour of the series."""
        self._index = index
        self._draw()

    def _draw(self) -> None:
        theme = current()
        size = theme.size(16)
        series = theme.colours.series
        self.setFixedSize(size, size)
        self.setPixmap(icons.pixmap("dot", series[self._index % len(series)], size, self.devicePixelRatioF()))


class _Entry(QWidget):
    """A colour's name and size in the legend."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        self._dot = SeriesDot()
        self._text = Label("", "caption")
        layout.addWidget(self._dot)
        layout.addWidget(self._text, 1)

    def show_portion(self, portion: Portion, index: int) -> None:
        """Show name and size."""
        self._dot.set_index(index)
        self._text.setText(f"{portion.name} {format_bytes(portion.size)}")
