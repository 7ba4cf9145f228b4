"""What the window says above its pages and in dialogs: notices, errors, how the last run ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from core.errors import C10Error
from core.events import CardLost, Loaded
from gui.bridge import Bridge
from gui.crash import End
from gui.sentences import translated
from gui.session import Session
from gui.settings import Problem
from gui.widgets import Banner, ErrorDialog, TrustDialog
from gui.widgets.banner import Tone

NOTICE_MS = 8000
_TONES: dict[str, Tone] = {"info": "info", "ok": "ok", "warn": "warn", "bad": "bad"}


class Notices(QObject):
    """Speaks through one banner; good news and notes go away by themselves, warnings stay. Dialogs are `window`'s."""

    def __init__(self, bridge: Bridge, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.banner = Banner()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.banner.hide)
        session.untrusted.connect(lambda engine: self.ask_for_trust(engine, session.load_trusted))
        bridge.subscribe(CardLost, lambda event: self.say(translated(event.sentence), "warn"))
        bridge.subscribe(Loaded, self._on_loaded)

    def say(self, text: str, tone: str = "info") -> None:
        """Show a sentence above the page."""
        self.banner.show_message(text, _TONES.get(tone, "info"))
        self._timer.stop()
        if tone in ("info", "ok"):
            self._timer.start(NOTICE_MS)

    def stop(self) -> None:
        """End the timer: the window closes."""
        self._timer.stop()

    def show_error(self, error: C10Error) -> None:
        """Show an error in a dialog that doesn't block the window's work."""
        dialog = ErrorDialog.of(error, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(True)
        dialog.show()

    def ask_for_trust(self, engine: str, then: Callable[[], None]) -> None:
        """Ask whether a stranger's engine may run, then go on if so."""
        dialog = TrustDialog(engine, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(then)
        dialog.open()

    def say_last_end(self, end: End) -> None:
        """Say how the run before ended, if it didn't end well."""
        if end == "crashed":
            self.say(
                self.tr("C10 Panel crashed last time. “Save report” on the Health page packs what was written down."),
                "warn",
            )
        elif end:
            self.say(
                self.tr("C10 Panel was ended unexpectedly last time. What was saved until then is all there."), "warn"
            )

    def say_problem(self, problem: Problem) -> None:
        """Say what is wrong with the settings' file."""
        texts = {
            "damaged": self.tr("The settings were damaged, so the defaults are used. The old file is kept as {0}."),
            "future": self.tr("The settings in {0} are from a newer version, so nothing is saved in this session."),
            "unwritable": self.tr("The settings can't be saved to {0}, so changes last only until the window closes."),
        }
        self.banner.show_message(texts[problem.kind].format(problem.path), "warn")

    def _on_loaded(self, event: Loaded) -> None:
        """Say what the engine's opening had to tell, such as that it was compiled again for this processor."""
        if event.notes:
            self.say(" ".join(map(translated, event.notes)), "info")
