"""The C10 card's states for the pictures, with the double of its SDK where something has to answer."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from core.events import CardStates
from gui.compile.wizard import REVIEW
from tests.core.c10.doubles import FOLDER
from tests.gui.compile import scenes as compile_scenes

GIB = 1 << 30


def _wait(holds: Callable[[], bool]) -> None:
    """Let Qt work until `holds`."""
    from PySide6.QtWidgets import QApplication

    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        QApplication.processEvents()


def sdk(panel: Any) -> None:
    """Two cards that the double of the SDK sees."""
    variables = {
        "PYTHONPATH": str(FOLDER),
        "PATH": f"{FOLDER}{os.pathsep}{os.environ['PATH']}",
        "C10_DOUBLE_CARDS": "2",
    }
    page = panel.window.page("devices")
    with mock.patch.dict(os.environ, variables):
        page.sdk.python.setText(sys.executable)
        page.sdk.python.editingFinished.emit()
        _wait(lambda: panel.window.devices.devices.real == 2)
    bar = page.body.verticalScrollBar()
    bar.setValue(bar.maximum())


def working(panel: Any) -> None:
    """Two simulated cards in the middle of an answer."""
    layer, head = 214 << 20, 533 << 20
    held = ((14, True, 14 * layer + head, 812, 6.93, 0.21), (14, False, 14 * layer + head, 812, 7.02, 0.09))

    def states(share: float) -> CardStates:
        return CardStates(
            [
                {
                    "card": card, "pid": 1, "first_layer": 14 * card, "num_layers": layers, "embedding": embedding,
                    "output": not embedding, "limit_bytes": 8 * GIB, "weight_bytes": weights, "kv_bytes": 32 << 20,
                    "workspace_bytes": 40 << 20, "works": int(works * share), "busy_s": busy * share,
                    "hand_over_s": passed * share,
                }
                for card, (layers, embedding, weights, works, busy, passed) in enumerate(held)
            ]
        )  # fmt: skip

    begun = time.monotonic()
    panel.session._on_cards(states(0.93))
    _wait(lambda: time.monotonic() - begun > 0.6)
    panel.session._on_cards(states(1.0))


def container(panel: Any, *, archive: str = "") -> None:
    """The dialog before a command runs."""
    docker = tempfile.mkdtemp()
    variables = {"PATH": f"{FOLDER}{os.pathsep}{os.environ['PATH']}", "C10_DOUBLE_DOCKER": docker}
    with mock.patch.dict(os.environ, variables):
        Path(docker, "hexaflake.image").touch()
        dialog = panel.window.page("health").set_up_container()
        dialog.folder.setText("/data/c10")
        _wait(lambda: dialog.image.count() > 0)
    if archive:
        dialog.use_archive(Path(archive))


def review(panel: Any) -> None:
    """The wizard's last step where the vendor's compiler is there."""
    panel.window.context.store.update(c10_home=str(FOLDER))
    compile_scenes.wizard(panel, REVIEW)
    panel.window.page("compile").wizard.review.targets["c10"].setChecked(True)


PREPARE: tuple[tuple[str, str, Callable[[Any], None], int], ...] = (
    ("devices-sdk", "devices", sdk, 0),
    ("devices-working", "devices", working, 2),
    ("health-container", "health", container, 0),
    ("health-image", "health", partial(container, archive="/data/hexaflake-R-latest.tar"), 0),
    ("compile-review-card", "compile", review, 0),
)
"""(name of the picture, page, what is done to the window before it is taken, simulated cards)."""
