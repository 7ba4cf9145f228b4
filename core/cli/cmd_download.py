"""The `download` command."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from core.cli.arguments import add_json, at_least
from core.cli.output import Output
from core.download import ARCHIVE_NAME, DEFAULT_HOSTS, download, extract, find_model, model_urls
from core.errors import FileError
from core.fsio import file_error

MODEL_FOLDER = "chatglm2-6b-onnx"
"""Folder inside the vendor's archive that has the model."""

HELP = "Download the vendor's ChatGLM2-6B ONNX model; an interrupted download goes on where it stopped."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--output", type=Path, default=Path(), help="folder for the model (default: .)")
    parser.add_argument("--host", action="append", help="address to try, may be given again (default: the vendor's)")
    parser.add_argument("--size", type=at_least(1), help="bytes of the archive, to check it")
    parser.add_argument("--sha256", help="digest of the archive, to check it")
    parser.add_argument("--keep-archive", action="store_true", help="keep the archive after unpacking")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Download and unpack."""
    output = Output(as_json=arguments.json)
    folder = arguments.output.absolute()
    if (folder / MODEL_FOLDER).exists():
        raise FileError(f"{folder / MODEL_FOLDER} is there already.", "Use it, or remove it to download it again.")
    archive = download(
        model_urls(arguments.host or DEFAULT_HOSTS),
        folder / ARCHIVE_NAME,
        size=arguments.size,
        sha256=arguments.sha256,
        progress=lambda done, total: output.progress("download", done, total),
    )
    model = unpack(archive, folder, output)
    if not arguments.keep_archive:
        archive.unlink()
    output.json({"event": "downloaded", "path": str(model)})
    output.line(str(model))
    return 0


def unpack(archive: Path, folder: Path, output: Output) -> Path:
    """Unpack `archive` so that its model's folder lies in `folder`; return the model's path. Raises C10Error."""
    unpacked = folder / archive.name.split(".")[0]
    extract(archive, unpacked, progress=lambda done, total: output.progress("unpack", done, total))
    model = find_model(unpacked)
    if model.parent == unpacked:
        return model
    try:
        place = model.parent.rename(folder / model.parent.name)
    except OSError as error:
        raise file_error(error, folder / model.parent.name) from error
    shutil.rmtree(unpacked, ignore_errors=True)
    return place / model.name
