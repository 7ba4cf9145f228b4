"""The quality card in the window, and what makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.errors import UntrustedError
from core.events import Exported, Failed, QualityMeasured, StepProgress
from core.quality import card as cards
from gui.app import Panel
from gui.compile import measuring as measuring_module
from gui.compile.library import EngineInfo
from gui.compile.library_view import EngineCard
from gui.compile.measuring import Measuring
from gui.show.quality import QualityPiece
from gui.widgets import TrustDialog
from tests.gui.compile.doubles import FakeJob
from tests.gui.show.scenes import CONFIG, SMOLLM2, _card, opened


@pytest.fixture
def piece(panel: Panel, qtbot: QtBot) -> QualityPiece:
    made = opened(panel, "quality")
    assert isinstance(made, QualityPiece)
    qtbot.waitUntil(lambda: made._scanned)
    return made


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[FakeJob]:
    made: list[FakeJob] = []

    def make(*commands: Any, **_options: Any) -> FakeJob:
        made.append(FakeJob())
        made[-1].made_with = commands
        return made[-1]

    monkeypatch.setattr("core.worker.job.WorkerJob", make)
    monkeypatch.setattr("core.worker.job.OutputJob", make)
    return made


def _info(folder: Path, **more: Any) -> EngineInfo:
    path = folder / "smollm2-135m-instruct_bf16_q4_multi.ngf"
    return EngineInfo(path, 10, 0.0, "engine", "multi", SMOLLM2, CONFIG, "bpe", **more)


def _show(piece: QualityPiece, info: EngineInfo) -> None:
    piece.engines = (info,)
    piece.choice.addItems([info.name])
    piece.choice.setCurrentIndex(0)
    piece.refresh()


def test_without_engines_the_way_to_one_is_said(piece: QualityPiece) -> None:
    assert piece.empty.isVisible()
    assert not piece.empty.button.isVisible()


def test_a_card_is_shown_with_its_figures(piece: QualityPiece, tmp_path: Path) -> None:
    _show(piece, _info(tmp_path, quality=_card()))
    assert piece.tiles["perplexity"].value() == "17.02"
    assert piece.tiles["answers"].value() == "31"
    assert "first difference at token 32" in piece.answers.text()
    assert piece.tiles["error"].value().endswith("%")
    assert piece.measure_button.isVisible()


def test_the_demos_engine_is_measured_with_its_model_made_again(
    piece: QualityPiece, qtbot: QtBot, jobs: list[FakeJob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_module, "make_room", lambda _folder, _engines: tmp_path / "model.gguf")
    info = _info(tmp_path)
    _show(piece, info)
    piece.empty.button.click()
    qtbot.waitUntil(lambda: len(jobs) == 1)
    jobs[0].end(Exported(str(tmp_path / "m.onnx"), 1, 1.0))
    qtbot.waitUntil(lambda: len(jobs) == 2)
    load, ask = jobs[1].made_with
    assert load.engine == ask.engine == str(info.path)
    jobs[1].say(StepProgress("quality", 3, 31, "layers"))
    qtbot.waitUntil(lambda: "3 of 31 layers" in piece._state.text())
    jobs[1].end(QualityMeasured(_card().to_json()))
    qtbot.waitUntil(lambda: piece.measuring.engine is None)
    assert cards.path_for(info.path).exists()


def test_a_measurement_that_fails_keeps_nothing_and_is_said(
    piece: QualityPiece, qtbot: QtBot, jobs: list[FakeJob], tmp_path: Path
) -> None:
    info = _info(tmp_path)
    piece.measuring.start(info.path, tmp_path / "m.onnx", ["Hi"])
    jobs[0].end(Failed("resource", "Memory ran out.", "Close other programs."))
    qtbot.waitUntil(lambda: piece.measuring.engine is None)
    assert piece.banner.text() == "Memory ran out."
    assert not cards.path_for(info.path).exists()


def test_a_strangers_engine_is_measured_only_after_the_question(
    piece: QualityPiece, panel: Panel, qtbot: QtBot, jobs: list[FakeJob], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(measuring_module, "make_room", lambda _folder, _engines: tmp_path / "model.gguf")
    _show(piece, _info(tmp_path))
    piece.empty.button.click()
    for asked in (False, True):
        qtbot.waitUntil(lambda count=1 + 2 * asked: len(jobs) == count)  # type: ignore[misc]  # bound now
        jobs[-1].end(Exported(str(tmp_path / "m.onnx"), 1, 1.0))
        qtbot.waitUntil(lambda count=2 + 2 * asked: len(jobs) == count)  # type: ignore[misc]  # as above
        assert jobs[-1].made_with[0].trust is asked
        if not asked:
            jobs[-1].end(Failed.of(UntrustedError("It was not built on this computer.", "Allow it.")))
            qtbot.waitUntil(lambda: bool(panel.window.findChildren(TrustDialog)))
            panel.window.findChildren(TrustDialog)[0].run_button.click()
    jobs[-1].end(Failed("cancelled", "The job was cancelled; nothing was written.", ""))
    qtbot.waitUntil(lambda: piece.measuring.engine is None)


def test_giving_up_before_the_child_has_started_ends_it_and_the_next_one_runs(
    piece: QualityPiece, qtbot: QtBot, jobs: list[FakeJob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_module, "make_room", lambda _folder, _engines: tmp_path / "model.gguf")
    info = _info(tmp_path)
    piece.measuring.start(info.path, None, ["Hi"])
    piece.measuring.cancel()
    qtbot.waitUntil(lambda: piece.measuring.engine is None)
    assert jobs == []
    piece.measuring.start(info.path, None, ["Hi"])
    qtbot.waitUntil(lambda: len(jobs) == 1)
    piece.measuring.cancel()
    assert jobs[0].cancelled
    jobs[0].end(Failed("cancelled", "The job was cancelled; nothing was written.", ""))
    qtbot.waitUntil(lambda: piece.measuring.engine is None)


def test_the_library_names_the_quality(piece: QualityPiece, tmp_path: Path, qtbot: QtBot) -> None:
    assert isinstance(piece.measuring, Measuring)
    shown = EngineCard(_info(tmp_path, quality=_card()))
    qtbot.addWidget(shown)
    shown.retranslate()
    assert "perplexity +3.5 %, 31 tokens like the original" in shown.more_figures.text()
