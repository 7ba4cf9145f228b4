"""A tile: an icon, a title and the beginning of the prompt, large enough for a thumb."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QPainter, QPaintEvent, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui import icons
from gui.demo.type import font
from gui.design import Radius, Space
from gui.theme import current

HEIGHT, COMPACT_HEIGHT = 132, 64
"""With the beginning of the prompt, and with the title alone, in pixels at 100 % text."""
_ICON = 30


class TileButton(QAbstractButton):
    """`clicked` starts the tile. Checked: the one that runs, or that Start would start."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self._icon, self._title, self._prompt = "chat", "", ""
        self._compact = False
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        current().changed.connect(self.updateGeometry)

    def show_tile(self, icon: str, title: str, prompt: str) -> None:
        """Show a tile's texts."""
        self._icon, self._title, self._prompt = icon, title, " ".join(prompt.split())
        self.setAccessibleName(f"{self.number}. {title}: {prompt}")
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show the title alone, where there is little room."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def title(self) -> str:
        """Return the title that is shown."""
        return self._title

    def nextCheckState(self) -> None:
        """Leave the mark to the page."""

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(280, self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(120, self._height())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tile."""
        del event
        theme = current()
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        fill = colours.accent_soft if self.isChecked() else colours.raised if self.underMouse() else colours.surface
        if self.isDown():
            fill = colours.sunken
        border = colours.focus if self.hasFocus() else colours.accent if self.isChecked() else colours.border
        painter.setPen(QPen(QColor(border), 3 if self.hasFocus() else 2 if self.isChecked() else 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(area, Radius.L, Radius.L)
        margin = theme.size(Space.L)
        size = theme.size(_ICON)
        ink = colours.accent if self.isEnabled() else colours.muted
        painter.drawPixmap(margin, margin, icons.pixmap(self._icon, ink, size, self.devicePixelRatioF()))
        left = float(margin + size + theme.size(Space.M))
        width = self.width() - left - margin
        title = font(theme.type.title, QFont.Weight.DemiBold)
        painter.setFont(title)
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.muted))
        fitted = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, round(width))
        row = QRectF(left, margin, width, size)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitted)
        if self._compact:
            return
        body = font(theme.type.body)
        below = QRectF(left, margin + size + theme.size(Space.XS), width, self.height() - margin * 1.6 - size)
        painter.setPen(QColor(colours.muted))
        _draw_lines(painter, below, self._prompt, body)

    def _height(self) -> int:
        return current().size(COMPACT_HEIGHT if self._compact else HEIGHT)


def _draw_lines(painter: QPainter, area: QRectF, text: str, letters: QFont) -> None:
    """Draw as many whole lines as fit, the last one cut with an ellipsis."""
    painter.setFont(letters)
    spacing = painter.fontMetrics().lineSpacing()
    most = max(1, int(area.height() // spacing))
    layout = QTextLayout(text, letters)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    starts: list[int] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(area.width())
        starts.append(line.textStart())
    layout.endLayout()
    for number, start in enumerate(starts[:most]):
        last = number == most - 1 and len(starts) > most
        shown = text[start:] if last else text[start : starts[number + 1]] if number + 1 < len(starts) else text[start:]
        if last:
            shown = painter.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, round(area.width()))
        row = QRectF(area.left(), area.top() + number * spacing, area.width(), spacing)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
