"""The `export` command."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments import add_json
from core.cli.output import Output
from core.events import Exported
from core.system import format_bytes
from core.worker.job import OutputJob
from core.worker.protocol import Export

HELP = "Write a GGUF file or a Hugging Face folder as a ChatGLM2-style full-sequence ONNX."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "--from", dest="source", metavar="PATH", type=Path, required=True,
        help="a .gguf file, or a folder with config.json and .safetensors files",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, help="the folder to make")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export a model."""
    export(arguments.source, arguments.output, Output(as_json=arguments.json), arguments)
    return 0


def export(source: Path, folder: Path, output: Output, arguments: argparse.Namespace) -> None:
    """Run the export in a worker and show its events."""
    command = Export(str(source.absolute()), str(folder.absolute()))
    for event in OutputJob(command, folder, worker=arguments.worker).results():
        output.event(event)
        if isinstance(event, Exported):
            output.line(f"{event.path}: {format_bytes(event.size)} with its weights")
