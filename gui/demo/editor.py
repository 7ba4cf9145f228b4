"""The operator's editor of the tiles: texts in both languages, engine and sampling, checked before they are saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.errors import C10Error
from core.fsio import files_below
from core.system import data_dir
from gui import icons
from gui.demo import tiles as files
from gui.demo.tiles import ICONS, MOST_NEW_TOKENS, MOST_PROMPT_CHARS, MOST_TILES, MOST_TITLE_CHARS, Tile
from gui.design import Space
from gui.i18n import NAMES, shown_language
from gui.pages import Context
from gui.sentences import translated
from gui.settings import LANGUAGES, Language
from gui.theme import current
from gui.widgets import Button, DecimalField, IntegerField, Label, PrimaryButton, QuietButton
from gui.widgets.dialogs import set_size
from gui.widgets.scroll import BareArea


class TileForm(QWidget):
    """The fields of one tile."""

    def __init__(self, engines: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loaded: Tile | None = None
        self.icon, self.engine = QComboBox(), QComboBox()
        for name in ICONS:
            self.icon.addItem(icons.icon(name, current().colours.text), "", name)
        self.icon.setAccessibleName(self.tr("Icon"))
        self.engine.setAccessibleName(self.tr("Engine"))
        self.engine.addItem(self.tr("Whichever is loaded"), "")
        for engine in engines:
            self.engine.addItem(engine.stem, str(engine))
        self.titles = {name: QLineEdit() for name in LANGUAGES}
        self.prompts = {name: QPlainTextEdit() for name in LANGUAGES}
        self.sample = QCheckBox(self.tr("Sample"))
        self.temperature = DecimalField(0.0, 5.0, 0.85, 0.05)
        self.top_p = DecimalField(0.01, 1.0, 1.0, 0.05)
        self.penalty = DecimalField(0.1, 5.0, 1.0, 0.05)
        self.tokens = IntegerField(1, MOST_NEW_TOKENS, files.NEW_TOKENS)
        self._build()

    def show_tile(self, tile: Tile) -> None:
        """Fill the fields."""
        self._loaded = tile
        self.icon.setCurrentIndex(ICONS.index(tile.icon))
        if self.engine.findData(tile.engine) < 0:
            self.engine.addItem(Path(tile.engine).stem, tile.engine)
        self.engine.setCurrentIndex(self.engine.findData(tile.engine))
        for name in LANGUAGES:
            self.titles[name].setText(tile.title[name])
            self.prompts[name].setPlainText(tile.prompt[name])
        options = tile.options
        self.sample.setChecked(options.do_sample)
        self.temperature.setValue(options.temperature)
        self.top_p.setValue(options.top_p)
        self.penalty.setValue(options.repetition_penalty)
        self.tokens.setValue(options.max_new_tokens)

    def tile(self) -> Tile:
        """Return the tile that the fields describe, not checked yet."""
        before = self._loaded.options if self._loaded is not None else files.DEFAULT_OPTIONS
        return Tile(
            str(self.icon.currentData()),
            {name: field.text().strip() for name, field in self.titles.items()},
            {name: field.toPlainText().strip()[:MOST_PROMPT_CHARS] for name, field in self.prompts.items()},
            str(self.engine.currentData()),
            replace(
                before,
                do_sample=self.sample.isChecked(),
                temperature=round(self.temperature.value(), 3),
                top_p=round(self.top_p.value(), 3),
                repetition_penalty=round(self.penalty.value(), 3),
                max_new_tokens=self.tokens.value(),
            ),
        )

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        for column, name in enumerate(LANGUAGES):
            title, prompt = self.titles[name], self.prompts[name]
            title.setMaxLength(MOST_TITLE_CHARS)
            title.setAccessibleName(self.tr("Title ({0})").format(NAMES[name]))
            prompt.setAccessibleName(self.tr("Question ({0})").format(NAMES[name]))
            prompt.setTabChangesFocus(True)
            prompt.setMinimumHeight(current().size(110))
            grid.addWidget(Label(title.accessibleName(), "caption"), 0, column)
            grid.addWidget(title, 1, column)
            grid.addWidget(Label(prompt.accessibleName(), "caption"), 2, column)
            grid.addWidget(prompt, 3, column)
        below = QGridLayout()
        below.setSpacing(Space.S)
        fields: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Icon"), self.icon),
            (self.tr("Engine"), self.engine),
            (self.tr("Longest answer (tokens)"), self.tokens),
            (self.tr("Temperature"), self.temperature),
            ("top-p", self.top_p),
            (self.tr("Repetition penalty"), self.penalty),
        )
        for number, (text, field) in enumerate(fields):
            row, column = 2 * (number // 3), number % 3
            below.addWidget(Label(text, "caption"), row, column)
            below.addWidget(field, row + 1, column)
            field.setAccessibleName(text)
            below.setColumnStretch(column, 1)
        grid.addLayout(below, 4, 0, 1, 2)
        grid.addWidget(self.sample, 5, 0)
        grid.setRowStretch(3, 1)


class TileEditor(QDialog):
    """`saved` fires when the file is written."""

    saved = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Edit the questions"))
        set_size(self, 1020, 680)
        self.tiles = list(files.load().tiles)
        self._shown = 0
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Questions"))
        self.list.setFixedWidth(current().size(250))
        self.form = TileForm(files_below(data_dir() / "engines", ".ngf"))
        self.note = Label("", "body", wrap=True)
        self.add_button, self.remove_button = Button(self.tr("Add"), "plus"), Button(self.tr("Remove"), "trash")
        self.up_button, self.down_button = Button("", "chevron-up"), Button("", "chevron-down")
        self.up_button.setAccessibleName(self.tr("Move up"))
        self.down_button.setAccessibleName(self.tr("Move down"))
        self.save_button, self.cancel_button = PrimaryButton(self.tr("Save")), QuietButton(self.tr("Cancel"))
        self.restore_button = QuietButton(self.tr("The built-in questions again"))
        self._build()
        self._fill(0)
        self.list.currentRowChanged.connect(self._on_row)
        self.add_button.clicked.connect(self.add)
        self.remove_button.clicked.connect(self.remove)
        self.up_button.clicked.connect(lambda: self.move_by(-1))
        self.down_button.clicked.connect(lambda: self.move_by(1))
        self.save_button.clicked.connect(self.save)
        self.restore_button.clicked.connect(self._restore)
        self.cancel_button.clicked.connect(self.reject)

    def add(self) -> None:
        """Add a question after the shown one."""
        self._keep()
        if len(self.tiles) < MOST_TILES:
            empty = cast("dict[Language, str]", dict.fromkeys(LANGUAGES, ""))
            self.tiles.insert(self._shown + 1, Tile(ICONS[0], empty, empty))
            self._fill(self._shown + 1)

    def remove(self) -> None:
        """Remove the shown question."""
        if len(self.tiles) > 1:
            del self.tiles[self._shown]
            self._fill(min(self._shown, len(self.tiles) - 1))

    def move_by(self, step: int) -> None:
        """Move the shown question."""
        self._keep()
        target = self._shown + step
        if 0 <= target < len(self.tiles):
            self.tiles.insert(target, self.tiles.pop(self._shown))
            self._fill(target)

    def save(self) -> None:
        """Write the file; what is wrong is said, and nothing is lost."""
        self._keep()
        try:
            files.save(tuple(self.tiles))
        except C10Error as error:
            self.note.set_tone("bad")
            self.note.setText(f"{translated(error.message)} {translated(error.hint)}".strip())
            return
        self.saved.emit()
        self.accept()

    def _restore(self) -> None:
        try:
            files.restore()
        except C10Error as error:
            self._context.show_error(error)
            return
        self.saved.emit()
        self.accept()

    def _keep(self) -> None:
        self.tiles[self._shown] = self.form.tile()

    def _on_row(self, row: int) -> None:
        if row >= 0 and row != self._shown:
            self._keep()
            self._fill(row)

    def _fill(self, row: int) -> None:
        self._shown = row
        self.list.blockSignals(True)
        self.list.clear()
        for number, tile in enumerate(self.tiles, start=1):
            title = tile.title[shown_language()] or self.tr("New question")
            self.list.addItem(QListWidgetItem(f"{number}  {title}"))
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)
        self.form.show_tile(self.tiles[row])
        self.add_button.setEnabled(len(self.tiles) < MOST_TILES)
        self.remove_button.setEnabled(len(self.tiles) > 1)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(row < len(self.tiles) - 1)

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(Space.S)
        left.addWidget(self.list, 1)
        tools = QGridLayout()
        tools.setSpacing(Space.S)
        for number, button in enumerate((self.add_button, self.remove_button, self.up_button, self.down_button)):
            tools.addWidget(button, number // 2, number % 2)
        left.addLayout(tools)
        middle = QHBoxLayout()
        middle.setSpacing(Space.XL)
        middle.addLayout(left)
        form = BareArea(sideways=True)  # a small screen with large text has no room for all of it
        form.setWidget(self.form)
        middle.addWidget(form, 1)
        line = QFrame()
        line.setProperty("role", "line")
        bottom = QHBoxLayout()
        bottom.addWidget(self.restore_button)
        bottom.addStretch(1)
        bottom.addWidget(self.cancel_button)
        bottom.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        layout.addWidget(Label(self.tr("Edit the questions"), "heading"))
        layout.addLayout(middle, 1)
        layout.addWidget(self.note)
        layout.addWidget(line)
        layout.addLayout(bottom)
