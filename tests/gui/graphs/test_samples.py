"""What the graphs draw from: ring buffer, samples, and the file of runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FormatError
from gui.graphs.ring import Ring
from gui.graphs.runs import MAX_RUNS, Run, dumps, loads, to_csv
from gui.graphs.samples import CONTEXT, MEMORY, SPEED, TIME, Samples
from tests.gui.chat.test_history import FIGURES

CONFIG = {"dtype": "bf16", "quantisation": "int4"}


@pytest.mark.parametrize("count", [0, 1, 4, 5, 11])
def test_the_ring_holds_the_last_samples_in_order(count: int) -> None:
    ring = Ring(2, 5)
    for i in range(count):
        ring.append(i, -i)
    expected = list(range(max(0, count - 5), count))
    assert ring.column(0).tolist() == expected
    assert ring.column(1).tolist() == [-i for i in expected]
    assert len(ring) == len(expected)


def test_the_speed_counts_from_the_first_token_over_one_second() -> None:
    samples = Samples()
    samples.add(0.5, 0, 10, None)
    assert samples.add(0.6, 10, 20, 1 << 20) == pytest.approx(100.0)
    for i in range(1, 31):
        speed = samples.add(0.6 + i / 10, 10 + 5 * i, 20, 1 << 20)
    assert speed == pytest.approx(50.0)
    assert samples.column(TIME)[-1] == pytest.approx(3.6)
    assert samples.column(CONTEXT)[-1] == 20
    assert np.isnan(samples.column(MEMORY)[0])
    assert samples.column(SPEED).max() <= 100.1


def test_csv_names_units_and_leaves_unknown_values_empty() -> None:
    samples = Samples()
    samples.add(1.0, 0, 3, None)
    lines = samples.to_csv().splitlines()
    assert lines == ["time_s,decode_tokens_per_s,context_tokens,memory_bytes", "1,0,3,"]


def test_runs_come_back_and_are_capped() -> None:
    run = Run.of(FIGURES, 5.0, "demo", CONFIG, 2)
    assert run.precision == "bf16 int4"
    assert loads(dumps((run,)).encode()) == (run,)
    assert len(loads(dumps((run,) * (MAX_RUNS + 3)).encode())) == MAX_RUNS
    assert to_csv((run,)).splitlines()[1].split(",")[1:4] == ["demo", "bf16 int4", "2"]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": 1, "runs": [{}]}', b'{"version": 1, "runs": 3}'])
def test_damaged_runs_are_refused(data: bytes, tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(FormatError):
        loads(data)
