"""One engine file with code for several kinds of processor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.compiler import build
from core.compiler.retarget import add_targets
from core.kernels.isa import CpuTarget, host_target, targets
from core.ngf.reader import NgfFile, read_header
from core.runtime import code
from core.runtime.engine import Engine
from core.spec import EngineConfig

CONFIG = EngineConfig(quantisation="int8", total_len=64, pre_len=16)
PLAIN = targets()[-1]


@pytest.fixture(scope="module")
def engine(compiled: Callable[[EngineConfig], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine with code for this processor and for one that has none of its extensions."""
    output = tmp_path_factory.mktemp("several") / "several_multi.ngf"
    add_targets(compiled(CONFIG), output, [host_target(), PLAIN])
    return output


def logits(path: Path) -> tuple[np.ndarray, list[str]]:
    opened = Engine.open(path)
    try:
        return opened.prefill(0, np.arange(5, dtype=np.int32), 0), opened.notes
    finally:
        opened.close()


def test_a_processor_without_extensions_runs_its_own_code_and_compiles_nothing(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = logits(engine)
    monkeypatch.setattr(code, "host_target", lambda: PLAIN)
    monkeypatch.setattr(build, "build_part", None)
    there, notes = logits(engine)
    assert notes == []
    np.testing.assert_allclose(there, here, atol=2e-2 * np.abs(here).max())


def test_without_code_for_it_the_engine_is_compiled_again_and_says_so(
    compiled: Callable[[EngineConfig], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if host_target() == PLAIN:
        pytest.skip("this processor has no extension that an engine could ask for")
    monkeypatch.setattr(code, "host_target", lambda: PLAIN)
    _, notes = logits(compiled(CONFIG))
    assert len(notes) == 1
    assert "compiled again" in notes[0]


def test_what_is_there_is_not_added_twice_and_every_digest_is_right(engine: Path, tmp_path: Path) -> None:
    built: list[CpuTarget] = []
    again = add_targets(engine, tmp_path / "again.ngf", [host_target(), PLAIN], built.append)
    assert built == []
    assert code.more_targets(again) == code.more_targets(read_header(engine)) != ()
    with NgfFile.open(engine) as file:
        file.verify()
