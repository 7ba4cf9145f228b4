"""The conversation on the screen: a column of messages that follows what is written unless the user scrolls up."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.chat import conversation as tree
from gui.chat.conversation import Conversation, Message
from gui.chat.look import message_style
from gui.chat.messages import AnswerView, MessageView, QuestionView
from gui.chat.slices import Slices
from gui.design import Space
from gui.theme import current
from gui.widgets import Button, QuietButton

WIDTH = 880
"""Lines of text don't grow wider than this, in pixels at 100 % text."""
SHOWN_AT_ONCE = 30
"""Messages that are made when a conversation is opened; a button brings as many earlier ones."""

AT_ONCE = 4
"""Of these, the last few are there immediately, the others follow one by one."""
_NEAR_END = 24


class ThreadView(QWidget):
    """Shows a conversation. The signals carry what the user wants; nothing is changed here."""

    copied = Signal(str)
    link_clicked = Signal(str)
    regenerated = Signal(int)
    resent = Signal(int, str)
    stepped = Signal(int, int)

    def __init__(self, slices: Slices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slices = slices
        self._views: list[MessageView] = []
        self._earlier: list[Message] = []
        self._conversation: Conversation | None = None
        self._following = True
        self._filling: Iterator[None] | None = None
        self._busy = False
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setAutoFillBackground(True)  # opaque, so that scrolling moves pixels instead of painting them anew
        self._page = page
        self._centring = centring = QHBoxLayout(page)
        centring.setContentsMargins(Space.XL, Space.M, Space.XL, Space.XL)
        centring.addStretch(1)
        self._column = QWidget()
        self._column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        centring.addWidget(self._column, 1000)
        centring.addStretch(1)
        self._layout = QVBoxLayout(self._column)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.earlier_button = QuietButton("", "chevron-up")
        self.earlier_button.clicked.connect(self._show_earlier)
        self._layout.addWidget(self.earlier_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.earlier_button.hide()
        self._layout.addStretch(1)
        self.area.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self.end_button = Button("", "chevron-down")
        self.end_button.setParent(self)
        self.end_button.hide()
        self.end_button.clicked.connect(self.to_end)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_value)
        bar.actionTriggered.connect(lambda _action: self._let_go_if_up())
        self.area.viewport().installEventFilter(self)

    def show_conversation(self, conversation: Conversation) -> None:
        """Show a conversation from its end; messages that are shown already stay as they are."""
        same = self._conversation is not None and self._conversation.id == conversation.id
        if self._filling is not None:  # what is shown isn't complete: begin anew
            self._stop_filling()
            same = False
        self._conversation = conversation
        wanted = list(tree.path(conversation))
        kept = 0
        if same:
            offset = len(self._earlier)
            shown = [view.message_id for view in self._views]
            ids = [message.id for message in wanted[offset:]]
            while kept < min(len(shown), len(ids)) and shown[kept] == ids[kept]:
                kept += 1
            if wanted[:offset] != self._earlier:
                kept = 0
        if not kept:
            self._clear(0)
            self._earlier = wanted[:-SHOWN_AT_ONCE]
        else:
            self._clear(kept)
        added = wanted[len(self._earlier) + kept :]
        if len(added) > AT_ONCE:
            self._filling = self._prepend(added[:-AT_ONCE])
            self._slices.add(self._filling, self)
            added = added[-AT_ONCE:]
        made = [self._append(message) for message in added]
        for view in reversed(made):  # the last is read first
            self._fill(view)
        self.earlier_button.setVisible(bool(self._earlier) and self._filling is None)
        self._show_versions()
        self.to_end()

    def answer(self, message_id: int) -> AnswerView | None:
        """Return the view of an answer, None if it isn't shown."""
        for view in reversed(self._views):
            if view.message_id == message_id and isinstance(view, AnswerView):
                return view
        return None

    def views(self) -> list[MessageView]:
        """Return the views of the messages that are shown, from top to bottom."""
        return list(self._views)

    def set_busy(self, busy: bool) -> None:
        """Withhold what can't be done while an answer is being made."""
        self._busy = busy
        for view in self._views:
            view.set_busy(busy)

    def to_end(self) -> None:
        """Scroll to the end and follow it again."""
        self._following = True
        self.end_button.hide()
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.maximum())

    @property
    def following(self) -> bool:
        """Whether the end is followed."""
        return self._following

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self._column.setMaximumWidth(current().size(WIDTH))
        colours = QPalette()
        colours.setColor(QPalette.ColorRole.Window, current().colour("window"))
        self._page.setPalette(colours)
        self._page.setStyleSheet(message_style(current().colours))
        for view in self._views:
            view.restyle()

    def retranslate(self) -> None:
        """Set the texts."""
        self.area.setAccessibleName(self.tr("Conversation"))
        self.end_button.setText(self.tr("Jump to the end"))
        self.earlier_button.setText(self.tr("Show earlier messages"))
        for view in self._views:
            view.retranslate()
        self._place_button()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go of the end as soon as the wheel turns up."""
        if event.type() == QEvent.Type.Wheel and event.angleDelta().y() > 0:  # type: ignore[attr-defined]  # a wheel event
            self._let_go()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button in its corner."""
        super().resizeEvent(event)
        self._place_button()

    def _append(self, message: Message) -> MessageView:
        view = self._make(message)
        self._views.append(view)
        self._layout.insertWidget(self._layout.count() - 1, view)
        return view

    def _fill(self, view: MessageView) -> None:
        if isinstance(view, AnswerView) and view.complete:
            self._slices.add(view.fill(), view)

    def _make(self, message: Message) -> MessageView:
        view: MessageView
        if message.role == "user":
            question = QuestionView(message)
            question.resent.connect(self.resent)
            view = question
        else:
            answer = AnswerView(message, self._slices)
            answer.regenerated.connect(self.regenerated)
            if message.reason:
                answer.show_ending(message)
            else:
                answer.start()
            view = answer
        view.copied.connect(self.copied)
        view.link_clicked.connect(self.link_clicked)
        view.stepped.connect(self.stepped)
        view.restyle()
        view.retranslate()
        view.set_busy(self._busy)
        return view

    def _clear(self, kept: int) -> None:
        for view in self._views[kept:]:
            self._layout.removeWidget(view)
            view.hide()
            view.deleteLater()
        del self._views[kept:]

    def _show_earlier(self) -> None:
        added = self._earlier[-SHOWN_AT_ONCE:]
        del self._earlier[-len(added) :]
        self.earlier_button.hide()
        self._filling = self._prepend(added)
        self._slices.add(self._filling, self)

    def _prepend(self, messages: list[Message]) -> Iterator[None]:
        """Put messages above those that are shown, the last first, one in each step."""
        for message in reversed(messages):
            view = self._make(message)
            self._views.insert(0, view)
            self._layout.insertWidget(1, view)
            self._show_versions()
            yield
            self._fill(view)
        self._filling = None
        self.earlier_button.setVisible(bool(self._earlier))

    def _stop_filling(self) -> None:
        if self._filling is not None:
            self._slices.cancel(self._filling)
            self._filling = None

    def _show_versions(self) -> None:
        if self._conversation is None:
            return
        for view in self._views:
            versions = tree.siblings(self._conversation, view.message_id)
            view.versions.show_position(versions.index(view.message_id), len(versions))

    def _on_range(self, _least: int, most: int) -> None:
        bar = self.area.verticalScrollBar().sizeHint().width() if most > 0 else 0
        self._centring.setContentsMargins(Space.XL + bar, Space.M, Space.XL, Space.XL)
        if self._following:
            self.area.verticalScrollBar().setValue(most)
        else:
            self._on_value(self.area.verticalScrollBar().value())

    def _on_value(self, value: int) -> None:
        at_end = value >= self.area.verticalScrollBar().maximum() - _NEAR_END
        if at_end and not self._following:
            self._following = True
        self.end_button.setVisible(not self._following)
        if not self._following:
            self._place_button()

    def _let_go_if_up(self) -> None:
        bar = self.area.verticalScrollBar()
        if bar.sliderPosition() < bar.maximum() - _NEAR_END:
            self._let_go()

    def _let_go(self) -> None:
        if self.area.verticalScrollBar().maximum() > 0:
            self._following = False

    def _place_button(self) -> None:
        self.end_button.adjustSize()
        self.end_button.move(
            (self.width() - self.end_button.width()) // 2, self.height() - self.end_button.height() - Space.M
        )
        self.end_button.raise_()
