"""Kill the window while it saves settings, compiles or chats, and start it again: quick, swept, nothing half-saved."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.ngf.reader import NgfFile
from gui import settings
from gui.paths import log_dir, settings_file
from tests.faults.small import ROOT, Small, left_of, over, own_home, write_small

DOINGS = ("settings", "compile", "chat")
RESTART_S = 3.0
LONGEST_BUSY_S = 2.0
"""Longest time that the window does its thing before it is killed, in seconds."""


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Kill `count` windows, each at a random moment of one of DOINGS in turn; return how long starting again took."""
    kills: Counter[str] = Counter()
    starts: list[float] = []
    with own_home() as folder:
        small = write_small(folder)
        target = folder / "home" / "data" / "engines" / "made"
        target.mkdir(parents=True)
        _start_again()  # the first start makes what later ones find
        for number in range(count):
            if over(deadline):
                break
            rng, doing = random.Random(f"{seed}:{number}"), DOINGS[number % len(DOINGS)]
            try:
                _kill(doing, small, target, rng.random() * LONGEST_BUSY_S)
                debris = len(list((folder / "home").rglob("*.part")))
                starts.append(_start_again())
                _check(folder / "home", target)
            except AssertionError as error:
                raise AssertionError(f"case {number} of seed {seed} ({doing}): {error}") from error
            kills[doing] += 1
            kills["debris"] += debris
    starts.sort()
    late = sum(seconds > RESTART_S for seconds in starts)
    return {
        **kills, "first_paint_median_s": round(starts[len(starts) // 2], 2), "slowest_s": round(starts[-1], 2),
        f"over_{RESTART_S:.0f}_s": late,
    }  # fmt: skip


def _window(words: Sequence[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    command = [sys.executable, "-m", "tests.faults.driven", *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _until(process: subprocess.Popen[str], *words: str) -> str:
    """Read lines until one is one of `words`; return it."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() in words:
            return line.strip()
        assert not line.startswith("failed"), line
    raise AssertionError(f"the window ended with {process.wait()} before it said {words}")


def _kill(doing: str, small: Small, target: Path, delay: float) -> None:
    words = {"settings": [], "compile": [str(small.model), str(target)], "chat": [str(small.multi)]}[doing]
    with _window([doing, *words]) as process:
        _until(process, "busy")
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
        else:
            raise AssertionError(f"the window ended by itself with {process.returncode}")
    assert left_of(children, 2.0) == [], "a worker outlived the window"


def _start_again() -> float:
    """Return the seconds from the start of the process to the first picture; it sweeps and closes by itself."""
    begun = time.monotonic()
    with _window(["idle"]) as process:
        _until(process, "painted")
        seconds = time.monotonic() - begun
        _until(process, "swept")
        assert process.stdout is not None
        process.stdout.read()  # to its end: a closed pipe would be an error of the window's
    assert process.returncode == 0, f"exit code {process.returncode}"
    return seconds


def _check(home: Path, target: Path) -> None:
    if settings_file().exists():
        settings.parse(settings_file().read_bytes())
    assert not settings_file().with_name("settings.json.damaged").exists(), "settings were damaged"
    log = log_dir() / "window.log"
    said = log.read_text(encoding="utf-8") if log.exists() else ""
    assert " ERROR " not in said, said[-4000:]
    left = list(home.rglob("*.part"))
    assert not left, f"debris stays: {left}"
    for path in target.rglob("*.ngf"):
        with NgfFile.open(path) as file:
            file.verify()
        path.unlink()
