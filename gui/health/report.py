"""The report for support: logs, versions and lights in a ZIP. It never holds a word of a conversation."""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import PySide6
from PySide6.QtCore import qVersion

import core
from core import fsio
from core.devices import Devices
from gui.health.checks import Check
from gui.settings import Settings

PACKAGES = (
    "apache-tvm", "apache-tvm-ffi-orcjit", "numpy", "onnx", "onnxruntime", "pyqtgraph", "qasync", "sentencepiece",
    "tokenizers",
)  # fmt: skip
LOGS = ("window.log*", "crash*.log")
MAX_LOG_BYTES = 2 << 20


def versions() -> dict[str, str]:
    """Return the versions of everything that matters; reads package data, imports nothing heavy."""
    found = {
        "c10-panel": core.__version__, "python": sys.version.split()[0], "PySide6": PySide6.__version__,
        "Qt": qVersion(), "system": platform.platform(), "machine": platform.machine(),
    }  # fmt: skip
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def describe(devices: Devices | None, checks: list[Check], settings: Settings, limits: list[str]) -> dict[str, Any]:
    """Return what report.json says. Of the settings, only those that hold no text of the user's."""
    return {
        "versions": versions(),
        "worker": limits,
        "devices": asdict(devices) if devices else None,
        "checks": {check.check_id: {"light": check.light, "sentence": check.sentence} for check in checks},
        "settings": {
            "language": settings.language, "theme": settings.theme, "text_percent": settings.text_percent,
            "split_strategy": settings.split_strategy, "card_limits_gib": settings.card_limits_gib,
        },
    }  # fmt: skip


def write_report(path: Path, description: dict[str, Any], logs: Path) -> Path:
    """Write the ZIP; the user's home folder is written as ~. Raises FileError or ResourceError."""
    home = str(Path.home())
    with fsio.publish(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(description, indent=1, ensure_ascii=False, default=str)
        archive.writestr("report.json", text.replace(home, "~") if home != "/" else text)
        for pattern in LOGS:
            for log in sorted(logs.glob(pattern)):
                tail = log.read_bytes()[-MAX_LOG_BYTES:].decode("utf-8", "replace")
                archive.writestr(f"logs/{log.name}", tail.replace(home, "~") if home != "/" else tail)
    return path
