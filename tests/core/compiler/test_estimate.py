"""What a compile job is expected to take, and how that changes while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.compiler.estimate import Pace, step_seconds
from core.compiler.pipeline import compile_engine, plan
from core.compiler.plan import CompileRequest
from core.compiler.source import open_source
from core.events import Event, LogLine, StepFinished, StepProgress, StepStarted, TimeLeft
from core.spec import EngineConfig

EXPECTED = {"import": 30.0, "base": 10.0, "incremental": 10.0, "write": 100.0}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Job:
    """A job whose events come when the test says so."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pace = Pace(EXPECTED, self.clock)
        self.shown: list[TimeLeft] = []

    def at(self, seconds: float, event: Event) -> float:
        """Let an event come so many seconds after the start; return what is left by then."""
        self.clock.now = 1000.0 + seconds
        if left := self.pace.follow(event):
            self.shown.append(left)
        return self.pace.left()


def test_a_job_that_goes_as_expected_counts_down() -> None:
    job = Job()
    assert job.at(0, StepStarted("import")) == 150
    assert job.at(15, StepProgress("import", 14, 28, "layers")) == 135
    assert job.at(30, StepFinished("import", 30.0)) == 120
    assert job.at(31, StepStarted("base")) == 120
    assert job.at(36, StepProgress("base", 40, None, "passes")) == 115
    assert job.at(41, StepFinished("base", 10.0)) == 110


def test_a_job_that_takes_twice_as_long_says_so_before_its_first_step_is_over() -> None:
    job = Job()
    job.at(0, StepStarted("import"))
    assert job.at(30, StepProgress("import", 14, 28, "layers")) == 30 + 2 * 120
    left = job.at(60, StepFinished("import", 60.0))
    assert 1.7 * 120 < left < 2 * 120
    job.at(60, StepStarted("base"))
    assert job.at(500, StepProgress("base", 40, None, "passes")) < 2 * 110  # a step of unknown length isn't below 0


def test_the_time_left_is_told_once_a_second_and_only_for_steps() -> None:
    job = Job()
    for at in range(20):
        job.at(0.25 * at, StepProgress("import", at, 28, "layers"))
        job.at(0.25 * at, LogLine("x"))
    assert len(job.shown) == 5
    assert all(isinstance(one, TimeLeft) and one.seconds > 0 for one in job.shown)


def test_the_expected_times_come_from_a_sample_of_the_models_own_weights(tiny_onnx: Path) -> None:
    source, asked = open_source(tiny_onnx), []

    class Slow:
        def __init__(self, rows: Callable[[int, int], object]) -> None:
            self.rows = rows

        def read_rows(self, start: int, stop: int) -> object:
            asked.append((start, stop))
            return self.rows(start, stop)

    readers = {name: Slow(reader.read_rows) for name, reader in source.readers.items()}
    found = step_seconds(source.spec, EngineConfig(), readers)  # type: ignore[arg-type]  # it returns what it is given
    assert list(found) == ["import", "base", "incremental", "write"]
    assert all(seconds > 0 for seconds in found.values())
    assert asked
    assert (
        step_seconds(source.spec, EngineConfig(quantisation="int4"))["write"]
        > step_seconds(source.spec, EngineConfig())["write"]
    )


def test_a_job_tells_how_long_it_still_takes(tiny_onnx: Path, tmp_path: Path) -> None:
    request = CompileRequest(tiny_onnx, tmp_path, "x", EngineConfig(total_len=64, pre_len=16), combine=True)
    planned = plan(request)
    assert abs(planned.seconds - sum(planned.step_seconds.values())) < 0.5
    events: list[Event] = []
    compile_engine(request, events.append)
    assert any(isinstance(event, TimeLeft) for event in events)
