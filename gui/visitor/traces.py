"""What a visitor leaves in places that belong to no page: the clipboard, fields with their undo, open dialogs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QDialog, QLineEdit, QPlainTextEdit, QWidget

_MODES = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)


class Copies(QObject):
    """Remembers whether what is in the clipboard came from this program, by any way: buttons, keys or menus."""

    def __init__(self, always: Callable[[], bool], parent: QObject | None = None) -> None:
        """`always`: whether every change counts as the program's own (in visitor mode no other is in reach)."""
        super().__init__(parent)
        self._always = always
        self._clipboard = QGuiApplication.clipboard()
        self._own: set[QClipboard.Mode] = set()
        self._clipboard.changed.connect(self._on_changed)

    def wipe(self) -> None:
        """Empty the clipboard, and the X11 selection, where the program has filled it."""
        for mode in _MODES:
            if mode in self._own and (mode == QClipboard.Mode.Clipboard or self._clipboard.supportsSelection()):
                self._clipboard.clear(mode)
        self._own.clear()

    def _on_changed(self, mode: QClipboard.Mode) -> None:
        # A platform without ownership says "not ours"; while the window is active, it was ours all the same.
        ours = self._clipboard.ownsClipboard() if mode == QClipboard.Mode.Clipboard else self._clipboard.ownsSelection()
        if ours or self._always() or QGuiApplication.focusWindow() is not None:
            self._own.add(mode)
        else:
            self._own.discard(mode)


def clear_fields(within: QWidget) -> None:
    """Empty every field of text below `within`, together with what undo would bring back."""
    for plain in within.findChildren(QPlainTextEdit):
        if not plain.isReadOnly():
            plain.clear()  # the document's undo history goes with it
    for line in within.findChildren(QLineEdit):
        if isinstance(line.parent(), QAbstractSpinBox | QComboBox):
            continue
        line.setText("")  # unlike clear(), leaves nothing to undo
    QGuiApplication.inputMethod().reset()


def close_dialogs(window: QWidget) -> None:
    """Close what a visitor has opened over the window, menus included."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    for top in QApplication.topLevelWidgets():
        if isinstance(top, QDialog) and top.isVisible() and _belongs_to(top, window):
            top.reject()


def _belongs_to(dialog: QWidget, window: QWidget) -> bool:
    """Return whether a dialog was opened over `window`, or over another dialog of it."""
    above = dialog.parentWidget()
    while above is not None and above is not window:
        above = above.parentWidget()
    return above is window
