"""The quick forms of the programs of this folder."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.faults import cancel, disk, io, kill, memory

FOR_EVER = float("inf")


@pytest.mark.parametrize("code", io.CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", io.SAVES)
def test_whatever_operation_fails_the_result_is_old_or_new(tmp_path: Path, name: str, code: int) -> None:
    assert io.fail_everywhere(io.SAVES[name], tmp_path / "once", code) > 4
    assert io.fail_everywhere(io.SAVES[name], tmp_path / "for ever", code, for_ever=True) > 4


def test_what_is_killed_while_it_saves_leaves_the_old_or_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kill, "KINDS", ("settings", "trust", "combine", "download"))
    assert kill.run(8, 1, FOR_EVER)["kills"] == 8


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_long_forms() -> None:
    kill.run(50, 2, FOR_EVER)
    cancel.run(20, 2, FOR_EVER)
    memory.run(8, 2, FOR_EVER)
    disk.run(8, 2, FOR_EVER)
