"""What the builder writes for desktops and package managers; the packages themselves: python -m tests.packaging."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtGui import QImage

from core.cli.app import COMMANDS, build_parser
from gui import desktop
from gui.options import parser as window_parser

BUILDER = Path(__file__).parents[2] / "packaging" / "builder"
MODULES = ("report", "environment", "formats", "licences", "manual", "share", "sizes")


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The builder's modules by name; they are found only while the test runs."""
    monkeypatch.syspath_prepend(str(BUILDER))
    found = {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name)
    return found


def test_the_control_file_asks_for_nothing_but_the_c_library(builder: dict[str, ModuleType]) -> None:
    release = builder["formats"].Release("1.2.3", 4, 0, "2.35")
    text = builder["formats"].control_text(release, 5)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if re.match(r"\w", line))
    assert fields["Version"] == "1.2.3-4"
    assert fields["Depends"] == "libc6 (>= 2.35)"
    assert fields["Architecture"] == "amd64"
    assert set(fields) >= {"Package", "Maintainer", "Installed-Size", "Section", "Priority", "Description"}
    assert "\n\n" not in text.rstrip("\n")


def test_the_spec_lists_own_folders_whole_and_shared_ones_by_file(
    builder: dict[str, ModuleType], tmp_path: Path
) -> None:
    for name in ("opt/c10-panel/a/b", "usr/share/doc/c10-panel/c", "usr/share/man/man1/c10-panel.1.gz"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    text = builder["formats"].spec_text(tmp_path, builder["formats"].Release("1.2.3", 4, 0, "2.35"))
    assert text.partition("%files\n")[2].split() == [
        "%defattr(-,root,root,-)", "/opt/c10-panel", "/usr/share/doc/c10-panel", "/usr/share/man/man1/c10-panel.1.gz",
    ]  # fmt: skip
    assert "AutoReqProv: no" in text


def test_the_portable_folder_is_the_same_each_time(builder: dict[str, ModuleType], tmp_path: Path) -> None:
    program = tmp_path / "tree" / "opt" / "c10-panel"
    program.mkdir(parents=True)
    (tmp_path / "tree" / "usr" / "share" / "doc" / "c10-panel").mkdir(parents=True)
    (program / "core.py").write_text("x = 1\n")
    release = builder["formats"].Release("1.2.3", 4, 1_700_000_000, "2.35")
    made = []
    for number in range(2):
        out = tmp_path / str(number)
        out.mkdir()
        (program / "core.py").touch()
        made.append(builder["formats"].make_portable(tmp_path / "tree", out, release).read_bytes())
    assert made[0] == made[1]


def test_the_manual_page_names_every_command_and_every_flag(builder: dict[str, ModuleType], tmp_path: Path) -> None:
    page = builder["manual"].manual_page("1.2.3", 0)
    plain = page.replace("\\-", "-")
    helps = [window_parser().format_help()]
    helps += [builder["manual"]._commands(build_parser())[name].format_help() for name in COMMANDS]
    assert {flag for text in helps for flag in re.findall(r"--[a-z][a-z0-9-]+", text)} <= set(
        re.findall(r"--[a-z][a-z0-9-]+", plain)
    )
    assert all(f".SS {name}\n" in page for name in COMMANDS)
    if shutil.which("man") is None:
        return
    path = tmp_path / "c10-panel.1"
    path.write_text(page)
    run = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_desktop_entry_type_and_icons(builder: dict[str, ModuleType], tmp_path: Path, qapp: object) -> None:
    del qapp
    builder["share"].make(tmp_path, "c10-panel", 0)
    entry = tmp_path / "applications" / "c10-panel.desktop"
    text = entry.read_text(encoding="utf-8")
    assert 'Exec="c10-panel" %f\n' in text
    assert "Icon=c10-panel\n" in text
    assert "Name[zh_CN]=C10 控制台\n" in text
    if shutil.which("desktop-file-validate"):
        run = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stdout) == (0, "")
    root = ET.parse(tmp_path / "mime" / "packages" / "c10-panel.xml").getroot()  # noqa: S314 -- the program's own text
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = root.find(f"{space}mime-type")
    assert kind is not None
    assert kind.get("type") == desktop.MIME_TYPE
    assert [found.get("pattern") for found in kind.findall(f"{space}glob")] == ["*.ngf"]
    for size in builder["share"].SIZES:
        for place in (f"apps/{desktop.APP_ID}", f"mimetypes/{desktop.MIME_ICON}"):
            picture = QImage(str(tmp_path / "icons" / "hicolor" / f"{size}x{size}" / f"{place}.png"))
            assert (picture.width(), picture.height()) == (size, size)
            assert picture.pixelColor(0, 0).alpha() == 0
            assert picture.pixelColor(size // 2, size // 2).alpha() == 255


def test_nothing_that_the_program_asks_for_itself_is_left_out(builder: dict[str, ModuleType]) -> None:
    project = (BUILDER.parents[1] / "pyproject.toml").read_text()
    asked = set(re.findall(r'"([a-z0-9-]+)"', project.partition("dependencies = [")[2].partition("test = [")[0]))
    assert asked & builder["environment"].UNUSED_PACKAGES == set()


def test_an_interpreter_of_another_version_is_refused_with_a_sentence(builder: dict[str, ModuleType]) -> None:
    with pytest.raises(builder["report"].BuildError, match="is not Python"):
        builder["environment"]._stdlib(Path("/bin/false"))
