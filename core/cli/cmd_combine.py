"""The `combine` command."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli import c10
from core.cli.arguments import add_json
from core.cli.output import Output
from core.events import CompileFinished
from core.system import format_bytes
from core.worker.job import OutputJob
from core.worker.protocol import Combine

HELP = "Combine a base and an incremental engine into one file that holds the weights once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags; names and defaults are the vendor's."""
    parser.add_argument("--ngf-1", type=Path, required=True, help="the base engine, NAME.ngf")
    parser.add_argument("--ngf-2", type=Path, required=True, help="the incremental engine, NAME_inc.ngf")
    parser.add_argument("--output", type=Path, default=Path("multi.ngf"), help="the result (default: ./multi.ngf)")
    c10.add_arguments(parser, "what the parts were compiled for")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Combine two parts."""
    output = Output(as_json=arguments.json)
    target = arguments.output.absolute()
    c10.use_sdk(arguments)
    on_card = arguments.target == "c10"
    command = Combine(str(arguments.ngf_1.absolute()), str(arguments.ngf_2.absolute()), str(target), on_card)
    for event in OutputJob(command, target, worker=arguments.worker).results():
        output.event(event)
        if isinstance(event, CompileFinished):
            output.line(f"{event.outputs[0]}: {format_bytes(event.sizes[0])}")
    return 0
