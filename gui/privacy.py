"""What a log may say while visitors are at the keyboard: where something happened, never with which text."""

from __future__ import annotations

import ctypes
import logging
import resource
import traceback
from collections.abc import Callable
from contextlib import suppress

OWN = ("gui", "core")
WITHHELD = "(text withheld in visitor mode)"
_PR_SET_DUMPABLE = 4


class PrivateFormatter(logging.Formatter):
    """Formats as usual, but without arguments and messages of errors while `private()` holds.

    What stays of our own records is the sentence in the source, which has no text of anybody's in it. Of other
    libraries' records nothing but their name and level stays.
    """

    def __init__(self, form: str, private: Callable[[], bool]) -> None:
        super().__init__(form)
        self._private = private

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line or lines."""
        if not self._private():
            return super().format(record)
        own = record.name.partition(".")[0] in OWN
        bare = logging.LogRecord(
            record.name,
            record.levelno,
            record.pathname,
            record.lineno,
            str(record.msg) if own else WITHHELD,
            None,
            None,
        )
        bare.created, bare.msecs = record.created, record.msecs
        lines = [super().format(bare)]
        if record.exc_info and record.exc_info[1] is not None:
            lines += places(record.exc_info[1])
        return "\n".join(lines)


def places(error: BaseException) -> list[str]:
    """Return the kinds of an error and its causes with the places they came through, without their messages."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        for frame in traceback.extract_tb(current.__traceback__):
            lines.append(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        current = current.__cause__ or current.__context__
    return lines


def forbid_core_dumps() -> None:
    """Let no crash of this process write its memory to the disk."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)
