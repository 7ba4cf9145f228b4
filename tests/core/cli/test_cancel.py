"""Cancelling a real compile job at its steps: gone within two seconds, nothing left."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from core.compiler.plan import CompileRequest
from core.errors import Cancelled
from core.events import Exited, Failed, StepProgress, StepStarted
from core.spec import EngineConfig
from core.worker.job import CompileJob
from tests.core.cli.conftest import Built
from tests.core.worker.doubles import wait_for


@pytest.mark.parametrize("step", ["import", "base"])
def test_a_real_compile_job_is_cancelled_within_two_seconds(built: Built, tmp_path: Path, step: str) -> None:
    target = tmp_path / "deep" / "target"
    job = CompileJob(CompileRequest(built.model, target, "x", EngineConfig(total_len=512), combine=True))
    job.start()
    while wait_for(job.events, StepStarted).step != step:
        pass
    if step == "base":
        wait_for(job.events, StepProgress)
    begun = time.monotonic()
    job.cancel()
    assert job.join(10)
    assert time.monotonic() - begun < 2.0
    assert isinstance(wait_for(job.events, Failed).error(), Cancelled)
    assert wait_for(job.events, Exited).sentence == ""
    assert not (tmp_path / "deep").exists()
    assert psutil.Process().children() == []
