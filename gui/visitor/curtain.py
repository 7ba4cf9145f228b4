"""The warning before an unfinished visit is wiped: ten seconds, in figures that can't be overlooked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gui.demo.type import font
from gui.design import Space
from gui.theme import current
from gui.visitor.presence import COUNTDOWN_S
from gui.widgets import Card, Label

_RING = 190


class Ring(QWidget):
    """A ring that empties, with the seconds in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds = 0

    def set_seconds(self, seconds: int) -> None:
        """Show the seconds that are left."""
        self._seconds = seconds
        self.setAccessibleName(str(seconds))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size in pixels."""
        side = current().size(_RING)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return the size in pixels."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        del event
        colours = current().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        width = side * 0.07
        area = QRectF((self.width() - side) / 2, 0, side, side).adjusted(width, width, -width, -width)
        painter.setPen(QPen(QColor(colours.sunken), width))
        painter.drawArc(area, 0, 360 * 16)
        painter.setPen(QPen(QColor(colours.warn), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(area, 90 * 16, -round(360 * 16 * self._seconds / COUNTDOWN_S))
        painter.setFont(font(round(side * 0.42), QFont.Weight.Bold))
        painter.setPen(QColor(colours.text))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(self._seconds))


class Curtain(QFrame):
    """Covers `window`; any touch makes it go, which is not its own business."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("curtain")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.ring = Ring()
        self.heading, self.sentence = Label("", "display", wrap=True), Label("", "lead", wrap=True)
        card = Card()
        card.setMaximumWidth(current().size(640))
        card.body.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XXL)
        card.body.setSpacing(Space.M)
        for label in (self.heading, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        card.body.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignHCenter)
        card.body.addWidget(self.heading)
        card.body.addWidget(self.sentence)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self._card = card
        window.installEventFilter(self)
        current().changed.connect(self._fit)
        self.hide()

    def show_seconds(self, seconds: int) -> None:
        """Come up, or go on counting."""
        self.ring.set_seconds(seconds)
        if not self.isVisible():
            self._fit()
            self.raise_()
            self.show()

    def retranslate(self) -> None:
        """Set the texts."""
        self.heading.setText(self.tr("Is anybody there?"))
        self.sentence.setText(
            self.tr("Touch the screen to go on. Otherwise everything here is wiped for the next visitor.")
        )
        self.setAccessibleName(f"{self.heading.text()} {self.sentence.text()}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._fit()
        return False

    def _fit(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
        self._card.setFixedWidth(min(current().size(640), max(320, self.width() - 2 * Space.XXL)))
        self.ring.updateGeometry()
