"""The question bank, and the list of questions of a batch run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import C10Error
from gui.chat.questions import Bank, built_in_files, read
from gui.design import Space
from gui.sentences import translated
from gui.settings import Store
from gui.widgets import Button, Label, PrimaryButton, QuietButton
from gui.widgets.dialogs import set_size
from gui.widgets.files import open_file

MAX_BATCH_QUESTIONS = 64
_REMEMBERED = "question_file"


class _Line(QStyledItemDelegate):
    """One line of the list, cut at the list's width instead of widening it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, super().sizeHint(option, index).height())


class BankDialog(QDialog):
    """Picks questions from a file: one (`picked`) or several as a batch (`batch_asked`)."""

    picked = Signal(str)
    batch_asked = Signal(tuple)

    def __init__(self, store: Store, parent: QWidget | None = None, *, can_ask: bool = True) -> None:
        """`can_ask`: an engine waits for questions; without one they can be picked but not asked at once."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        self._can_ask = can_ask
        self._bank: Bank | None = None
        self.setWindowTitle(self.tr("Questions"))
        set_size(self, 760, 600)
        self.files = QComboBox()
        self.files.setAccessibleName(self.tr("File of questions"))
        self.open_button = Button(self.tr("Open file …"), "folder")
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search in the questions"))
        self.search.setClearButtonEnabled(True)
        self.model = QStringListModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(self.tr("Questions"))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Line(self.list))
        self.note = Label("", "muted", wrap=True)
        self.use_button = PrimaryButton(self.tr("Use this question"))
        self.batch_button = Button(self.tr("Ask the chosen ones side by side"), "table")
        self.close_button = QuietButton(self.tr("Close"))
        self._build()
        self._offer_files()

    def load(self, path: Path) -> None:
        """Show a file of the user's and remember it; raises FormatError and FileError."""
        self._show(read(path))
        self._store.update_page("chat", **{_REMEMBERED: str(path)})
        self._offer_files(keep=path)

    def questions(self) -> list[str]:
        """Return the questions that are listed."""
        return self.model.stringList()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self.files, 1)
        top.addWidget(self.open_button)
        bottom = QHBoxLayout()
        bottom.setSpacing(Space.S)
        bottom.addWidget(self.close_button)
        bottom.addStretch(1)
        bottom.addWidget(self.batch_button)
        bottom.addWidget(self.use_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addWidget(Label(self.tr("Questions"), "heading"))
        layout.addLayout(top)
        layout.addWidget(self.search)
        layout.addWidget(self.note)
        layout.addWidget(self.list, 1)
        layout.addLayout(bottom)
        self.files.activated.connect(self._on_file)
        self.open_button.clicked.connect(
            lambda: open_file(self, self.tr("Open a file of questions"), "*.json *.txt *", self.load)
        )  # fmt: skip
        self.search.textChanged.connect(self._filter)
        self.list.doubleClicked.connect(lambda _index: self._use())
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.use_button.clicked.connect(self._use)
        self.batch_button.clicked.connect(self._batch)
        self.close_button.clicked.connect(self.reject)

    def _offer_files(self, keep: Path | None = None) -> None:
        remembered = str(self._store.page("chat").get(_REMEMBERED, ""))
        paths = [*([Path(remembered)] if remembered else []), *built_in_files()]
        self.files.clear()
        for path in paths:
            name = path.name if str(path) == remembered else self.tr("Built-in: {0}").format(path.name)
            self.files.addItem(name, path)
        self.files.setEnabled(bool(paths))
        if keep is None and paths:
            self._on_file(0)
        elif not paths:
            self._say(self.tr("No questions yet. Open a text file with one question on each line."))
        self._enable()

    def _on_file(self, index: int) -> None:
        path = Path(self.files.itemData(index))
        try:
            self._show(read(path))
        except C10Error as error:
            self.model.setStringList([])
            self._say(translated(error.message))
        self._enable()

    def _show(self, bank: Bank) -> None:
        self._bank = bank
        self._filter()
        self._enable()

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        listed = self._bank.questions if self._bank else ()
        found = [q for q in listed if all(word in q.casefold() for word in words)]
        self.model.setStringList([" ".join(q.split()) for q in found])
        self._shown = found
        self._say("" if found or not self._bank else self.tr("Nothing found"))
        if found:
            self.list.setCurrentIndex(self.model.index(0))
        self._enable()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _chosen(self) -> tuple[str, ...]:
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return tuple(self._shown[row] for row in rows)

    def _enable(self) -> None:
        count = len(self.list.selectionModel().selectedIndexes())
        self.use_button.setEnabled(count == 1)
        self.batch_button.setEnabled(self._can_ask and 1 < count <= MAX_BATCH_QUESTIONS)

    def _use(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.picked.emit(chosen[0])
            self.accept()

    def _batch(self) -> None:
        self.batch_asked.emit(self._chosen())
        self.accept()


class BatchDialog(QDialog):
    """Takes one question a line and asks them side by side."""

    asked = Signal(tuple)

    def __init__(self, batch: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Batch"))
        set_size(self, 640, 460)
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(self.tr("Questions, one on each line"))
        self.edit.setPlaceholderText(self.tr("One question on each line"))
        self.edit.setTabChangesFocus(True)
        self.count = Label("", "caption")
        self.ask_button = PrimaryButton(self.tr("Ask all"), "send")
        self.cancel_button = QuietButton(self.tr("Cancel"))
        text = (
            self.tr("This engine answers {0} questions at a time; more run one group after another.").format(batch)
            if batch > 1
            else self.tr(
                "This engine answers one question at a time; compile with a larger batch to run several at once."
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addWidget(Label(self.tr("Answer questions side by side"), "heading"))
        layout.addWidget(Label(text, "muted", wrap=True))
        layout.addWidget(self.edit, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.count)
        bottom.addStretch(1)
        bottom.addWidget(self.cancel_button)
        bottom.addWidget(self.ask_button)
        layout.addLayout(bottom)
        self.edit.textChanged.connect(self._enable)
        self.ask_button.clicked.connect(self._ask)
        self.cancel_button.clicked.connect(self.reject)
        self.edit.setFocus()
        self._enable()

    def questions(self) -> tuple[str, ...]:
        """Return the lines that hold something."""
        return tuple(line.strip() for line in self.edit.toPlainText().splitlines() if line.strip())

    def _enable(self) -> None:
        count = len(self.questions())
        self.count.setText(self.tr("{0} of at most {1} questions").format(count, MAX_BATCH_QUESTIONS))
        self.ask_button.setEnabled(1 <= count <= MAX_BATCH_QUESTIONS)

    def _ask(self) -> None:
        self.asked.emit(self.questions())
        self.accept()
