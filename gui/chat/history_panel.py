"""The list of conversations: a new one, a search, and the earlier ones, newest first."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.chat import conversation as tree
from gui.chat.conversation import Conversation
from gui.chat.history import search
from gui.design import Radius, Space
from gui.theme import current
from gui.widgets import Button, Label
from gui.widgets.text import plain_tip

_ID = int(Qt.ItemDataRole.UserRole)
_DATE = _ID + 1
_Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[Conversation, ...] = ()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not 0 <= index.row() < len(self.items):
            return None
        item = self.items[index.row()]
        when = QDateTime.fromSecsSinceEpoch(int(item.changed))
        date = QLocale().toString(when, QLocale.FormatType.ShortFormat)
        if role == Qt.ItemDataRole.DisplayRole:
            return tree.title(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tree.title(item))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{tree.title(item)}, {date}"
        return {_ID: item.id, _DATE: date}.get(role)

    def show(self, items: tuple[Conversation, ...]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()


class _Delegate(QStyledItemDelegate):
    """Two lines: the title and, smaller, the date."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        theme = current()
        return QSize(80, theme.type.body + theme.type.caption + theme.size(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = current()
        colours = theme.colours
        state = option.state
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colours.accent_soft))
            painter.drawRoundedRect(area, Radius.S, Radius.S)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(area, Radius.S, Radius.S)
        inner = area.adjusted(Space.M, theme.size(6), -Space.S, -theme.size(6))
        font = QFont(painter.font())
        font.setPixelSize(theme.type.body)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        title = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), title)
        font.setPixelSize(theme.type.caption)
        painter.setFont(font)
        painter.setPen(QColor(colours.muted))
        bottom = int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(inner, bottom, str(index.data(_DATE)))
        painter.restore()


class _List(QListView):
    deleted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class HistoryPanel(QFrame):
    """`opened` and `deleted` carry a conversation's id."""

    opened = Signal(str)
    deleted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("historyPanel")
        self._all: tuple[Conversation, ...] = ()
        self._current = ""
        self.new_button = Button("", "plus")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.model = _Model()
        self.list = _List()
        self.list.setObjectName("historyList")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note = Label("", "muted", wrap=True)
        self.delete_button = Button("", "trash", "quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        layout.setSpacing(Space.M)
        for part in (self.new_button, self.search, self.note):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.delete_button)
        self.search.textChanged.connect(self._refresh)
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        self.list.deleted.connect(self._delete)
        self.delete_button.clicked.connect(self._delete)
        self._refresh()

    def show_conversations(self, conversations: tuple[Conversation, ...], current_id: str) -> None:
        """Show these conversations, `current_id` as the open one."""
        self._all, self._current = conversations, current_id
        self._refresh()

    def retranslate(self) -> None:
        """Set the texts."""
        self.new_button.setText(self.tr("New conversation"))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search in conversations"))
        self.list.setAccessibleName(self.tr("Earlier conversations"))
        self.delete_button.setText(self.tr("Delete"))
        self.delete_button.setToolTip(self.tr("Delete the chosen conversation"))
        self._refresh()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        theme = current()
        self.setStyleSheet(
            f"QFrame#historyPanel {{ background: {theme.colours.surface}; border: none;"
            f" border-right: 1px solid {theme.colours.border}; }}"
            "QListView#historyList { background: transparent; border: none; padding: 0; }"
        )
        self.setFixedWidth(theme.size(264))
        self.list.doItemsLayout()

    def _refresh(self) -> None:
        found = search(self._all, self.search.text())
        if found != self.model.items:
            self.model.show(found)
        for row, item in enumerate(found):
            if item.id == self._current:
                self.list.setCurrentIndex(self.model.index(row))
        searching = bool(self.search.text().strip())
        self.note.setVisible(not found)
        self.note.setText(self.tr("Nothing found") if searching else self.tr("No earlier conversations yet"))
        self.delete_button.setEnabled(bool(found))

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(str(index.data(_ID)))

    def _delete(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.deleted.emit(str(index.data(_ID)))
