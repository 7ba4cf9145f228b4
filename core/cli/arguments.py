"""Argument types that the commands share, and a parser whose errors are sentences."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from core.errors import UsageError

TRUE_WORDS = ("true", "yes", "on", "1", "t", "y")
FALSE_WORDS = ("false", "no", "off", "0", "f", "n", "none", "")


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and exit."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what argparse takes; flags can't be abbreviated, so that later ones don't change what a script means."""
        super().__init__(*args, **({"allow_abbrev": False} | options))

    def error(self, message: str) -> NoReturn:
        """Raise UsageError for a wrong command line."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See: {self.prog} --help")


def boolean(text: str) -> bool:
    """Return the meaning of a word such as "true", "no", "1" or "" (the vendor's way to say false)."""
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")


def numbers(text: str) -> list[int]:
    """Return the integers of a list such as "0,1"."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of integers such as 1,2,3") from None


def number_rows(text: str) -> list[list[int]]:
    """Return the lists of a text such as "1,2,3;4,5"; empty ones are left out."""
    return [numbers(row) for row in text.split(";") if row.strip()]


def at_least(low: int) -> Callable[[str], int]:
    """Return an argument type for integers from `low` on."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < low:
            raise argparse.ArgumentTypeError(f"{value} is less than {low}")
        return value

    return parse


def add_flag(parser: argparse.ArgumentParser, *names: str, default: bool, text: str) -> None:
    """Add a flag that works alone (true) and with a true/false word."""
    parser.add_argument(
        *names,
        nargs="?",
        const=True,
        default=default,
        type=boolean,
        metavar="BOOL",
        help=f"{text} (default: {default})",
    )


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add --trust."""
    parser.add_argument(
        "--trust", action="store_true", help="run an engine that wasn't built on this computer; asked once for each"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line on stdout, the result last")
