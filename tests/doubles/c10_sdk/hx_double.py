"""What the double's modules share: the error, the log, the wrapped engine file."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

SIMULATED = "simulated, not Hexaflake hardware"
MAGIC = b"HXNGF-SIMULATED\n"
PROJECT = Path(__file__).resolve().parents[3]


class ContractError(AssertionError):
    """A call that the vendor's API, as far as it is known, doesn't take."""


def need(holds: object, sentence: str) -> None:
    if not holds:
        raise ContractError(sentence)


def log(text: str) -> None:
    path = os.environ.get("C10_DOUBLE_LOG", "")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    if os.environ.get("C10_DOUBLE_DIE", "") == text.partition("(")[0]:
        os.kill(os.getpid(), signal.SIGKILL)


def use_project() -> None:
    """Let this interpreter import the project's own core, which computes."""
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))


def wrap(engine: Path, wrapped: Path) -> Path:
    """Make a file that looks foreign of one of the project's own engines."""
    wrapped.write_bytes(MAGIC + engine.read_bytes())
    return wrapped


def unwrap(wrapped: Path, engine: Path) -> Path:
    data = wrapped.read_bytes()
    need(data.startswith(MAGIC), f"{wrapped} is not an engine of this SDK")
    engine.write_bytes(data[len(MAGIC) :])
    return engine
