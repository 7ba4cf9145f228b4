"""Where the window finds its resources and keeps its own files."""

from __future__ import annotations

import os
from pathlib import Path

from core.system import config_dir, data_dir

ROOT = Path(__file__).resolve().parents[1]
RESOURCES = ROOT / "resources"


def icon_path(name: str) -> Path:
    """Return the file of an icon ("chat" -> resources/icons/chat.svg); the folder itself for an empty name."""
    folder = RESOURCES / "icons"
    return folder / f"{name}.svg" if name else folder


def translations_dir() -> Path:
    """Return the folder of the .ts and .qm files."""
    return RESOURCES / "i18n"


def guide_path(language: str) -> Path:
    """Return the operator's guide in "zh" or "en"."""
    return RESOURCES / "guide" / f"operator.{language}.md"


def launcher() -> Path:
    """Return the program that starts all of this."""
    return ROOT / "packaging" / "c10-panel"


def desktop_folder(variable: str, fallback: str) -> Path:
    """Return a folder of the desktop's own: what `variable` (XDG_...) says, else `fallback` below the home folder."""
    chosen = Path(os.environ.get(variable, ""))
    return chosen if chosen.is_absolute() else Path.home() / fallback


def log_dir() -> Path:
    """Return the folder of the log files (not made here)."""
    return data_dir() / "logs"


def settings_file() -> Path:
    """Return the file of the settings."""
    return config_dir() / "settings.json"
