"""What went wrong with an engine or an answer, said over the composer with the one click that goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.errors import UsageError
from core.events import Exited, Failed
from gui.chat.answering import Outcome
from gui.chat.conduct import Conduct
from gui.pages import Context
from gui.sentences import translated
from gui.widgets import Banner


class Troubles(QObject):
    """Speaks through a banner; `anew` asks for a new conversation: True with the last question in the composer."""

    anew = Signal(bool)

    def __init__(self, banner: Banner, conduct: Conduct, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._banner, self._conduct, self._context = banner, conduct, context
        self._of_engine = self._of_hang = False
        """What the banner is about."""

    def clear(self) -> None:
        """Forget what was said."""
        self._of_engine = self._of_hang = False
        self._banner.hide()

    def on_session(self) -> None:
        """Say why an engine isn't there, and take that back once one is."""
        session = self._context.session
        if session.loaded is not None and self._of_engine:
            self._of_engine = False
            self._banner.hide()
        failure = session.failure
        if failure is not None and not self._conduct.busy and self._banner.isHidden():
            self._show_failure(failure)

    def on_text(self) -> None:
        """Take the warning of a hang back: it goes on by itself."""
        if self._of_hang:
            self._of_hang = False
            self._banner.hide()

    def on_ended(self, outcome: Outcome) -> None:
        """Say why an answer broke off, or that the context is full."""
        if outcome.note:
            self._show_broken(outcome)
        elif self._of_hang:
            self._banner.hide()
        if "context_full" in outcome.reasons:
            self._show_full()
        self._of_hang = False

    def on_hung(self, seconds: float) -> None:
        """Offer to end a worker that has shown no progress for `seconds`."""
        self._of_hang = True
        self._banner.show_message(
            self.tr("The model has not answered for {0} s.").format(round(seconds)), "warn",
            hint=self.tr("It can be ended and started again; the text so far is kept."),
            action=self.tr("Start again"), do=self._restart,
        )  # fmt: skip

    def _show_failure(self, failure: Failed | Exited) -> None:
        session = self._context.session
        sentence, hint = (failure.message, failure.hint) if isinstance(failure, Failed) else (failure.sentence, "")
        action, do = self.tr("Choose an engine"), lambda: self._context.go_to("compile")
        if isinstance(failure, Exited) and failure.again:
            action, hint = "", self.tr("It is being started again.")
        elif isinstance(failure, Exited):
            action, do = self.tr("Load it again"), self._conduct.reload
        elif session.cards_lost:
            action, do = self.tr("Go on with the CPU"), session.load_again
        self._of_engine = True
        self._banner.show_message(
            translated(sentence), "bad", hint=translated(hint) if hint else "", action=action, do=do
        )  # fmt: skip

    def _show_broken(self, outcome: Outcome) -> None:
        hint = translated(outcome.hint) if outcome.hint else ""
        if outcome.died:
            hint = self.tr("The text so far is kept.")
        action, do = self.tr("Go on"), self._go_on
        if outcome.code == UsageError.code:  # the same question would be refused again
            action, do = self.tr("Ask in a new conversation"), lambda: self.anew.emit(True)
        elif self._context.session.cards_lost:
            action = self.tr("Go on with the CPU")
        self._banner.show_message(translated(outcome.note), "bad", hint=hint, action=action, do=do)

    def _show_full(self) -> None:
        self._banner.show_message(
            self.tr("The context is full, so the answer ended."), "warn",
            hint=self.tr("A new conversation begins empty. The total length is chosen when compiling."),
            action=self.tr("New conversation"), do=lambda: self.anew.emit(False),
        )  # fmt: skip

    def _go_on(self) -> None:
        self._banner.hide()
        self._conduct.go_on()

    def _restart(self) -> None:
        self._banner.hide()
        self._conduct.answering.end_hung()
