"""How the run before ended is told once; logs are bounded and hold no word of a conversation."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.crash import CRASH_LOG, LAST_CRASH_LOG, CrashLog
from gui.paths import ROOT
from tests.gui.conftest import MakePanel

RUN = """
import faulthandler, sys
from pathlib import Path
from gui.crash import CrashLog
logs = CrashLog(Path(sys.argv[1]))
print(logs.last_end or "well", flush=True)
if sys.argv[2] == "crash":
    faulthandler._sigsegv()
elif sys.argv[2] == "kill":
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
logs.close()
"""


def run(folder: Path, end: str) -> str:
    """Run once and end so; return how that run says the one before ended."""
    words = [sys.executable, "-c", RUN, str(folder), end]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def test_the_next_run_knows_how_this_one_ended_and_tells_it_once(tmp_path: Path) -> None:
    told = [run(tmp_path, end) for end in ("well", "crash", "well", "kill", "well", "well")]
    assert told == ["well", "well", "crashed", "well", "killed", "well"]
    assert "Fatal Python error: Segmentation fault" in (tmp_path / LAST_CRASH_LOG).read_text()
    assert (tmp_path / CRASH_LOG).read_text() == ""


def test_a_second_process_beside_the_window_marks_nothing(tmp_path: Path) -> None:
    first = CrashLog(tmp_path)
    second = CrashLog(tmp_path, watched=False)
    assert second.last_end == ""
    second.close()
    assert (tmp_path / "running").exists()
    first.close()
    assert not (tmp_path / "running").exists()


def test_a_folder_that_cannot_be_written_starts_without_a_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    CrashLog(tmp_path / "file" / "logs").close()
    assert "No log can be written" in capfd.readouterr().err


@pytest.mark.parametrize(("end", "said"), [("crashed", "crashed last time"), ("killed", "ended unexpectedly")])
def test_the_window_says_how_the_last_run_ended(make_panel: MakePanel, qtbot: QtBot, end: str, said: str) -> None:
    panel = make_panel()
    panel.window.last_end = "crashed" if end == "crashed" else "killed"
    panel.window._after_first_paint()
    qtbot.waitUntil(panel.window.banner.isVisible)
    assert said in panel.window.banner.text()


def test_logs_are_rotated_and_stay_small(tmp_path: Path) -> None:
    logs = CrashLog(tmp_path)
    for number in range(12_000):
        logging.getLogger("gui.test").info("%d %s", number, "x" * 800)
    logs.close()
    assert sum(path.stat().st_size for path in tmp_path.glob("window.log*")) < 6 << 20


def test_the_home_folder_that_cannot_be_written_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    done = subprocess.run(
        [sys.executable, "-m", "gui", "--check-start"],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "C10_PANEL_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "was painted" in done.stdout
    assert "Traceback" not in done.stderr
