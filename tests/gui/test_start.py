"""The program as a process: its start, its single instance, what it never imports, its place in the desktop's menu."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui import desktop
from gui.app import engine_at_start
from gui.options import parse
from gui.settings import Store
from gui.single import SingleInstance

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("tvm", "onnx", "onnxruntime", "transformers", "torch")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gui", *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_start_reports_one_line_of_json_and_closes() -> None:
    done = run("--check-start", "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    report = json.loads(line)
    assert report["platform"] == "offscreen"
    assert 0 < report["first_paint_s"] < 60
    assert done.stderr == ""


def test_a_damaged_settings_file_does_not_stop_the_start(panel_home: Path) -> None:
    settings = panel_home / "config" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{", encoding="utf-8")
    assert run("--check-start", "--json").returncode == 0
    assert settings.with_name("settings.json.damaged").exists()


def test_opening_every_page_imports_nothing_heavy() -> None:
    program = f"""
import sys
from PySide6.QtWidgets import QApplication
from gui.app import Panel
from gui.options import Options
from gui.pages import visible_pages
from gui.settings import Store
app = QApplication([])
panel = Panel(app, Options(simulate_cards=2), Store(None))
panel.window.show()
for entry in visible_pages():
    panel.window.go_to(entry.page_id)
    app.processEvents()
import core.runtime.client, core.worker.job, core.planner
panel.window.close()
panel.close()
print([name for name in {FORBIDDEN!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.parametrize("flags", [["--lang", "fr"], ["--simulate-cards", "9"], ["--simulate-cards", "x"], ["--what"]])
def test_flags_that_cannot_be_are_refused_with_exit_code_2(flags: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(flags)
    assert caught.value.code == 2


def test_a_second_start_raises_the_first_window_and_hands_its_engine_over(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    asked: list[tuple[str, str]] = []
    first.raised.connect(lambda *paths: asked.append(paths))
    assert first.acquire()
    second = subprocess.Popen(
        [sys.executable, "-m", "gui", "--engine", "/engines/a_multi.ngf"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "C10_PANEL_HOME": str(tmp_path.parent / "home")},
        stdout=subprocess.PIPE,
        text=True,
    )
    second.kill()  # another home is another instance; it must not have asked
    second.communicate()
    assert asked == []
    program = f"""
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gui.settings import Store
from gui.single import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path({str(tmp_path)!r}))
print(instance.acquire(), instance.tell_first("/engines/a_multi.ngf", "/engines/b.ngf"))
"""
    third = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    qtbot.waitUntil(lambda: third.poll() is not None, timeout=30_000)
    assert third.communicate()[0].strip() == "False True"
    assert asked == [("/engines/a_multi.ngf", "/engines/b.ngf")]
    first.release()
    first.deleteLater()


def test_an_instance_whose_process_died_does_not_block_the_next(tmp_path: Path, qtbot: QtBot) -> None:
    del qtbot
    program = f"""
import os
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gui.settings import Store
from gui.single import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path({str(tmp_path)!r}))
assert instance.acquire()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=60).returncode == 9
    again = SingleInstance(tmp_path)
    assert again.acquire()
    again.release()
    again.deleteLater()


def test_the_desktop_entry_has_both_names_and_can_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    installed = desktop.install_entry()
    entry, icon, file_icon, file_type = installed
    text = entry.read_text(encoding="utf-8")
    assert "Name=C10 Panel\n" in text
    assert "Name[zh_CN]=C10 控制台\n" in text
    assert f'Exec="{ROOT / "packaging" / "c10-panel"}" %f\n' in text
    assert f"MimeType={desktop.MIME_TYPE};\n" in text
    assert f"Icon={icon}\n" in text
    assert icon.read_bytes().startswith(b"<svg")
    assert file_icon.stem == desktop.MIME_ICON
    assert file_type.read_text(encoding="utf-8") == desktop.mime_text()
    assert os.access(entry, os.X_OK)
    assert desktop.remove_entry() == installed
    assert desktop.remove_entry() == []


@pytest.mark.parametrize(
    ("folder", "quoted"),
    [("/a b/c", '"/a b/c"'), ('/a"b', '"/a\\\\"b"'), ("/100%", '"/100%%"'), ("/a$b", '"/a\\\\$b"')],
)
def test_odd_paths_are_quoted_as_the_desktop_specification_asks(folder: str, quoted: str) -> None:
    assert f"Exec={quoted} %f\n" in desktop.entry_text(folder, "/icon.svg")


def test_the_engine_loaded_last_is_loaded_again_unless_it_is_gone(tmp_path: Path) -> None:
    engine = tmp_path / "a_multi.ngf"
    engine.touch()
    store = Store(None)
    assert engine_at_start(parse([]), store) == ""
    store.update(last_engine=str(engine))
    assert engine_at_start(parse([]), store) == str(engine)
    assert engine_at_start(parse(["--engine", "/other.ngf"]), store) == "/other.ngf"
    engine.unlink()
    assert engine_at_start(parse([]), store) == ""
