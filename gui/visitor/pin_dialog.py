"""Asks for the operator's PIN, or for a new one: a keypad for touch screens, and the keyboard."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.design import Space
from gui.theme import current
from gui.visitor import pin as pins
from gui.visitor.lock import Lock, Verdict
from gui.widgets import Button, IconLabel, Label, PrimaryButton, QuietButton
from gui.widgets.dialogs import room_of

_DOT, _RING = "●", "○"
_COLUMNS = 3
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
"""Rows and columns that arrow keys go on."""


class Keypad(QWidget):
    """Ten digits and a key that takes one back; `pressed` carries a digit, or "" for taking back.

    Tab reaches each key, arrow keys go from one to its neighbour; a touch leaves the focus where it is.
    """

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.S)
        self.keys: dict[str, Button] = {}
        self._places: dict[tuple[int, int], Button] = {}
        for place, digit in enumerate((*"123456789", "", "0")):
            if digit:
                self._add(digit, digit, place)
        self._add("", "⌫", 11)
        self.keys[""].setAccessibleName(self.tr("Take the last digit back"))

    def eventFilter(self, key: QObject, event: QEvent) -> bool:
        """Go from key to key by the arrow keys; at the edge, stay."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _STEPS:
            down, right = _STEPS[Qt.Key(event.key())]
            row, column = next(place for place, button in self._places.items() if button is key)
            self._places.get((row + down, column + right), self._places[row, column]).setFocus()
            return True
        return super().eventFilter(key, event)

    def _add(self, digit: str, label: str, place: int) -> None:
        button = Button(label)
        button.setProperty("grade", "key")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.installEventFilter(self)
        button.clicked.connect(partial(self._press, digit))
        row_and_column = divmod(place, _COLUMNS)
        self._grid.addWidget(button, *row_and_column)
        self._places[row_and_column] = button
        self.keys[digit] = button

    def _press(self, digit: str, _checked: bool = False) -> None:
        self.pressed.emit(digit)


class PinDialog(QDialog):
    """`entered` fires once the PIN was right. What is typed is shown as dots and kept only until it is judged."""

    entered = Signal()

    def __init__(self, lock: Lock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lock = lock
        self._typed = ""
        self._closed = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Operator"))
        self.heading = Label(self.tr("Operator's PIN"), "heading", wrap=True)
        self.sentence = Label(self.tr("This belongs to the operator of the stand."), "muted", wrap=True)
        self.dots = Label("", "display")
        self.note = Label("", "body", wrap=True)
        self.keypad = Keypad()
        self.ok_button, self.cancel_button = PrimaryButton(self.tr("OK")), QuietButton(self.tr("Cancel"))
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._show_wait)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not one of the buttons: Space would press it
        self._build()
        self.setFocus()
        self.keypad.pressed.connect(self.press)
        self.ok_button.clicked.connect(self.submit)
        self.cancel_button.clicked.connect(self.reject)
        self._show_typed()
        self._show_wait()

    def press(self, digit: str) -> None:
        """Take a digit, or take the last one back for ""."""
        if not digit:
            self._typed = self._typed[:-1]
        elif len(self._typed) < pins.MOST_DIGITS:
            self._typed += digit
        self._say("")
        self._show_typed()

    def submit(self) -> None:
        """Let the PIN be judged."""
        if not self.ok_button.isEnabled():
            return
        typed, self._typed = self._typed, ""
        self.ok_button.setEnabled(False)
        self._judge(typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits from the keyboard, too; Enter presses the button that has the focus."""
        text = event.text()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton):
                focused.click()
            else:
                self.submit()
        elif event.key() == Qt.Key.Key_Backspace:
            self.press("")
        elif text.isascii() and text.isdecimal():
            self.press(text)
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Forget what was typed."""
        self._typed = ""
        self._closed = True
        self._timer.stop()
        super().done(result)

    def _judge(self, typed: str) -> None:
        self._lock.try_pin(typed, self._on_verdict)

    def _on_verdict(self, verdict: Verdict) -> None:
        if self._closed:  # it was closed while the PIN was judged: whoever gave it has gone
            self._lock.leave()
            return
        if verdict == "right":
            self.accept()
            self.entered.emit()
            return
        self._say(self.tr("That is not the PIN."), bad=True)
        self._show_typed()
        self._show_wait()

    def _show_wait(self) -> None:
        wait = self._lock.wait()
        if wait > 0:
            self._say(self.tr("Too many wrong tries. Wait {0} s.").format(int(wait) + 1), bad=True)
            self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self._say("")
        self._show_typed()

    def _show_typed(self) -> None:
        count = len(self._typed)
        self.dots.setText(" ".join([_DOT] * count + [_RING] * max(0, pins.LEAST_DIGITS - count)))
        self.dots.setAccessibleName(self.tr("{0} digits").format(count))
        self.ok_button.setEnabled(count >= pins.LEAST_DIGITS and self._lock.wait() <= 0)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.note.setText(text)
        self.note.set_tone("bad" if bad else "")

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.M)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(IconLabel("lock", "accent", 32))
        head.addWidget(self.heading, 1)
        layout.addLayout(head)
        layout.addWidget(self.sentence)
        self.dots.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.dots)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setMinimumHeight(self.note.fontMetrics().lineSpacing() + Space.XS)
        layout.addWidget(self.note)
        layout.addWidget(self.keypad, 0, Qt.AlignmentFlag.AlignHCenter)
        buttons = QHBoxLayout()
        buttons.addWidget(self.cancel_button)
        buttons.addStretch(1)
        buttons.addWidget(self.ok_button)
        layout.addSpacing(Space.S)
        layout.addLayout(buttons)
        self.setMinimumWidth(min(current().size(420), room_of(self).width()))


class NewPinDialog(PinDialog):
    """Asks twice for a new PIN and keeps it; `entered` fires when it is kept."""

    def __init__(self, lock: Lock, parent: QWidget | None = None) -> None:
        self._first = ""
        super().__init__(lock, parent)
        self.heading.setText(self.tr("New PIN"))
        self.sentence.setText(
            self.tr("{0} to {1} digits. Visitors need it to leave the show; nobody can tell it to you later.").format(
                pins.LEAST_DIGITS, pins.MOST_DIGITS
            )
        )

    def done(self, result: int) -> None:
        """Forget what was typed."""
        self._first = ""
        super().done(result)

    def _judge(self, typed: str) -> None:
        if not self._first:
            self._first = typed
            self.heading.setText(self.tr("New PIN, once more"))
            self._show_typed()
        elif typed == self._first:
            self._lock.set_pin(typed, self._on_kept)
        else:
            self._first = ""
            self.heading.setText(self.tr("New PIN"))
            self._say(self.tr("The two were different. Begin again."), bad=True)
            self._show_typed()

    def _on_kept(self) -> None:
        if self._closed:
            return
        self.accept()
        self.entered.emit()
