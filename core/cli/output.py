"""What the command line prints: lines for people, or one JSON object a line; progress only where someone watches."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterable
from typing import Any

from core.errors import C10Error
from core.events import (
    COMPILE_STEPS,
    Event,
    Failed,
    LogLine,
    PrefillProgress,
    StepFinished,
    StepProgress,
    StepStarted,
    TimeLeft,
)
from core.system import format_bytes

_REDRAW_S = 0.1
_STEP_NAMES = {
    "export": "export the model as ONNX",
    "import": "recognise and verify the model",
    "base": "build the base (prefill) code",
    "incremental": "build the incremental (decode) code",
    "write": "quantise and write the weights",
    "combine": "combine both parts",
    "self_test": "self-test with one token",
    "quality": "compare with the original",
}


class Output:
    """Standard output in one of two forms; a progress line on stderr if that is a terminal."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._watched = sys.stderr.isatty() and not as_json
        self._drawn = 0.0
        self._line = False
        self._left = ""
        """How long the job still takes, in words."""
        self._numbered = False
        """A whole compile job runs, so its steps have numbers."""

    def text(self, text: str) -> None:
        """Print text for people, as it is, at once; nothing with --json."""
        if not self.as_json:
            self._clear()
            sys.stdout.write(text)
            sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """Print a line for people; nothing with --json."""
        self.text(f"{text}\n")

    def lines(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Print "name: value" lines for people."""
        for name, value in pairs:
            self.line(f"{name}: {value}")

    def json(self, data: dict[str, Any]) -> None:
        """Print one JSON object; nothing without --json. Numbers that JSON lacks become null."""
        if self.as_json:
            sys.stdout.write(json.dumps(_finite(data), ensure_ascii=False, allow_nan=False) + "\n")
            sys.stdout.flush()

    def event(self, event: Event) -> None:
        """Show an event of a job: as JSON, or as a step's line or progress."""
        self.json(event.to_json())
        if isinstance(event, StepStarted):
            self._numbered = self._numbered or event.step == COMPILE_STEPS[0]
            self._draw(self._step(event.step), force=True)
        elif isinstance(event, StepProgress):
            self._draw(f"{self._step(event.step)}: {_amount(event)}{self._left}")
        elif isinstance(event, TimeLeft):
            self._left = f", {about(event.seconds)} left"
        elif isinstance(event, PrefillProgress):
            self._draw(f"prefill: {event.done} of {event.total} tokens")
        elif isinstance(event, StepFinished) and not event.skipped:
            self.line(f"{self._step(event.step)}: {event.seconds:.1f} s")
        elif isinstance(event, LogLine):
            self.line(event.text)

    def progress(self, name: str, done: int, total: int | None) -> None:
        """Show bytes done of `total`."""
        self._draw(f"{name}: {format_bytes(done)}{f' of {format_bytes(total)}' if total else ''}")

    def _step(self, step: str) -> str:
        name = _STEP_NAMES.get(step, step)
        if not self._numbered or step not in COMPILE_STEPS:
            return name
        return f"[{COMPILE_STEPS.index(step) + 1}/{len(COMPILE_STEPS)}] {name}"

    def _draw(self, text: str, *, force: bool = False) -> None:
        now = time.monotonic()
        if self._watched and (force or now - self._drawn >= _REDRAW_S):
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._drawn, self._line = now, True

    def _clear(self) -> None:
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._line = False


def about(seconds: float) -> str:
    """Return an expected time in words, rounded up."""
    return f"about {-(-seconds // 60):.0f} min" if seconds >= 90 else f"about {-(-seconds // 10) * 10:.0f} s"


def report_error(error: C10Error, *, as_json: bool) -> int:
    """Print an error and its next step on stderr, with --json also as an event on stdout; return the exit code."""
    sys.stderr.write(f"error: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"{error.hint}\n")
    if as_json:
        sys.stdout.write(json.dumps(Failed.of(error).to_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return error.exit_code


def _amount(event: StepProgress) -> str:
    if event.unit == "bytes":
        total = "" if event.total is None else f" of {format_bytes(event.total)}"
        return f"{format_bytes(event.done)}{total}"
    return f"{event.done}{'' if event.total is None else f' of {event.total}'} {event.unit}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
