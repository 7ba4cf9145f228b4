"""Cancels at random moments of real compile jobs: gone within two seconds, no process left, nothing written."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from pathlib import Path

import psutil

from core.compiler.plan import CompileRequest
from core.errors import Cancelled
from core.events import Failed
from core.fsio import sweep
from core.worker.job import CompileJob
from tests.faults.small import CONFIG, Small, compile_words, files_of, left_of, over, own_home, start, write_small

LIMIT_S = 2.0


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Cancel `count` compile jobs, every fourth by killing its parent; return how they ended and the slowest end."""
    outcomes = {"cancelled": 0, "done_before": 0, "parents_killed": 0}
    slowest = 0.0
    with own_home() as folder:
        small = write_small(folder, engines=False)
        duration = _duration(small, folder / "warm")
        for number in range(count):
            if over(deadline):
                break
            rng, target = random.Random(f"{seed}:{number}"), folder / "target"
            delay, begun = rng.random() * duration, time.monotonic()
            try:
                if number % 4 == 3:
                    outcome, seconds = _kill_parent(small, target, delay)
                else:
                    outcome, seconds = _cancel(small, target, delay)
            except AssertionError as error:
                raise AssertionError(f"case {number} of seed {seed}, after {delay:.2f} s: {error}") from error
            outcomes[outcome] += 1
            slowest = max(slowest, seconds)
            if outcome == "done_before":  # the machine is faster than it was: cancel the next ones earlier
                duration = time.monotonic() - begun
    return {**outcomes, "slowest_s": round(slowest, 2)}


def _duration(small: Small, target: Path) -> float:
    begun = time.monotonic()
    list(CompileJob(CompileRequest(small.model, target, "x", CONFIG, combine=True)).results())
    return time.monotonic() - begun


def _cancel(small: Small, target: Path, delay: float) -> tuple[str, float]:
    job = CompileJob(CompileRequest(small.model, target, "x", CONFIG, combine=True))
    job.start()
    done = job.join(delay)
    begun = time.monotonic()
    job.cancel()
    assert job.join(30), "the job didn't end"
    seconds = time.monotonic() - begun
    assert seconds < LIMIT_S, f"cancelling took {seconds:.2f} s"
    assert not psutil.Process().children(recursive=True), "a process is left"
    cancelled = any(isinstance(event, Failed) and isinstance(event.error(), Cancelled) for event in job.events.queue)
    if not cancelled:
        for path in sorted(target.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        target.rmdir()
        return "done_before", seconds
    assert done is False or cancelled
    assert not target.exists(), f"left: {list(files_of(target))}"
    return "cancelled", seconds


def _kill_parent(small: Small, target: Path, delay: float) -> tuple[str, float]:
    process = start(compile_words(small, target))
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=delay)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    begun = time.monotonic()
    process.kill()
    process.communicate()
    assert left_of(children, LIMIT_S) == [], "a worker outlived its parent"
    seconds = time.monotonic() - begun
    for place in [target, *target.glob("*/")]:
        sweep(place)
    assert all(name.endswith(".ngf") for name in files_of(target))
    for path in sorted(target.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    if target.exists():
        target.rmdir()
    return "parents_killed", seconds
