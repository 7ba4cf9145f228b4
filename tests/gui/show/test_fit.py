"""The fit preview: sliders, the planner's answer, and predicted against actual."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.events import CardStates
from core.planner import CardLimit, Plan, plan_layers
from core.spec import EngineConfig
from gui.app import Panel
from gui.show.fit import FitPiece, compare
from gui.show.fit_picture import HOME, scene_of
from tests.gui.show.scenes import CONFIG, ENGINE, SMOLLM2, loaded, opened, say


@pytest.fixture
def piece(panel: Panel, qtbot: QtBot) -> FitPiece:
    made = opened(panel, "fit")
    assert isinstance(made, FitPiece)
    qtbot.waitUntil(lambda: made.plan is not None)
    return made


def test_sliders_redraw_what_the_planner_says(piece: FitPiece, qtbot: QtBot) -> None:
    piece.sliders["cards"].setValue(3)
    piece.sliders["limit"].setValue(4)
    piece.strategies["equal"].setChecked(True)
    expected = plan_layers(piece._spec, piece.config(), piece.cards(), "equal")
    qtbot.waitUntil(lambda: piece.plan == expected)
    assert [card[1] for card in piece.picture.scene.cards] == [4 << 30] * 3
    assert HOME not in piece.picture.scene.parts
    assert sorted(set(piece.picture.scene.parts)) == [0, 1, 2]
    assert piece._total.text().startswith("It fits")


def test_what_doesnt_fit_is_said_with_the_change_that_would(piece: FitPiece, qtbot: QtBot) -> None:
    piece.sliders["cards"].setValue(1)
    piece.sliders["limit"].setValue(2)
    qtbot.waitUntil(piece.banner.isVisible)
    assert "find no place" in piece.banner.text()
    assert set(piece.picture.scene.parts) == {HOME}
    piece.sliders["limit"].setValue(64)
    qtbot.waitUntil(lambda: not piece.banner.isVisible())


def test_the_preview_starts_with_the_loaded_engine_and_compares_it(piece: FitPiece, panel: Panel, qtbot: QtBot) -> None:
    assert not piece._actual_card.isVisible()
    say(panel, loaded())
    assert piece.config() == CONFIG
    assert piece._actual_card.isVisible()
    names = [name for name, _predicted, _actual in compare(panel.session)]
    assert names == ["weights", "kv"]


def test_cards_are_compared_one_by_one(piece: FitPiece, panel: Panel) -> None:
    del piece
    limits = [CardLimit(0, 1 << 30), CardLimit(1, 1 << 30)]
    plan = plan_layers(SMOLLM2, CONFIG, limits, "equal")
    panel.session.cards = lambda: {"devices": [0, 1], "limits": [1 << 30] * 2, "strategy": 1, "lanes": 1, "threads": 0}
    panel.session.load(ENGINE)
    states = [
        {"card": one.card, "weight_bytes": one.weight_bytes, "kv_bytes": one.kv_bytes,
         "workspace_bytes": one.workspace_bytes, "limit_bytes": 1 << 30}
        for one in plan.placements
    ]  # fmt: skip
    say(panel, loaded(), CardStates(states))
    rows = compare(panel.session)
    assert [name for name, _, _ in rows] == ["0", "1"]
    assert all(predicted == actual for _, predicted, actual in rows)


def test_a_scene_places_every_part_once() -> None:
    plan = plan_layers(SMOLLM2, EngineConfig(), [CardLimit(0, 1 << 28), CardLimit(1, 1 << 30)], "greedy")
    assert isinstance(plan, Plan)
    scene = scene_of(plan, (), SMOLLM2.num_layers)
    assert len(scene.parts) == SMOLLM2.num_layers + 2
    assert scene.parts == tuple(sorted(scene.parts))
