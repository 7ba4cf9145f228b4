"""Break things on purpose: `python -m tests.faults kill --count 300 --seed 1`.

kill    end a compile, a combine, a download, a save of settings or of the trusted engines at random moments
restart kill the window while it saves settings, compiles or chats, and start it again
io      let every file operation fail, once and for ever, with ENOSPC, EIO and EACCES
writes  let a file operation fail at a random moment inside real jobs: compile, combine, download (needs a C compiler)
cancel  cancel real compile jobs at random moments, also by killing their parent
memory  run the command line under smaller and smaller limits of address space
disk    run it on smaller and smaller disks (a tmpfs; needs the right to mount one)
monkey  let a monkey loose at the window while all of this happens around it; --count runs of 2,000 events each

The seed is printed. What breaks a promise raises AssertionError and says which case it was.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

from tests import programs

COUNTS = {"kill": 300, "restart": 60, "io": 1, "writes": 150, "cancel": 200, "memory": 24, "disk": 24, "monkey": 100}


def run(name: str, count: int, seed: int, deadline: float) -> Mapping[str, object]:
    figures: Mapping[str, object] = importlib.import_module(f"tests.faults.{name}").run(count, seed, deadline)
    return figures


if __name__ == "__main__":
    sys.exit(programs.main("tests.faults", __doc__, COUNTS, run))
