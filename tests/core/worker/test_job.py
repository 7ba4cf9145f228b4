"""One-command jobs: their answer, their cancelling, and what they leave."""

from __future__ import annotations

import random
import time
from pathlib import Path

import psutil
import pytest

from core.compiler.plan import CompileRequest
from core.errors import Cancelled, FileError, WorkerError
from core.events import CompileFinished, Event, Exited, Failed, Forgotten, Loaded, Planned, StepProgress, Unloaded
from core.spec import EngineConfig
from core.worker.job import CompileJob, WorkerJob, run_command
from core.worker.protocol import Command, Forget, Generate, Load, Plan, Unload, request_to_json
from tests.core.worker.doubles import FAKE_WORKER, wait_for


def request(folder: Path, name: str, *, combine: bool = False) -> CompileRequest:
    return CompileRequest(folder / "model.onnx", folder / "new" / "out", name, EngineConfig(), combine=combine)


def left_in(folder: Path) -> list[str]:
    """Return what lies in `folder` beside the program's own home."""
    return [path.name for path in folder.iterdir() if path.name != "panel-home"]


def test_a_job_gives_its_events_and_ends(tmp_path: Path) -> None:
    events = list(CompileJob(request(tmp_path, "quick", combine=True), worker=FAKE_WORKER).results())
    assert isinstance(events[-1], CompileFinished)
    assert Path(events[-1].outputs[0]).read_bytes() == b"half"


def test_plan_answers_once(tmp_path: Path) -> None:
    answer = run_command(Plan(request_to_json(request(tmp_path, "x"))), worker=FAKE_WORKER)
    assert isinstance(answer, Planned)
    assert answer.report["name"] == "x_bf16_q"


@pytest.mark.parametrize(("last", "answer"), [(Load("text.ngf"), Loaded), (Unload(), Unloaded), (Forget(), Forgotten)])
def test_a_job_ends_with_the_answer_to_its_last_command(last: Command, answer: type[Event]) -> None:
    events = list(WorkerJob(Load("text.ngf"), last, worker=FAKE_WORKER).results())
    assert [type(event) for event in events] == [Loaded, answer]


@pytest.mark.parametrize("combine", [False, True])
def test_a_cancelled_compile_is_gone_within_two_seconds_and_leaves_no_file(tmp_path: Path, *, combine: bool) -> None:
    job = CompileJob(request(tmp_path, "forever", combine=combine), worker=FAKE_WORKER)
    job.start()
    seen: list[Event] = []
    wait_for(job.events, StepProgress, seen=seen)
    assert any((tmp_path / "new").rglob("*"))
    begun = time.monotonic()
    job.cancel()
    assert job.join(10)
    assert time.monotonic() - begun < 2.0
    failed = wait_for(job.events, Failed)
    assert isinstance(failed.error(), Cancelled)
    assert wait_for(job.events, Exited).sentence == ""
    assert left_in(tmp_path) == []
    assert not [c for c in psutil.Process().children() if c.status() != psutil.STATUS_ZOMBIE]


def test_cancelling_at_random_moments_always_works(tmp_path: Path) -> None:
    generator = random.Random(5)
    for _ in range(8):
        job = CompileJob(request(tmp_path, "forever"), worker=FAKE_WORKER)
        job.start()
        job.join(generator.random() * 0.9)
        begun = time.monotonic()
        job.cancel()
        assert job.join(10)
        assert time.monotonic() - begun < 2.0
        assert left_in(tmp_path) == []


def test_what_was_there_before_stays_when_a_job_is_cancelled(tmp_path: Path) -> None:
    wanted = request(tmp_path, "forever")
    wanted.target_path.mkdir(parents=True)
    (wanted.target_path / "mine.txt").write_text("x")
    job = CompileJob(wanted, worker=FAKE_WORKER)
    job.start()
    wait_for(job.events, StepProgress)
    job.cancel()
    job.join()
    assert [path.name for path in (tmp_path / "new").rglob("*") if path.is_file()] == ["mine.txt"]


def test_a_dead_child_fails_the_job_with_a_sentence() -> None:
    ask = Generate("j", input_ids=[[5]], constant_output=True)
    with pytest.raises(WorkerError, match="signal 11"):
        list(WorkerJob(Load("crash.ngf"), ask, worker=FAKE_WORKER).results())


def test_a_caller_that_leaves_early_ends_the_child(tmp_path: Path) -> None:
    results = CompileJob(request(tmp_path, "forever"), worker=FAKE_WORKER).results()
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert left_in(tmp_path) == []


def test_a_second_job_for_the_same_engine_is_refused_and_takes_nothing_away(tmp_path: Path) -> None:
    first = CompileJob(request(tmp_path, "forever", combine=True), worker=FAKE_WORKER)
    first.start()
    wait_for(first.events, StepProgress)
    second = CompileJob(request(tmp_path, "forever", combine=True), worker=FAKE_WORKER)
    with pytest.raises(FileError, match="being written by another job"):
        list(second.results())
    other = CompileJob(request(tmp_path, "quick", combine=True), worker=FAKE_WORKER)
    assert isinstance(list(other.results())[-1], CompileFinished)
    first.cancel()
    assert first.join(10)
    assert [path.name for path in tmp_path.rglob("*.ngf")] == ["quick_bf16_q_multi.ngf"]
