"""What can be done with an engine of the library, beside trying and combining it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import C10Error
from gui.compile import library
from gui.compile.details import DetailsDialog
from gui.compile.library import EngineInfo
from gui.pages import Context
from gui.widgets import size_text


class EngineActions(QObject):
    """`failed` carries what went wrong, `removed` fires when an engine is gone. Dialogs belong to `window`."""

    failed = Signal(object)
    removed = Signal()

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self.dialog: DetailsDialog | None = None
        """The open dialog with an engine's details."""

    def act(self, action: str, engine: EngineInfo) -> None:
        """Do "details", "verify", "folder" or "remove"."""
        if action in ("details", "verify"):
            self.show_details(engine, verify=action == "verify")
        elif action == "folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(engine.path.parent)))
        elif action == "remove":
            self._ask_remove(engine)

    def show_details(self, engine: EngineInfo, *, verify: bool) -> None:
        """Show what the file says of itself, checking every byte of it if `verify`."""
        if engine.problem is not None:
            self.failed.emit(engine.problem)
            return
        dialog = DetailsDialog(self._context.bridge, engine, verify=verify, parent=self._window)
        dialog.closed.connect(self._forget_dialog)
        self.dialog = dialog
        dialog.open()

    def remove(self, engine: EngineInfo) -> None:
        """Delete an engine; the loaded one is closed first."""
        loaded = self._context.session.loaded
        if loaded is not None and loaded.engine == str(engine.path):
            self._context.session.runtime.unload()
        self._context.bridge.call(partial(library.remove, engine.path), self._on_removed, self._on_failed)

    def drop(self) -> None:
        """End what an open dialog is still doing, and wait for it."""
        if self.dialog is not None:
            self.dialog.drop(wait=True)

    def _ask_remove(self, engine: EngineInfo) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Remove an engine"))
        box.setText(self.tr("Remove {0}?").format(engine.name))
        box.setInformativeText(
            self.tr("The file with {0} is deleted from the disk. This can't be undone.").format(size_text(engine.size))
        )
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        remove.clicked.connect(lambda: self.remove(engine))
        box.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_removed(self, _nothing: None) -> None:
        self.removed.emit()

    def _on_failed(self, error: C10Error) -> None:
        self.failed.emit(error)
