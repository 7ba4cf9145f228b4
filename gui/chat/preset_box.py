"""The box of presets: choose one, save what is set under a name, delete one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.chat.presets import (
    Options,
    Preset,
    presets_from_json,
    presets_to_json,
    with_preset,
    without_preset,
)
from gui.design import Space
from gui.settings import Store
from gui.widgets import Label, PrimaryButton, QuietButton

PAGE = "chat"
_KEY = "presets"
_SAVE, _DELETE = "save", "delete"


class PresetBox(QObject):
    """Fills a combo box. `chosen` carries a Preset; `saving` the name under which the user wants to save."""

    chosen = Signal(object)
    saving = Signal(str)

    def __init__(self, box: QComboBox, store: Store) -> None:
        super().__init__(box)
        self._box = box
        self._store = store
        self._current = ""
        self.presets = presets_from_json(store.page(PAGE).get(_KEY))
        box.activated.connect(self._on_activated)

    def retranslate(self) -> None:
        """Set the texts."""
        self._fill()

    def save(self, name: str, system: str, options: Options) -> None:
        """Keep a preset in the settings."""
        self._store_presets(with_preset(self.presets, Preset(name, system, options)), name)

    def delete(self, name: str) -> None:
        """Remove a preset from the settings."""
        self._store_presets(without_preset(self.presets, name), "")

    def forget_choice(self) -> None:
        """Something was changed by hand: no preset describes it any more."""
        if self._current:
            self._current = ""
            self._box.setCurrentIndex(0)

    def _store_presets(self, presets: tuple[Preset, ...], current: str) -> None:
        self.presets, self._current = presets, current
        self._store.update_page(PAGE, **{_KEY: presets_to_json(presets)})
        self._fill()

    def _fill(self) -> None:
        self._box.clear()
        self._box.addItem(self.tr("No preset"), None)
        for preset in self.presets:
            self._box.addItem(preset.name, preset)
            if preset.name == self._current:
                self._box.setCurrentIndex(self._box.count() - 1)
        self._box.insertSeparator(self._box.count())
        self._box.addItem(self.tr("Save as preset …"), _SAVE)
        if self._current:
            self._box.addItem(self.tr("Delete this preset"), _DELETE)

    def _on_activated(self, index: int) -> None:
        data = self._box.itemData(index)
        if data == _SAVE:
            self._fill()
            dialog = NameDialog(self._box.window())
            dialog.named.connect(self.saving)
            dialog.open()
        elif data == _DELETE:
            self.delete(self._current)
        elif isinstance(data, Preset):
            self._current = data.name
            self._fill()
            self.chosen.emit(data)
        else:
            self._current = ""
            self._fill()
            self.chosen.emit(Preset(""))


class NameDialog(QDialog):
    """Asks for the name of a preset."""

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Save as preset"))
        self.setMinimumWidth(480)
        self.edit = QLineEdit()
        self.edit.setMaxLength(60)
        self.edit.setAccessibleName(self.tr("Name of the preset"))
        self.edit.setPlaceholderText(self.tr("Name of the preset"))
        self.save_button = PrimaryButton(self.tr("Save"))
        self.cancel_button = QuietButton(self.tr("Cancel"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addWidget(Label(self.tr("Save as preset"), "heading"))
        layout.addWidget(Label(self.tr("The system prompt and the expert settings are kept under this name."), "muted",
                               wrap=True))  # fmt: skip
        layout.addWidget(self.edit)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        layout.addLayout(buttons, 0)
        layout.setAlignment(buttons, Qt.AlignmentFlag.AlignBottom)
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self._save)
        self.edit.returnPressed.connect(self._save)
        self.cancel_button.clicked.connect(self.reject)
        self.edit.textChanged.connect(lambda text: self.save_button.setEnabled(bool(text.strip())))
        self.save_button.setEnabled(False)
        self.edit.setFocus()

    def _save(self) -> None:
        name = self.edit.text().strip()
        if name:
            self.named.emit(name)
            self.accept()
