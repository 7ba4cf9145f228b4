"""The precision race in the window: engines, lanes, replay, and what is compiled first."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.compiler.plan import CompileRequest
from core.errors import UntrustedError
from core.events import CompileFinished, Exported, Failed, Generated, Loaded, Prompted, StepStarted, Token
from core.race.lanes import ORDER, Runner, fields
from core.spec import EngineConfig
from gui.app import Panel
from gui.show import preparing
from gui.show import racing as racing_module
from gui.show.race import RacePiece
from gui.widgets import TrustDialog
from tests.gui.compile.doubles import FakeJob
from tests.gui.show.scenes import SMOLLM2, metrics, opened


@pytest.fixture
def piece(panel: Panel, qtbot: QtBot) -> RacePiece:
    made = opened(panel, "race")
    assert isinstance(made, RacePiece)
    qtbot.waitUntil(lambda: made._scanned)
    return made


def _engines(piece: RacePiece) -> None:
    configs = [EngineConfig(quantisation=one) for one in ORDER]
    piece.fields = fields([Runner(Path(f"/e/m{config.suffix()}_multi.ngf"), SMOLLM2, config) for config in configs])
    piece.choice.addItems([field.name for field in piece.fields])
    piece.choice.setCurrentIndex(0)
    piece.refresh()


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[FakeJob]:
    made: list[FakeJob] = []

    def make(*commands: Any, **_options: Any) -> FakeJob:
        job = FakeJob()
        job.made_with = commands
        made.append(job)
        return job

    monkeypatch.setattr("core.worker.job.WorkerJob", make)
    monkeypatch.setattr("core.worker.job.CompileJob", make)
    monkeypatch.setattr("core.worker.job.OutputJob", make)
    return made


def _answer(job: FakeJob, words: list[str]) -> None:
    name = job.made_with[1].job
    job.say(Loaded("/e/m.ngf", {}, {}, "bpe", 0.1, 1, 1), Prompted(name, [""], [5]))
    job.say(*(Token(name, 0, sum(map(ord, word)), word) for word in words))
    job.end(Generated(name, [[1]], ["".join(words)], ["eos"], metrics(30.0)))


def test_one_after_another_is_replayed_side_by_side_and_says_so(
    piece: RacePiece, qtbot: QtBot, jobs: list[FakeJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racing_module, "together", lambda *_: False)
    _engines(piece)
    piece.prompt.setText("Hi")
    piece.start_button.click()
    assert piece.state_badge.text() == "lane 1 of 3"
    for number, words in enumerate((["a ", "b ", "c"], ["a ", "b ", "c"], ["a ", "x ", "c"])):
        qtbot.waitUntil(lambda count=number: len(jobs) == count + 1)  # type: ignore[misc]  # bound now
        assert jobs[number].made_with[1].questions == ["Hi"]
        _answer(jobs[number], words)
    qtbot.waitUntil(lambda: piece.racing.state == "over")
    assert piece.state_badge.text() == "replayed"
    assert piece.lanes[0].parted.text() == "The reference"
    assert piece.lanes[1].parted.text() == "Token for token like bf16"
    assert piece.lanes[2].parted.text() == "Differs from bf16 from token 2 on"
    assert piece.lanes[2].text.toPlainText() == "a x c"
    assert "place" in piece.lanes[0].badge.text()


def test_all_at_once_is_live(
    piece: RacePiece, qtbot: QtBot, jobs: list[FakeJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racing_module, "together", lambda *_: True)
    _engines(piece)
    piece.start_button.click()
    assert len(jobs) == 3
    assert piece.state_badge.text() == "live"
    for job in jobs:
        _answer(job, ["a"])
    qtbot.waitUntil(lambda: piece.racing.state == "over")
    assert piece.state_badge.text() == "finished"


def test_a_replay_shows_only_what_had_come_by_then(piece: RacePiece) -> None:
    from tests.gui.show.scenes import raced

    _engines(piece)
    raced(piece)
    piece.racing.replay()
    piece.racing._replay_from = time.monotonic() - 1.0
    piece._draw()
    counts = [piece.racing.tracks[number].count(1.0) for number in range(3)]
    assert 0 < counts[0] < counts[1] < counts[2] < len(piece.racing.tracks[0].steps)
    assert piece.racing.replayed
    piece.stop_button.click()
    assert piece.racing.state == "over"


def test_a_lane_that_fails_ends_the_race_with_a_sentence(
    piece: RacePiece, qtbot: QtBot, jobs: list[FakeJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racing_module, "together", lambda *_: False)
    _engines(piece)
    piece.start_button.click()
    jobs[0].end(Failed("resource", "Memory ran out.", "Close other programs."))
    qtbot.waitUntil(lambda: not piece.racing.busy)
    assert piece.banner.text() == "Memory ran out."
    assert len(jobs) == 1


def test_a_strangers_engine_races_only_after_the_question(
    piece: RacePiece, panel: Panel, qtbot: QtBot, jobs: list[FakeJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racing_module, "together", lambda *_: False)
    _engines(piece)
    piece.start_button.click()
    jobs[0].end(Failed.of(UntrustedError("It was not built on this computer.", "Allow it.")))
    qtbot.waitUntil(lambda: bool(panel.window.findChildren(TrustDialog)))
    dialog = panel.window.findChildren(TrustDialog)[0]
    assert str(piece.fields[0].runners[0].path) in dialog.place.text()
    assert not piece.racing.busy
    dialog.run_button.click()
    assert [job.made_with[0].trust for job in jobs] == [False, True]
    assert not piece.banner.isVisible()


def test_missing_engines_are_compiled_one_after_another(
    piece: RacePiece, qtbot: QtBot, jobs: list[FakeJob], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert piece.start_button.text() == "Compile the missing engines"
    requests = [
        CompileRequest(tmp_path / "m.onnx", tmp_path, "m", EngineConfig(quantisation=one)) for one in ("none", "int8")
    ]
    monkeypatch.setattr(preparing, "plan", lambda _folder, _missing: (tmp_path / "m.gguf", requests))
    piece.start_button.click()
    qtbot.waitUntil(lambda: len(jobs) == 1)
    jobs[0].end(Exported("/m.onnx", 1, 1.0))
    qtbot.waitUntil(lambda: len(jobs) == 2)
    assert "bf16" in piece._state_text.text()
    jobs[1].say(StepStarted("import"))
    jobs[1].end(CompileFinished([], [], 1.0, 1, 1))
    qtbot.waitUntil(lambda: len(jobs) == 3)
    assert 0 < piece.preparing.share < 1
    assert "still being compiled" in piece.unfinished()
    piece.stop_button.click()
    assert jobs[2].cancelled
    jobs[2].end(Failed("cancelled", "The job was cancelled; nothing was written.", ""))
    qtbot.waitUntil(lambda: not piece.preparing.running)
    assert piece.banner.isVisible()


def test_a_new_visitor_finds_no_prompt_and_no_answers(piece: RacePiece, panel: Panel) -> None:
    from tests.gui.show.scenes import raced

    _engines(piece)
    piece.prompt.setText("secret")
    raced(piece)
    assert piece.occupied()
    panel.window.context.booth.new_visitor()
    assert piece.prompt.text() in ("", "Why is the sky blue?")
    assert piece.racing.tracks == ()
    assert all(lane.text.toPlainText() == "" for lane in piece.lanes)
    assert not piece.occupied()
