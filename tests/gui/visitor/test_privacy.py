"""In visitor mode nothing typed reaches the disk: typed canaries, every write audited, every file read."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from core.events import Exited
from gui.chat.page import ChatPage
from gui.crash import CrashLog
from gui.privacy import WITHHELD
from tests.gui.visitor.conftest import Stand
from tests.soak.traces import Writes, files_with

CANARY = "CANARY7f3a-typed-by-a-visitor"
ALLOWED = ("settings.json", "runs.json", "window.log", "crash.log", "running")


@pytest.fixture
def writes() -> Iterator[Writes]:
    found = Writes()
    yield found
    found.end()


def _type_everywhere(stand: Stand) -> None:
    """Ask, be answered, edit, batch, system prompt, preset, search, copy; let the worker die and handlers fail."""
    stand.panel.window.go_to("chat")
    page = stand.panel.window.page("chat")
    assert isinstance(page, ChatPage)
    QTest.keyClicks(page.composer.edit, f"{CANARY}-question")
    page.composer.submit()
    stand.answer(f"{CANARY}-answer")
    page.conduct.set_system(f"{CANARY}-system")
    page._save_preset(f"{CANARY}-preset")
    page.history.search.setText(f"{CANARY}-search")
    page._copy(f"{CANARY}-copied")
    page.conduct.batch((f"{CANARY}-row-1", f"{CANARY}-row-2"))
    stand.say(Exited(-9, "The worker process was killed (signal 9), probably because memory ran out."))
    stand.panel.bridge.call(_fail, lambda _none: None)
    stand.qtbot.waitUntil(lambda: "RuntimeError" in _log_text(stand), timeout=10_000)
    logging.getLogger("gui.test").warning("Something about %s.", CANARY)
    logging.getLogger("asyncio").error(f"Exception in callback {CANARY}")  # noqa: G004 -- as libraries do
    page.composer.edit.setPlainText(f"{CANARY}-unsent")


def _fail() -> None:
    raise RuntimeError(f"could not handle {CANARY}")


def _log_text(stand: Stand) -> str:
    stand.panel.bridge.drain()
    logs = Path(tempfile.gettempdir()), stand.panel.store._path
    assert logs[1] is not None
    path = logs[1].parents[1] / "data" / "logs" / "window.log"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_nothing_typed_reaches_the_disk_in_visitor_mode(stand: Stand, writes: Writes, panel_home: Path) -> None:
    logs = CrashLog(private=lambda: True)
    try:
        _type_everywhere(stand)
        text = _log_text(stand)
        stand.panel.window.leave()
    finally:
        logs.close()
    assert files_with((panel_home,), (CANARY,)) == []
    unexpected = [path for path in writes.paths if Path(path).is_relative_to(panel_home) and not _known(path)]
    assert unexpected == []
    assert any("settings.json" in path for path in writes.paths), "the audit saw nothing at all"
    assert "RuntimeError" in text
    assert "test_privacy.py" in text
    assert "Something about %s." in text
    assert WITHHELD in text


def test_the_same_words_do_reach_the_disk_outside_of_visitor_mode(
    stand: Stand, writes: Writes, panel_home: Path
) -> None:
    stand.panel.window.booth.lock.set_visitor_mode(False)
    logs = CrashLog(private=lambda: False)
    try:
        _type_everywhere(stand)
        stand.panel.window.leave()
    finally:
        logs.close()
    found = " ".join(files_with((panel_home,), (CANARY,)))
    for name in ("conversations", "settings.json", "window.log"):
        assert name in found
    assert any("conversations" in path for path in writes.paths)


def _known(path: str) -> bool:
    return any(name in Path(path).name for name in ALLOWED)
