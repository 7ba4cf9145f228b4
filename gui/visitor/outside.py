"""Keeps visitors inside: no address, folder or file is opened by another program, and no file dialog comes up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog

SCHEMES = ("file", "http", "https", "ftp", "mailto")


class Fence(QObject):
    """While it is closed, `refused` is called in place of what somebody wanted to open."""

    def __init__(self, refused: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refused = refused
        self._closed = False

    def set_closed(self, closed: bool) -> None:
        """Close or open the fence."""
        if closed == self._closed:
            return
        self._closed = closed
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, closed)
        for scheme in SCHEMES:
            if closed:
                QDesktopServices.setUrlHandler(scheme, self, "refuse")  # type: ignore[arg-type]  # a name, whatever the stubs say
            else:
                QDesktopServices.unsetUrlHandler(scheme)

    @Slot(QUrl)
    def refuse(self, _url: QUrl) -> None:
        """Take the place of the desktop's own handler."""
        self._refused()

    def check(self) -> None:
        """Close a file dialog that has come up; called whenever another window gets the focus."""
        if not self._closed:
            return
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QFileDialog) and top.isVisible():
                QTimer.singleShot(0, top, top.reject)
                self._refused()
