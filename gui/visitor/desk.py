"""The booth's part of the window: the curtain of the countdown, the PIN, the operator's dialog, New visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from gui.clock import Clock
from gui.pages import Page
from gui.visitor.booth import Booth
from gui.visitor.curtain import Curtain
from gui.visitor.lock import Lock
from gui.visitor.pin_dialog import PinDialog

if TYPE_CHECKING:
    from gui.bridge import Bridge
    from gui.session import Session
    from gui.settings import Store
    from gui.window import MainWindow


class Desk(QObject):
    """Stands between the booth and the window; it is the booth's `Host`."""

    def __init__(self, window: MainWindow, bridge: Bridge, session: Session, store: Store, clock: Clock) -> None:
        super().__init__(window)
        self._window = window
        self.curtain = Curtain(window)
        self.booth = Booth(self, bridge, session, store, clock, Lock(bridge, store, clock, self), self)
        self.booth.changed.connect(self._show_phase)
        self.booth.ticked.connect(self._show_phase)

    def made_pages(self) -> Iterable[Page]:
        """Return the pages that exist."""
        return self._window.made_pages()

    def go_to(self, page_id: str) -> None:
        """Show a page."""
        self._window.go_to(page_id)

    def current_page_id(self) -> str:
        """Return the page in front."""
        return self._window.current_page_id()

    def widget(self) -> QWidget:
        """Return the window itself."""
        return self._window

    def refused(self) -> None:
        """Say that visitors can't leave the program."""
        self._window.notices.say(self.tr("In visitor mode nothing outside of this window is opened."), "info")

    def ask_pin(self, then: Callable[[], object]) -> None:
        """Ask for the operator's PIN, then call `then`."""
        if QApplication.activeModalWidget() is None:
            dialog = PinDialog(self.booth.lock, self._window)
            dialog.entered.connect(then)
            dialog.open()

    def ask_new_visitor(self) -> None:
        """Wipe for the next visitor; outside of visitor mode ask before, as it may be the user's own work."""
        if self.booth.lock.visitor_mode or not any(page.occupied() for page in self.made_pages()):
            self.booth.new_visitor()
            return
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("New visitor"))
        box.setText(self.tr("Wipe everything for a new visitor?"))
        box.setInformativeText(
            self.tr("The open conversation is deleted, from the disk too. Earlier conversations stay.")
        )
        wipe = box.addButton(self.tr("Wipe"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        wipe.clicked.connect(lambda: self.booth.new_visitor())
        box.open()

    def show_operator(self) -> None:
        """Show what only the operator may change, after the PIN in visitor mode."""
        self.booth.as_operator(self._show_operator)

    def _show_operator(self) -> None:
        from gui.visitor.operator_dialog import OperatorDialog

        OperatorDialog(self._window.context, self._window).open()

    def _show_phase(self) -> None:
        if self.booth.phase == "countdown":
            self.curtain.show_seconds(self.booth.seconds_left)
        else:
            self.curtain.hide()
