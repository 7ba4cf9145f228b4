from __future__ import annotations

from pathlib import Path

import pytest

from core.devices import SIMULATED_BYTES, driver_nodes, parse_table, probe, run_tool

MIB = 1 << 20


def nodes_in(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def no_tool(name: str) -> str | None:
    del name
    return None


def test_driver_nodes_come_in_the_order_of_their_numbers_and_nothing_else_counts(tmp_path: Path) -> None:
    nodes_in(tmp_path, "gp10", "gp2", "gp0", "gpu0", "gpio", "tty0")
    assert [node.name for node in driver_nodes(tmp_path)] == ["gp0", "gp2", "gp10"]


def test_without_cards_the_answer_says_what_was_looked_for_and_where(tmp_path: Path) -> None:
    devices = probe(dev=tmp_path, which=no_tool)
    assert devices.cards == ()
    assert {look.subject: look.found for look in devices.looked} == {
        "driver_nodes": "", "sdk": "", "sdk_cards": "", "sdk_library": "", "tool": "",
    }  # fmt: skip
    assert devices.looked[0].where == f"{tmp_path}/gp*"
    assert devices.cpu.threads >= 1
    assert 0 < devices.cpu.memory_used < devices.cpu.memory_total


def test_simulated_cards_are_marked_and_come_after_real_ones(tmp_path: Path) -> None:
    devices = probe(simulate=2, dev=nodes_in(tmp_path, "gp0"), which=no_tool)
    assert [card.simulated for card in devices.cards] == [False, True, True]
    assert [card.index for card in devices.cards] == [0, 1, 2]
    assert (devices.real, devices.simulated) == (1, 2)
    assert devices.cards[1].reading.memory_total == SIMULATED_BYTES
    assert devices.cards[1].reading.utilisation is None


def test_values_of_the_tool_reach_the_cards(tmp_path: Path) -> None:
    table = "index  mem_used(MiB)  mem_total(MiB)  util(%)  temp(C)\n0  512  16384  37  48.5\n"
    devices = probe(
        dev=nodes_in(tmp_path, "gp0", "gp1"), which=lambda name: f"/bin/{name}", read_table=lambda tool: table
    )
    first, second = (card.reading for card in devices.cards)
    assert (first.memory_used, first.memory_total, first.utilisation, first.temperature) == (
        512 * MIB, 16384 * MIB, 37.0, 48.5,
    )  # fmt: skip
    assert second.memory_used is None


@pytest.mark.parametrize(
    "table",
    [
        "temp  util  mem_total  mem_used  idx\nC  %  MiB  MiB  -\n48  37  16384  512  0\n",
        "| Device | Memory-Usage | Util | Temp |\n|---|---|---|---|\n| 0 | 512MiB / 16384MiB | 37% | 48C |\n",
        "# id mem_used[MiB] mem_total[MiB] utilization temperature\n0 400 16384 12 40\n0 512 16384 37 48\n",
    ],
    ids=["other order, units in a row", "boxes and pairs", "periodic, the last row counts"],
)
def test_tables_are_read_by_their_header_names(table: str) -> None:
    (reading,) = parse_table(table)
    assert (reading.memory_used, reading.memory_total) == (512 * MIB, 16384 * MIB)
    assert (reading.utilisation, reading.temperature) == (37.0, 48.0)


@pytest.mark.parametrize(
    "table", ["", "no such device\n", "id util\n", "id util\nx y z\n", "\0\0\0", "util temp\n3 4\n"]
)
def test_a_table_that_says_nothing_gives_no_reading(table: str) -> None:
    assert parse_table(table) == []


def test_unknown_values_and_units_stay_unknown() -> None:
    (reading,) = parse_table("id  mem_used  util  temp\n0  512  -  N/A\n")
    assert reading == type(reading)(0)


def test_the_tool_is_ended_after_its_first_table(tmp_path: Path) -> None:
    tool = tmp_path / "hx-smi"
    tool.write_text(
        '#!/bin/sh\nwhile [ "$1" != -f ]; do shift; done\nprintf "id util\\n0 7\\n" > "$2"\nexec sleep 60\n'
    )
    tool.chmod(0o755)
    assert parse_table(run_tool(str(tool)))[0].utilisation == 7.0


def test_a_tool_that_cannot_start_gives_nothing(tmp_path: Path) -> None:
    assert run_tool(str(tmp_path / "missing")) == ""
