"""The runner of child processes: misbehaving children, sentences, and ends that leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.errors import WorkerError
from core.events import Event, Failed, Generated, Heartbeat, Loaded, Ready
from core.worker.process import LOG_BYTES, Child, Outcome, Waker
from core.worker.protocol import Generate, Inspect, Load, Quit
from tests.core.runtime.fake_engine import greedy
from tests.core.worker.doubles import FAKE_WORKER, LONGEST_S


@pytest.fixture
def waker() -> Iterator[Waker]:
    waker = Waker()
    yield waker
    waker.close()


def until_end(child: Child) -> list[Event]:
    events: list[Event] = []
    deadline = time.monotonic() + LONGEST_S
    while not child.ended:
        assert time.monotonic() < deadline
        events += child.poll(1.0)
    return events


def until(child: Child, kind: type[Event]) -> Event:
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        for event in child.poll(1.0):
            if isinstance(event, kind):
                return event
    raise AssertionError(kind)


def test_the_worker_that_ships_starts_anywhere_and_ends_when_told(
    waker: Waker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.chdir(tmp_path)
    child = Child(waker=waker)
    ready = until(child, Ready)
    assert isinstance(ready, Ready)
    assert ready.pid == child.pid == os.getpgid(child.pid)
    child.expect_end()
    child.send(Quit())
    until_end(child)
    assert (child.outcome().returncode, child.outcome().sentence) == (0, "")


def test_native_noise_on_stdout_does_not_reach_the_protocol(waker: Waker) -> None:
    child = Child(FAKE_WORKER, waker=waker)
    child.send(Load("noise.ngf"))
    child.send(Generate("j", input_ids=[[5, 6, 7]], max_new_tokens=5, constant_output=True))
    result = until(child, Generated)
    child.close()
    assert isinstance(result, Generated)
    assert result.output_ids == [greedy([5, 6, 7], 5)]
    assert "more noise" in child.log_text()


@pytest.mark.parametrize("how", ["garbage", "wrong", "endless"])
def test_a_child_that_breaks_the_protocol_is_ended(waker: Waker, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.worker.process.MAX_LINE_BYTES", 4 << 20)
    child = Child([*FAKE_WORKER, how], waker=waker)
    until_end(child)
    assert child.outcome().violation
    assert "so it was ended" in child.outcome().sentence
    assert not psutil.pid_exists(child.pid)


def test_half_a_line_and_a_sudden_end_give_no_event(waker: Waker) -> None:
    child = Child([*FAKE_WORKER, "halfline"], waker=waker)
    assert until_end(child) == []
    assert "exit code 0" in child.outcome().sentence


def test_a_flood_is_read_whole_and_the_log_stays_small(waker: Waker) -> None:
    child = Child([*FAKE_WORKER, "flood"], waker=waker)
    assert sum(isinstance(event, Heartbeat) for event in until_end(child)) == 20_000
    assert len(child.log_text()) <= LOG_BYTES
    assert sum(map(len, child.log)) < 3 * LOG_BYTES


def test_a_child_that_ignores_sigterm_is_dead_within_two_seconds(waker: Waker) -> None:
    child = Child([*FAKE_WORKER, "stubborn"], waker=waker)
    until(child, Ready)
    begun = time.monotonic()
    child.kill()
    assert time.monotonic() - begun < 2.0
    until_end(child)
    assert child.outcome().sentence == ""


def test_a_command_that_cannot_be_started_gives_a_sentence(waker: Waker) -> None:
    with pytest.raises(WorkerError, match="can't be started"):
        Child(["/nonexistent/program"], waker=waker)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(-9, False), "signal 9), probably because memory ran out"),
        (Outcome(-11, False), "crashed with signal 11 (SIGSEGV)"),
        (Outcome(3, False), "exit code 3"),
        (Outcome(-9, False, "sent something that is no event"), "sent something that is no event"),
    ],
)
def test_sentences(outcome: Outcome, words: str) -> None:
    assert words in outcome.sentence
    assert outcome.error().hint


def test_a_failing_command_is_reported_and_the_worker_goes_on(waker: Waker, tmp_path: Path) -> None:
    child = Child(waker=waker)
    child.send(Inspect(str(tmp_path / "none.ngf")))
    failed = until(child, Failed)
    assert isinstance(failed, Failed)
    assert "none.ngf" in failed.message
    child.send(Generate("j7", input_ids=[[1]]))
    failed = until(child, Failed)
    assert isinstance(failed, Failed)
    assert (failed.job, failed.message) == ("j7", "No engine is loaded.")
    child.close()


@pytest.mark.parametrize(("how", "code"), [("memory", "resource"), ("bug", "worker")])
def test_an_unexpected_exception_becomes_a_sentence_and_a_traceback_in_the_log(
    waker: Waker, how: str, code: str
) -> None:
    child = Child(FAKE_WORKER, waker=waker)
    child.send(Load(f"{how}.ngf"))
    child.send(Generate("j", input_ids=[[5]], constant_output=True))
    failed = until(child, Failed)
    child.send(Load("fine.ngf"))
    assert isinstance(until(child, Loaded), Loaded)
    child.close()
    assert isinstance(failed, Failed)
    assert (failed.code, failed.job) == (code, "j")
    assert "Traceback" not in failed.message
    assert ("ZeroDivisionError" in child.log_text()) == (how == "bug")


PARENT = """
import sys
from core.worker.process import Child, Waker
from core.worker.protocol import Generate, Load
child = Child({command!r}, waker=Waker())
child.send(Load("slow.ngf"))
child.send(Generate("j", input_ids=[[5]], max_new_tokens=1000, constant_output=True))
while True:
    for event in child.poll(None):
        if type(event).__name__ == "Token":
            print(child.pid, flush=True)
"""


def test_a_killed_parent_leaves_no_orphan() -> None:
    root = Path(__file__).resolve().parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(command=FAKE_WORKER)], stdout=subprocess.PIPE, cwd=root, text=True
    )
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs([worker], timeout=2.0)
    assert alive == [] or alive[0].status() == psutil.STATUS_ZOMBIE
