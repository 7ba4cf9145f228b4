"""A compile job leaves busy processors to answers."""

from __future__ import annotations

import os
import subprocess
import sys

from core.worker.priority import BACKGROUND_NICENESS

STEP_TWICE = "from core.worker.priority import step_back; step_back(); print(step_back())"


def test_a_process_steps_back_once_and_its_parent_stays_where_it_is() -> None:
    before = os.nice(0)
    done = subprocess.run([sys.executable, "-c", STEP_TWICE], capture_output=True, text=True, check=True)
    assert int(done.stdout) == max(before, BACKGROUND_NICENESS)
    assert os.nice(0) == before
