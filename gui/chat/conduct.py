"""Leads the conversation: what each wish of the user does to it, to the runtime, and to the files."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from gui.bridge import Bridge
from gui.chat import conversation as tree
from gui.chat.answering import Answering, Outcome
from gui.chat.conversation import Conversation
from gui.chat.history import History, Listing
from gui.chat.presets import Options
from gui.chat.saver import Saver
from gui.graphs.runs import Run, RunStore
from gui.session import Session
from gui.settings import Store


class Conduct(QObject):
    """Holds the open conversation. `shown`: another state of it is to be drawn; `listed`: the list changed.

    `ended` carries the Outcome of each answer, `trouble` an error of the disk.
    """

    shown = Signal()
    listed = Signal()
    busy_changed = Signal()
    ended = Signal(object)
    trouble = Signal(object)
    damaged = Signal(object)
    """Files of conversations that can't be read: a tuple of gui.chat.history.Damaged."""
    run_added = Signal()

    def __init__(self, bridge: Bridge, session: Session, store: Store, history: History | None = None) -> None:
        super().__init__()
        self._session = session
        self._store = store
        self._bridge = bridge
        self._history = history or History()
        self._private = store.value.visitor_mode
        self.saver = Saver(bridge, self._history, self.trouble.emit)
        self.answering = Answering(bridge, session)
        self.runs = RunStore(bridge)
        self.options = Options()
        self.conversation = self._fresh()
        self.earlier: tuple[Conversation, ...] = ()
        """All conversations that exist, the open one included if something was asked in it; the newest first."""
        self._answer_id = 0
        self._resume = False
        self._last_engine = ""
        self.answering.finished.connect(self._on_finished)
        session.changed.connect(self._on_session)
        self.runs.changed.connect(self.run_added)
        bridge.call(self._history.load, self._on_listing)
        self._on_session()

    @property
    def busy(self) -> bool:
        """Whether an answer is being made."""
        return self.answering.busy

    @property
    def answer_id(self) -> int:
        """Id of the answer that is being made, 0 if there is none (or a batch runs)."""
        return self._answer_id if self.busy else 0

    @property
    def can_ask(self) -> bool:
        """Whether an engine is loaded that understands words."""
        return self._session.loaded is not None and bool(self._session.loaded.tokenizer)

    def ask(self, text: str) -> None:
        """Ask a question at the end of the conversation."""
        if self.busy or not self.can_ask:
            return
        if self.conversation.rows:
            self.new()
        self.conversation = tree.ask(self.conversation, text, time.time())
        self._answer(tree.path(self.conversation)[-1].id)

    def regenerate(self, answer_id: int) -> None:
        """Answer the same question again; the answer that is there stays as a sibling."""
        if not self.busy and self.can_ask:
            self._answer(tree.message(self.conversation, answer_id).parent)

    def resend(self, question_id: int, text: str) -> None:
        """Ask a question in other words; the old one stays as a sibling."""
        if not self.busy and self.can_ask:
            self.conversation = tree.edit(self.conversation, question_id, text, time.time())
            self._answer(tree.path(self.conversation)[-1].id)

    def step(self, message_id: int, direction: int) -> None:
        """Show the next or previous version of a message."""
        if not self.busy:
            self.conversation = tree.step(self.conversation, message_id, direction)
            self._changed()

    def batch(self, questions: tuple[str, ...]) -> None:
        """Ask several questions at once, in a conversation of their own."""
        if self.busy or not self.can_ask or not questions:
            return
        if not self.conversation.empty:
            self.new()
        system = self.conversation.system
        self.conversation = tree.begin_batch(self.conversation, questions, time.time(), self._session.engine_name)
        self._answer_id = 0
        self.shown.emit()
        lead = [{"role": "system", "content": system}] if system.strip() else []
        turns = [[*lead, {"role": "user", "content": question}] for question in questions]
        self.answering.ask(turns, self.options)
        self.busy_changed.emit()

    def stop(self) -> None:
        """End the answer at the next token."""
        self.answering.stop()

    def go_on(self) -> None:
        """After an answer broke off: have the engine again and answer the same question anew."""
        self._resume = True
        if self._session.loaded is None and not self._session.loading and self._last_engine:
            self._session.load(self._last_engine)
        self._on_session()

    def reload(self) -> None:
        """Open the engine again that was loaded last."""
        if self._last_engine:
            self._session.load(self._last_engine)

    def new(self) -> None:
        """Begin an empty conversation; an answer that is being made ends with what it has."""
        self.answering.abandon()
        self._resume = False
        system = self.conversation.system
        self.conversation = replace(self._fresh(), system=system)
        self.shown.emit()
        self.listed.emit()

    def open(self, conversation_id: str) -> None:
        """Show an earlier conversation; an answer that is being made ends with what it has."""
        if conversation_id == self.conversation.id:
            return
        self.answering.abandon()
        self._resume = False
        for conversation in self.earlier:
            if conversation.id == conversation_id:
                self.conversation = conversation
                self.shown.emit()
                self.listed.emit()
                return

    def wipe(self) -> None:
        """Forget the open conversation with its file, and its system prompt; earlier ones stay where they are kept."""
        gone = self.conversation.id
        self.answering.forget()
        self._resume = False
        self.earlier = () if self._private else tuple(c for c in self.earlier if c.id != gone)
        if not self._private:
            self.saver.delete(gone)
        self.conversation = self._fresh()
        self.shown.emit()
        self.listed.emit()

    def set_private(self, private: bool) -> None:
        """While visitors are at the keyboard, nothing is kept and nothing kept earlier is shown."""
        if private == self._private:
            return
        self._private = private
        self.conversation = self._fresh()
        self.earlier = ()
        if not private:
            self._bridge.call(self._history.load, self._on_listing)
        self.shown.emit()
        self.listed.emit()

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation, its file included."""
        if conversation_id == self.conversation.id:
            self.answering.abandon()
        self.earlier = tuple(c for c in self.earlier if c.id != conversation_id)
        self.saver.delete(conversation_id)
        if conversation_id == self.conversation.id:
            self.conversation = self._fresh()
            self.shown.emit()
        self.listed.emit()

    def set_keep(self, keep: bool) -> None:
        """Keep the open conversation on disk, or take it off the disk."""
        if keep != self.conversation.keep:
            self.conversation = replace(self.conversation, keep=keep)
            self._changed()

    def set_system(self, system: str) -> None:
        """Set the system prompt for the questions to come."""
        if system != self.conversation.system:
            self.conversation = replace(self.conversation, system=system)

    def row_text(self) -> dict[int, str]:
        """Return what came since the last call, by row."""
        return self.answering.take()

    def dispose(self) -> None:
        """End the answer and write what isn't written yet."""
        self.answering.abandon()
        self.answering.dispose()
        self.saver.flush()
        self.runs.flush()

    def _answer(self, question_id: int) -> None:
        self._resume = False
        engine = self._session.engine_name
        self.conversation = tree.begin_answer(self.conversation, question_id, time.time(), engine)
        self._answer_id = tree.path(self.conversation)[-1].id
        self._changed()
        self.answering.ask([tree.turns(self.conversation, question_id)], self.options)
        self.busy_changed.emit()

    def _on_finished(self, outcome: Outcome) -> None:
        now = time.time()
        if self.conversation.rows:
            for row, (text, reason) in enumerate(zip(outcome.texts, outcome.reasons, strict=True)):
                self.conversation = tree.finish_row(self.conversation, row, text, reason)
            self.conversation = tree.finish_batch(self.conversation, outcome.metrics, now)
        else:
            self.conversation = tree.finish_answer(
                self.conversation, self._answer_id, outcome.texts[0], outcome.reasons[0], now=now,
                metrics=outcome.metrics, note=outcome.note,
            )  # fmt: skip
        if outcome.metrics is not None and self._session.loaded is not None:
            rows = len(outcome.texts)
            self.runs.add(Run.of(outcome.metrics, now, self._session.engine_name, self._session.loaded.config, rows))
        self._remember()
        self.ended.emit(outcome)
        self.busy_changed.emit()

    def _on_session(self) -> None:
        if self._session.loaded is None:
            return
        self._last_engine = self._session.loaded.engine
        if self._resume and not self.busy and self.can_ask:
            self._resume = False
            shown = tree.path(self.conversation)
            if shown and shown[-1].role == "assistant":
                self.regenerate(shown[-1].id)
            elif self.conversation.rows:
                self.batch(tuple(row.question for row in self.conversation.rows))

    def _on_listing(self, listing: Listing) -> None:
        if self._private:
            return
        own = {conversation.id for conversation in self.earlier}
        self.earlier = (*self.earlier, *(c for c in listing.conversations if c.id not in own))
        self.listed.emit()
        if listing.damaged:
            self.damaged.emit(listing.damaged)

    def _changed(self) -> None:
        self._remember()
        self.shown.emit()

    def _remember(self) -> None:
        if self.conversation.empty:
            return
        others = tuple(c for c in self.earlier if c.id != self.conversation.id)
        self.earlier = tuple(sorted((self.conversation, *others), key=lambda c: c.changed, reverse=True))
        self.saver.save(self.conversation)
        self.listed.emit()

    def _fresh(self) -> Conversation:
        return tree.new(time.time(), keep=self._store.value.keep_conversations and not self._private)
