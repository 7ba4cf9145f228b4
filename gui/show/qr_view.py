"""A QR code, as large as its place allows, always dark on white."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.takehome import Modules
from gui.theme import current

_SIDE = 520


class QrView(QWidget):
    """`show_code` draws modules; each is a whole number of device pixels, so that edges stay sharp."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modules: Modules = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return QSize(280, 280)

    def show_code(self, modules: Modules) -> None:
        """Draw a code; nothing: an empty place."""
        self._modules = modules
        self.update()

    @property
    def empty(self) -> bool:
        """Whether no code is shown."""
        return not self._modules

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the code in the middle."""
        del event
        painter = QPainter(self)
        side = min(self.width(), self.height())
        if not self._modules:
            painter.setPen(QColor(current().colours.border))
            painter.drawRect(QRectF((self.width() - side) / 2, (self.height() - side) / 2, side - 1, side - 1))
            return
        ratio = self.devicePixelRatioF()
        module = max(1, int(side * ratio / len(self._modules))) / ratio
        whole = module * len(self._modules)
        left, top = (self.width() - whole) / 2, (self.height() - whole) / 2
        left, top = int(left * ratio) / ratio, int(top * ratio) / ratio
        painter.fillRect(QRectF(left, top, whole, whole), Qt.GlobalColor.white)
        for y, row in enumerate(self._modules):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRectF(left + x * module, top + y * module, module, module), Qt.GlobalColor.black)
