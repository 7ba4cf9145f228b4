"""The rail on the left: one large entry for each page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import icons
from gui.design import Space, palette
from gui.pages import Entry
from gui.theme import current
from gui.widgets.scroll import BareArea
from gui.widgets.text import Label

_LEAST_WIDTH = 200


class Rail(QFrame):
    """Shows the pages' entries; `chosen` carries the id of the page that was asked for.

    `guide_asked`: the operator's guide, at the foot of the rail.
    """

    chosen = Signal(str)
    guide_asked = Signal()

    def __init__(self, entries: tuple[Entry, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self._entries = entries
        self._buttons: dict[str, QToolButton] = {}
        self._dots: dict[str, QLabel] = {}
        self._marks: dict[str, str] = {}
        """Why an entry has a dot, by page id."""
        self._locked = False
        self._logo = QLabel()
        self._name = Label("", "title")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = BareArea()
        body = QWidget()
        body.setObjectName("railBody")
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(Space.M, Space.L, Space.M, Space.L)
        self._layout.setSpacing(Space.XS + 2)
        self._head = head = QHBoxLayout()
        head.setContentsMargins(Space.S, 0, 0, Space.L)
        head.setSpacing(Space.M)
        head.addWidget(self._logo)
        head.addWidget(self._name, 1)
        self._layout.addLayout(head)
        for entry in entries:
            self._layout.addWidget(self._button(entry))
        self._layout.addStretch(1)
        self.guide = _tool_button()
        self.guide.clicked.connect(self.guide_asked)
        self._layout.addWidget(self.guide)
        scroll.setWidget(body)
        outer.addWidget(scroll)
        self._body = body

    def select(self, page_id: str) -> None:
        """Mark the entry of the page that is shown."""
        for name, button in self._buttons.items():  # no QButtonGroup: it takes all but one out of the Tab order
            button.setChecked(name == page_id)

    def set_locked(self, locked: bool) -> None:
        """Show a lock at the pages that need the operator's PIN."""
        if locked != self._locked:
            self._locked = locked
            self.restyle()

    def button(self, page_id: str) -> QToolButton:
        """Return the entry of a page."""
        return self._buttons[page_id]

    def mark(self, page_id: str, text: str) -> None:
        """Put a red dot on a page's entry, for the reason that `text` says; empty: no dot."""
        if self._marks.get(page_id, "") != text:
            self._marks[page_id] = text
            self._name_entries()

    def retranslate(self) -> None:
        """Set the texts anew."""
        self.setAccessibleName(self.tr("Pages"))
        self._name.setText(self.tr("C10 Panel"))
        for entry in self._entries:
            self._buttons[entry.page_id].setText("  " + entry.translated_title())
        self._name_entries()
        self.guide.setText("  " + self.tr("Help"))
        self.guide.setAccessibleName(self.tr("Operator's guide"))
        self.guide.setToolTip(self.tr("Operator's guide (F1)"))
        self._fit()

    def restyle(self) -> None:
        """Draw icons at the text scale; the rail is dark in both modes."""
        theme = current()
        colours = palette("dark")
        size = theme.size(24)
        for entry in self._entries:
            button = self._buttons[entry.page_id]
            name = "lock" if self._locked and entry.guarded else entry.icon
            button.setIcon(icons.icon(name, colours.rail_muted, checked=colours.accent))
            button.setIconSize(QSize(size, size))
            self._dots[entry.page_id].setPixmap(icons.pixmap("dot", colours.bad, size, self.devicePixelRatioF()))
        self.guide.setIcon(icons.icon("unknown", colours.rail_muted))
        self.guide.setIconSize(QSize(size, size))
        logo = theme.size(36)
        self._logo.setPixmap(icons.pixmap("c10-panel", "#000", logo, self.devicePixelRatioF()))
        self._logo.setFixedSize(logo, logo)
        self._fit()

    def _button(self, entry: Entry) -> QToolButton:
        button = _tool_button()
        button.setCheckable(True)
        button.clicked.connect(lambda _checked=False, page_id=entry.page_id: self.chosen.emit(page_id))
        dot = QLabel(button)
        dot.hide()
        inside = QHBoxLayout(button)
        inside.setContentsMargins(0, 0, Space.M, 0)
        inside.addWidget(dot, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._buttons[entry.page_id] = button
        self._dots[entry.page_id] = dot
        return button

    def _name_entries(self) -> None:
        for number, entry in enumerate(self._entries, start=1):
            button, title = self._buttons[entry.page_id], entry.translated_title()
            reason = self._marks.get(entry.page_id, "")
            keys = self.tr("{0} (Ctrl+{1})").format(title, number)
            button.setAccessibleName(f"{title}: {reason}" if reason else title)
            button.setToolTip(f"{keys}\n{reason}" if reason else keys)
            self._dots[entry.page_id].setVisible(bool(reason))

    def showEvent(self, event: QShowEvent) -> None:
        """Fit once more: only what is shown has its style and so its size."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._name.ensurePolished()
        self._name.setMinimumWidth(0)  # the size hint is never smaller than this
        self._name.setMinimumWidth(self._name.sizeHint().width())  # the layout remembers the width of the old text
        for button in (*self._buttons.values(), self.guide):
            button.updateGeometry()  # else the layout counts with the text's old size
        self._head.invalidate()  # a layout within another keeps what it remembers until it is laid out anew
        self._layout.invalidate()
        self.setFixedWidth(max(_LEAST_WIDTH, self._layout.minimumSize().width() + Space.L))


def _tool_button() -> QToolButton:
    button = QToolButton()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
