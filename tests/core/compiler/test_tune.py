from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.compiler import tune as tuning
from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.events import LogLine
from core.kernels.product import Schedule
from core.ngf.reader import NgfFile
from core.spec import EngineConfig


def test_a_tuned_engine_keeps_what_was_found(tiny_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "CANDIDATES", (Schedule(), Schedule(2, 4)))
    monkeypatch.setattr(tuning, "_MEASURE_S", 0.05)
    monkeypatch.setattr(tuning, "_BYTES", 1 << 20)
    config = EngineConfig(1, 16, 64, "fp32", "int4")
    request = CompileRequest(tiny_onnx, tmp_path, "tuned", config, combine=True, tune=True)
    lines: list[str] = []
    compile_engine(request, lambda event: lines.append(event.text) if isinstance(event, LogLine) else None)
    with NgfFile.open(request.outputs()[0]) as file:
        found = json.loads(file.bytes_of(tuning.SECTION))
    assert found["schedule"] in ({"blocks": 4, "ahead": 8}, {"blocks": 2, "ahead": 4})
    assert [trial["seconds"] > 0 for trial in found["tried"]] == [True, True]
    assert any(line.startswith("Tuned for this processor") for line in lines)


def test_the_fastest_is_taken_and_its_gain_said() -> None:
    slow, fast = Schedule(), Schedule(2, 16)
    found = tuning.Tuned(fast, ((slow, 0.003), (fast, 0.002)))
    assert "2 blocks together, 16 pieces ahead; 50.0% faster" in found.sentence
