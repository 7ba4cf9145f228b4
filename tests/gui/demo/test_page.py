from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.events import Generated, PrefillProgress, Prompted, Token
from gui.app import Panel
from gui.demo import maker
from gui.demo.editor import TileEditor
from gui.demo.page import DemoPage
from gui.health.page import HealthPage
from gui.settings import Store
from tests.gui.chat.conftest import loaded
from tests.gui.chat.test_history import FIGURES
from tests.gui.conftest import FakeRuntime, MakePanel


@pytest.fixture
def page(panel: Panel, qtbot: QtBot) -> DemoPage:
    made = panel.window.page("demo")
    assert isinstance(made, DemoPage)
    qtbot.waitUntil(lambda: made._wall is not None, timeout=20_000)
    assert panel.session.runtime is not None
    return made


def say(panel: Panel, runtime: FakeRuntime, *events: object) -> None:
    for event in events:
        runtime.events.put(event)  # type: ignore[arg-type]  # tests send what they like
    while not runtime.events.empty():
        panel.bridge.drain()
    panel.bridge.drain()


def asked(runtime: FakeRuntime) -> list[str]:
    return [command.conversations[0][0]["content"] for kind, command in runtime.asked if kind == "generate"]


def test_one_touch_on_a_tile_streams_its_answer_with_figure_and_graph(
    panel: Panel, page: DemoPage, runtime: FakeRuntime
) -> None:
    say(panel, runtime, loaded())
    QTest.mouseClick(page.stage.tile_buttons[2], Qt.MouseButton.LeftButton)
    assert asked(runtime) == [page.tiles[2].prompt["en"]]
    assert page.stage.start_button.text() == "Stop"
    job = page.show_.answering._job
    say(panel, runtime, Prompted(job, ["?"], [5]), PrefillProgress(job, 5, 5), *[Token(job, 0, 7, "word ")] * 20)
    page._last_sample = 0.0
    page._sample(page.context.clock.monotonic())
    assert len(page._wall or ()) > 0
    say(panel, runtime, Generated(job, [[7]], ["word " * 20], ["eos"], FIGURES))
    assert page.stage.answer.text() == "word " * 20
    assert page.stage.hero.text() == f"{FIGURES.decode_tokens_per_s:.1f}"
    assert page.stage.start_button.text() == "Start"


def test_one_key_starts_and_the_next_start_takes_the_next_tile(
    panel: Panel, page: DemoPage, runtime: FakeRuntime
) -> None:
    say(panel, runtime, loaded())
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Space)
    page.show_.stop()
    QTest.keyClick(page, Qt.Key.Key_Return)
    QTest.keyClick(page, Qt.Key.Key_4)
    assert asked(runtime) == [page.tiles[index].prompt["en"] for index in (0, 1, 3)]
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.show_.busy


def test_a_tile_with_another_engine_loads_it_first(
    panel: Panel, page: DemoPage, runtime: FakeRuntime, tmp_path: Path
) -> None:
    say(panel, runtime, loaded())
    other = tmp_path / "other.ngf"
    other.write_bytes(b"")
    page.tiles = (replace(page.tiles[0], engine=str(other)), *page.tiles[1:])
    page.start(0)
    assert runtime.asked[-1][0] == "load"
    assert asked(runtime) == []
    say(panel, runtime, replace(loaded(), engine=str(other)))
    assert len(asked(runtime)) == 1


def test_a_tile_whose_engine_can_not_be_looked_at_is_answered_by_the_loaded_one(
    panel: Panel, page: DemoPage, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    page.tiles = (replace(page.tiles[0], engine="/locked/other.ngf"), *page.tiles[1:])
    say(panel, runtime, loaded())
    monkeypatch.setattr(Path, "stat", refuse)
    page.start(0)
    assert asked(runtime) == [page.tiles[0].prompt["en"]]


def test_without_an_engine_one_button_gets_the_demo_model(
    panel: Panel, page: DemoPage, runtime: FakeRuntime, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "ready_engine", lambda: Path("/engines/demo.ngf"))
    assert page.stage.invitation.make_button.isVisible()
    assert not page.stage.start_button.isEnabled()
    page.stage.invitation.make_button.click()
    qtbot.waitUntil(lambda: ("load", ("/engines/demo.ngf", "", 0)) in runtime.asked, timeout=5000)


def test_the_tiles_are_edited_in_the_window(panel: Panel, page: DemoPage) -> None:
    editor = TileEditor(panel.window.context, panel.window)
    editor.saved.connect(page.load_tiles)
    editor.open()
    editor.form.titles["en"].setText("Say it loud")
    editor.form.tokens.setValue(99)
    editor.list.setCurrentRow(3)
    editor.remove()
    editor.add()
    editor.save()
    assert "empty" in editor.note.text()
    editor.remove()
    editor.save()
    QApplication.processEvents()
    assert next(b.title() for b in page.stage.tile_buttons if b.isVisible()) == "Say it loud"
    assert len(page.tiles) == 3
    assert page.tiles[0].options.max_new_tokens == 99


def test_the_first_start_greets_with_health_and_one_button(
    make_panel: MakePanel, tmp_path: Path, qtbot: QtBot, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "ready_engine", lambda: Path("/engines/demo.ngf"))
    panel = make_panel(Store(tmp_path / "settings.json"))
    health = panel.window.page("health")
    assert isinstance(health, HealthPage)
    assert panel.window.current_page_id() == "health"
    assert health.greeting.isVisible()
    health.greeting.button.click()
    assert panel.window.current_page_id() == "demo"
    qtbot.waitUntil(lambda: ("load", ("/engines/demo.ngf", "", 0)) in runtime.asked, timeout=5000)
    say(panel, runtime, loaded())
    assert len(asked(runtime)) == 1
    panel.window.close()
    again = make_panel(Store(tmp_path / "settings.json"))
    assert again.window.current_page_id() == "demo"
