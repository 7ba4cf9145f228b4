"""quality on a compiled model, through a real worker."""

from __future__ import annotations

from core.quality.card import path_for
from tests.core.cli.conftest import Built, Run


def test_a_card_is_made_kept_and_shown_again(built: Built, run: Run) -> None:
    made = run("quality", built.multi, "--model-path", built.model)
    assert made.code == 0, made.err
    assert "perplexity:" in made.out
    assert path_for(built.multi).exists()
    shown = run("quality", built.multi, "--show", "--json")
    assert shown.last["card"]["version"] == 1


def test_without_a_model_or_a_card_the_next_step_is_said(built: Built, run: Run) -> None:
    assert "--model-path" in run("quality", built.multi).err
    path_for(built.multi).unlink(missing_ok=True)
    assert "no quality card" in run("quality", built.multi, "--show").err
