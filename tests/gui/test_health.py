from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.devices import Devices, Looked, cpu
from core.events import Exited, Failed, Generated, Loaded
from core.system import data_dir
from gui.app import Panel
from gui.health.checks import DISK_BAD, Check, Facts, TokenTest, run_checks
from gui.health.page import TEST_JOB, HealthPage
from tests.gui.conftest import FakeRuntime, MakePanel
from tests.gui.test_shell import loaded, metrics, send


def facts(**changes: object) -> Facts:
    nothing = Devices((), cpu(), tuple(Looked(s, s, "") for s in ("driver_nodes", "sdk", "sdk_library", "tool")))
    values: dict[str, object] = {
        "devices": nothing, "loaded": None, "loading": False, "failure": None, "last_engine": "",
        "disk_free": 100 << 30, "data_folder": "/data", "test": None, **changes,
    }  # fmt: skip
    return Facts(**values)  # type: ignore[arg-type]  # from the dict above


def light(check_id: str, **changes: object) -> Check:
    return next(check for check in run_checks(facts(**changes)) if check.check_id == check_id)


def health_page(panel: Panel) -> HealthPage:
    panel.window.go_to("health")
    page = panel.window.page("health")
    assert isinstance(page, HealthPage)
    return page


def test_every_red_light_has_a_button(qapp: object) -> None:
    del qapp
    worlds = [
        facts(), facts(devices=None, disk_free=None), facts(disk_free=DISK_BAD - 1),
        facts(loaded=loaded(tokenizer=""), test=TokenTest(failure="It broke.")),
        facts(failure=Failed("format", "Cut short.", ""), last_engine="/e.ngf"), facts(failure=Exited(-9, "Killed.")),
    ]  # fmt: skip
    reds = [check for world in worlds for check in run_checks(world) if check.light == "bad"]
    assert {check.check_id for check in reds} == {"engine", "disk", "tokenizer", "test"}
    assert all(check.action and check.button for check in reds)
    assert all(check.sentence for world in worlds for check in run_checks(world))


def test_lights_follow_the_facts(qapp: object) -> None:
    del qapp
    assert light("engine").light == "bad"
    assert light("engine").action == "compile"
    assert light("engine", last_engine="/e.ngf").action == "load"
    assert light("engine", loaded=loaded()).light == "ok"
    assert light("tokenizer", loaded=loaded(tokenizer="bpe")).light == "ok"
    assert light("test", loaded=loaded()).light == "warn"
    assert light("test", loaded=loaded(), test=TokenTest(seconds=0.25)).sentence == "The engine answered after 250 ms."
    assert light("nodes", devices=None).light == "unknown"


def test_the_one_token_test_asks_for_one_token(panel: Panel, runtime: FakeRuntime) -> None:
    page = health_page(panel)
    panel.session.load("/engines/e.ngf")
    send(panel, runtime, loaded())
    page.rows["test"].button.click()
    command = runtime.asked[-1][1]
    assert (command.job, command.max_new_tokens) == (TEST_JOB, 1)
    send(panel, runtime, Generated(TEST_JOB, [[1]], [""], ["length"], metrics()))
    assert page.rows["test"].light == "ok"
    send(panel, runtime, loaded("/engines/other.ngf"))
    assert page.rows["test"].light == "warn"


def test_opening_the_page_tests_a_loaded_engine_at_once(panel: Panel, runtime: FakeRuntime) -> None:
    panel.session.load("/engines/e.ngf")
    send(panel, runtime, loaded())
    health_page(panel)
    assert [command.job for kind, command in runtime.asked if kind == "generate"] == [TEST_JOB]
    send(panel, runtime, Generated(TEST_JOB, [[1]], [""], ["length"], metrics(0.0)))
    panel.window.go_to("chat")
    panel.window.go_to("health")
    assert len([kind for kind, _command in runtime.asked if kind == "generate"]) == 1


def test_a_start_looks_at_everything_and_marks_the_page(
    make_panel: MakePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.CHECKS_AFTER_MS", 0)
    panel = make_panel()
    qtbot.waitUntil(lambda: "To be done" in panel.window.rail.button("health").accessibleName())


def test_a_test_that_fails_is_red_with_the_reason(panel: Panel, runtime: FakeRuntime) -> None:
    page = health_page(panel)
    panel.session.load("/engines/e.ngf")
    send(panel, runtime, loaded())
    page.run_test()
    send(panel, runtime, Failed("resource", "Memory ran out.", "", TEST_JOB))
    assert page.rows["test"].light == "bad"


def test_the_button_of_a_light_does_what_it_says(panel: Panel) -> None:
    page = health_page(panel)
    page.rows["engine"].button.click()
    assert panel.window.current_page_id() == "compile"


def test_the_report_has_logs_and_versions_and_no_conversation(panel: Panel, qtbot: QtBot, tmp_path: Path) -> None:
    private = "my very own question"
    for folder in ("logs", "conversations", "history"):
        (data_dir() / folder).mkdir(parents=True, exist_ok=True)
    (data_dir() / "logs" / "window.log").write_text("a line of the log\n", encoding="utf-8")
    (data_dir() / "conversations" / "1.json").write_text(private, encoding="utf-8")
    panel.window.context.store.update_page("chat", draft=private, system_prompt=private)
    page = health_page(panel)
    target = tmp_path / "report.zip"
    page.save_report(target)
    qtbot.waitUntil(target.exists, timeout=10_000)
    with zipfile.ZipFile(target) as archive:
        contents = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    assert contents["logs/window.log"] == "a line of the log\n"
    report = json.loads(contents["report.json"])
    assert report["versions"]["PySide6"]
    assert report["checks"]["engine"]["light"] == "bad"
    assert not any(private in text for text in contents.values())


def test_a_report_that_cannot_be_written_is_an_error_in_a_dialog(panel: Panel, qtbot: QtBot, tmp_path: Path) -> None:
    from gui.widgets import ErrorDialog

    health_page(panel).save_report(tmp_path / "missing" / "report.zip")
    qtbot.waitUntil(lambda: bool(panel.window.findChildren(ErrorDialog)), timeout=10_000)
    panel.window.findChildren(ErrorDialog)[0].close()


def test_loaded_is_shown_at_once(panel: Panel, runtime: FakeRuntime) -> None:
    page = health_page(panel)
    panel.session.load("/engines/e.ngf")
    assert page.rows["engine"].light == "unknown"
    event: Loaded = loaded()
    send(panel, runtime, event)
    assert page.rows["engine"].light == "ok"
