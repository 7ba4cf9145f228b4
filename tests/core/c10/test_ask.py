"""What the SDK says of the cards without loading anything, and what the devices make of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.c10 import ask
from core.c10.ask import ask_sdk
from core.c10.sdk import Sdk
from core.devices import Devices, probe

DOUBLE = Sdk(python=sys.executable)


def found(devices: Devices) -> dict[str, str]:
    return {look.subject: look.found for look in devices.looked}


def test_driver_nodes_sdk_and_monitor_are_put_together(
    sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("C10_DOUBLE_CARDS", "3")
    for name in ("gp0", "gp1"):
        (tmp_path / name).touch()
    devices = probe(dev=tmp_path, sdk=DOUBLE)
    assert [card.reading.memory_total for card in devices.cards] == [16384 << 20] * 3
    assert [card.reading.utilisation for card in devices.cards] == [37.0, 38.0, 39.0]
    assert [Path(card.node).name for card in devices.cards] == ["gp0", "gp1", ""]  # the SDK sees one more
    assert found(devices)["sdk_cards"] == "3"
    assert "simulated, not Hexaflake hardware" in found(devices)["sdk"]
    assert devices.problem is None
    assert sdk.read_text().splitlines() == ["device_get_count()"]


def test_an_sdk_that_is_not_there_degrades_to_what_was_looked_for(
    sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    monkeypatch.delenv("PYTHONPATH")
    devices = probe(dev=tmp_path, sdk=DOUBLE, which=lambda _: None)
    assert devices.cards == ()
    assert set(found(devices).values()) == {""}
    assert devices.problem
    assert "module hxrt can't be imported by" in devices.problem.message
    missing = probe(dev=tmp_path, sdk=Sdk(python="python-of-no-sdk"), which=lambda _: None)
    assert missing.looked[1].where == "hxrt (python-of-no-sdk)"
    assert missing.problem
    assert "looked for python-of-no-sdk" in missing.problem.message


def test_driver_nodes_alone_ask_the_sdk_of_the_environment(sdk: Path, tmp_path: Path) -> None:
    (tmp_path / "gp0").touch()
    assert found(probe(dev=tmp_path))["sdk_cards"] == "1"
    assert "device_get_count()" in sdk.read_text()


def test_an_sdk_that_hangs_is_given_up(sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del sdk
    folder = tmp_path / "hanging"
    folder.mkdir()
    (folder / "hxrt.py").write_text("import threading\nthreading.Event().wait()\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(ask, "LIMIT_S", 1.0)
    answer = ask_sdk(DOUBLE)
    assert answer.cards is None
    assert answer.problem
    assert "was killed (signal 9)" in answer.problem.message
