"""One message on the screen: a question in its bubble, an answer with its figures, and what can be done with them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.chat import words
from gui.chat.answer_body import AnswerBody
from gui.chat.conversation import Message
from gui.chat.slices import Slices
from gui.chat.text_block import TextBlock
from gui.design import Space
from gui.widgets import IconButton, IconLabel, Label, PrimaryButton, QuietButton
from gui.widgets.edit import PlainEdit


class Versions(QWidget):
    """Steps through the versions of a message: "2 / 3" between two arrows; hidden where there is only one."""

    stepped = Signal(int)
    """1 or -1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.previous = IconButton("chevron-left")
        self.following = IconButton("chevron-right")
        self._count = Label("", "caption")
        for part in (self.previous, self._count, self.following):
            layout.addWidget(part)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.following.clicked.connect(lambda: self.stepped.emit(1))
        self.hide()

    def show_position(self, index: int, count: int) -> None:
        """Show version `index` (from 0) of `count`."""
        self.setVisible(count > 1)
        self._count.setText(f"{index + 1} / {count}")
        self.previous.setEnabled(index > 0)
        self.following.setEnabled(index < count - 1)

    def text(self) -> str:
        """Return what is shown, e.g. "1 / 3"."""
        return self._count.text()

    def retranslate(self) -> None:
        """Set the texts."""
        self.previous.set_name(self.tr("Previous version"))
        self.following.set_name(self.tr("Next version"))


class MessageView(QFrame):
    """Base of both kinds. Signals carry the message's id."""

    copied = Signal(str)
    link_clicked = Signal(str)
    stepped = Signal(int, int)
    """Message id, and 1 or -1."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message_id = message.id
        self.versions = Versions()
        self.copy_button = IconButton("copy")
        self.versions.stepped.connect(lambda direction: self.stepped.emit(self.message_id, direction))

    def set_busy(self, busy: bool) -> None:
        """Offer or withhold what can't be done while an answer is being made."""
        self.versions.setEnabled(not busy)

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""

    def retranslate(self) -> None:
        """Set the texts."""
        self.versions.retranslate()


class _Edit(PlainEdit):
    submitted = Signal()
    cancelled = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)


class QuestionEditor(QWidget):
    """Edits a question: Enter sends, Shift+Enter breaks the line, Escape gives up."""

    submitted = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = _Edit()
        self.edit.setMinimumHeight(96)
        self.edit.setTabChangesFocus(True)
        self.cancel_button = QuietButton()
        self.send_button = PrimaryButton("", "send")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.send_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        layout.addLayout(buttons)
        self.cancel_button.clicked.connect(self.cancelled)
        self.send_button.clicked.connect(self._submit)
        self.edit.submitted.connect(self._submit)
        self.edit.cancelled.connect(self.cancelled)

    def begin(self, text: str) -> None:
        """Offer this text for editing."""
        self.edit.setPlainText(text)
        self.edit.setFocus()
        self.edit.selectAll()

    def retranslate(self) -> None:
        """Set the texts."""
        self.edit.setAccessibleName(self.tr("Edit the question"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.send_button.setText(self.tr("Ask again"))

    def _submit(self) -> None:
        text = self.edit.toPlainText().strip()
        if text:
            self.submitted.emit(text)


class QuestionView(MessageView):
    """A question in a bubble on the right; `resent` carries the id and the changed text."""

    resent = Signal(int, str)

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(message, parent)
        self._text = message.text
        self.bubble = QFrame()
        self.bubble.setObjectName("bubble")
        self.bubble.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        inside = QVBoxLayout(self.bubble)
        inside.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body = TextBlock()
        self.body.set_plain(message.text)
        inside.addWidget(self.body)
        self._inside = inside
        self.editor: QuestionEditor | None = None
        """Made when it is first needed."""
        self.edit_button = IconButton("edit")
        tools = QHBoxLayout()
        tools.setSpacing(0)
        tools.addStretch(1)
        for tool in (self.versions, self.copy_button, self.edit_button):
            tools.addWidget(tool)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, Space.L, 0, 0)
        outer.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addWidget(self.bubble, 5)
        outer.addLayout(self._row)
        outer.addLayout(tools)
        self.copy_button.clicked.connect(lambda: self.copied.emit(self._text))
        self.edit_button.clicked.connect(lambda: self._set_editing(True))
        self._busy = False
        self._fit_bubble()

    def set_busy(self, busy: bool) -> None:
        """Withhold editing while an answer is being made."""
        super().set_busy(busy)
        self._busy = busy
        self.edit_button.setEnabled(not busy)

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.body.restyle()
        self._fit_bubble()

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.setAccessibleName(self.tr("Question"))
        self.body.setAccessibleName(self.tr("Question"))
        self.copy_button.set_name(self.tr("Copy question"))
        self.edit_button.set_name(self.tr("Edit and ask again"))
        if self.editor is not None:
            self.editor.retranslate()

    def _fit_bubble(self) -> None:
        metrics = self.body.fontMetrics()
        lines = self._text.splitlines()[:200]
        ideal = max((metrics.horizontalAdvance(line) for line in lines), default=0) + 2 * Space.L + 6
        editing = self.editor is not None and self.editor.isVisibleTo(self.bubble)
        self.bubble.setMaximumWidth(16_777_215 if editing else max(ideal, 60))
        self._row.setStretch(0, 1 if editing else 2)

    def _set_editing(self, editing: bool) -> None:
        if self.editor is None:
            self.editor = QuestionEditor()
            self.editor.cancelled.connect(lambda: self._set_editing(False))
            self.editor.submitted.connect(self._submit)
            self.editor.retranslate()
            self._inside.addWidget(self.editor)
        self.body.setVisible(not editing)
        self.editor.setVisible(editing)
        self._fit_bubble()
        if editing:
            self.editor.begin(self._text)

    def _submit(self, text: str) -> None:
        if not self._busy:
            self._set_editing(False)
            self.resent.emit(self.message_id, text)


class AnswerView(MessageView):
    """An answer over the whole width; `regenerated` carries the id."""

    regenerated = Signal(int)

    def __init__(self, message: Message, slices: Slices, parent: QWidget | None = None) -> None:
        super().__init__(message, parent)
        self._message = message
        self.body = AnswerBody(slices)
        self.waiting = Label("", "muted")
        self.regenerate_button = IconButton("refresh")
        self._reason_icon = IconLabel("warning", "warn", 18)
        self.reason = Label("", "caption", wrap=False)
        self.figures = Label("", "caption", wrap=True)
        self._note = Label("", "body", wrap=True)
        self._note.set_tone("bad")
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for tool in (self.copy_button, self.regenerate_button, self.versions):
            tools.addWidget(tool)
        tools.addSpacing(Space.S)
        tools.addWidget(self._reason_icon)
        tools.addSpacing(Space.XS)
        tools.addWidget(self.reason)
        tools.addSpacing(Space.M)
        tools.addWidget(self.figures, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, Space.S, 0, 0)
        layout.setSpacing(Space.XS)
        for part in (self.waiting, self.body, self._note):
            layout.addWidget(part)
        layout.addLayout(tools)
        self.body.copied.connect(self.copied)
        self.body.link_clicked.connect(self.link_clicked)
        self.copy_button.clicked.connect(lambda: self.copied.emit(self.body.text() or self._message.text))
        self.regenerate_button.clicked.connect(lambda: self.regenerated.emit(self.message_id))
        self.waiting.hide()
        self._running = False

    @property
    def complete(self) -> bool:
        """Whether the answer has ended."""
        return bool(self._message.reason)

    def fill(self) -> Iterator[None]:
        """Show the whole text of the message, step by step."""
        yield from self.body.load(self._message.text)

    def start(self) -> None:
        """Show that the answer is being made."""
        self._running = True
        self.waiting.show()
        self.show_ending(self._message)

    def show_waiting(self, text: str) -> None:
        """Say what is going on before the first word."""
        self.waiting.setText(text)

    def feed(self, text: str) -> None:
        """Add words."""
        if text:
            self.waiting.hide()
            self.body.feed(text)

    def end(self, message: Message) -> None:
        """Show the whole: the rest rendered, the reason, the figures."""
        self._running = False
        self.waiting.hide()
        missing = message.text[len(self.body.text()) :]
        self.body.feed(missing)
        self.body.finish()
        self.show_ending(message)

    def show_ending(self, message: Message) -> None:
        """Show why the answer ended and its figures."""
        self._message = message
        reason = words.reason(message.reason)
        if message.reason == "eos" and not message.text:
            reason = self.tr("The model gave an empty answer")
        for part in (self.reason, self._reason_icon):
            part.setVisible(bool(reason))
        self.reason.setText(reason)
        self._reason_icon.set_icon("error" if message.reason == "error" else "info", _tone(message.reason))
        self.figures.setText(words.metrics_line(message.metrics) if message.metrics else "")
        self._note.setText(message.note)
        self._note.setVisible(bool(message.note))
        for tool in (self.copy_button, self.regenerate_button):
            tool.setVisible(not self._running)
        if self._running:
            self.versions.hide()

    def set_busy(self, busy: bool) -> None:
        """Withhold regenerating while an answer is being made."""
        super().set_busy(busy)
        self.regenerate_button.setEnabled(not busy)

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.body.restyle()

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.setAccessibleName(self.tr("Answer"))
        self.copy_button.set_name(self.tr("Copy answer"))
        self.regenerate_button.set_name(self.tr("Answer again"))
        self.body.retranslate()
        self.show_ending(self._message)


def _tone(reason: str) -> str:
    return {"error": "bad", "context_full": "warn", "length": "warn"}.get(reason, "muted")
