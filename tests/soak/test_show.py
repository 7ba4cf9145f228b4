"""A few visitors of the simulated show, with real worker processes around the toy engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import _delete_deferred
from tests.soak.show import Show


@pytest.fixture
def show(qapp: QApplication, panel_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    panel_home.mkdir()
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    made = Show(qapp, panel_home, seed=5)
    yield made
    made.close()
    _delete_deferred()


def test_four_visitors_come_and_go_without_an_operator(show: Show) -> None:
    report = show.run(4)
    assert report.visitors == 4
    assert report.simulated_s >= 4 * 72
    assert report.attracts >= 4
    assert report.operator_actions == 0
    show._last_kill = -1e9
    show._do_kill(0)
    assert report.recoveries == report.kills >= 1
