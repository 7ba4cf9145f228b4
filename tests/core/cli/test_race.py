"""race on a compiled model, through real workers."""

from __future__ import annotations

import pytest

from core.cli import cmd_race
from tests.core.cli.conftest import Built, Run


@pytest.mark.parametrize("parallel", [False, True])
def test_engines_race_and_the_same_engine_says_the_same(
    built: Built, run: Run, monkeypatch: pytest.MonkeyPatch, parallel: bool
) -> None:
    monkeypatch.setattr(cmd_race, "together", lambda *_: parallel)
    result = run("race", "--engine", built.multi, "--engine", built.multi, "--max-new-tokens", 6, "--json")
    assert result.code == 0
    assert result.last["event"] == "raced"
    assert result.last["parallel"] is parallel
    reference, other = result.last["lanes"]
    assert reference["tokens"] == other["tokens"] <= 6
    assert other["first_difference"] is None
    assert reference["text"] == other["text"]


def test_one_engine_is_no_race_and_a_broken_one_ends_it(built: Built, run: Run) -> None:
    assert "two engines" in run("race", "--engine", built.multi).err
    result = run("race", "--engine", built.multi, "--engine", built.base)
    assert result.code == 2
    assert result.err.startswith("error: ")
