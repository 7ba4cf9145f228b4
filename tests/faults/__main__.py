"""Break things on purpose: `python -m tests.faults kill --count 300 --seed 1`.

kill    end a compile, a combine, a download, a save of settings or of the trusted engines at random moments
io      let every file operation fail, once and for ever, with ENOSPC, EIO and EACCES
cancel  cancel real compile jobs at random moments, also by killing their parent
memory  run the command line under smaller and smaller limits of address space
disk    run it on smaller and smaller disks (a tmpfs; needs the right to mount one)

The seed is printed. What breaks a promise raises AssertionError and says which case it was.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

from tests import programs

COUNTS = {"kill": 300, "io": 1, "cancel": 200, "memory": 24, "disk": 24}


def run(name: str, count: int, seed: int, deadline: float) -> Mapping[str, object]:
    figures: Mapping[str, object] = importlib.import_module(f"tests.faults.{name}").run(count, seed, deadline)
    return figures


if __name__ == "__main__":
    sys.exit(programs.main("tests.faults", __doc__, COUNTS, run))
