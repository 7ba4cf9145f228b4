"""The job's state and its panel, with a child whose events the test writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.errors import FileError, ModelError
from core.events import (
    COMPILE_STEPS,
    CompileFinished,
    Exited,
    Exported,
    Failed,
    LogLine,
    StepFinished,
    StepProgress,
    StepStarted,
)
from gui.app import Panel
from gui.compile.job import LOG_LINES
from gui.compile.page import CompilePage
from tests.gui.compile.doubles import FakeJob
from tests.gui.compile.test_choices import DRAFT
from tests.gui.conftest import FakeRuntime

ENGINE = "/engines/glm_bf16_q/glm_bf16_q_multi.ngf"
DONE = CompileFinished([ENGINE], [990], 12.0, 1 << 28, 1000)


@pytest.fixture
def started(panel: Panel, page: CompilePage, fake_job: FakeJob) -> FakeJob:
    page._start_compile(DRAFT.request())
    panel.bridge.drain()
    return fake_job


def flush(panel: Panel, job: FakeJob) -> None:
    """Let the window take what the child said; one tick takes only as much as its time allows."""
    while not job.events.empty():
        panel.bridge.drain()
    panel.bridge.drain()


def steps(*names: str) -> list[StepStarted | StepFinished]:
    return [event for name in names for event in (StepStarted(name), StepFinished(name, 1.0))]


def test_progress_is_told_in_its_own_units_and_an_unknown_length_is_said(
    panel: Panel, page: CompilePage, started: FakeJob
) -> None:
    started.say(StepStarted("import"), StepProgress("import", 1, 2, "layers"))
    flush(panel, started)
    rows = page.panel.rows
    assert [row._name.text()[0] for row in rows] == list("123456")
    assert rows[0].progress.text() == "1 of 2 layers"
    assert rows[0].bar._known
    started.say(StepFinished("import", 1.0), StepStarted("base"), StepProgress("base", 31, None, "passes"))
    flush(panel, started)
    assert rows[1].progress.text() == "31 passes done, how many there are isn't known beforehand"
    assert not rows[1].bar._known
    started.say(StepFinished("base", 1.0), StepStarted("write"), StepProgress("write", 1 << 20, 1 << 21, "bytes"))
    flush(panel, started)
    assert rows[1].progress.text() == "31 passes"
    assert rows[3].progress.text() == "1.0 MiB / 2.0 MiB"
    started.end(Failed("cancelled", "x", ""))
    flush(panel, started)


def test_the_end_shows_self_test_and_predicted_against_actual_size(
    panel: Panel, page: CompilePage, started: FakeJob, runtime: FakeRuntime, qtbot: QtBot
) -> None:
    started.end(*steps(*COMPILE_STEPS), DONE)
    flush(panel, started)
    outcome = page.panel.outcome
    assert not page.runner.busy
    assert outcome.tiles["test"].value() == "passed"
    assert outcome.tiles["size"].value() == "990 B"
    assert "-1.0 %" in outcome.tiles["predicted"].accessibleName()
    qtbot.mouseClick(outcome.try_button, Qt.MouseButton.LeftButton)
    assert runtime.asked == [("load", (ENGINE, "", 0))]
    assert panel.window.current_page_id() == "chat"
    assert panel.window.context.store.value.last_engine == ENGINE


def test_two_parts_can_not_be_tried(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    parts = ["/e/a.ngf", "/e/a_inc.ngf"]
    started.end(StepFinished("self_test", 0.0, skipped=True), CompileFinished(parts, [9, 9], 1.0, 1, 9))
    flush(panel, started)
    assert not page.panel.outcome.try_button.isVisible()
    assert page.panel.outcome.tiles["test"].value() == "not run"


def test_a_failure_is_a_sentence_and_a_next_step(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    error = ModelError("Layer 3 differs by 1.2.", "Export the model again.")
    started.end(StepStarted("import"), Failed.of(error))
    flush(panel, started)
    assert page.panel.outcome.banner.accessibleName() == "Layer 3 differs by 1.2. Export the model again."
    assert page.panel.rows[0]._state == "failed"
    assert not page.panel.cancel_button.isVisible()


def test_a_job_that_failed_is_tried_again_by_one_click(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    first = page.runner.job
    started.end(Failed("resource", "The disk is full.", "Free some space."))
    panel.bridge.drain()
    assert page.panel.outcome.again_button.isVisible()
    page.panel.outcome.again_button.click()
    assert page.runner.busy
    assert page.runner.job is not first
    assert page.runner.job is not None
    assert page.runner.job.title == first.title  # type: ignore[union-attr]  # it ran
    assert not page.panel.outcome.isVisible()


def test_a_child_that_dies_without_a_word_is_told(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    started.say(Exited(-9, "The worker process was killed."))
    flush(panel, started)
    assert page.panel.outcome.banner.text() == "The worker gave no answer."


def test_the_log_is_folded_and_capped(panel: Panel, page: CompilePage, started: FakeJob, qtbot: QtBot) -> None:
    assert not page.panel.log.isVisible()
    qtbot.mouseClick(page.panel.log_button, Qt.MouseButton.LeftButton)
    assert page.panel.log.isVisible()
    for first in range(0, 3 * LOG_LINES, 100):
        started.say(*(LogLine(f"line {number}") for number in range(first, first + 100)))
        flush(panel, started)
    qtbot.waitUntil(lambda: "line 1499" in page.panel.log.toPlainText())
    assert page.panel.log.blockCount() <= LOG_LINES
    assert page.panel._last.text() == "line 1499"
    started.end(DONE)
    flush(panel, started)


def test_the_job_is_seen_from_the_library_and_told_of_on_other_pages(
    panel: Panel, page: CompilePage, started: FakeJob, qtbot: QtBot
) -> None:
    started.say(StepStarted("import"), StepProgress("import", 1, 28, "layers"))
    flush(panel, started)
    qtbot.mouseClick(page.back_button, Qt.MouseButton.LeftButton)
    flush(panel, started)
    assert page.job_card.isVisible()
    assert "1 of 28 layers" in page.job_card._step.text()
    page.show_wizard()
    assert page.job_card.isVisible()
    qtbot.mouseClick(page.job_card.show_button, Qt.MouseButton.LeftButton)
    assert page.panel.isVisible()
    panel.window.go_to("health")
    started.end(*steps(*COMPILE_STEPS), DONE)
    flush(panel, started)
    assert panel.window.banner.text() == "glm2_6b2048_48M_bf16_q is ready."
    assert page.runner.job.state == "finished"


def test_a_second_job_waits_for_the_first(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    first = page.runner.job
    page._start_compile(DRAFT.request())
    page.start_demo()
    assert page.runner.job is first
    started.end(DONE)
    flush(panel, started)


def test_cancelling_is_asked_of_the_child_and_told(
    panel: Panel, page: CompilePage, started: FakeJob, qtbot: QtBot
) -> None:
    qtbot.mouseClick(page.panel.cancel_button, Qt.MouseButton.LeftButton)
    assert started.cancelled
    assert not page.panel.cancel_button.isEnabled()
    started.end(Failed("cancelled", "The job was cancelled; nothing was written.", ""))
    flush(panel, started)
    assert page.runner.job.state == "cancelled"
    assert page.panel.outcome.banner.text() == "The job was cancelled; nothing was written."


def test_the_demo_is_exported_compiled_and_opened_in_the_chat_by_one_click(
    panel: Panel,
    page: CompilePage,
    fake_job: FakeJob,
    runtime: FakeRuntime,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gui.compile.job.prepare", lambda: (Path("/demo.gguf"), DRAFT.request()))
    qtbot.mouseClick(page.library.empty.demo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(fake_job.made_with), timeout=30_000)
    assert fake_job.made_with[0].source == "/demo.gguf"
    fake_job.end(*steps("export"), Exported("/models/model.onnx", 1, 1.0))
    qtbot.waitUntil(lambda: fake_job.made_with[0] == DRAFT.request(), timeout=30_000)
    assert len(page.panel.rows) == 7
    assert page.panel.rows[0]._state == "done"
    fake_job.end(*steps(*COMPILE_STEPS), DONE)
    qtbot.waitUntil(lambda: panel.window.current_page_id() == "chat", timeout=30_000)
    assert runtime.asked == [("load", (ENGINE, "", 0))]


def test_a_missing_demo_package_is_a_sentence(page: CompilePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise FileError("The demo's model, the package x, isn't installed.", "Install it.")

    monkeypatch.setattr("core.demo_model.find_demo_gguf", fail)
    page.start_demo()
    qtbot.waitUntil(lambda: page.runner.job is not None and not page.runner.busy)
    assert page.panel.outcome.banner.text() == "The demo's model, the package x, isn't installed."


def test_a_demo_that_is_ready_is_opened_at_once(
    panel: Panel, page: CompilePage, runtime: FakeRuntime, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.compile.page.ready_engine", lambda: Path(ENGINE))
    page.start_demo()
    qtbot.waitUntil(lambda: panel.window.current_page_id() == "chat", timeout=30_000)
    assert runtime.asked == [("load", (ENGINE, "", 0))]


def test_closing_the_window_asks_before_it_ends_the_child(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    panel.window.close()
    question = panel.window.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    assert panel.window.isVisible()
    assert not started.cancelled
    end = next(button for button in question.buttons() if button.text() == "End it and close")
    end.click()
    assert not panel.window.isVisible()
    assert started.cancelled


def test_the_strip_shows_the_job_and_leads_back_to_it(panel: Panel, page: CompilePage, started: FakeJob) -> None:
    panel.window.go_to("chat")
    assert panel.window.strip.job.text() == "Compiling, step 1 of 6"
    panel.window.strip.job.click()
    assert panel.window.current_page_id() == "compile"
