"""The `bench` command: how fast an engine is on this machine."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from core.bench import limits
from core.bench.measure import KINDS, MACHINE
from core.cli import cmd_demo as demo
from core.cli.arguments import add_json, add_trust, at_least
from core.cli.output import Output
from core.compiler.plan import CompileRequest
from core.events import BenchFinished, Benchmarked, Loaded
from core.system import data_dir
from core.worker.job import WorkerJob
from core.worker.protocol import Bench, Load

HELP = "Measure how fast an engine is here: tokens per second, time to first token, share of the memory bandwidth."

DEMO = "demo"
DEMO_BATCH = 8
"""Static batch of the demo's engine for `bench batch`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("what", choices=(*KINDS, "all"), help="what to measure")
    parser.add_argument("--model", default=DEMO, metavar="demo|ENGINE.ngf", help="the engine (default: demo)")
    add_trust(parser)
    parser.add_argument("--tokens", type=at_least(2), default=128, help="new tokens of each answer (default: 128)")
    parser.add_argument("--runs", type=at_least(1), default=5, help="runs to take the median of (default: 5)")
    parser.add_argument("--threads", type=at_least(0), default=0, help="threads to compute with (default: 0, choose)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure."""
    output = Output(as_json=arguments.json)
    kinds = list(KINDS) if arguments.what == "all" else [arguments.what]
    if kinds == MACHINE:
        return _machine(arguments, output)
    if arguments.model != DEMO:
        return measure(arguments, Path(arguments.model), kinds, output)
    single = [kind for kind in kinds if kind != "batch"]
    if single:
        measure(arguments, demo_engine(1, arguments, output), single, output)
    if "batch" in kinds:
        measure(arguments, demo_engine(DEMO_BATCH, arguments, output), ["batch"], output)
    return 0


def measure(arguments: argparse.Namespace, engine: Path, kinds: list[str], output: Output) -> int:
    """Measure `kinds` on `engine` in a worker and print the figures."""
    load = Load(str(engine.absolute()), "", arguments.threads, trust=arguments.trust)
    command = Bench(kinds, arguments.tokens, arguments.runs)
    for event in WorkerJob(load, command, worker=arguments.worker).results():
        output.event(event)
        if isinstance(event, Loaded):
            output.line(f"engine: {event.engine}")
            output.lines(("note", note) for note in event.notes)
        elif isinstance(event, Benchmarked):
            output.line(f"measured: {event.label}")
        elif isinstance(event, BenchFinished):
            output.line(f"\n{event.table}\n")
    return 0


def _machine(arguments: argparse.Namespace, output: Output) -> int:
    """Measure this machine's limits and keep them, for the roofline in the window."""
    for event in WorkerJob(Bench(MACHINE, 2, 1), worker=arguments.worker).results():
        output.event(event)
        if isinstance(event, Benchmarked):
            limits.save(limits.of_roofline(event.metrics))
            output.line(f"kept in {limits.path()}")
        elif isinstance(event, BenchFinished):
            output.line(f"\n{event.table}\n")
    return 0


def demo_engine(batch: int, arguments: argparse.Namespace, output: Output) -> Path:
    """Return the path of the demo's engine for a static batch, made first if it isn't there."""
    request: CompileRequest = demo.demo_request(data_dir())
    request = replace(request, config=replace(request.config, batch=batch))
    ready = demo.ready_engine(request)
    if ready is None:
        demo.build(request, output, arguments)
    return ready or request.outputs()[0]
