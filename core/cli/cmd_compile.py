"""The `compile` command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from core.cli import c10, cards
from core.cli.arguments import add_flag, add_json
from core.cli.output import Output, about
from core.compiler.plan import CompileRequest
from core.errors import UsageError
from core.events import CompileFinished, Planned
from core.spec import (
    DEFAULT_PRE_LEN,
    DEFAULT_TOTAL_LEN,
    EngineConfig,
    KvCache,
    ModelSpec,
    Quantisation,
    default_kv_cache,
)
from core.system import format_bytes
from core.worker.job import CompileJob, run_command
from core.worker.protocol import Plan, request_to_json

HELP = "Compile an ONNX model into a base (prefill) and an incremental (decode) engine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags; names and defaults are the vendor's."""
    parser.add_argument("--model-path", type=Path, required=True, help="the ONNX model: full sequence, no KV cache")
    parser.add_argument("--target-path", type=Path, default=Path(), help="folder in which NAME/ is made (default: .)")
    parser.add_argument("--static-batch-size", type=int, default=1, help="sequences decoded together (default: 1)")
    parser.add_argument(
        "--total-len", type=int, default=DEFAULT_TOTAL_LEN,
        help=f"context length: tokens of prompt and answer together (default: {DEFAULT_TOTAL_LEN})",
    )  # fmt: skip
    parser.add_argument(
        "--pre-len", type=int, default=DEFAULT_PRE_LEN,
        help=f"most prompt tokens of one base round (default: {DEFAULT_PRE_LEN})",
    )  # fmt: skip
    add_flag(parser, "--is-bf16", default=True, text="bf16 weights where not quantised; otherwise fp32")
    add_flag(parser, "--quant", default=True, text="quantise the weights: int8, or int4 with --int4")
    add_flag(parser, "--int4", default=False, text="quantise to int4 instead of int8")
    add_flag(parser, "--ngf", default=True, text="write .ngf engines; otherwise .tar archives, base.json and inc.json")
    parser.add_argument(
        "--tokenizer", type=Path,
        help="tokenizer to put into the engine: a file, or the folder that has it (default: the one beside the model)",
    )  # fmt: skip
    parser.add_argument("--export-name", default="", help="start of the engines' names (default: the model's folder)")
    parser.add_argument(
        "--combine", action=argparse.BooleanOptionalAction, default=False,
        help="write one NAME_multi.ngf that infer can open, weights stored once (default: two parts)",
    )  # fmt: skip
    add_flag(parser, "--quant-lm-head", default=False, text="quantise the output layer to int8 too")
    parser.add_argument(
        "--kv-cache", choices=get_args(KvCache),
        help="how keys and values of the context are kept: f16 (float32 in an fp32 engine), or int8, which takes half "
        "the memory and is faster after a long context (default: int8 with quantised weights, else f16)",
    )  # fmt: skip
    parser.add_argument(
        "--tune", action="store_true",
        help="try kernel sizes on this machine, for up to a minute, and keep the fastest in the engine",
    )  # fmt: skip
    c10.add_arguments(parser, "what to compile for")
    parser.add_argument("--dry-run", action="store_true", help="say the size, memory and time to expect; write nothing")
    cards.add_split_arguments(parser.add_argument_group("with --dry-run: what each card would hold"), device=None)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compile, or say what compiling would take."""
    request = request_of(arguments)
    request.check()
    if arguments.device and not arguments.dry_run:
        raise UsageError(
            "--device says which cards to plan for; compiling uses none.", "Add --dry-run, or leave it out."
        )
    c10.use_sdk(arguments)
    output = Output(as_json=arguments.json)
    if arguments.dry_run:
        planned = run_command(Plan(request_to_json(request)), worker=arguments.worker)
        if isinstance(planned, Planned):
            show_plan(planned, output)
            show_cards(arguments, planned, output)
        return 0
    compile_engine(request, output, arguments)
    return 0


def compile_engine(request: CompileRequest, output: Output, arguments: argparse.Namespace) -> None:
    """Run the job in a worker and show its events."""
    for event in CompileJob(request, worker=arguments.worker).results():
        output.event(event)
        if isinstance(event, CompileFinished):
            for path, size in zip(event.outputs, event.sizes, strict=True):
                output.line(f"{path}: {format_bytes(size)}")
            output.line(
                f"{event.seconds:.1f} s, peak memory {format_bytes(event.peak_memory_bytes)}, "
                f"predicted file size {format_bytes(event.predicted_bytes)}"
            )


def request_of(arguments: argparse.Namespace) -> CompileRequest:
    """Return the job that the flags ask for. Raises UsageError."""
    quantisation = _quantisation(quant=arguments.quant, int4=arguments.int4)
    model = arguments.model_path.absolute()
    name = arguments.export_name or (model.parent.name if model.stem == "model" else model.stem)
    return CompileRequest(
        model_path=model,
        target_path=arguments.target_path.absolute(),
        export_name=name,
        config=EngineConfig(
            batch=arguments.static_batch_size,
            pre_len=arguments.pre_len,
            total_len=arguments.total_len,
            dtype="bf16" if arguments.is_bf16 else "fp32",
            quantisation=quantisation,
            quant_lm_head=arguments.quant_lm_head,
            kv_cache=arguments.kv_cache or default_kv_cache(quantisation, arguments.target),
        ),
        ngf=arguments.ngf,
        tune=arguments.tune,
        combine=arguments.combine,
        target=arguments.target,
        tokenizer=arguments.tokenizer.absolute() if arguments.tokenizer else None,
    )


def show_plan(planned: Planned, output: Output) -> None:
    """Print what a job would take."""
    output.json(planned.to_json())
    report = planned.report
    output.line(f"name: {report['name']}")
    for path in report["outputs"]:
        output.line(f"would write: {path} ({format_bytes(report['engine_bytes'])})")
    output.lines((name, format_bytes(report[key])) for name, key in (
        ("disk space", "disk_bytes"), ("memory to compile", "compile_memory_bytes"),
        ("memory to run", "run_memory_bytes"), ("of that, KV cache", "kv_cache_bytes"),
    ))  # fmt: skip
    output.line(f"time to compile, with what else runs now: {about(report['seconds'])}")


def show_cards(arguments: argparse.Namespace, planned: Planned, output: Output) -> None:
    """Print what each card of --device would hold of the engine. Raises ResourceError where it finds no place."""
    if arguments.device:
        options = cards.split_of(arguments, cards.read_limits(arguments))
        spec, config = planned.report["spec"], planned.report["config"]
        cards.show_plan(options, ModelSpec.from_json(spec), EngineConfig.from_json(config), output)


def _quantisation(*, quant: bool, int4: bool) -> Quantisation:
    if int4 and not quant:
        raise UsageError("--int4 true and --quant false contradict each other.", "Leave one of them out.")
    return "int4" if int4 else "int8" if quant else "none"
