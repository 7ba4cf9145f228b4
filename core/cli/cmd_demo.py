"""The `demo` command: a small model, compiled here once, answers a question."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.cli import cards
from core.cli import cmd_infer as infer
from core.cli.cmd_compile import compile_engine
from core.cli.cmd_export import export
from core.cli.output import Output
from core.compiler.plan import CompileRequest
from core.demo_model import BUILD_BYTES, make_room
from core.errors import C10Error
from core.fsio import make_folder
from core.spec import EngineConfig
from core.system import data_dir, format_bytes, shipped_dir

HELP = "Compile the built-in small model (the first time: a few minutes) and answer a question with it."

QUESTION = "Why is the sky blue?"
MAX_NEW_TOKENS = 256
NAME = "smollm2-135m-instruct"
CONFIG = EngineConfig(quantisation="int4", quant_lm_head=True, kv_cache="int8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add infer's flags except --engine, and the demo's own defaults."""
    parser.add_argument("--rebuild", action="store_true", help="compile again, even if the engine is there")
    infer.add_question_arguments(parser)
    infer.add_engine_arguments(parser)
    infer.add_sampling_arguments(parser)
    infer.add_device_arguments(parser)
    infer.add_output_arguments(parser)
    parser.set_defaults(max_new_tokens=MAX_NEW_TOKENS, dry_run=False, trust=False)


def run(arguments: argparse.Namespace) -> int:
    """Make the engine if it isn't there, and ask."""
    output = Output(as_json=arguments.json)
    cards.read_limits(arguments)
    infer.check_engine(arguments, CONFIG)
    if not _asks(arguments):
        arguments.question = QUESTION
    infer.generate_command(arguments, CONFIG)  # raises what is wrong with the question before minutes of work
    request = demo_request(data_dir())
    ready = None if arguments.rebuild else ready_engine(request)
    if ready is None:
        build(request, output, arguments)
    arguments.engine = ready or request.outputs()[0]
    return infer.ask(arguments, output)


def demo_request(folder: Path) -> CompileRequest:
    """Return the demo's compile job; its engine is kept below the data folder `folder`."""
    build_folder = folder / "demo-build"
    return CompileRequest(
        build_folder / "onnx" / "model.onnx", folder / "engines", NAME, CONFIG, ngf=True, combine=True
    )


def ready_engine(request: CompileRequest) -> Path | None:
    """Return the engine that the job would make: the user's own, else the program's; None if there is neither."""
    shipped = replace(request, target_path=shipped_dir() / request.target_path.name)
    return next((job.outputs()[0] for job in (request, shipped) if is_ready(job)), None)


def is_ready(request: CompileRequest) -> bool:
    """Return whether the engine is there, may and can run, and is the one that the job would make."""
    from core import trust
    from core.ngf.reader import NgfFile
    from core.runtime.code import abi_refusal

    try:
        with NgfFile.open(request.outputs()[0]) as file:
            header = file.header
            may_run = trust.known(file.digest) is not None and abi_refusal(header, file.path) is None
    except C10Error:
        return False
    return may_run and header.config == request.config and header.role == "multi"


def is_demo(engine: Path) -> bool:
    """Return whether the engine was made of the built-in demo model, whose ONNX can be made again."""
    return engine.stem.startswith(NAME)


def build(request: CompileRequest, output: Output, arguments: argparse.Namespace) -> None:
    """Export the GGUF, compile it, and remove the ONNX in between. Raises C10Error."""
    make_folder(request.target_path)
    note = f"First run: compiling {NAME}; {format_bytes(BUILD_BYTES)} of disk space are used meanwhile."
    with exported(request.model_path.parent, output, arguments, note=note):
        compile_engine(request, output, arguments)
    output.line()


@contextmanager
def exported(
    folder: Path, output: Output, arguments: argparse.Namespace, *, engines: int = 1, note: str = ""
) -> Iterator[Path]:
    """Export the demo model as ONNX into `folder`, whose parent is removed afterwards, and give the ONNX's path.

    `engines`: how many are compiled of it; `note` is said once there is room for them.
    Raises C10Error.
    """
    source = make_room(folder.parent, engines)
    if note:
        output.line(note)
    try:
        export(source, folder, output, arguments)
        yield folder / "model.onnx"
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def _asks(arguments: argparse.Namespace) -> bool:
    """Return whether the flags choose a question."""
    chosen = (arguments.question, arguments.input_ids, arguments.question_from, arguments.question_file)
    return any(choice is not None for choice in chosen) or arguments.question_index != 0
