"""The roofline and its dot."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.bench import limits as bench
from core.events import BenchFinished, Benchmarked, Failed, Generated, Prompted, Token
from gui.app import Panel
from gui.show.roofline import JOB, RooflinePiece
from tests.gui.compile.doubles import FakeJob
from tests.gui.conftest import FakeRuntime
from tests.gui.show.scenes import LIMITS, loaded, metrics, opened, say


@pytest.fixture
def piece(panel: Panel) -> RooflinePiece:
    made = opened(panel, "roofline")
    assert isinstance(made, RooflinePiece)
    return made


def test_without_limits_no_share_is_claimed(piece: RooflinePiece, panel: Panel) -> None:
    say(panel, loaded(), Generated("a", [[5]], ["x"], ["eos"], metrics()))
    assert piece.share.text() == "N/A"
    assert piece.chart.dot is None
    assert not piece.run_button.isEnabled()


def test_measuring_runs_in_a_child_and_is_kept(
    piece: RooflinePiece, panel: Panel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = FakeJob()
    monkeypatch.setattr("core.worker.job.WorkerJob", lambda *_commands: job)
    piece.measure_button.click()
    assert piece.measuring
    assert not piece.measure_button.isEnabled()
    found = {"bandwidth_gb_per_s": 17.0, "f32_gflop_per_s": 80.0, "int8_gop_per_s": 160.0, "buffer_bytes": 1}
    job.end(Benchmarked("roofline", "roofline", found), BenchFinished("", 1.0))
    qtbot.waitUntil(lambda: not piece.measuring)
    assert piece.limits is not None
    qtbot.waitUntil(bench.path().exists)
    assert bench.load() == piece.limits


def test_a_measurement_that_fails_is_said(piece: RooflinePiece, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    job = FakeJob()
    monkeypatch.setattr("core.worker.job.WorkerJob", lambda *_commands: job)
    piece.measure_button.click()
    job.end(Failed("resource", "Memory ran out.", "Close other programs."))
    qtbot.waitUntil(lambda: not piece.measuring)
    assert piece.banner.text() == "Memory ran out."
    assert piece.limits is None


def test_the_dot_moves_while_decoding_and_ends_at_the_answers_own_figure(
    piece: RooflinePiece, panel: Panel, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.session.load("/engines/demo.ngf")
    piece._take_limits(LIMITS)
    say(panel, loaded())
    piece.run_button.click()
    command = next(command for kind, command in runtime.asked if kind == "generate")
    assert command.job == JOB
    assert not command.lookup
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    say(panel, Prompted(JOB, [""], [16]))
    for _ in range(60):
        clock[0] += 0.02
        say(panel, Token(JOB, 0, 5, "x"))
    for _ in range(3):
        panel.bridge.drain()
    moving = piece.chart.dot
    assert moving is not None
    assert 0.2 < moving.bandwidth_share < 0.5
    say(panel, Generated(JOB, [[5]], ["x"], ["length"], metrics(100.0)))
    assert piece.point is not None
    assert piece.point.bandwidth_share > moving.bandwidth_share
    assert piece.share.text() == f"{100 * piece.point.bandwidth_share:.0f} %"
    assert piece.run_button.isVisible()
    panel.window.context.booth.new_visitor()
    assert piece.share.text() == "N/A"
