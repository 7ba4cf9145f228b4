"""Past answers side by side: a table with bars, to compare engines and settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QDateTime, QLocale, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core import fsio
from gui.design import Space
from gui.graphs.runs import Run, RunStore, to_csv
from gui.theme import current
from gui.widgets import Label, PrimaryButton, QuietButton, size_text
from gui.widgets.dialogs import set_size
from gui.widgets.files import save_file

_SHARE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractTableModel):
    """Newest run first. Columns with a bar give their share of the largest value under _SHARE."""

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self._store = store
        self._rows: tuple[Run, ...] = ()
        self._most: dict[int, float] = {}
        self.reload()
        store.changed.connect(self.reload)

    def reload(self) -> None:
        """Take the runs of the store."""
        self.beginResetModel()
        self._rows = tuple(reversed(self._store.runs))
        self._most = {column: max((_number(run, column) for run in self._rows), default=0.0) for column in (3, 4, 5)}
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many runs there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.titles())

    def titles(self) -> tuple[str, ...]:
        """Return the columns' names with their units."""
        return (
            self.tr("When"), self.tr("Engine"), self.tr("Precision"), self.tr("Decode (tok/s)"),
            self.tr("Prefill (tok/s)"), self.tr("First token (ms)"), self.tr("Tokens (in + out)"), self.tr("Context"),
            self.tr("Memory"),
        )  # fmt: skip

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        """Return a column's name."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.titles()[section]
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        """Return a cell's text, or its share of the largest value."""
        run, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(run, column)
        if role == _SHARE and self._most.get(column):
            return _number(run, column) / self._most[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= 3:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


def _number(run: Run, column: int) -> float:
    return {3: run.decode_tokens_per_s, 4: run.prefill_tokens_per_s, 5: run.ttft_s * 1000}[column]


def _text(run: Run, column: int) -> str:
    locale = QLocale()
    when = locale.toString(QDateTime.fromSecsSinceEpoch(int(run.when)), QLocale.FormatType.ShortFormat)
    rows = f" ×{run.rows}" if run.rows > 1 else ""
    return (
        when, run.engine, run.precision + rows, f"{run.decode_tokens_per_s:.1f}", f"{run.prefill_tokens_per_s:.0f}",
        f"{run.ttft_s * 1000:.0f}", f"{run.prompt_tokens} + {run.new_tokens}",
        f"{run.context_used} / {run.context_size}", size_text(run.peak_memory_bytes),
    )[column]  # fmt: skip


class _Bars(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        share = index.data(_SHARE)
        area: QRect = option.rect
        if isinstance(share, float):
            colour = QColor(current().colours.series[(index.column() - 3) % 3])
            colour.setAlpha(56)
            bar = area.adjusted(4, 6, -4, -6)
            bar.setLeft(bar.right() - round(bar.width() * share))
            painter.fillRect(bar, colour)
        super().paint(painter, option, index)


class RunsDialog(QDialog):
    """Shows the runs of a store."""

    def __init__(self, store: RunStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        self.setWindowTitle(self.tr("Compare runs"))
        theme = current()
        set_size(self, 1280, 620)
        self.model = RunsModel(store)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(_Bars(self.table))
        self.table.setAccessibleName(self.tr("Runs"))
        self.table.setShowGrid(False)
        self.table.setStyleSheet("QTableView::item { padding: 0 10px; }")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.size(36))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self._empty = Label(self.tr("No answers yet. Each one adds a line here: figures only, no text."), "muted")
        self._empty.setVisible(not store.runs)
        self.csv_button = QuietButton(self.tr("Export CSV …"), "export")
        self.clear_button = QuietButton(self.tr("Clear"), "trash")
        self.close_button = PrimaryButton(self.tr("Close"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.csv_button)
        buttons.addWidget(self.clear_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        layout.addWidget(Label(self.tr("Compare runs"), "heading"))
        layout.addWidget(self._empty)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        self.csv_button.clicked.connect(
            lambda: save_file(self, self.tr("Export CSV …"), "runs.csv", self.export_csv)
        )  # fmt: skip
        self.clear_button.clicked.connect(store.clear)
        self.close_button.clicked.connect(self.accept)

    def export_csv(self, path: Path) -> None:
        """Write the runs as a table."""
        fsio.write_text(path, to_csv(self._store.runs))
