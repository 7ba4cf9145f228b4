"""Takes pictures of every page: `python -m tests.gui.screenshots --out DIR`.

Both languages, both themes, 1920x1080 and 3840x2160 at scale 2; one child process each, because Qt reads its
scale once. `--only health-zh-dark-1080` takes a part (substrings of the name,
separated by commas), `--percent 200` another text scale. Pages add states of their own in SCENES.
"""

from __future__ import annotations

import argparse
import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from core.errors import ResourceError
from core.events import Event, Generated
from gui.bridge import RUNTIME
from gui.health.page import TEST_JOB
from gui.settings import Problem
from tests.gui import card_scenes
from tests.gui.chat import scenes as chat_scenes
from tests.gui.compile import scenes as compile_scenes
from tests.gui.demo import scenes as demo_scenes
from tests.gui.show import scenes as show_scenes

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"1080": "1", "2160": "2"}
"""Picture height -> Qt's scale; the window measures 1920x1080 logical pixels in both."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: a page and what is done to it before it is taken; `prepare(panel)` gets gui.app.Panel."""

    name: str
    page: str
    simulate: int = 0
    prepare: Callable[[Any], None] | None = None


def _banner(panel: Any) -> None:
    kept = Path("~/.config/c10-panel/settings.json.damaged")
    panel.window.notices.say_problem(Problem("damaged", kept, ""))


def _healthy(panel: Any) -> None:
    chat_scenes.load(panel)
    page = panel.window.page("health")
    page.activate()
    events: queue.Queue[Event] = queue.Queue()
    events.put(Generated(TEST_JOB, [[1]], [""], ["length"], chat_scenes.figures(1)))
    panel.bridge.attach(RUNTIME, events)
    panel.bridge.drain()


def _error(panel: Any) -> None:
    text = "6.65 GiB (7141000000 bytes) are needed in /data/engines, but only 1.20 GiB (1288490188 bytes) are free."
    panel.window.notices.show_error(ResourceError(text, "Free some space, or choose a folder on another disk."))


def _plan(panel: Any) -> None:
    page = panel.window.page("devices")
    page.plan.choose("equal")
    bar = page.body.verticalScrollBar()
    bar.setValue(bar.maximum())


SCENES = (
    *(Scene(name, "demo", prepare=prepare) for name, prepare in demo_scenes.SCENES),
    Scene("chat", "chat", prepare=_banner),
    *(Scene(name, "chat", prepare=prepare) for name, prepare in chat_scenes.SCENES),
    Scene("compile", "compile"),
    *(Scene(name, "compile", cards, prepare) for name, prepare, cards in compile_scenes.PREPARE),
    Scene("devices", "devices"),
    Scene("devices-simulated", "devices", simulate=4),
    Scene("devices-plan", "devices", simulate=4, prepare=_plan),
    *(Scene(name, page, cards, prepare) for name, page, prepare, cards in card_scenes.PREPARE),
    *(Scene(name, "show", cards, prepare) for name, prepare, cards in show_scenes.PREPARE),
    Scene("health", "health"),
    Scene("health-ready", "health", prepare=_healthy),
    Scene("error", "health", prepare=_error),
    Scene("first-start", "health", prepare=demo_scenes.first_start),
    Scene("guide", "health", prepare=lambda panel: panel.window.show_guide()),
)


def names(only: str = "") -> list[tuple[str, str, str]]:
    """Return (language, theme, height) of the child processes that `only` leaves."""
    return [
        combination
        for combination in product(("zh", "en"), ("light", "dark"), SIZES)
        if not only or any(_wanted(_file(scene.name, *combination), only) for scene in SCENES)
    ]


def _wanted(file: str, only: str) -> bool:
    return all(part in file for part in only.split(","))


def _file(scene: str, language: str, theme: str, height: str) -> str:
    return f"{scene}-{language}-{theme}-{height}.png"


def _picture(window: Any) -> Any:
    """Return the window with the dialogs in front of it, with the edge that the desktop would draw around them."""
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QDialog

    picture = window.grab()
    painter = QPainter(picture)
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            middle = window.rect().center() - dialog.rect().center()
            painter.fillRect(window.rect(), QColor(0, 0, 0, 90))
            painter.drawPixmap(middle, dialog.grab())
            painter.setPen(QColor(128, 128, 128))
            painter.drawRect(QRect(middle, dialog.size()).adjusted(-1, -1, 0, 0))
    painter.end()
    return picture


def take(out: Path, language: str, theme: str, height: str, percent: int, only: str) -> None:
    """Take the pictures of one combination in this process."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from gui.app import Panel
    from gui.options import Options
    from gui.settings import Store

    app = QApplication.instance() or QApplication(["screenshots"])
    assert isinstance(app, QApplication)

    def settle(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def tick(panel: Panel, times: int) -> None:
        """Wait for ticks of the bridge, so that a busy machine's pictures are complete, too."""
        loop, left = QEventLoop(), [times]

        def count() -> None:
            left[0] -= 1
            if left[0] == 0:
                loop.quit()

        end = panel.bridge.after_drain(count)
        loop.exec()
        end()

    for scene in SCENES:
        file = _file(scene.name, language, theme, height)
        if not _wanted(file, only):
            continue
        store = Store(None)
        store.update(page=scene.page, text_percent=percent)
        panel = Panel(app, Options(lang=language, theme=theme, simulate_cards=scene.simulate), store)
        panel.window.resize(1920, 1080)
        panel.window.show()
        for _ in range(100):
            settle(100)
            if panel.window.devices.devices is not None:
                break
        tick(panel, 12)
        if scene.prepare is not None:
            scene.prepare(panel)
            tick(panel, 25)
        _picture(panel.window).save(str(out / file))
        panel.window.leave()
        panel.close()
        panel.window.deleteLater()
        settle(20)


def main(arguments: list[str]) -> int:
    """Take all pictures, or those of one combination where the hidden flag names it."""
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--percent", type=int, default=100)
    parser.add_argument("--child", nargs=3, default=None, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.child:
        take(chosen.out, *chosen.child, percent=chosen.percent, only=chosen.only)
        return 0
    for language, theme, height in names(chosen.only):
        with tempfile.TemporaryDirectory() as home:
            platform = os.environ.get("QT_QPA_PLATFORM", "offscreen")
            environment = {**os.environ, "QT_SCALE_FACTOR": SIZES[height], "QT_QPA_PLATFORM": platform,
                           "C10_PANEL_HOME": home}  # fmt: skip
            command = [sys.executable, "-m", "tests.gui.screenshots", "--out", str(chosen.out), "--only", chosen.only,
                       "--percent", str(chosen.percent), "--child", language, theme, height]  # fmt: skip
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=1800)
    sys.stdout.write(f"{len(list(chosen.out.glob('*.png')))} pictures in {chosen.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
