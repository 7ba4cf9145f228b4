from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from core.events import Exited, Hung
from gui.app import main
from gui.chat.page import ChatPage
from gui.demo.page import DemoPage
from gui.paths import settings_file
from gui.settings import Store
from gui.single import SingleInstance
from gui.visitor.pin_dialog import PinDialog
from tests.gui.conftest import MakePanel
from tests.gui.visitor.conftest import PIN, Stand

CANARY = "CANARY-only-for-the-one-who-typed-it"


def _demo(stand: Stand) -> DemoPage:
    page = stand.panel.window.page("demo")
    assert isinstance(page, DemoPage)
    return page


def _chat(stand: Stand) -> ChatPage:
    stand.panel.window.go_to("chat")
    page = stand.panel.window.page("chat")
    assert isinstance(page, ChatPage)
    return page


def test_the_attract_loop_really_asks_the_tiles_in_turn_with_the_cursor_hidden(stand: Stand) -> None:
    stand.wait(61)
    assert stand.panel.window.booth.phase == "attract"
    assert QGuiApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor
    asked = []
    for _ in range(5):
        stand.wait(8)
        asked.append(stand.runtime.asked[-1][1].conversations[0][0]["content"])
        stand.answer()
    tiles = [tile.prompt["en"] for tile in _demo(stand).tiles]
    assert asked == [*tiles, tiles[0]]


@pytest.mark.parametrize("way", ["key", "touch", "move"])
def test_any_input_ends_the_attract_loop_at_once(stand: Stand, way: str) -> None:
    stand.wait(61)
    assert _demo(stand).show_.busy
    if way == "key":
        stand.key(Qt.Key.Key_A)
    elif way == "touch":
        stand.touch(QPoint(5, 5))
    else:
        QTest.mouseMove(stand.panel.window.windowHandle(), QPoint(100, 100))
        QTest.mouseMove(stand.panel.window.windowHandle(), QPoint(300, 300))
    assert stand.panel.window.booth.phase != "attract"
    assert not _demo(stand).show_.busy
    assert QGuiApplication.overrideCursor() is None
    assert ("stop", None) in stand.runtime.asked


def test_one_key_is_enough_out_of_the_attract_loop(stand: Stand) -> None:
    stand.wait(61)
    before = stand.jobs()
    stand.key(Qt.Key.Key_Space)
    assert stand.jobs() == before + 1
    assert _demo(stand).busy()


def test_an_unfinished_visit_is_wiped_after_a_visible_countdown(stand: Stand) -> None:
    page = _chat(stand)
    QTest.keyClicks(page.composer.edit, CANARY)
    stand.wait(60)
    assert stand.panel.window.desk.curtain.isVisible()
    assert stand.panel.window.booth.seconds_left in (9, 10)
    assert page.composer.edit.toPlainText() == CANARY
    stand.wait(11)
    assert not stand.panel.window.desk.curtain.isVisible()
    assert page.composer.edit.toPlainText() == ""
    page.composer.edit.undo()
    assert page.composer.edit.toPlainText() == ""
    assert stand.panel.window.current_page_id() == "demo"


def test_a_touch_during_the_countdown_keeps_the_visit_and_does_nothing_else(stand: Stand) -> None:
    page = _chat(stand)
    page.composer.edit.setPlainText(CANARY)
    stand.wait(65)
    before = stand.jobs()
    stand.key(Qt.Key.Key_Return)
    assert stand.jobs() == before
    assert page.composer.edit.toPlainText() == CANARY
    assert not stand.panel.window.desk.curtain.isVisible()


def test_nobody_is_wiped_during_an_answer_however_long_it_takes(stand: Stand) -> None:
    page = _chat(stand)
    page.composer.edit.setPlainText("Write a novel")
    page.composer.submit()
    stand.wait(300)
    assert page.conduct.busy
    assert stand.panel.window.booth.phase == "visit"
    stand.answer()
    stand.wait(61)
    assert stand.panel.window.booth.phase == "countdown"


def test_new_visitor_wipes_conversation_clipboard_undo_cache_and_dialogs(stand: Stand) -> None:
    page = _chat(stand)
    page.composer.edit.setPlainText(CANARY)
    page.composer.submit()
    stand.answer(f"You said {CANARY}")
    page._copy(CANARY)
    page.composer.edit.setPlainText(CANARY)
    page.ask_batch()
    dialog = stand.dialog()
    assert dialog is not None
    dialog.edit.setPlainText(CANARY)  # type: ignore[attr-defined]  # the batch dialog
    stand.panel.window.booth.new_visitor()
    assert stand.dialog() is None
    assert page.conduct.conversation.empty
    assert page.conduct.earlier == ()
    assert page.composer.edit.toPlainText() == ""
    assert QGuiApplication.clipboard().text() == ""
    assert stand.panel.session.transcript == ()
    assert stand.runtime.asked[-1] == ("forget", None)
    assert stand.panel.window.current_page_id() == "demo"


def test_a_system_prompt_and_a_preset_of_a_visitor_go_with_the_visitor(stand: Stand) -> None:
    page = _chat(stand)
    page.conduct.set_system(CANARY)
    page._save_preset(CANARY)
    assert CANARY not in _settings(stand)
    stand.panel.window.booth.new_visitor()
    assert page.conduct.conversation.system == ""
    assert "presets" not in stand.panel.store.page("chat")


def test_outside_of_visitor_mode_only_the_show_is_wiped(make_panel: MakePanel) -> None:
    panel = make_panel()
    panel.window.go_to("chat")
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    page.composer.edit.setPlainText("my own work")
    panel.window.booth._end_visit()
    assert page.composer.edit.toPlainText() == "my own work"


@pytest.mark.parametrize("page_id", ["compile", "devices"])
def test_the_operators_pages_need_the_pin(stand: Stand, page_id: str) -> None:
    window = stand.panel.window
    window.go_to(page_id)
    assert window.current_page_id() == "demo"
    stand.enter("9999")
    assert window.current_page_id() == "demo"
    stand.enter(PIN)
    stand.qtbot.waitUntil(lambda: window.current_page_id() == page_id, timeout=5000)


def test_an_operator_who_walks_away_locks_up(stand: Stand) -> None:
    window = stand.panel.window
    window.go_to("devices")
    stand.enter(PIN)
    stand.qtbot.waitUntil(lambda: window.current_page_id() == "devices", timeout=5000)
    stand.wait(61)
    assert window.booth.phase == "countdown"
    stand.wait(11)
    assert window.booth.lock.locked
    assert window.current_page_id() == "demo"


@pytest.mark.parametrize("keys", ["close", "F11", "ctrl+q"])
def test_closing_and_leaving_full_screen_need_the_pin(stand: Stand, keys: str) -> None:
    window = stand.panel.window
    assert window.isFullScreen()
    if keys == "close":
        window.close()  # what Alt+F4 and the frame's button come down to
    elif keys == "F11":
        stand.key(Qt.Key.Key_F11)
    else:
        stand.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert window.isVisible()
    assert window.isFullScreen()
    assert isinstance(stand.dialog(), PinDialog)
    if keys == "close":
        stand.enter(PIN)
        stand.qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)


def test_a_window_taken_out_of_full_screen_comes_back(stand: Stand) -> None:
    window = stand.panel.window
    window.showNormal()
    stand.qtbot.waitUntil(window.isFullScreen, timeout=5000)


def test_nothing_outside_of_the_window_is_opened(stand: Stand) -> None:
    window = stand.panel.window
    for address in ("https://example.org", "file:///etc", "mailto:a@example.org"):
        assert QDesktopServices.openUrl(QUrl(address))  # taken, by the fence
    assert "outside" in window.banner.text()
    dialog = QFileDialog(window)
    dialog.open()
    stand.qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=5000)
    page = _chat(stand)
    for part in (page.header.export_button, page.header.history_button, page.composer.bank_button,
                 page.composer.expert_button, page.graphs.more_button, page.history):  # fmt: skip
        assert not part.isVisible()


def test_wrong_pins_cost_more_and_more_time_and_a_restart_forgets_nothing(stand: Stand) -> None:
    lock = stand.panel.window.booth.lock
    verdicts: list[str] = []
    for number in range(3):
        lock.try_pin("0000", verdicts.append)
        stand.qtbot.waitUntil(partial(lambda count: len(verdicts) > count, number), timeout=10_000)
    assert lock.wait() == 5.0
    lock.try_pin(PIN, verdicts.append)
    assert verdicts == ["wrong", "wrong", "wrong", "wait"]
    again = Store(stand.panel.store._path)
    assert again.value.pin_failures == 3
    assert again.value.pin_not_before == stand.clock.time() + 5.0
    stand.clock.advance(5.0)
    lock.try_pin(PIN, verdicts.append)
    stand.qtbot.waitUntil(lambda: len(verdicts) == 5, timeout=10_000)
    assert verdicts[-1] == "right"
    assert Store(stand.panel.store._path).value.pin_failures == 0


def test_a_worker_that_hangs_is_ended_without_asking_anybody(stand: Stand) -> None:
    _demo(stand).start(0)
    stand.say(Hung(stand.job(), "decode", 10.0))
    assert ("kill", None) in stand.runtime.asked


def test_three_deaths_are_said_to_the_operator_who_alone_starts_again(stand: Stand) -> None:
    stand.panel.store.update(last_engine="/engines/demo.ngf")
    stand.say(Exited(-9, "It ended 3 times in 10 minutes, so it isn't started again by itself."))
    invitation = _demo(stand).stage.invitation
    assert invitation.state == "broken"
    assert "3 times" in invitation.sentence.text()
    before = len(stand.runtime.asked)
    invitation.load_button.click()
    assert len(stand.runtime.asked) == before
    stand.enter(PIN)
    stand.qtbot.waitUntil(lambda: stand.runtime.asked[-1][0] == "load", timeout=5000)


def _settings(stand: Stand) -> str:
    path = stand.panel.store._path
    assert path is not None
    QApplication.processEvents()
    return path.read_text(encoding="utf-8")


def test_a_lost_pin_is_forgotten_by_the_command_line_only_while_the_window_is_closed(
    panel_home: Path, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    del qapp
    Store(settings_file()).update(visitor_mode=True, pin="scrypt$", pin_failures=9, pin_not_before=9e9)
    open_window = SingleInstance(panel_home / "data")
    assert open_window.acquire()
    assert main(["--end-visitor-mode"]) != 0
    assert Store(settings_file()).value.visitor_mode
    open_window.release()
    assert main(["--end-visitor-mode"]) == 0
    value = Store(settings_file()).value
    assert (value.visitor_mode, value.pin, value.pin_failures) == (False, "", 0)
    assert "Visitor mode is off" in capsys.readouterr().out


def test_a_pin_that_is_judged_after_its_dialog_was_closed_opens_nothing(stand: Stand) -> None:
    window = stand.panel.window
    opened: list[bool] = []
    window.desk.ask_pin(lambda: opened.append(True))
    dialog = stand.dialog()
    assert isinstance(dialog, PinDialog)
    for digit in PIN:
        dialog.press(digit)
    judged: list[bool] = []
    window.booth.lock.changed.connect(lambda: judged.append(window.booth.lock.locked))
    dialog.submit()
    dialog.reject()
    stand.qtbot.waitUntil(lambda: len(judged) == 2, timeout=10_000)
    assert judged == [False, True]
    assert opened == []
