"""The vendor's table beside the last run."""

from __future__ import annotations

from core.bench.vendor import NEW_TOKENS, PROMPT_TOKENS
from core.events import Failed, Generated
from core.spec import EngineConfig
from gui.app import Panel
from gui.show.vendor import JOB, VendorPiece
from tests.gui.conftest import FakeRuntime
from tests.gui.show.scenes import answered, loaded, metrics, opened, say


def _piece(panel: Panel) -> VendorPiece:
    piece = opened(panel, "vendor")
    assert isinstance(piece, VendorPiece)
    return piece


def _values(piece: VendorPiece, name: str) -> tuple[str, str, str]:
    cells = piece._rows[name]._cells
    times = piece._rows[name].times
    return cells[0].label.text(), cells[1].label.text(), times.text() if times.isVisible() else ""


def test_before_a_run_the_published_figures_stand_alone_and_nothing_is_invented(panel: Panel) -> None:
    piece = _piece(panel)
    assert _values(piece, "incremental throughput") == ("36.356 tok/s", "N/A", "")
    assert _values(piece, "base throughput")[0] == "7.268 rounds/s"
    assert not piece.run_button.isEnabled()


def test_the_last_run_stands_beside_them_and_says_loudly_that_no_card_computed_it(panel: Panel) -> None:
    piece = _piece(panel)
    answered(panel)
    assert _values(piece, "incremental throughput") == ("36.356 tok/s", "105.166 tok/s", "× 2.89")
    assert _values(piece, "infer tokens") == ("244", "244", "")
    assert piece.notice.isVisible()
    assert piece.notice.heading() == "CPU, not C10"
    assert "163 M weights here, 6.2 B weights there" in piece.notice.text()
    panel.window.context.booth.new_visitor()
    assert _values(piece, "incremental throughput")[1] == "N/A"


def test_the_published_run_is_done_with_the_loaded_engine(panel: Panel, runtime: FakeRuntime) -> None:
    piece = _piece(panel)
    panel.session.load("/engines/demo.ngf")
    say(panel, loaded())
    piece.run_button.click()
    command = next(command for kind, command in runtime.asked if kind == "generate")
    assert [len(ids) for ids in command.input_ids] == [PROMPT_TOKENS]
    assert (command.max_new_tokens, command.constant_output, command.lookup) == (NEW_TOKENS, True, False)
    assert piece.stop_button.isVisible()
    say(panel, Generated(JOB, [[5]], [""], ["length"], metrics(50.0)))
    assert not piece.stop_button.isVisible()
    assert _values(piece, "incremental throughput")[1] == "50.415 tok/s"


def test_a_context_that_is_too_short_and_a_failed_run_are_said(panel: Panel, runtime: FakeRuntime) -> None:
    piece = _piece(panel)
    panel.session.load("/engines/demo.ngf")
    say(panel, loaded(EngineConfig(total_len=512)))
    piece.run_button.click()
    assert "needs 776 tokens of context" in piece.banner.text()
    assert not any(kind == "generate" for kind, _ in runtime.asked)
    say(panel, loaded())
    piece.run_button.click()
    say(panel, Failed("worker", "The worker ended.", "Try again.", JOB))
    assert piece.banner.text() == "The worker ended."
    assert piece.run_button.isVisible()
