"""The program's entry: parse, run one command, and turn whatever happens into a sentence and an exit code.

0: done; 1: a worker died or the program has a bug; 2: bad input; 130: stopped by the user.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType, ModuleType
from typing import NoReturn

from core import __version__
from core.cli import (
    cmd_bench,
    cmd_combine,
    cmd_compare,
    cmd_compile,
    cmd_demo,
    cmd_download,
    cmd_export,
    cmd_infer,
    cmd_inspect,
    cmd_perplexity,
    cmd_quality,
    cmd_race,
    cmd_takehome,
)
from core.cli.arguments import Parser
from core.cli.output import report_error
from core.errors import C10Error, Cancelled, ResourceError, UsageError, WorkerError

PROGRAM = "c10-panel"

COMMANDS: dict[str, ModuleType] = {
    "compile": cmd_compile,
    "combine": cmd_combine,
    "infer": cmd_infer,
    "perplexity": cmd_perplexity,
    "inspect": cmd_inspect,
    "export": cmd_export,
    "download": cmd_download,
    "demo": cmd_demo,
    "bench": cmd_bench,
    "compare": cmd_compare,
    "quality": cmd_quality,
    "race": cmd_race,
    "takehome": cmd_takehome,
}
"""Each has HELP, add_arguments(parser) and run(arguments) -> int."""


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog=PROGRAM,
        description="Compile ChatGLM2-style ONNX models into engines and answer questions with them.",
        epilog="Without a command the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None, *, worker: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; no exception gets out.

    `worker`: another command to start worker processes with, for tests.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    _accept_any_text()
    try:
        with _sigterm_as_interrupt():
            return _run(words, worker)
    except C10Error as error:
        return report_error(error, as_json=as_json)
    except KeyboardInterrupt:
        return report_error(Cancelled("Stopped."), as_json=as_json)
    except BrokenPipeError:  # whoever read the output has gone, `head` for instance
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except MemoryError:
        return report_error(ResourceError("Memory ran out.", "Choose a smaller setting."), as_json=as_json)
    except Exception as bug:  # noqa: BLE001 -- the last line of defence: no traceback may reach a user
        return report_error(_unexpected(bug), as_json=as_json)


def _run(words: list[str], worker: Sequence[str] | None) -> int:
    parser = build_parser()
    try:
        arguments = parser.parse_args(words)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    if arguments.command is None:
        raise UsageError("No command was given.", f"See: {PROGRAM} --help")
    arguments.worker = worker
    result: int = arguments.run(arguments)
    return result


def _unexpected(bug: Exception) -> WorkerError:
    """Write the traceback to the log and return what to tell the user."""
    from core.fsio import make_folder, write_text
    from core.system import data_dir

    hint = "Please report it."
    try:
        log = make_folder(data_dir() / "logs") / "command-line.log"
        write_text(log, "".join(traceback.format_exception(bug)))
        hint = f"The details are in {log}."
    except C10Error as error:
        hint = f"{hint} The log couldn't be written: {error.message}"
    return WorkerError(f"Something unexpected went wrong ({type(bug).__name__}: {bug}).", hint)


def _accept_any_text() -> None:
    """Escape what the terminal's encoding lacks (or a file name's stray bytes) instead of failing to print it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    def interrupt(_: int, __: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
