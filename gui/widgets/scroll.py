"""The scrolling body of a page of cards: centred, not wider than is good to read."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.design import CONTENT_WIDTH, Space
from gui.theme import current
from gui.widgets.text import Label


class PageBody(QScrollArea):
    """A heading with `tools` right of it, a line under it, and `column`, a vertical layout for the page's cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
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


class RoomyArea(QScrollArea):
    """As tall as its widget where there is room for it; where there isn't, the widget scrolls and isn't squeezed."""

    def __init__(self, widget: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._whole = widget
        self.setWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        """Return the height in pixels of the whole widget at this width."""
        return max(self._whole.heightForWidth(width), self._whole.minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return the size of the whole widget at the width of now."""
        width = max(self.width(), self._whole.minimumSizeHint().width())
        return QSize(width, self.heightForWidth(width))
