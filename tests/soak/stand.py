"""Ten hours at a stand, simulated: `python -m tests.soak --show` prints a report.

`--visitors` and `--seed` choose another run, `--engine FILE` a real engine instead of the toy one in the worker.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

MOST_GROWTH_MIB = 8.0
"""Most growth of the window's own memory from the first tenth of the visitors to any later, a picture of the window."""
MOST_SLOPE_MIB = 1.0
"""Most growth in a hundred visitors, by least squares over the second half: 5 MiB in a day."""


def main(arguments: list[str]) -> int:
    """Run what was asked for; 0 if everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--show", action="store_true", help="ten hours at a stand")
    parser.add_argument("--visitors", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.dont_write_bytecode = True  # the window may write nothing but its own files, and that is what is checked
    with tempfile.TemporaryDirectory(prefix="c10-show-") as folder:
        home, scratch = Path(folder) / "home", Path(folder) / "tmp"
        home.mkdir()
        scratch.mkdir()
        os.environ["C10_PANEL_HOME"], os.environ["TMPDIR"] = str(home), str(scratch)
        tempfile.tempdir = str(scratch)
        return _show(home, chosen.visitors, chosen.seed, chosen.engine)


def _show(home: Path, visitors: int, seed: int, engine: str) -> int:
    from PySide6.QtWidgets import QApplication

    from core.system import map_large_blocks
    from gui.crash import CrashLog
    from tests.soak.show import Show, ShowError

    map_large_blocks()  # as the program does
    app = QApplication(["soak"])
    logs = CrashLog(private=lambda: True)
    show = Show(app, home, seed, engine)
    show.progress = _say
    problem = ""
    try:
        show.run(visitors)
    except ShowError as error:
        problem = str(error)
    finally:
        show.close()
        logs.close()
    return _print(show.report, problem)


def _say(one: object) -> None:
    sys.stderr.write(f"{one}\n")
    sys.stderr.flush()


def _print(report: object, problem: str) -> int:
    from tests.soak.figures import names, slope
    from tests.soak.report import Report

    assert isinstance(report, Report)
    out = sys.stdout.write
    out(f"visitors              {report.visitors}\n")
    out(f"simulated time        {report.simulated_s / 3600:.2f} h in {report.real_s:.0f} s\n")
    out(f"texts typed           {report.typed}, asked in the chat {report.answers}\n")
    out(f"attract loops         {report.attracts}, countdowns {report.countdowns}\n")
    out(f"workers killed        {report.kills}, back by themselves {report.recoveries}\n")
    out(f"closing refused       {report.refused_closes}, PIN asked for {report.pin_dialogs}\n")
    out(f"actions               {', '.join(f'{k} {v}' for k, v in sorted(report.actions.items()))}\n")
    out(f"operator actions      {report.operator_actions}\n")
    out(f"conversation on disk  {len(report.found)} places{''.join(chr(10) + '  ' + f for f in report.found[:5])}\n")
    out(f"other files written   {len(report.written)}{''.join(chr(10) + '  ' + f for f in report.written[:5])}\n")
    flat = True
    samples = report.samples
    late = samples[len(samples) // 2 :]
    if len(late) > 2:
        out(f"{'':12}{'first':>10}{'warm':>10}{'last':>10}{'most':>10}{'per 100 visitors':>18}\n")
        warm = samples[max(1, len(samples) // 10)]
        for name in names():
            values = [getattr(one, name) for one in samples]
            growth = slope(late, name)
            out(f"{name:12}{values[0]:>10}{getattr(warm, name):>10}{values[-1]:>10}{max(values):>10}{growth:>18.2f}\n")
        flat = max(one.private for one in samples) - warm.private <= MOST_GROWTH_MIB
        flat = flat and slope(late, "private") <= MOST_SLOPE_MIB
        flat = flat and abs(samples[-1].threads - warm.threads) <= 2 and samples[-1].descriptors <= warm.descriptors + 4
        flat = flat and samples[-1].widgets <= warm.widgets + 40
    good = not problem and flat and not report.found and not report.written and not report.operator_actions
    if problem:
        out(f"problem               {problem}\n")
    out(f"{'HELD' if good else 'BROKEN'}{'' if flat else ': not flat'}\n")
    return 0 if good else 1
