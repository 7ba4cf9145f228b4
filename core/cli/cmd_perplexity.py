"""The `perplexity` command."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments import add_json, add_trust, at_least
from core.cli.output import Output
from core.events import Scored
from core.worker.job import WorkerJob
from core.worker.protocol import Load, Perplexity

HELP = "Measure how well an engine predicts a text: exp of the mean negative log likelihood, lower is better."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--engine", type=Path, required=True, help="a combined engine")
    add_trust(parser)
    parser.add_argument("--text", type=Path, required=True, help="a UTF-8 text file")
    parser.add_argument(
        "--window", type=at_least(2), default=512, help="tokens predicted from one start (default: 512)"
    )
    parser.add_argument("--tokens", type=at_least(2), default=4096, help="tokens of the text to use (default: 4096)")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer file or folder (default: the engine's own)")
    parser.add_argument("--threads", type=at_least(0), default=0, help="threads to compute with (default: 0, choose)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure perplexity."""
    output = Output(as_json=arguments.json)
    tokenizer = str(arguments.tokenizer.absolute()) if arguments.tokenizer else ""
    job = WorkerJob(
        Load(str(arguments.engine.absolute()), tokenizer, arguments.threads, trust=arguments.trust),
        Perplexity(str(arguments.text.absolute()), arguments.window, arguments.tokens),
        worker=arguments.worker,
    )
    for event in job.results():
        output.event(event)
        if isinstance(event, Scored):
            output.line(f"perplexity: {event.perplexity:.4f}")
            output.line(f"tokens: {event.tokens} in {event.windows} windows, {event.seconds:.1f} s")
    return 0
