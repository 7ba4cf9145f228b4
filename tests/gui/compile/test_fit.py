from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.compiler.plan import make_plan
from core.devices import Card, Cpu, Devices, Reading
from core.errors import ResourceError
from gui.compile.fit import GIB, Cost, card_limits, cost_of, disk_of, kv_bytes, look, verdict
from gui.devices.plan import CHATGLM2_6B
from tests.gui.compile.test_choices import DRAFT

CPU = Cpu("cpu", "x86_64", 2, 2, GIB, 16 * GIB, ())


def cost(cards: tuple[tuple[int, int], ...]) -> Cost:
    return cost_of(make_plan(DRAFT.request(), CHATGLM2_6B, 1 << 20).to_json(), cards)


@pytest.mark.parametrize(
    ("needed", "expected"), [(4, "fits"), (8, "fits"), (9, "tight"), (16, "tight"), (17, "too_large")]
)
def test_memory_that_is_free_built_in_or_lacking(needed: int, expected: str) -> None:
    assert verdict(needed * GIB, 16 * GIB, 8 * GIB) == expected


def test_what_unloading_gives_back_counts_as_free() -> None:
    now = look((), simulated=False, loaded_bytes=0)
    later = look((), simulated=False, loaded_bytes=1 << 60)
    assert now.memory_free <= later.memory_free == later.memory_total


def test_a_6b_model_in_int8_needs_about_seven_gib_and_fits_on_one_large_card_only() -> None:
    found = cost(((0, 16 * GIB),))
    assert 6.5 * GIB < found.run_bytes < 7.5 * GIB
    assert found.cards is True
    parts = (found.weight_bytes, found.kv_bytes, found.workspace_bytes, found.runtime_bytes)
    assert sum(parts) == found.run_bytes
    small = cost(((0, 4 * GIB),))
    assert small.cards is False
    assert isinstance(small.cards_error, ResourceError)
    assert cost(()).cards is None


def test_the_kv_cache_grows_with_batch_and_length() -> None:
    config = DRAFT.config
    assert kv_bytes(CHATGLM2_6B, replace(config, kv_cache="f16")) == 2 * 28 * 2 * 128 * 2048 * 2
    assert kv_bytes(CHATGLM2_6B, config) == 2 * 28 * 2 * (128 + 4) * 2048  # a float32 scale beside 128 bytes


def test_limits_of_cards_come_from_the_user_the_card_or_a_default() -> None:
    cards = (
        Card(0, "/dev/gp0", simulated=False, reading=Reading(0, memory_total=16 * GIB)),
        Card(1, "/dev/gp1", simulated=False, reading=Reading(1)),
        Card(2, "", simulated=True, reading=Reading(2, memory_total=16 * GIB)),
    )
    devices = Devices(cards, CPU, ())
    assert card_limits(devices, {"2": 4.5}) == ((0, 16 * GIB), (1, 8 * GIB), (2, int(4.5 * GIB)))
    assert card_limits(None, {}) == ()


def test_outputs_that_would_be_replaced_are_named(tmp_path: Path) -> None:
    there = tmp_path / "a.ngf"
    there.write_bytes(b"x")
    found = disk_of((str(there), str(tmp_path / "b.ngf")), tmp_path)
    assert found.existing == (str(there),)
    assert found.free > 0


def test_nothing_heavy_is_imported_by_the_window() -> None:
    code = (
        "import gui.compile.page, gui.compile.demo, core.worker.job, core.compiler.plan, core.planner, sys\n"
        "gui.compile.demo.ready_engine()\n"
        "print(sorted({'tvm', 'onnx', 'onnxruntime', 'transformers', 'gguf'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
