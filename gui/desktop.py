"""The program's place in the desktop: an entry in the menu, icons, and the type of engine files.

Installed packages bring these for all users; `install_entry` puts them into one user's own folders.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from core import fsio
from core.errors import FileError
from gui.paths import desktop_folder, icon_path, launcher

APP_ID = "c10-panel"
MIME_TYPE = "application/vnd.c10-panel.ngf"
MIME_ICON = "application-vnd.c10-panel.ngf"
_ENTRY = """[Desktop Entry]
Type=Application
Version=1.4
Name=C10 Panel
Name[zh_CN]=C10 控制台
GenericName=Compile and chat with models on Compass C10
GenericName[zh_CN]=在 Compass C10 上编译模型并对话
Comment=Compile ChatGLM2 models, watch the cards, chat
Comment[zh_CN]=编译 ChatGLM2 模型、查看加速卡、对话
Exec={exec} %f
Icon={icon}
Terminal=false
Categories=Science;ArtificialIntelligence;
Keywords=C10;ChatGLM;LLM;
MimeType={type};
StartupWMClass=c10-panel
StartupNotify=true
"""

_MIME = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{type}">
    <comment>C10 Panel engine</comment>
    <comment xml:lang="zh_CN">C10 控制台引擎</comment>
    <icon name="{icon}"/>
    <generic-icon name="package-x-generic"/>
    <magic priority="80">
      <match type="string" offset="0" value="\\x8dNGF\\r\\n\\x1a\\n"/>
    </magic>
    <glob pattern="*.ngf"/>
  </mime-type>
</mime-info>
"""


def entry_path() -> Path:
    """Return the path of the .desktop file."""
    return _data_home() / "applications" / f"{APP_ID}.desktop"


def entry_text(program: str, icon: str) -> str:
    """Return the .desktop file for a program (its path, or its name on PATH), quoted as the specification asks."""
    return _ENTRY.format(exec=quoted(program), icon=icon, type=MIME_TYPE)


def mime_text() -> str:
    """Return the shared-mime-info description of engine files."""
    return _MIME.format(type=MIME_TYPE, icon=MIME_ICON)


def run(*, install: bool) -> int:
    """Install or remove the entry and say so; raises FileError."""
    if install:
        for path in install_entry():
            sys.stdout.write(f"Installed {path}\n")
        return 0
    removed = remove_entry()
    for path in removed:
        sys.stdout.write(f"Removed {path}\n")
    if not removed:
        sys.stdout.write("There was no desktop entry to remove.\n")
    return 0


def install_entry() -> list[Path]:
    """Write entry, icons and file type; return their paths, the entry first. Raises FileError."""
    program = launcher().resolve()
    if not fsio.is_file(program):
        raise FileError(f"{program} is missing, so a desktop entry would start nothing.", "Repair the installation.")
    entry, files = entry_path(), _files(program)
    for path, data in files.items():
        fsio.make_folder(path.parent)
        fsio.write_bytes(path, data)
    entry.chmod(0o755)  # desktops ask before they start an entry that isn't executable
    _refresh()
    return list(files)


def remove_entry() -> list[Path]:
    """Remove what `install_entry` wrote; return what was there."""
    removed = [path for path in _files(launcher()) if fsio.is_file(path)]
    for path in removed:
        path.unlink()
    if removed:
        _refresh()
    return removed


def _files(program: Path) -> dict[Path, bytes]:
    home = _data_home()
    icons = home / "icons" / "hicolor" / "scalable"
    icon = icons / "apps" / f"{APP_ID}.svg"
    return {
        entry_path(): entry_text(str(program), str(icon)).encode(),
        icon: icon_path("c10-panel").read_bytes(),
        icons / "mimetypes" / f"{MIME_ICON}.svg": icon_path("engine-file").read_bytes(),
        home / "mime" / "packages" / f"{APP_ID}.xml": mime_text().encode(),
    }


def _refresh() -> None:
    """Let the desktop look at the folders anew, with its own tools where they are there."""
    for tool, folder in (("update-mime-database", "mime"), ("update-desktop-database", "applications")):
        found = shutil.which(tool)
        if found:
            subprocess.run([found, _data_home() / folder], capture_output=True, check=False)  # noqa: S603 -- the desktop's own tool


def _data_home() -> Path:
    return desktop_folder("XDG_DATA_HOME", ".local/share")


def quoted(text: str) -> str:
    """Return an argument of Exec: quoted, with the specification's escapes, % doubled."""
    for sign in ("\\", '"', "`", "$"):
        text = text.replace(sign, "\\" + sign)
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'
