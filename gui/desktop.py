"""The entry in the desktop's menu: a .desktop file and an icon in the user's own folders."""

from __future__ import annotations

import sys
from pathlib import Path

from core import fsio
from core.errors import FileError
from gui.paths import desktop_folder, icon_path, launcher

APP_ID = "c10-panel"
_ENTRY = """[Desktop Entry]
Type=Application
Version=1.5
Name=C10 Panel
Name[zh_CN]=C10 控制台
GenericName=Compile and chat with models on Compass C10
GenericName[zh_CN]=在 Compass C10 上编译模型并对话
Comment=Compile ChatGLM2 models, watch the cards, chat
Comment[zh_CN]=编译 ChatGLM2 模型、查看加速卡、对话
Exec={exec}
Icon={icon}
Terminal=false
Categories=Science;ArtificialIntelligence;
Keywords=C10;ChatGLM;LLM;
StartupWMClass=c10-panel
StartupNotify=true
"""


def entry_path() -> Path:
    """Return the path of the .desktop file."""
    return _data_home() / "applications" / f"{APP_ID}.desktop"


def installed_icon() -> Path:
    """Return the path of the installed icon."""
    return _data_home() / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg"


def entry_text(program: Path, icon: Path) -> str:
    """Return the .desktop file for a program, its path quoted as the specification asks."""
    return _ENTRY.format(exec=quoted(str(program)), icon=icon)


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
    """Write entry and icon; return their paths. Raises FileError."""
    program = launcher().resolve()
    if not program.is_file():
        raise FileError(f"{program} is missing, so a desktop entry would start nothing.", "Repair the installation.")
    icon, entry = installed_icon(), entry_path()
    for path, data in ((icon, icon_path("c10-panel").read_bytes()), (entry, entry_text(program, icon).encode())):
        fsio.make_folder(path.parent)
        fsio.write_bytes(path, data)
    entry.chmod(0o755)  # desktops ask before they start an entry that isn't executable
    return [entry, icon]


def remove_entry() -> list[Path]:
    """Remove what `install_entry` wrote; return what was there."""
    removed = []
    for path in (entry_path(), installed_icon()):
        if path.is_file():
            path.unlink()
            removed.append(path)
    return removed


def _data_home() -> Path:
    return desktop_folder("XDG_DATA_HOME", ".local/share")


def quoted(text: str) -> str:
    """Return an argument of Exec: quoted, with the specification's escapes, % doubled."""
    for sign in ("\\", '"', "`", "$"):
        text = text.replace(sign, "\\" + sign)
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'
