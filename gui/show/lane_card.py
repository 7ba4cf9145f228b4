"""One lane of the race: its precision, speed, way to the finish, and its answer with the place where it parts."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QWidget

from core.race.track import Track, first_difference
from gui.design import Space
from gui.theme import current
from gui.widgets import Badge, Card, Label, Segment, StackedBar, not_available
from gui.widgets.cards import BadgeTone

_LEAST_TEXT = 150


class LaneCard(Card):
    """`show_lane` draws a lane's first seconds; `number` chooses its colour."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._number = number
        self._shown: tuple[int, int | None, bool] = (-1, None, False)
        self._mark = Label("●", "heading")
        self.name = Label("", "heading")
        self.badge = Badge()
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        for part in (self._mark, self.name):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.badge)
        self.body.addLayout(head)
        self.speed = Label("", "display")
        self.body.addWidget(self.speed)
        self.bar = StackedBar(14)
        self.body.addWidget(self.bar)
        self.figures = Label("", "muted", wrap=True)
        self.body.addWidget(self.figures)
        self.parted = Label("", "strong", wrap=True)
        self.body.addWidget(self.parted)
        self.text = QTextEdit()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.body.addWidget(self.text, 1)
        self.restyle()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self._mark.setStyleSheet(f"color: {current().colours.series[self._number]};")
        self.text.setMinimumHeight(current().size(_LEAST_TEXT))
        self._shown = (-1, None, False)

    def show_name(self, name: str, meaning: str) -> None:
        """Name the lane, and say what it is for those who can't see its colour."""
        self.name.setText(name)
        self.setAccessibleName(meaning)
        self.text.setAccessibleName(meaning)

    def show_badge(self, text: str, tone: BadgeTone) -> None:
        """Show the lane's state; nothing: no badge."""
        self.badge.set(text, tone)
        self.badge.setVisible(bool(text))

    def clear(self) -> None:
        """Show an empty lane."""
        self.speed.setText(not_available())
        self.bar.set_segments(())
        for label in (self.figures, self.parted):
            label.setText("")
        self.text.clear()
        self.show_badge("", "neutral")
        self._shown = (-1, None, False)

    def show_lane(self, track: Track, reference: Track, at: float, most: int) -> None:
        """Draw the lane `at` seconds after its start; `most` tokens are the whole way."""
        count = track.count(at)
        done = track.finished_at is not None and track.finished_at <= at
        speed = track.metrics.decode_tokens_per_s if done and track.metrics else track.speed(at)
        number = QLocale().toString
        self.speed.setText(self.tr("{0} tok/s").format(number(speed, "f", 1)) if speed else not_available())
        colour = current().colours.series[self._number]
        self.bar.set_segments((Segment(min(1.0, count / max(1, most)), colour),) if count else ())
        last = track.steps[-1].at if track.steps else 0.0
        seconds = track.finished_at if done and track.finished_at is not None else min(at, last)
        self.figures.setText(self.tr("{0} tokens in {1} s").format(number(count), number(seconds, "f", 1)))
        parted = None if track is reference else first_difference(track.tokens[:count], reference.tokens[:count])
        if parted is not None and not _certain(track, reference, count, parted):
            parted = None
        self._say_parted(track, reference, parted, done)
        self._show_text(track, count, parted, done)

    def _say_parted(self, track: Track, reference: Track, parted: int | None, done: bool) -> None:
        if track is reference:
            self.parted.setText(self.tr("The reference"))
            self.parted.set_tone("")
        elif parted is not None:
            self.parted.setText(
                self.tr("Differs from {0} from token {1} on").format(reference.name, QLocale().toString(parted + 1))
            )
            self.parted.set_tone("warn")
        else:
            same = self.tr("Token for token like {0}") if done else self.tr("Like {0} so far")
            self.parted.setText(same.format(reference.name))
            self.parted.set_tone("ok" if done else "")

    def _show_text(self, track: Track, count: int, parted: int | None, done: bool) -> None:
        state = (count, parted, done)
        if state == self._shown:
            return
        self._shown = state
        whole = track.text_of(count)
        same = whole if parted is None else track.text_of(parted) if parted < len(track.steps) else whole
        self.text.clear()
        cursor = self.text.textCursor()
        plain, marked = QTextCharFormat(), QTextCharFormat()
        colours = current().colours
        plain.setForeground(QColor(colours.text))
        marked.setForeground(QColor(colours.warn))
        marked.setBackground(QColor(colours.warn_soft))
        cursor.insertText(same, plain)
        if parted is not None:
            cursor.insertText(whole[len(same) :], marked)
        if not done:
            self.text.moveCursor(QTextCursor.MoveOperation.End)
            return
        cursor.setPosition(len(same) if parted is not None else 0)
        self.text.setTextCursor(cursor)
        self.text.ensureCursorVisible()


def _certain(track: Track, reference: Track, count: int, parted: int) -> bool:
    """Return whether the difference is one of tokens, or of ends that both are known."""
    return parted < min(count, len(reference.steps)) or (track.over and reference.over)
