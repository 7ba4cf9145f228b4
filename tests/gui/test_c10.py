"""The C10 card in the window: where its SDK is, its container, its engines, and compiling for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.c10.description import CHATGLM2_CHAT, Description, write_description
from core.events import Loaded
from core.export.synthetic import TINY
from core.spec import EngineConfig
from gui.app import Panel
from gui.compile import library
from gui.compile.choices import Model
from gui.compile.page import CompilePage
from gui.compile.wizard import REVIEW
from gui.devices.container import ContainerDialog
from gui.devices.page import DevicesPage
from gui.devices.sdk import card_options
from gui.health.page import HealthPage
from gui.settings import Store
from gui.visitor.pin_dialog import PinDialog
from tests.core.c10.doubles import FOLDER
from tests.gui.conftest import FakeRuntime, MakePanel
from tests.gui.test_devices import devices_page, texts

CONFIG = EngineConfig(batch=1, pre_len=16, total_len=96)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Put the double's modules and programs where they are found; return the folder of docker's state."""
    docker = tmp_path / "docker"
    docker.mkdir()
    for name in ("C10_SDK_HOME", "C10_SDK_PYTHON", "C10_SDK_CONTAINER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("C10_DOUBLE_DOCKER", str(docker))
    monkeypatch.setenv("C10_DOUBLE_CARDS", "2")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    monkeypatch.setenv("PATH", f"{FOLDER}{os.pathsep}{os.environ['PATH']}")
    return docker


def vendors(folder: Path, *, described: bool = True) -> Path:
    """Return a file that is no engine of this program."""
    engine = folder / "glm_multi.ngf"
    engine.write_bytes(b"\x7fHXNGF, which nobody here may read")
    if described:
        write_description(engine, Description(TINY, CONFIG, CHATGLM2_CHAT, assumed=False))
    return engine


def test_the_sdk_is_told_in_fields_and_asked_at_once(make_panel: MakePanel, double: Path, qtbot: QtBot) -> None:
    del double
    store = Store(None)
    page = devices_page(make_panel(store), qtbot)
    assert "not set up" in texts(page)
    page.sdk.python.setText(sys.executable)
    page.sdk.python.editingFinished.emit()
    assert store.value.c10_python == sys.executable
    qtbot.waitUntil(lambda: "simulated, not Hexaflake hardware" in texts(page), timeout=20_000)
    qtbot.waitUntil(lambda: "Seen by the SDK; there is no driver node." in texts(page), timeout=20_000)
    assert "found: 2" in texts(page)
    page.sdk.python.setText("python-of-no-sdk")
    page.sdk.python.editingFinished.emit()
    qtbot.waitUntil(lambda: "looked for python-of-no-sdk on PATH" in texts(page), timeout=20_000)
    assert "doesn't answer" in texts(page)


def test_an_engine_of_the_vendors_is_loaded_through_the_sdk_of_the_settings(
    make_panel: MakePanel, runtime: FakeRuntime, double: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    del double
    store = Store(None)
    store.update(c10_python=sys.executable, card_limits_gib={"1": 4.0}, split_strategy="loose")
    panel = make_panel(store)
    page = devices_page(panel, qtbot)
    qtbot.waitUntil(lambda: "simulated, not Hexaflake hardware" in texts(page), timeout=20_000)
    engine = str(vendors(tmp_path))
    panel.session.load(engine)
    (kind, (path, options)) = runtime.asked[-1]
    assert (kind, path) == ("load", engine)
    assert (options["devices"], options["limits"], options["strategy"]) == ([0, 1], [16 << 30, 4 << 30], 2)
    assert (options["python"], options["container"]) == (sys.executable, "")
    note = "C10 SDK: hxinfer (simulated, not Hexaflake hardware), /x"
    runtime.events.put(Loaded(engine, TINY.to_json(), CONFIG.to_json(), "bpe", 0.1, 1000, 1000, [note]))
    qtbot.waitUntil(lambda: panel.window.banner.text() == note)


def test_without_an_sdk_only_a_described_engine_counts_as_the_vendors(tmp_path: Path, double: Path) -> None:
    del double
    settings = Store(None).value
    assert card_options(str(vendors(tmp_path, described=False)), None, settings) == {}
    assert card_options(str(vendors(tmp_path)), None, settings)["devices"] == [0]
    assert card_options(str(tmp_path / "none.ngf"), None, settings) == {}


def test_the_library_shows_what_can_be_asked_on_the_card(tmp_path: Path) -> None:
    path = vendors(tmp_path, described=False)
    assert [engine.ready for engine in library.scan((tmp_path,))] == [False]
    [assumed] = library.scan((tmp_path,), sdk=True)
    assert assumed.ready
    assert assumed.spec
    assert assumed.spec.num_layers == 28
    vendors(tmp_path)
    [described] = library.scan((tmp_path,))
    assert (described.kind, described.role, described.config) == ("card", "multi", CONFIG)
    path.with_name(path.name + ".json").write_text("{}")
    [damaged] = library.scan((tmp_path,), sdk=True)
    assert (damaged.ready, damaged.kind) == (False, "foreign")


def test_the_container_is_set_up_by_commands_that_are_shown_first(
    make_panel: MakePanel, double: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    store = Store(None)
    panel = make_panel(store)
    panel.window.go_to("health")
    page = panel.window.page("health")
    assert isinstance(page, HealthPage)
    qtbot.waitUntil(lambda: page.rows["sdk"].button.isVisible(), timeout=20_000)
    page.rows["sdk"].button.click()
    [dialog] = panel.window.findChildren(ContainerDialog)
    dialog.folder.setText(str(tmp_path))
    archive = tmp_path / "hexaflake-R-latest.tar"
    archive.write_bytes(b"an image")
    qtbot.waitUntil(lambda: dialog.image.count() > 0, timeout=20_000)
    dialog.use_archive(archive)
    assert dialog.command_label.text() == f"docker load -i {archive}"
    assert not (double / "hexaflake.image").exists()  # nothing runs before the button
    dialog.run_button.click()
    qtbot.waitUntil(lambda: dialog.image.currentText() == "hexaflake:R-latest", timeout=20_000)
    assert dialog.command_label.text() == (
        f"docker run -d -i --name c10-sdk --privileged=true -v {tmp_path}:/workspace hexaflake:R-latest /bin/bash"
    )
    assert store.value.c10_container == ""
    dialog.run_button.click()
    qtbot.waitUntil(lambda: store.value.c10_container == "c10-sdk", timeout=20_000)
    assert not dialog.run_button.isEnabled()
    dialog.close_button.click()
    qtbot.waitUntil(lambda: page.rows["sdk"].light == "ok", timeout=20_000)


def test_a_stopped_container_is_red_and_offered_to_be_started(
    make_panel: MakePanel, double: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    (double / "box").write_text(str(tmp_path))
    (double / "box.stopped").touch()
    store = Store(None)
    store.update(c10_container="box")
    panel = make_panel(store)
    panel.window.go_to("health")
    page = panel.window.page("health")
    assert isinstance(page, HealthPage)
    qtbot.waitUntil(lambda: page.rows["sdk"].light == "bad", timeout=20_000)
    dialog = page.set_up_container()
    qtbot.waitUntil(lambda: dialog.command_label.text() == "docker start box", timeout=20_000)
    dialog.run_button.click()
    qtbot.waitUntil(lambda: not (double / "box.stopped").exists(), timeout=20_000)
    qtbot.waitUntil(lambda: page.rows["sdk"].light == "ok", timeout=20_000)
    dialog.close_button.click()


def test_what_docker_complains_of_is_shown(panel: Panel, double: Path, qtbot: QtBot) -> None:
    (double / "denied").touch()
    panel.window.go_to("devices")
    page = panel.window.page("devices")
    assert isinstance(page, DevicesPage)
    dialog = page.set_up_container()
    qtbot.waitUntil(lambda: "permission denied" in dialog.banner.text(), timeout=20_000)
    assert not dialog.run_button.isEnabled()
    dialog.close_button.click()


def test_the_wizard_compiles_for_the_card_where_the_vendors_compiler_is(
    make_panel: MakePanel, double: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del double
    store = Store(None)
    panel = make_panel(store)
    panel.window.go_to("compile")
    page = panel.window.page("compile")
    assert isinstance(page, CompilePage)
    page.show_wizard()
    wizard = page.wizard
    report = {"parameters": 1, "opset": 14, "weight_bytes": 1, "weight_dtype": "float16", "tokenizer": ""}
    wizard._take_model(Model(tmp_path / "model.onnx", TINY, report))
    wizard.show_step(REVIEW)
    assert not wizard.review.targets["c10"].isVisible()
    store.update(c10_home=str(FOLDER), c10_python=sys.executable)
    wizard.show_step(REVIEW)
    assert wizard.review.targets["c10"].isVisible()
    wizard.review.targets["c10"].click()
    request = wizard.draft.request()
    assert request.target == "c10"
    started: list[object] = []
    monkeypatch.setattr(page.runner, "compile", lambda *words: started.append(words))
    wizard.started.emit(request)
    variables = {"C10_SDK_HOME": str(FOLDER), "C10_SDK_PYTHON": sys.executable, "C10_SDK_CONTAINER": ""}
    assert started == [(request, variables)]
    wizard.review.targets["cpu"].click()
    assert wizard.draft.request().target == "cpu"


def test_visitors_can_not_run_the_containers_commands(make_panel: MakePanel, double: Path, qtbot: QtBot) -> None:
    del double
    store = Store(None)
    store.update(visitor_mode=True)
    panel = make_panel(store)
    panel.window.go_to("health")
    page = panel.window.page("health")
    assert isinstance(page, HealthPage)
    qtbot.waitUntil(lambda: page.rows["sdk"].button.text() == "Set up the container", timeout=20_000)
    page.rows["sdk"].button.click()
    assert panel.window.findChildren(ContainerDialog) == []
    [asked] = panel.window.findChildren(PinDialog)
    asked.close()
