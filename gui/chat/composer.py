"""Where the question is typed: grows with it, Enter sends, and Stop stands where Send stood."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from gui.chat.expert import ExpertPanel
from gui.design import Radius, Space
from gui.theme import current
from gui.widgets import DangerButton, PrimaryButton, QuietButton
from gui.widgets.edit import MAX_CHARS, PlainEdit
from gui.widgets.scroll import RoomyArea
from gui.widgets.text import repolish

MAX_LINES = 9


class QuestionEdit(PlainEdit):
    """As tall as its text, up to MAX_LINES; Enter submits, Shift+Enter breaks the line."""

    submitted = Signal()
    escaped = Signal()
    focused = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.fit())

    def fit(self) -> None:
        """Be as tall as the text."""
        lines = max(1, min(MAX_LINES, round(self.document().size().height())))
        height = lines * self.fontMetrics().lineSpacing() + 2 * Space.S + 6
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit on Enter; a line break needs Shift (or Ctrl or Alt)."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.submitted.emit()
        elif enter:
            self.insertPlainText("\n")
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the frame, which draws the focus."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the frame."""
        super().focusOutEvent(event)
        self.focused.emit(False)


class Composer(QWidget):
    """`sent` carries the question, `stopped` means Stop; the other buttons are the page's to connect."""

    sent = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QuestionEdit()
        self.edit.setObjectName("composerEdit")
        self.frame = QFrame()
        self.frame.setObjectName("composer")
        self.send_button = PrimaryButton("", "send")
        self.stop_button = DangerButton("", "stop")
        self.bank_button = QuietButton("", "bank")
        self.batch_button = QuietButton("", "table")
        self.expert_button = QuietButton("", "sliders")
        self.expert_button.setCheckable(True)
        self.presets = QComboBox()
        self.presets.setMinimumContentsLength(9)
        self.presets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.expert = ExpertPanel()
        self._expert_area = RoomyArea(self.expert)
        self._expert_area.hide()
        self._place = QWidget()
        self._stack = QStackedLayout(self._place)
        self._stack.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        self._stack.addWidget(self.send_button)
        self._stack.addWidget(self.stop_button)
        self._build()
        self._busy = False
        self._ready = False
        self.edit.submitted.connect(self.submit)
        self.edit.escaped.connect(self._escape)
        self.edit.focused.connect(self._show_focus)
        self.edit.textChanged.connect(self._enable)
        self.send_button.clicked.connect(self.submit)
        self.stop_button.clicked.connect(self.stopped)
        self.expert_button.toggled.connect(self._expert_area.setVisible)
        self._enable()

    def submit(self) -> None:
        """Send what is typed, if there is something and nothing is being answered."""
        text = self.edit.toPlainText().strip()[:MAX_CHARS]
        if text and self._ready and not self._busy:
            self.edit.clear()
            self.sent.emit(text)

    def set_text(self, text: str) -> None:
        """Put a question into the field, the cursor behind it."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()

    def set_state(self, *, ready: bool, busy: bool) -> None:
        """`ready`: an engine can be asked; `busy`: it is answering."""
        had_focus = self.send_button.hasFocus() or self.stop_button.hasFocus()
        self._ready, self._busy = ready, busy
        self._stack.setCurrentWidget(self.stop_button if busy else self.send_button)
        if had_focus:
            (self.stop_button if busy else self.edit).setFocus()
        self.batch_button.setEnabled(ready and not busy)
        self._show_placeholder()
        self._enable()

    def set_locked(self, locked: bool) -> None:
        """Withhold what the operator sets, and files of questions."""
        for part in (self.bank_button, self.expert_button, self.presets):
            part.setVisible(not locked)
        if locked:
            self.expert_button.setChecked(False)

    def retranslate(self) -> None:
        """Set the texts."""
        self.edit.setAccessibleName(self.tr("Your question"))
        self._show_placeholder()
        self.send_button.setText(self.tr("Send"))
        self.stop_button.setText(self.tr("Stop"))
        self.stop_button.setToolTip(self.tr("End the answer now (Escape)"))
        self.bank_button.setText(self.tr("Questions"))
        self.bank_button.setToolTip(self.tr("Pick a question from a file"))
        self.batch_button.setText(self.tr("Batch"))
        self.batch_button.setToolTip(self.tr("Answer several questions side by side"))
        self.expert_button.setText(self.tr("Expert"))
        self.expert_button.setToolTip(self.tr("Sampling, length and seed"))
        self.presets.setAccessibleName(self.tr("Preset"))
        self.presets.setToolTip(self.tr("System prompt and sampling under one name"))
        self.expert.retranslate()
        self._fit_place()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        colours = current().colours
        self.frame.setStyleSheet(
            f"QFrame#composer {{ background: {colours.surface}; border: 1px solid {colours.border_strong};"
            f" border-radius: {Radius.L}px; }}"
            f'QFrame#composer[focused="true"] {{ border: 2px solid {colours.focus}; }}'
            "QPlainTextEdit#composerEdit, QPlainTextEdit#composerEdit:focus { background: transparent; border: none;"
            " padding: 2px 8px; }"
        )
        self.edit.fit()
        self._fit_place()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        for part in (self.bank_button, self.batch_button, self.expert_button, self.presets):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self._place)
        inside = QVBoxLayout(self.frame)
        inside.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        inside.setSpacing(Space.S)
        inside.addWidget(self.edit)
        inside.addLayout(row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(Space.S)
        outer.addWidget(self._expert_area)
        outer.addWidget(self.frame)

    def _fit_place(self) -> None:
        """Give Send and Stop the same size, so that neither moves anything."""
        self.send_button.ensurePolished()
        self.stop_button.ensurePolished()
        size = self.send_button.sizeHint().expandedTo(self.stop_button.sizeHint())
        self._place.setFixedSize(size.expandedTo(QSize(current().size(120), 0)))

    def _show_placeholder(self) -> None:
        text = (
            self.tr("Ask something … Enter sends, Shift+Enter starts a new line")
            if self._ready
            else self.tr("Questions can be sent once an engine is loaded")
        )
        if self.edit.placeholderText() != text:
            self.edit.setPlaceholderText(text)

    def _enable(self) -> None:
        self.send_button.setEnabled(self._ready and not self._busy and bool(self.edit.toPlainText().strip()))

    def _escape(self) -> None:
        if self._busy:
            self.stopped.emit()

    def _show_focus(self, focused: bool) -> None:
        self.frame.setProperty("focused", focused)
        repolish(self.frame)
