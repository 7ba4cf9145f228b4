"""Where the window finds its resources and keeps its own files."""

from __future__ import annotations

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


def launcher() -> Path:
    """Return the program that starts all of this."""
    return ROOT / "packaging" / "c10-panel"


def log_dir() -> Path:
    """Return the folder of the log files (not made here)."""
    return data_dir() / "logs"


def settings_file() -> Path:
    """Return the file of the settings."""
    return config_dir() / "settings.json"
