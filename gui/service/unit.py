"""The systemd user service: starts the program again when it ends by a fault or stops giving signs of life."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from core import fsio
from core.errors import FileError
from gui.paths import desktop_folder, launcher

NAME = "c10-panel.service"
WATCHDOG_S = 30
translate = QCoreApplication.translate  # under this name the strings are found for translation
_SESSION = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")
_UNIT = """[Unit]
Description=C10 Panel, the demo on this screen
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={exec} --demo
WatchdogSec={watchdog}
TimeoutStartSec=300
Restart=on-failure
RestartSec=3
LimitCORE=0
OOMPolicy=continue
"""


def unit_path() -> Path:
    """Return the path of the unit in the user's own folder."""
    return desktop_folder("XDG_CONFIG_HOME", ".config") / "systemd" / "user" / NAME


def unit_text(program: Path) -> str:
    """Return the unit for a program."""
    return _UNIT.format(exec=quoted(str(program)), watchdog=WATCHDOG_S)


def quoted(text: str) -> str:
    """Return a word of ExecStart: quoted, with systemd's own signs (% and $) doubled."""
    for sign in ("\\", '"'):
        text = text.replace(sign, "\\" + sign)
    return '"' + text.replace("%", "%%").replace("$", "$$") + '"'


def is_installed() -> bool:
    """Return whether the unit is there."""
    return fsio.is_file(unit_path())


def install() -> list[str]:
    """Write the unit and tell systemd; return sentences for the user. Raises FileError and ResourceError."""
    program = launcher().resolve()
    if not fsio.is_file(program):
        raise FileError(f"{program} is missing, so a service would start nothing.", "Repair the installation.")
    path = unit_path()
    fsio.make_folder(path.parent)
    fsio.write_text(path, unit_text(program))
    written = translate("Service", "The watchdog was written to {0}.").format(path)
    if not _systemctl("daemon-reload"):
        no_systemd = translate(
            "Service", "No systemd answers for this user, so it works at the next login at the earliest."
        )
        return [written, no_systemd]
    return [written, translate("Service", "It starts with: systemctl --user start {0}").format(NAME)]


def remove() -> list[str]:
    """Remove the unit; what runs goes on until it ends. Raises FileError."""
    path = unit_path()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise fsio.file_error(error, path, "deleted") from error
    _systemctl("daemon-reload")
    return [translate("Service", "The watchdog was removed: {0}").format(path)]


def start_command(otherwise: str) -> str:
    """Return the shell command that starts the service within the desktop session, `otherwise` where there is none."""
    names = " ".join(_SESSION)
    return (
        f"if systemctl --user cat {NAME} >/dev/null 2>&1; then "
        f"systemctl --user import-environment {names} 2>/dev/null; "
        f"exec systemctl --user start {NAME}; else exec {otherwise}; fi"
    )


def _systemctl(*arguments: str) -> bool:
    program = shutil.which("systemctl")
    if program is None:
        return False
    try:
        done = subprocess.run([program, "--user", *arguments], capture_output=True, timeout=20, check=False)  # noqa: S603 -- a fixed program with fixed arguments
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
