"""A few visitors of the simulated show, with real worker processes around the toy engine."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import PROJECT

LONGEST_S = 300.0


def test_four_visitors_come_and_go_without_an_operator() -> None:
    """In a process of its own, as it is run by hand: what other tests leave in theirs can't stop the show."""
    words = [sys.executable, "-m", "tests.soak", "--show", "--visitors", "4", "--seed", "5"]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    assert done.returncode == 0, done.stdout + done.stderr
    report = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in done.stdout.splitlines() if "  " in line)
    assert report["visitors"] == "4"
    assert report["operator actions"] == "0"
    assert report["conversation on disk"] == "0 places"
    attracts = int(report["attract loops"].split(",")[0])
    killed, back = (int(number) for number in re.findall(r"\d+", report["workers killed"]))
    assert attracts >= 4
    assert killed == back >= 1
