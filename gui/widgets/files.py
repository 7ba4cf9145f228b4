"""The dialogs that ask for a file or a folder, without blocking the window's loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import C10Error
from gui.widgets.dialogs import ErrorDialog, set_size

_SIZE = (960, 600)


def save_file(
    parent: QWidget, title: str, proposed: str | Path, write: Callable[[Path], None], name_filter: str = ""
) -> QFileDialog:
    """Ask for a file, then call `write` with it; an error of `write` is shown.

    `proposed` is a path, or a name in the user's folder of documents; its suffix is added where none is typed.
    """
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or QDir.homePath()
    path = Path(folder) / proposed
    dialog = _dialog(parent, title, path.parent, name_filter, write)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(path.suffix.lstrip("."))
    dialog.selectFile(path.name)
    dialog.open()
    return dialog


def open_file(
    parent: QWidget, title: str, name_filter: str, read: Callable[[Path], None], folder: Path | None = None
) -> QFileDialog:
    """Ask for an existing file, then call `read` with it; an error of `read` is shown."""
    dialog = _dialog(parent, title, folder, name_filter, read)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.open()
    return dialog


def open_folder(parent: QWidget, title: str, take: Callable[[Path], None], folder: Path | None = None) -> QFileDialog:
    """Ask for a folder, then call `take` with it; an error of `take` is shown."""
    dialog = _dialog(parent, title, folder, "", take)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.open()
    return dialog


def dropped_file(event: QDropEvent, suffixes: Sequence[str]) -> Path | None:
    """Return the first local file with one of `suffixes` that is being dropped, None if there is none."""
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.suffix in suffixes:
            return path
    return None


def _dialog(
    parent: QWidget, title: str, folder: Path | None, name_filter: str, then: Callable[[Path], None]
) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder) if folder else QDir.homePath(), name_filter)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    set_size(dialog, *_SIZE)
    dialog.fileSelected.connect(lambda file: _guarded(parent, then, Path(file)))
    return dialog


def _guarded(parent: QWidget, action: Callable[[Path], None], path: Path) -> None:
    try:
        action(path)
    except C10Error as error:
        dialog = ErrorDialog.of(error, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
