"""Starts the program with the desktop session: an XDG autostart entry in the user's own folder."""

from __future__ import annotations

import shlex
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from core import fsio
from core.errors import FileError
from gui.desktop import APP_ID, quoted
from gui.paths import desktop_folder, launcher
from gui.service import unit

translate = QCoreApplication.translate  # under this name the strings are found for translation
_ENTRY = """[Desktop Entry]
Type=Application
Name=C10 Panel
Name[zh_CN]=C10 控制台
Comment=Begins with the demo
Comment[zh_CN]=登录后自动开始演示
Exec={exec}
Icon=c10-panel
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def entry_path() -> Path:
    """Return the path of the entry."""
    return desktop_folder("XDG_CONFIG_HOME", ".config") / "autostart" / f"{APP_ID}.desktop"


def entry_text(program: Path) -> str:
    """Return the entry: it starts the service that looks after the program, or the program where there is none."""
    command = unit.start_command(f"{shlex.quote(str(program))} --demo")
    return _ENTRY.format(exec=f"sh -c {quoted(command)}")


def is_installed() -> bool:
    """Return whether the program starts at login."""
    return fsio.is_file(entry_path())


def install() -> list[str]:
    """Write the entry; return sentences for the user. Raises FileError and ResourceError."""
    program = launcher().resolve()
    if not fsio.is_file(program):
        raise FileError(f"{program} is missing, so nothing would start at login.", "Repair the installation.")
    path = entry_path()
    fsio.make_folder(path.parent)
    fsio.write_text(path, entry_text(program))
    return [translate("Service", "The program starts at login from now on: {0}").format(path)]


def remove() -> list[str]:
    """Remove the entry; raises FileError."""
    path = entry_path()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise fsio.file_error(error, path, "deleted") from error
    return [translate("Service", "The program doesn't start at login any more; removed: {0}").format(path)]
