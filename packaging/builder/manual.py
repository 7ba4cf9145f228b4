"""The manual page, made from the parsers of the window and of the command line, so that it says what they say."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from core.c10.sdk import CONTAINER_VARIABLE, HOME_VARIABLE, PYTHON_VARIABLE
from core.cli.app import build_parser
from core.system import HOME_VARIABLE as DATA_VARIABLE
from gui.options import parser as window_parser

_ENVIRONMENT = (
    (DATA_VARIABLE, "a folder for all of the program's settings, engines and logs, instead of the user's own folders"),
    (PYTHON_VARIABLE, "the interpreter of the C10 SDK"),
    (CONTAINER_VARIABLE, "the running container with the C10 SDK"),
    (HOME_VARIABLE, "the folder of the vendor's sample"),
)
_FILES = (
    ("~/.local/share/c10-panel", "engines, conversations and logs"),
    ("~/.config/c10-panel/settings.json", "the window's settings"),
    ("~/.cache/c10-panel", "what can be made again"),
)
_EXIT = (
    ("0", "done"),
    ("1", "a worker process died, or the program has a bug"),
    ("2", "bad input"),
    ("130", "stopped by the user"),
)


def manual_page(version: str, moment: int) -> str:
    """Return the page in troff's man macros, dated `moment` (seconds since 1970)."""
    return "\n".join(_lines(version, moment)) + "\n"


def _lines(version: str, moment: int) -> Iterator[str]:
    command_line, window = build_parser(), window_parser()
    date = time.strftime("%Y-%m-%d", time.gmtime(moment))
    yield f'.TH C10-PANEL 1 "{date}" "C10 Panel {version}" "User Commands"'
    yield from (".SH NAME", "c10\\-panel \\- compile ChatGLM2\\-style models into engines and chat with them")
    yield ".SH SYNOPSIS"
    for rest in ("[WINDOW OPTIONS] [FILE.ngf]", "COMMAND [OPTIONS]"):
        yield from (".B c10\\-panel", f"{rest}", ".br")
    yield from (".SH DESCRIPTION", _text(f"{command_line.description} {command_line.epilog}"))
    yield from (".SH WINDOW OPTIONS", *_options(window))
    yield ".SH COMMANDS"
    for name, command in _commands(command_line).items():
        yield from (f".SS {_text(name)}", _text(command.description or ""), *_options(command))
    for title, rows in (("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES), ("EXIT STATUS", _EXIT)):
        yield f".SH {title}"
        for name, text in rows:
            yield from (".TP", f".B {_text(name)}", _text(text))


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = parser._get_formatter()
    for action in parser._actions:
        if action.help is argparse.SUPPRESS:
            continue
        yield from (".TP", f".B {_text(formatter._format_action_invocation(action))}")
        yield _text(formatter._expand_help(action) if action.help else "")


def _text(text: str) -> str:
    """Return words as troff takes them: its own signs escaped, no line that would be a command."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain or "\\&"
