from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QRadioButton
from pytestqt.qtbot import QtBot

from core.devices import probe
from core.events import CardLost, CardStates, Loaded
from core.export.synthetic import TINY
from core.spec import EngineConfig
from gui.app import Panel
from gui.devices.cards import CardPanel, CpuPanel
from gui.devices.model import DeviceModel
from gui.devices.page import DevicesPage
from gui.devices.watch import DeviceWatch
from gui.settings import Store
from tests.gui.conftest import FakeRuntime, MakePanel

SPEC, CONFIG = TINY.to_json(), EngineConfig(batch=1, pre_len=64, total_len=128).to_json()


def devices_page(panel: Panel, qtbot: QtBot) -> DevicesPage:
    panel.window.go_to("devices")
    page = panel.window.page("devices")
    assert isinstance(page, DevicesPage)
    qtbot.waitUntil(lambda: panel.window.devices.devices is not None, timeout=10_000)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in page.findChildren(CpuPanel)))
    return page


def texts(page: DevicesPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def card_panels(page: DevicesPage) -> list[CardPanel]:
    return page.findChildren(CardPanel)


def test_without_a_card_the_page_says_what_was_looked_for_and_that_the_cpu_computes(panel: Panel, qtbot: QtBot) -> None:
    page = devices_page(panel, qtbot)
    shown = texts(page)
    assert "No C10 card was found; the CPU computes." in shown
    assert "/dev/gp*" in shown
    assert "hx-smi" in shown
    assert shown.count("not found") == 5
    assert len(page.findChildren(CpuPanel)) == 1
    assert not page.plan.isVisible()


def test_simulated_cards_say_so_and_unknown_values_are_not_zero(make_panel: MakePanel, qtbot: QtBot) -> None:
    page = devices_page(make_panel(simulate_cards=2), qtbot)
    assert len(card_panels(page)) == 2
    for panel in card_panels(page):
        shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
        assert "simulated" in shown
        assert "N/A / 16.00 GiB" in shown
        assert shown.count("N/A") == 2
        assert "0 %" not in shown


def test_limits_and_strategy_change_the_plan_and_are_remembered(make_panel: MakePanel, qtbot: QtBot) -> None:
    store = Store(None)
    page = devices_page(make_panel(store, simulate_cards=2), qtbot)
    qtbot.waitUntil(lambda: "layers 0–27" in texts(page), timeout=10_000)
    equal = next(button for button in page.findChildren(QRadioButton) if button.text() == "Equal")
    equal.click()
    qtbot.waitUntil(lambda: "layers 0–27" not in texts(page) and "layers 0–" in texts(page), timeout=10_000)
    assert store.value.split_strategy == "equal"
    for panel in card_panels(page):
        panel.limit.setValue(2.0)
    qtbot.waitUntil(lambda: "find no place" in texts(page), timeout=10_000)
    assert "It fits with" in texts(page)
    assert store.value.card_limits_gib == {"0": 2.0, "1": 2.0}


def test_a_limit_can_be_typed(make_panel: MakePanel, qtbot: QtBot) -> None:
    store = Store(None)
    page = devices_page(make_panel(store, simulate_cards=1), qtbot)
    field = card_panels(page)[0].limit
    field.selectAll()
    qtbot.keyClicks(field, "12")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert store.value.card_limits_gib == {"0": 12.0}


def test_a_card_that_comes_or_goes_is_noticed(panel: Panel, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "gp0").touch()
    watch = DeviceWatch(panel.bridge, 0, tmp_path, panel.window)
    watch.refresh()
    qtbot.waitUntil(lambda: watch.devices is not None and watch.devices.real == 1, timeout=10_000)
    (tmp_path / "gp0").unlink()
    qtbot.waitUntil(lambda: watch.devices is not None and watch.devices.real == 0, timeout=10_000)


def test_only_rows_that_changed_are_announced(qtbot: QtBot, tmp_path: Path) -> None:
    del qtbot
    model = DeviceModel()
    first = probe(simulate=2, dev=tmp_path)
    changed: list[tuple[int, int]] = []
    resets: list[bool] = []
    model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
    model.modelReset.connect(lambda: resets.append(True))
    model.update(first)
    model.update(first)
    assert (changed, resets) == ([], [True])
    model.update(type(first)(first.cards, _busier(first.cpu), first.looked))
    assert (changed, resets) == ([(0, 0)], [True])
    assert model.data(model.index(1), Qt.ItemDataRole.DisplayRole) == "C10 0"


def _busier(cpu: object) -> object:
    from dataclasses import replace

    return replace(cpu, memory_used=1)  # type: ignore[type-var]  # a Cpu


def states(works: int) -> CardStates:
    """Return what two cards report after so many passes."""
    common = {"pid": 7, "embedding": True, "output": True, "limit_bytes": 16 << 30, "kv_bytes": 0, "workspace_bytes": 0}
    counts = {"works": works, "busy_s": works / 100, "hand_over_s": works / 1000}
    return CardStates(
        [
            {"card": card, "first_layer": card, "num_layers": 1, "weight_bytes": (card + 1) << 30, **common, **counts}
            for card in (0, 1)
        ]
    )


def test_an_engine_is_spread_over_simulated_cards_with_their_limits(
    make_panel: MakePanel, runtime: FakeRuntime, qtbot: QtBot
) -> None:
    store = Store(None)
    store.update(card_limits_gib={"1": 4.0}, split_strategy="equal")
    panel = make_panel(store, simulate_cards=2)
    page = devices_page(panel, qtbot)
    panel.session.load("/engines/e.ngf")
    cards = {"devices": [0, 1], "limits": [16 << 30, 4 << 30], "strategy": 1, "lanes": 1, "threads": 0}
    assert runtime.asked == [("load", ("/engines/e.ngf", cards))]
    runtime.events.put(Loaded("/engines/e.ngf", SPEC, CONFIG, "bpe", 0.1, 1000, 1000))
    runtime.events.put(states(0))
    runtime.events.put(states(200))
    qtbot.waitUntil(lambda: "200 passes, computed for 2.00 s, handed over in 0.20 s" in texts(page))
    assert "2.00 GiB / 16.00 GiB" in texts(page)
    assert not page.plan.apply_button.isVisible()
    page.plan.choose("loose")
    qtbot.waitUntil(page.plan.apply_button.isVisible)
    page.plan.apply_button.click()
    assert runtime.asked[-1] == ("load", ("/engines/e.ngf", {**cards, "strategy": 2}))
    runtime.events.put(CardLost("chat-1", 1, "Card 1 is gone."))
    qtbot.waitUntil(lambda: "Card 1 is gone." in panel.window.banner.text())
