"""The `quality` command: an engine's quality card."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli import cmd_demo as demo
from core.cli.arguments import add_json, add_trust, at_least
from core.cli.output import Output
from core.errors import UsageError
from core.events import QualityMeasured
from core.ngf.reader import read_header
from core.quality import card as cards
from core.quality.card import QualityCard
from core.quality.text import QUESTIONS
from core.system import data_dir, format_bytes
from core.worker.job import WorkerJob
from core.worker.protocol import Load, Quality

HELP = "Measure what an engine has kept of its model: errors of the layers, perplexity, answers; and keep it beside it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("engine", type=Path, metavar="ENGINE.ngf", help="a combined engine")
    parser.add_argument("--model-path", type=Path, help="the ONNX model it was compiled from (default: the demo's)")
    parser.add_argument("--show", action="store_true", help="only print the card that is kept")
    parser.add_argument("--threads", type=at_least(0), default=0, help="threads to compute with (default: 0, choose)")
    add_trust(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure, or show."""
    output = Output(as_json=arguments.json)
    engine: Path = arguments.engine
    header = read_header(engine)
    if arguments.show:
        kept = cards.load(engine, header.weights_digest)
        if kept is None:
            raise UsageError(f"{engine} has no quality card.", "Leave out --show to measure it.")
        _print(kept, output)
        return 0
    if arguments.model_path is not None:
        return _measure(arguments, arguments.model_path, output)
    if not demo.is_demo(engine):
        raise UsageError("The model that the engine was compiled from isn't known.", "Give it with --model-path.")
    with demo.exported(data_dir() / "quality-build" / "onnx", output, arguments, engines=0) as model:
        return _measure(arguments, model, output)


def _measure(arguments: argparse.Namespace, model: Path, output: Output) -> int:
    engine: Path = arguments.engine
    load = Load(str(engine.absolute()), "", arguments.threads, trust=arguments.trust)
    ask = Quality(str(engine.absolute()), str(model.absolute()), list(QUESTIONS))
    for event in WorkerJob(load, ask, worker=arguments.worker).results():
        if isinstance(event, QualityMeasured):
            card = cards.parse(event.card)
            cards.save(card, engine)
            _print(card, output)
            output.line(f"kept in {cards.path_for(engine)}")
        else:
            output.event(event)
    return 0


def _print(card: QualityCard, output: Output) -> None:
    output.json({"event": "quality_measured", "card": card.to_json()})
    for line in lines(card):
        output.line(line)


def lines(card: QualityCard) -> list[str]:
    """Return the card for people."""
    worst = card.worst
    rows = [
        f"precision: {card.precision}, {format_bytes(card.engine_bytes)}",
        f"perplexity: {card.perplexity:.3f}, the original's {card.original_perplexity:.3f} "
        f"({100 * card.perplexity_change:+.2f} %), {card.text_tokens} tokens",
        f"weights: largest relative error {worst.relative_error:.5f} in layer {worst.name}, cosine {worst.cosine:.6f}",
    ]
    for number, check in enumerate(card.answers, start=1):
        where = "none" if check.first_difference is None else f"token {check.first_difference + 1}"
        rows.append(f"answer {number}: {check.tokens} tokens, first difference from the original: {where}")
    return [*rows, f"measured {card.date} in {card.seconds:.1f} s"]
