"""A monkey at the window while files fail, the disk fills up, settings turn read-only and children are killed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter

from tests.faults.small import ROOT, over

EVENTS = 2000
LONGEST_S = 1800.0
HANG_MS = 3000
"""Longest that the window's thread may compute in one go, in milliseconds of its own processor time."""


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Let it loose `count` times for EVENTS events, each in a process of its own; return how often what failed.

    Raises AssertionError, with the seed and what the process said, for the first that found something.
    """
    done: Counter[str] = Counter()
    slowest = 0
    for number in range(seed, seed + count):
        if over(deadline):
            break
        words = [sys.executable, "-m", "tests.gui.monkey", "--seed", str(number), "--events", str(EVENTS), "--faults"]
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST_S)
        assert ended.returncode == 0, f"seed {number}, exit code {ended.returncode}: {ended.stderr[-6000:]}"
        done.update(ast.literal_eval(re.findall(r"^faults: (.*)$", ended.stdout, re.MULTILINE)[0]))
        done.update(runs=1, events=EVENTS)
        slowest = max(slowest, *map(int, re.findall(r"^  (\d+) ms:", ended.stdout, re.MULTILINE)))
        assert slowest < HANG_MS, f"seed {number}: {ended.stdout}"
        sys.stderr.write(f"seed {number}: {dict(done)}\n")
    return {**done, "slowest_ms": slowest}
