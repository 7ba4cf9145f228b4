"""The `takehome` command: a text as QR codes."""

from __future__ import annotations

import argparse
from pathlib import Path

from core import fsio
from core.cli.arguments import add_json
from core.cli.output import Output
from core.errors import FileError, UsageError
from core.takehome import frames, png

HELP = "Write a text (an exported conversation, for instance) as QR codes that a phone reads without a network."
TITLE = "C10 Panel"
_MAX_BYTES = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--text", type=Path, required=True, help="a UTF-8 text file")
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures (qr-1.png, ...)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the codes."""
    output = Output(as_json=arguments.json)
    path: Path = arguments.text
    try:
        data = path.read_bytes()[: _MAX_BYTES + 1]
        text = data.decode("utf-8")
    except OSError as error:
        raise fsio.file_error(error, path, "read") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not UTF-8.", "Choose a text file.") from error
    if not text.strip() or len(data) > _MAX_BYTES:
        raise UsageError(f"{path} is empty or larger than 1 MiB.", "Choose a shorter text.")
    fsio.make_folder(arguments.output)
    written = []
    for number, frame in enumerate(frames(text.strip(), TITLE), start=1):
        target = arguments.output / f"qr-{number}.png"
        fsio.write_bytes(target, png(frame))
        written.append(str(target.absolute()))
        output.line(str(target))
    output.json({"event": "takehome", "files": written})
    return 0
