"""The `compare` command: the vendor's published run, done here, beside the vendor's figures."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

from core.bench import vendor
from core.cli.arguments import add_json, add_trust, at_least
from core.cli.cmd_bench import DEMO, demo_engine
from core.cli.output import Output
from core.devices import cpu
from core.events import Generated, Loaded
from core.ngf.reader import read_header
from core.worker.job import WorkerJob
from core.worker.protocol import Load

HELP = "Do the vendor's published run (534 prompt tokens, 244 rounds and steps) here, and print both beside each other."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--model", default=DEMO, metavar="demo|ENGINE.ngf", help="the engine (default: demo)")
    add_trust(parser)
    parser.add_argument("--threads", type=at_least(0), default=0, help="threads to compute with (default: 0, choose)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run and compare."""
    output = Output(as_json=arguments.json)
    path = demo_engine(1, arguments, output) if arguments.model == DEMO else Path(arguments.model)
    header = read_header(path)
    ask = vendor.command(header.config, header.spec, "compare")
    loaded: Loaded | None = None
    load = Load(str(path.absolute()), "", arguments.threads, trust=arguments.trust)
    for event in WorkerJob(load, ask, worker=arguments.worker).results():
        if isinstance(event, Loaded):
            loaded = event
        elif isinstance(event, Generated) and loaded is not None:
            own = vendor.sheet(event, path.stem, loaded.spec, loaded.config, "cpu", cpu().name, time.time())
            output.json(asdict(own))
            for line in lines(own):
                output.line(line)
    return 0


def lines(own: vendor.Sheet) -> list[str]:
    """Return both runs as a table, what they were measured with first."""
    rows = [("", "vendor", "this run", "times as fast")]
    about = (
        ("device", vendor.VENDOR.device, own.device), ("model", vendor.VENDOR.model, own.model),
        ("weights", f"{vendor.VENDOR.weights:,}", f"{own.weights:,}"),
        ("precision", vendor.VENDOR.precision, own.precision), ("date", "not published", own.date),
        ("prompt tokens", str(vendor.VENDOR.prompt_tokens), str(own.prompt_tokens)),
    )  # fmt: skip
    rows += [(*row, "") for row in about]
    for name in vendor.NAMES:
        times = vendor.speedup(name, own)
        shown = "" if times is None else f"{times:.2f}"
        rows.append((name, f"{vendor.VENDOR.figures[name]:.3f}", f"{own.figures.get(name, 0.0):.3f}", shown))
    head = [] if own.kind == "c10" else ["CPU, not C10", ""]
    return [*head, *(f"{name:<24}{left:>24}{right:>40}{times:>15}".rstrip() for name, left, right, times in rows)]
