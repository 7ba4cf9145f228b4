from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.errors import ModelError
from core.events import Exited, Failed, Generated, Loaded, Metrics, Token
from core.spec import EngineConfig
from gui.app import Panel
from gui.chat.page import ChatPage
from gui.design import SCALES, TOUCH
from gui.devices.plan import CHATGLM2_6B
from gui.pages import visible_pages
from gui.settings import Store
from gui.widgets import ErrorDialog
from tests.gui.conftest import FakeRuntime, MakePanel

PAGES = [entry.page_id for entry in visible_pages()]


def loaded(engine: str = "/engines/glm_bf16_q_multi.ngf", tokenizer: str = "chatglm") -> Loaded:
    return Loaded(engine, CHATGLM2_6B.to_json(), EngineConfig().to_json(), tokenizer, 0.2, 6 << 30, 1 << 28)


def metrics(rate: float = 42.5) -> Metrics:
    return Metrics(10, 0, 20, 0.1, 23.5, 0.09, 0.47, 111.0, rate, 30, 2048, 1 << 30)


@pytest.fixture
def started(panel: Panel) -> Panel:
    """Return a panel whose runtime is attached to the bridge."""
    panel.session.load("/engines/glm_bf16_q_multi.ngf")
    return panel


def send(panel: Panel, runtime: FakeRuntime, *events: object) -> None:
    for event in events:
        runtime.events.put(event)  # type: ignore[arg-type]  # tests send what they like
    while not runtime.events.empty():  # a drain ends when its time is over
        panel.bridge.drain()


def test_every_page_opens_from_the_rail_by_mouse_and_by_key(panel: Panel, qtbot: QtBot) -> None:
    for page_id in PAGES:
        qtbot.mouseClick(panel.window.rail.button(page_id), Qt.MouseButton.LeftButton)
        assert panel.window.current_page_id() == page_id
    for number, page_id in enumerate(PAGES, start=1):
        qtbot.keyClick(panel.window, Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.ControlModifier)
        assert panel.window.current_page_id() == page_id


def test_the_demo_is_the_first_page_of_the_rail_and_of_the_first_start(panel: Panel) -> None:
    assert PAGES[0] == "demo"
    assert panel.window.current_page_id() == "demo"


def test_the_page_shown_last_comes_back(tmp_path: Path, make_panel: MakePanel) -> None:
    file = tmp_path / "settings.json"
    first = make_panel(Store(file))
    first.window.go_to("health")
    first.window.close()
    assert make_panel(Store(file)).window.current_page_id() == "health"


def test_size_and_full_screen_come_back(tmp_path: Path, make_panel: MakePanel, qtbot: QtBot) -> None:
    file = tmp_path / "settings.json"
    first = make_panel(Store(file))
    first.window.resize(1000, 700)
    qtbot.waitUntil(lambda: first.window.size().toTuple() == (1000, 700))
    first.window.close()
    assert Store(file).value.geometry
    second = make_panel(Store(file))
    qtbot.keyClick(second.window, Qt.Key.Key_F11)
    assert second.window.isFullScreen()
    second.window.close()
    assert make_panel(Store(file)).window.isFullScreen()


def test_the_strip_shows_engine_and_speed(started: Panel, runtime: FakeRuntime) -> None:
    strip = started.window.strip
    assert "Loading glm_bf16_q_multi.ngf" in strip.engine.text()
    assert strip.rate.text() == "N/A tok/s"
    send(started, runtime, loaded())
    assert strip.engine.text() == "glm_bf16_q_multi"
    send(started, runtime, Token("j", 0, 5, "x"))
    assert started.session.answering
    send(started, runtime, Generated("j", [[5]], ["x"], ["eos"], metrics(42.5)))
    assert strip.rate.text() == "42.5 tok/s"
    assert not started.session.answering


def test_a_load_that_fails_leaves_no_engine(started: Panel, runtime: FakeRuntime) -> None:
    send(started, runtime, Failed("format", "The file is cut short.", "Copy it again."))
    assert started.window.strip.engine.text() == "No engine loaded"
    assert isinstance(started.session.failure, Failed)


def test_the_end_of_the_child_is_noticed(started: Panel, runtime: FakeRuntime) -> None:
    send(started, runtime, loaded(), Exited(-9, "The worker process was killed."))
    assert started.session.loaded is None
    assert isinstance(started.session.failure, Exited)
    assert started.window.strip.engine.text() == "No engine loaded"


def test_simulated_cards_are_called_simulated_in_the_strip(make_panel: MakePanel) -> None:
    panel = make_panel(simulate_cards=3)
    assert panel.window.strip.device.text() == "C10 ×3 simulated"


def test_text_scale_by_keys_reaches_the_widgets_and_is_remembered(panel: Panel, qtbot: QtBot, tmp_path: Path) -> None:
    del tmp_path
    before = panel.window.strip.engine.fontMetrics().height()
    for _ in SCALES:
        qtbot.keyClick(panel.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert panel.theme.percent == 250
    assert panel.window.strip.engine.fontMetrics().height() > 2 * before
    assert panel.window.context.store.value.text_percent == 250
    qtbot.keyClick(panel.window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert panel.theme.percent == 225
    qtbot.keyClick(panel.window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert panel.theme.percent == 100


@pytest.mark.parametrize("percent", [100, 250])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_button_cuts_its_text_off(make_panel: MakePanel, percent: int, lang: str) -> None:
    store = Store(None)
    store.update(text_percent=percent)
    panel = make_panel(store, lang=lang, simulate_cards=2)
    panel.window.resize(1920, 1080)
    for page_id in PAGES:
        panel.window.go_to(page_id)
        QApplication.processEvents()
        for button in panel.window.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                assert button.width() >= button.minimumSizeHint().width(), (page_id, button.text())


def test_theme_follows_the_choice_at_once(panel: Panel) -> None:
    light = panel.window.grab().toImage().pixelColor(600, 300).lightness()
    panel.window.set_theme("dark")
    QApplication.processEvents()
    dark = panel.window.grab().toImage().pixelColor(600, 300).lightness()
    assert light > 200 > 60 > dark
    assert panel.window.context.store.value.theme == "dark"


def test_theme_follows_the_system_where_that_was_chosen(
    make_panel: MakePanel, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel(theme="system")
    for scheme, mode in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")):
        monkeypatch.setattr("gui.theme.system_is_dark", lambda _app, dark=mode == "dark": dark)
        qapp.styleHints().colorSchemeChanged.emit(scheme)
        assert panel.theme.mode == mode


def test_language_changes_while_running(panel: Panel) -> None:
    for page_id in PAGES:
        panel.window.go_to(page_id)
    panel.window.set_language("zh")
    QApplication.processEvents()
    assert panel.window.rail.button("devices").accessibleName() == "设备"
    assert panel.window.context.store.value.language == "zh"
    panel.window.set_language("en")
    QApplication.processEvents()
    assert panel.window.rail.button("devices").accessibleName() == "Devices"


@pytest.mark.parametrize("page_id", PAGES)
def test_nothing_stays_english_in_chinese(make_panel: MakePanel, page_id: str) -> None:
    panel = make_panel(lang="zh", simulate_cards=1)
    panel.window.go_to(page_id)
    QApplication.processEvents()
    english = [
        text
        for widget in panel.window.findChildren(QWidget)
        if widget.isVisible()
        for text in _texts(widget)
        if _is_english(text)
    ]
    assert english == []


def _texts(widget: QWidget) -> list[str]:
    found = [widget.toolTip(), widget.accessibleName()]
    if isinstance(widget, QLabel | QAbstractButton):
        found.append(widget.text())
    if isinstance(widget, QLineEdit):
        found.append(widget.placeholderText())
    return found


def _is_english(text: str) -> bool:
    """Two or more words of small letters in a row are English; names, units and paths aren't."""
    words = [word for word in text.split() if word.isascii() and word.isalpha() and word.islower() and len(word) > 2]
    return len(words) >= 2


@pytest.mark.parametrize("page_id", PAGES)
def test_everything_interactive_is_named_reachable_and_large(make_panel: MakePanel, page_id: str) -> None:
    panel = make_panel(simulate_cards=1)
    panel.window.resize(1920, 1080)
    panel.window.go_to(page_id)
    QApplication.processEvents()
    for widget in panel.window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QAbstractSpinBox | QComboBox):
            continue
        what = (page_id, type(widget).__name__, widget.accessibleName() or getattr(widget, "text", str)())
        assert what[2], what
        group = widget.group() if isinstance(widget, QAbstractButton) else None
        by_arrows = group is not None and group.exclusive()  # Tab reaches the checked one, arrow keys the others
        assert by_arrows or widget.focusPolicy() & Qt.FocusPolicy.TabFocus, what
        assert widget.height() >= TOUCH, (what, widget.height())


def test_tab_goes_round_the_whole_window(panel: Panel, qtbot: QtBot) -> None:
    panel.window.go_to("health")
    QApplication.processEvents()
    reached = set()
    for _ in range(60):
        qtbot.keyClick(panel.window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        reached.add((focused.accessibleName() or getattr(focused, "text", str)()).partition(":")[0])
    assert {"Health", "Check again", "Save report", "Choose an engine", "Language"} <= reached


def test_an_error_is_a_sentence_and_a_next_step_in_a_dialog(panel: Panel) -> None:
    panel.window.notices.show_error(ModelError("The model has no output.", "Export it again."))
    dialog = next(child for child in panel.window.children() if isinstance(child, ErrorDialog))
    assert dialog.isVisible()
    assert dialog.message.text() == "The model has no output."
    assert dialog.hint.text() == "Export it again."
    assert dialog.log_button.text() == "Open log"
    dialog.close_button.click()
    assert not dialog.isVisible()


def test_dialogs_are_never_larger_than_the_window(make_panel: MakePanel) -> None:
    store = Store(None)
    store.update(text_percent=250)
    panel = make_panel(store)
    panel.window.resize(1600, 900)
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    page.graphs.show_runs()
    page.load_bank()
    page.ask_batch()
    dialogs = [child for child in panel.window.findChildren(QDialog) if child.isVisible()]
    assert len(dialogs) == 3
    for dialog in dialogs:
        assert dialog.width() <= 1600
        assert dialog.height() <= 900
        dialog.close()


def test_what_opening_an_engine_had_to_tell_is_shown(started: Panel, runtime: FakeRuntime) -> None:
    send(started, runtime, replace(loaded(), notes=["The code was compiled again for this processor."]))
    assert "compiled again" in started.window.banner.text()


def test_a_banner_takes_room_only_while_it_is_there(panel: Panel) -> None:
    top = panel.window.page("chat").mapTo(panel.window, QPoint(0, 0)).y()
    assert top == 0
    panel.window.notices.say("Saved.", "ok")
    QApplication.processEvents()
    assert panel.window.page("chat").mapTo(panel.window, QPoint(0, 0)).y() > 0
    panel.window.banner.dismiss()
    QApplication.processEvents()
    assert panel.window.page("chat").mapTo(panel.window, QPoint(0, 0)).y() == 0


def test_a_marked_page_has_a_dot_and_says_why(panel: Panel) -> None:
    rail = panel.window.rail
    panel.window.mark("health", "To be done: 1")
    assert rail.button("health").findChild(QLabel).isVisible()
    assert rail.button("health").accessibleName() == "Health: To be done: 1"
    panel.window.mark("health", "")
    assert not rail.button("health").findChild(QLabel).isVisible()


def test_the_rail_follows_the_text_scale_both_ways(panel: Panel) -> None:
    before = panel.window.rail.width()
    panel.window.set_scale(200)
    assert panel.window.rail.width() > before
    panel.window.set_scale(100)
    assert panel.window.rail.width() == before


def test_notices_go_away_and_warnings_stay(panel: Panel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.notices.NOTICE_MS", 10)
    panel.window.notices.say("Saved.", "ok")
    assert panel.window.banner.isVisible()
    qtbot.waitUntil(lambda: not panel.window.banner.isVisible())
    panel.window.notices.say("The disk is almost full.", "warn")
    qtbot.wait(50)
    assert panel.window.banner.isVisible()
