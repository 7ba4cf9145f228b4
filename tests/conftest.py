"""What every test gets: its own settings folder, fixed seeds, and a check that it leaves nothing running."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from unittest import mock

import psutil
import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PROJECT = Path(__file__).parent.parent
QT_PACKAGES = frozenset({"PySide6", "shiboken6", "pyqtgraph", "qasync"})
LEAVE_SECONDS = 5.0
"""How long a thread or child that was told to end may take, on a busy machine, before it counts as left behind."""

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


class _QtBlocker:
    """An import hook that hides Qt: what a server without the window's packages sees."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] in QT_PACKAGES:
            raise ModuleNotFoundError(f"{name} is hidden in this test run", name=name)
        return None


if os.environ.get("C10_PANEL_TEST_WITHOUT_QT"):
    sys.meta_path.insert(0, _QtBlocker())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make a warning in Qt's own log fail the window's tests."""
    for item in items:
        if item.path.is_relative_to(PROJECT / "tests" / "gui"):
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep fixtures that outlive a test out of the user's own folders, and their engines known to all tests."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("session-home")
        patch.setenv("C10_PANEL_HOME", str(home))
        patch.setenv("C10_PANEL_TRUST", str(home / "trust.json"))
        yield


@pytest.fixture(autouse=True)
def _surroundings() -> Iterator[None]:
    """Undo what a command line that runs in the test's own process leaves in the environment, such as by --c10-home."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(autouse=True)
def panel_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the program's folder for this test alone (settings, data, caches); it doesn't exist yet."""
    home = tmp_path / "panel-home"
    monkeypatch.setenv("C10_PANEL_HOME", str(home))
    return home


@pytest.fixture
def own_trust(panel_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this test a list of trusted engines of its own, for engines whose bytes other tests write, too."""
    del panel_home
    monkeypatch.delenv("C10_PANEL_TRUST")


@pytest.fixture(autouse=True)
def _seeds() -> None:
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the folder with real exports and text next to the project; tests that need it are skipped without it."""
    folder = PROJECT.parent / "shared"
    if not (folder / "fixtures").is_dir():
        pytest.skip("The folder with real model exports (../shared) is not beside the project.")
    return folder


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind.

    What fixtures of a wider scope started before the test doesn't count. If this fails your test: close what it opened
    (a runtime, a worker, a pool) in the test or in a fixture's part after the yield.
    """
    me = psutil.Process()
    threads_before = set(threading.enumerate())
    children_before = set(me.children(recursive=True))
    yield
    threads = [
        t for t in threading.enumerate() if t not in threads_before and not isinstance(t, threading._DummyThread)
    ]
    for thread in threads:
        thread.join(LEAVE_SECONDS)
    left = [thread.name for thread in threads if thread.is_alive()]
    children = [child for child in me.children(recursive=True) if child not in children_before]
    _, alive = psutil.wait_procs(children, timeout=LEAVE_SECONDS)
    for child in alive:
        left.append(_describe(child))
        child.kill()
    if left:
        pytest.fail(f"The test left running: {', '.join(left)}. Close it in the test or in its fixture.", pytrace=False)


def _describe(child: psutil.Process) -> str:
    try:
        return f"process {child.pid} ({' '.join(child.cmdline()) or child.status()})"
    except psutil.NoSuchProcess:
        return f"process {child.pid}"
