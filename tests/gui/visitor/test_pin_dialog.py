"""The keypad without a touch screen: every key is reached, seen and pressed by the keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.visitor.pin_dialog import PinDialog
from tests.gui.visitor.conftest import PIN, Stand


@pytest.fixture
def opened() -> list[bool]:
    return []


@pytest.fixture
def dialog(stand: Stand, opened: list[bool]) -> PinDialog:
    stand.panel.window.desk.ask_pin(lambda: opened.append(True))
    asked = stand.dialog()
    assert isinstance(asked, PinDialog)
    return asked


def focused(dialog: PinDialog) -> str | None:
    return next((digit for digit, key in dialog.keypad.keys.items() if key.hasFocus()), None)


def test_tab_reaches_every_key_and_then_the_buttons(stand: Stand, dialog: PinDialog) -> None:
    reached = []
    for _ in dialog.keypad.keys:
        stand.key(Qt.Key.Key_Tab)
        reached.append(focused(dialog))
    assert reached == [*"1234567890", ""]
    assert dialog.keypad.keys[""].accessibleName() == "Take the last digit back"
    stand.key(Qt.Key.Key_Tab)
    assert dialog.cancel_button.hasFocus()


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        ("5", Qt.Key.Key_Left, "4"), ("5", Qt.Key.Key_Right, "6"), ("5", Qt.Key.Key_Up, "2"),
        ("5", Qt.Key.Key_Down, "8"), ("8", Qt.Key.Key_Down, "0"), ("0", Qt.Key.Key_Right, ""),
        ("0", Qt.Key.Key_Left, "0"), ("7", Qt.Key.Key_Down, "7"), ("1", Qt.Key.Key_Up, "1"),
    ],
)  # fmt: skip
def test_arrow_keys_go_to_the_neighbour_and_stay_at_the_edge(
    stand: Stand, dialog: PinDialog, start: str, key: Qt.Key, end: str
) -> None:
    dialog.keypad.keys[start].setFocus()
    stand.key(key)
    assert focused(dialog) == end


def test_space_and_enter_press_the_key_and_digits_are_typed_as_before(stand: Stand, dialog: PinDialog) -> None:
    dialog.keypad.keys["5"].setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_7):
        stand.key(key)
    assert dialog.dots.accessibleName() == "4 digits"
    stand.key(Qt.Key.Key_Backspace)
    dialog.keypad.keys[""].setFocus()
    stand.key(Qt.Key.Key_Space)
    assert dialog.dots.accessibleName() == "2 digits"
    assert dialog.note.text() == ""


def test_the_pin_is_given_by_the_keypad_alone(stand: Stand, dialog: PinDialog, opened: list[bool]) -> None:
    for digit in PIN:
        while focused(dialog) != digit:
            stand.key(Qt.Key.Key_Tab)
        stand.key(Qt.Key.Key_Space)
    while not dialog.ok_button.hasFocus():
        stand.key(Qt.Key.Key_Tab)
    stand.key(Qt.Key.Key_Return)
    stand.qtbot.waitUntil(lambda: opened == [True], timeout=10_000)


def test_enter_on_cancel_cancels(stand: Stand, dialog: PinDialog) -> None:
    for digit in PIN:
        dialog.press(digit)
    dialog.cancel_button.setFocus()
    stand.key(Qt.Key.Key_Return)
    assert stand.dialog() is None
    assert stand.panel.window.booth.lock.locked


def test_a_touch_leaves_enter_to_the_pin(stand: Stand, dialog: PinDialog, opened: list[bool]) -> None:
    for digit in PIN:
        QTest.mouseClick(dialog.keypad.keys[digit], Qt.MouseButton.LeftButton)
    stand.key(Qt.Key.Key_Return)
    stand.qtbot.waitUntil(lambda: opened == [True], timeout=10_000)
