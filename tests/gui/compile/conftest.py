"""A tiny model on disk, jobs without a child, and a window that shows the Compile page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.export.synthetic import tiny_spec, write_model, write_tokenizer
from core.system import data_dir
from gui.app import Panel
from gui.compile.page import CompilePage
from gui.settings import Store
from tests.gui.compile.doubles import FakeJob
from tests.gui.conftest import MakePanel

WORKER_MS = 120_000
"""Longest wait for a real child, in milliseconds: two cores may be busy with other tests."""

SPEC = tiny_spec(num_layers=1)


@pytest.fixture(scope="session")
def tiny_onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-glm"
    path = write_model(folder, SPEC)
    write_tokenizer(folder)
    return path


@pytest.fixture
def engines() -> Path:
    folder = data_dir() / "engines"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def panel(make_panel: MakePanel, engines: Path) -> Panel:
    del engines
    store = Store(None)
    store.update(page="compile")
    return make_panel(store)


@pytest.fixture
def page(panel: Panel, qtbot: QtBot) -> CompilePage:
    found = panel.window.page("compile")
    assert isinstance(found, CompilePage)
    qtbot.waitUntil(lambda: not found._scanning and found._machine is not None, timeout=10_000)
    return found


@pytest.fixture
def fake_job(monkeypatch: pytest.MonkeyPatch) -> FakeJob:
    job = FakeJob()

    def make(*args: Any, **_more: Any) -> FakeJob:
        job.made_with = args
        return job

    for name in ("WorkerJob", "CompileJob", "OutputJob"):
        monkeypatch.setattr(f"core.worker.job.{name}", make)
    return job


Wait = Callable[[Callable[[], bool]], None]


@pytest.fixture
def wait(qtbot: QtBot) -> Wait:
    return lambda condition: qtbot.waitUntil(condition, timeout=WORKER_MS)
