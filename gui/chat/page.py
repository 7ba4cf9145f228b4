"""The chat page: earlier conversations on the left, the thread and the composer in the middle, graphs on the right."""

from __future__ import annotations

import importlib
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core import fsio
from core.errors import C10Error
from gui.chat import conversation as tree
from gui.chat import records
from gui.chat.answering import Outcome
from gui.chat.batch_view import BatchView
from gui.chat.composer import Composer
from gui.chat.conduct import Conduct
from gui.chat.dialogs import BankDialog, BatchDialog
from gui.chat.header import Header
from gui.chat.history import Damaged
from gui.chat.history_panel import HistoryPanel
from gui.chat.preset_box import PresetBox
from gui.chat.presets import options_from_json, options_to_json
from gui.chat.sides import Sides
from gui.chat.slices import Slices
from gui.chat.thread import WIDTH, ThreadView
from gui.chat.troubles import Troubles
from gui.chat.welcome import Welcome
from gui.design import Space
from gui.graphs.panel import GraphPanel
from gui.pages import Context, Page
from gui.sentences import translated
from gui.theme import current
from gui.widgets import Banner
from gui.widgets.files import save_file

WARM_MODULES = ("core.worker.protocol", "markdown_it", "pygments.lexers")
"""Imported on a background thread as soon as the page is there, so that the first question doesn't wait for them."""
_NESTED_LAYOUTS = 6
"""From the text to the thread's scroll area; where each is settled at once, growing text is painted once, not twice."""


class ChatPage(Page):
    """Connects the parts; what happens to the conversation is in gui.chat.conduct."""

    page_id = "chat"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._slices = Slices()
        self.conduct = Conduct(context.bridge, context.session, context.store)
        self.history = HistoryPanel()
        self.header = Header()
        self.banner = Banner()
        self.troubles = Troubles(self.banner, self.conduct, context, self)
        self.welcome = Welcome()
        self.thread_view = ThreadView(self._slices)
        self.batch_view = BatchView(self._slices)
        self.composer = Composer()
        self.presets = PresetBox(self.composer.presets, context.store)
        self.graphs = GraphPanel(context.bridge, context.session, self.conduct.answering, self.conduct.runs)
        self._stack = QStackedWidget()
        self.sides = Sides(self, self.header, self.history, self.graphs)
        self._build()
        self._connect()
        self._endings = [context.bridge.after_drain(self._slices.tick)]
        self._restore()
        context.bridge.call(_warm, lambda _: None)
        self.refresh()

    def activate(self) -> None:
        """Put the focus where typing goes."""
        self.composer.edit.setFocus()

    def retranslate(self) -> None:
        """Set the texts."""
        for part in (self.history, self.header, self.welcome, self.thread_view, self.batch_view, self.composer,
                     self.presets, self.graphs):  # fmt: skip
            part.retranslate()
        self._offer_questions()
        self.refresh()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        for part in (self.history, self.welcome, self.thread_view, self.batch_view, self.composer, self.graphs):
            part.restyle()
        self._centre.setMaximumWidth(current().size(WIDTH) + 2 * Space.XL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the conversation in a narrow window."""
        super().resizeEvent(event)
        self.sides.arrange()

    def busy(self) -> bool:
        """Return whether an answer is being made."""
        return self.conduct.busy

    def occupied(self) -> bool:
        """Return whether something was asked, or is being typed."""
        return not self.conduct.conversation.empty or bool(self.composer.edit.toPlainText())

    def wipe(self) -> None:
        """Forget the conversation with its file, what is typed, and the graphs of it."""
        self.troubles.clear()
        self.conduct.wipe()
        self.batch_view.show_conversation(self.conduct.conversation)
        self.thread_view.show_conversation(self.conduct.conversation)
        self._slices.finish()
        self.composer.expert_button.setChecked(False)
        self.graphs.wipe()
        self.conduct.options = options_from_json(self.context.store.page(self.page_id).get("options"))
        self.composer.expert.set_options(self.conduct.options)
        self.refresh()

    def set_locked(self, locked: bool) -> None:
        """Withhold history, files and the Expert panel from visitors."""
        self.conduct.set_private(self.context.booth.lock.visitor_mode)
        self.header.set_locked(self.context.booth.lock.visitor_mode)
        self.composer.set_locked(locked)
        self.graphs.set_locked(locked)
        self.sides.set_locked(locked)

    def dispose(self) -> None:
        """End subscriptions and the running answer; write what isn't written yet."""
        self.conduct.dispose()
        self.graphs.dispose()
        for end in self._endings:
            end()

    def refresh(self) -> None:
        """Show the conversation and what can be done with it."""
        conversation = self.conduct.conversation
        if conversation.rows:
            self.batch_view.show_conversation(conversation)
            self._stack.setCurrentWidget(self.batch_view)
        elif conversation.empty:
            self.welcome.show_state(*self._state())
            self.thread_view.show_conversation(conversation)
            self._stack.setCurrentWidget(self.welcome)
        else:
            self.thread_view.show_conversation(conversation)
            self._stack.setCurrentWidget(self.thread_view)
        self.header.show_conversation(conversation)
        self.composer.expert.set_system(conversation.system)
        self._show_busy()

    def load_bank(self) -> None:
        """Let the user pick a question from a file."""
        dialog = BankDialog(self.context.store, self, can_ask=self.conduct.can_ask and not self.conduct.busy)
        dialog.picked.connect(self.composer.set_text)
        dialog.batch_asked.connect(self.conduct.batch)
        dialog.open()

    def ask_batch(self) -> None:
        """Let the user type several questions."""
        loaded = self.context.session.loaded
        dialog = BatchDialog(int(loaded.config.get("batch", 1)) if loaded else 1, self)
        dialog.asked.connect(self.conduct.batch)
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write the conversation as JSON or, for any other suffix, as Markdown."""
        conversation = self.conduct.conversation
        as_json = path.suffix.lower() == ".json"
        text = records.dumps(conversation) if as_json else records.to_markdown(conversation)
        self.context.bridge.call(
            lambda: fsio.write_text(path, text),
            lambda _: self.context.notify(self.tr("Exported to {0}.").format(path), "ok"),
            self.context.show_error,
        )

    def _build(self) -> None:
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.thread_view)
        self._stack.addWidget(self.batch_view)
        self._centre = QWidget()
        below = QVBoxLayout(self._centre)
        below.setContentsMargins(Space.XL, 0, Space.XL, Space.L)
        below.setSpacing(Space.M)
        below.addWidget(self.banner)
        below.addWidget(self.composer)
        centring = QHBoxLayout()
        centring.addStretch(1)
        centring.addWidget(self._centre, 1000)
        centring.addStretch(1)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.header)
        middle.addWidget(self._stack, 1)
        middle.addLayout(centring)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.history)
        columns.addLayout(middle, 1)
        columns.addWidget(self.graphs)

    def _connect(self) -> None:
        conduct, thread = self.conduct, self.thread_view
        conduct.shown.connect(self.refresh)
        conduct.listed.connect(self._show_list)
        conduct.busy_changed.connect(self._show_busy)
        conduct.ended.connect(self._on_ended)
        conduct.trouble.connect(self._on_trouble)
        conduct.damaged.connect(self._on_damaged)
        conduct.answering.flushed.connect(self._on_text)
        conduct.answering.progressed.connect(self._on_progress)
        conduct.answering.hung.connect(self.troubles.on_hung)
        self.troubles.anew.connect(self._begin_anew)
        self.context.session.changed.connect(self._on_session)
        thread.regenerated.connect(conduct.regenerate)
        thread.resent.connect(conduct.resend)
        thread.stepped.connect(conduct.step)
        for source in (thread, self.batch_view):
            source.copied.connect(self._copy)
            source.link_clicked.connect(self._copy_link)
        self.welcome.picked.connect(self._ask)
        self.welcome.demo_asked.connect(self._go_demo)
        self.welcome.engine_asked.connect(lambda: self.context.go_to("compile"))
        self.composer.sent.connect(self._ask)
        self.composer.stopped.connect(conduct.stop)
        self.composer.edit.shortened.connect(self._say_cut)
        self.composer.bank_button.clicked.connect(self.load_bank)
        self.composer.batch_button.clicked.connect(self.ask_batch)
        self.composer.expert.changed.connect(self._on_options)
        self.composer.expert.system_changed.connect(conduct.set_system)
        self.presets.chosen.connect(self._use_preset)
        self.presets.saving.connect(self._save_preset)
        self.history.opened.connect(conduct.open)
        self.history.deleted.connect(conduct.delete)
        self.history.new_button.clicked.connect(self._new)
        self.header.new_asked.connect(self._new)
        self.header.keep_changed.connect(conduct.set_keep)
        self.header.always_keep_changed.connect(self._set_always_keep)
        self.header.export_asked.connect(self._export)

    def _restore(self) -> None:
        remembered = self.context.store.page(self.page_id)
        self.conduct.options = options_from_json(remembered.get("options"))
        self.composer.expert.set_options(self.conduct.options)
        self.header.show_always_keep(self.context.store.value.keep_conversations)

    def _state(self) -> tuple[str, str]:
        session = self.context.session
        if session.loading:
            return "loading", Path(session.loading).name
        if session.loaded is None:
            return "none", ""
        return ("ready" if self.conduct.can_ask else "mute"), session.engine_name

    def _show_busy(self) -> None:
        busy = self.conduct.busy
        self.composer.set_state(ready=self.conduct.can_ask, busy=busy)
        self.thread_view.set_busy(busy)
        self.header.set_exportable(not self.conduct.conversation.empty)

    def _show_list(self) -> None:
        self.history.show_conversations(self.conduct.earlier, self.conduct.conversation.id)
        self.header.show_conversation(self.conduct.conversation)

    def _offer_questions(self) -> None:
        self.welcome.show_questions(
            (
                self.tr("What can you tell me about the sea?"),
                self.tr("Write a short poem about spring."),
                self.tr("Explain how a compiler works."),
                self.tr("List five ideas for a rainy day."),
            )
        )

    def _say_cut(self, count: int) -> None:
        self.context.notify(
            self.tr("The text was too long: the last {0} characters were left out.").format(count), "warn"
        )

    def _ask(self, text: str) -> None:
        self.banner.hide()
        self.conduct.ask(text)

    def _new(self) -> None:
        self.banner.hide()
        self.conduct.new()
        self.composer.edit.setFocus()

    def _on_session(self) -> None:
        if self.conduct.conversation.empty:
            self.welcome.show_state(*self._state())
        self._show_busy()
        self.troubles.on_session()

    def _on_text(self) -> None:
        self.troubles.on_text()
        fresh = self.conduct.row_text()
        if self.conduct.conversation.rows:
            self.batch_view.feed(fresh)
            return
        view = self.thread_view.answer(self.conduct.answer_id)
        if view is not None:
            view.feed(fresh.get(0, ""))
            for _ in range(_NESTED_LAYOUTS):
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def _on_progress(self) -> None:
        live = self.conduct.answering.live
        if live.first:
            return
        text = self.tr("Reading the question: {0} of {1} tokens").format(live.prefill_done, live.prompt_tokens)
        if self.conduct.conversation.rows:
            self.batch_view.show_waiting(text)
        elif (view := self.thread_view.answer(self.conduct.answer_id)) is not None:
            view.show_waiting(text)

    def _on_ended(self, outcome: Outcome) -> None:
        conversation = self.conduct.conversation
        if conversation.rows:
            self.batch_view.end(conversation)
        else:
            shown = tree.path(conversation)[-1]
            view = self.thread_view.answer(shown.id)
            if view is not None:
                view.end(shown)
        self.troubles.on_ended(outcome)
        self._show_list()

    def _begin_anew(self, with_question: bool) -> None:
        asked = [message.text for message in tree.path(self.conduct.conversation) if message.role == "user"]
        self._new()
        if with_question and asked:
            self.composer.set_text(asked[-1])

    def _go_demo(self) -> None:
        from gui.window import MainWindow

        self.context.go_to("compile")
        window = self.window()
        start = getattr(window.page("compile"), "start_demo", None) if isinstance(window, MainWindow) else None
        if callable(start):
            start()

    def _on_trouble(self, error: C10Error) -> None:
        self.context.notify(
            self.tr("The conversation can't be saved: {0}").format(translated(error.message)), "warn"
        )  # fmt: skip

    def _on_damaged(self, damaged: tuple[Damaged, ...]) -> None:
        text = self.tr("{0} saved conversations are damaged and were set aside, the first as {1}.")
        self.context.notify(text.format(len(damaged), damaged[0].path), "warn")

    def _on_options(self) -> None:
        self.conduct.options = self.composer.expert.options()
        self.context.store.update_page(self.page_id, options=options_to_json(self.conduct.options))
        self.presets.forget_choice()

    def _use_preset(self, preset: object) -> None:
        from gui.chat.presets import Preset

        if isinstance(preset, Preset):
            self.composer.expert.set_options(preset.options)
            self.composer.expert.set_system(preset.system)
            self.conduct.set_system(preset.system)
            self.conduct.options = preset.options
            self.context.store.update_page(self.page_id, options=options_to_json(preset.options))

    def _save_preset(self, name: str) -> None:
        self.presets.save(name, self.conduct.conversation.system, self.conduct.options)

    def _set_always_keep(self, keep: bool) -> None:
        self.context.store.update(keep_conversations=keep)
        if not keep:
            self.conduct.set_keep(False)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.context.notify(self.tr("Copied."), "ok")

    def _copy_link(self, address: str) -> None:
        QGuiApplication.clipboard().setText(address)
        self.context.notify(self.tr("The link's address was copied: {0}").format(address), "info")

    def _export(self, suffix: str) -> None:
        name = "".join(c if c.isalnum() else "-" for c in tree.title(self.conduct.conversation))[:40].strip("-")
        save_file(self, self.tr("Export conversation"), f"{name or 'conversation'}{suffix}", self.export_to)


def _warm() -> None:
    for module in WARM_MODULES:
        importlib.import_module(module)
