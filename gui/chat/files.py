"""The dialog that asks where to save, without blocking the window's loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import C10Error
from gui.sentences import translated
from gui.widgets import ErrorDialog


def save_file(parent: QWidget, title: str, name: str, write: Callable[[Path], None]) -> QFileDialog:
    """Ask for a file, `name` being proposed, then call `write` with it; an error of `write` is shown."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or QDir.homePath()
    dialog = QFileDialog(parent, title, folder)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.lstrip("."))
    dialog.selectFile(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda file: _guarded(parent, write, Path(file)))
    dialog.open()
    return dialog


def open_file(parent: QWidget, title: str, name_filter: str, read: Callable[[Path], None]) -> QFileDialog:
    """Ask for an existing file, then call `read` with it; an error of `read` is shown."""
    dialog = QFileDialog(parent, title, QDir.homePath(), name_filter)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda file: _guarded(parent, read, Path(file)))
    dialog.open()
    return dialog


def _guarded(parent: QWidget, action: Callable[[Path], None], path: Path) -> None:
    try:
        action(path)
    except C10Error as error:
        dialog = ErrorDialog(translated(error.message), translated(error.hint) if error.hint else "", parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
