"""The scrolling body of a page of cards: centred, not wider than is good to read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.design import CONTENT_WIDTH, Space
from gui.theme import current
from gui.widgets.text import Label


class BareArea(QScrollArea):
    """Scrolls one widget, without a frame and without taking the focus; `sideways`: also where it is too wide."""

    def __init__(self, parent: QWidget | None = None, *, sideways: bool = False) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not sideways:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class PageBody(BareArea):
    """A heading with `tools` right of it, a line under it, and `column`, a vertical layout for the page's cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, sideways=True)
        outer = QWidget()
        outer.setObjectName("page")
        self._inner = QWidget()
        self._inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(outer)
        row.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XXL)
        row.addWidget(self._inner, 1)
        self.column = QVBoxLayout(self._inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.L)
        self._heading = Label("", "heading")
        self._subtitle = Label("", "muted", wrap=True)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(Space.S)
        head = QHBoxLayout()
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subtitle)
        head.addLayout(titles, 1)
        head.addLayout(self.tools)
        self.column.addLayout(head)
        self.setWidget(outer)
        current().changed.connect(self._limit)
        self._limit()

    def set_heading(self, heading: str, subtitle: str = "") -> None:
        """Set the page's heading and the line under it."""
        self._heading.setText(heading)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))

    def _limit(self) -> None:
        self._inner.setMaximumWidth(current().size(CONTENT_WIDTH))


class RoomyArea(BareArea):
    """As tall as its widget where there is room for it; where there isn't, the widget scrolls and isn't squeezed."""

    def __init__(self, widget: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = widget
        self.setWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def eventFilter(self, part: QObject, event: QEvent) -> bool:
        """Tell the layout around this when the widget needs another height: a scroll area keeps that to itself."""
        if part is self._whole and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(part, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the new width needs; where it is there, have no bar, which Qt keeps once it is shown."""
        super().resizeEvent(event)
        roomy = self.heightForWidth(self.width()) <= self.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if roomy else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        """Return the height in pixels of the whole widget at this width."""
        return max(self._whole.heightForWidth(width), self._whole.minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return the size of the whole widget at the width of now."""
        width = max(self.width(), self._whole.minimumSizeHint().width())
        return QSize(width, self.heightForWidth(width))
