"""The double of the vendor's SDK, importable here: where it lies, and its shared module."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "doubles" / "c10_sdk"


def load(name: str) -> Any:
    """Import a module of the double without leaving its folder on the path."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


hx_double = load("hx_double")
