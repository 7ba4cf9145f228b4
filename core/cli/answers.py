"""Printing answers: question, streamed response, the vendor's block, and the field's own figures."""

from __future__ import annotations

from core.cli.cards import figure_lines
from core.cli.output import Output
from core.events import (
    CardLost,
    Event,
    Generated,
    Heartbeat,
    Loaded,
    Metrics,
    PrefillProgress,
    Prompted,
    Ready,
    RowFinished,
    StopReason,
    Token,
)
from core.system import format_bytes

_RULE = "=" * 44
_UNITS = {"base infer time": "s", "incremental infer time": "s", "infer time": "s", "infer tokens": ""}
REASONS: dict[StopReason, str] = {
    "eos": "end token",
    "length": "--max-new-tokens reached",
    "context_full": "the context is full",
    "stopped": "stopped",
    "error": "failed",
}


class Answers:
    """Prints the events of one generate job.

    One answer at a time is streamed; those of other rows are kept and printed when their turn comes.
    """

    def __init__(self, output: Output, input_ids: list[list[int]], *, stream: bool) -> None:
        self._output = output
        self._ids = input_ids
        self._stream = stream
        self._as_ids = True
        """The engine has no tokenizer: answers are printed as ids."""
        self._prompts: list[str] = []
        self._parts: list[list[str]] = []
        self._ends: list[bool] = []
        self._row = 0

    def show(self, event: Event) -> None:
        """Print what `event` adds."""
        if self._stream or not isinstance(event, Token):
            self._json(event)
        if isinstance(event, Loaded):
            self._as_ids = not event.tokenizer
            for note in event.notes:
                self._output.line(f"note: {note}")
        elif isinstance(event, CardLost):
            self._output.line(f"\nnote: {event.sentence}")
        elif isinstance(event, Prompted):
            self._prompts = event.prompts
            self._parts = [[] for _ in event.prompts]
            self._ends = [False] * len(event.prompts)
            self._head(0)
        elif isinstance(event, PrefillProgress):
            self._output.event(event) if not self._output.as_json else None
        elif isinstance(event, Token):
            self._token(event)
        elif isinstance(event, RowFinished):
            self._finished(event)
        elif isinstance(event, Generated):
            self._figures(event)

    def _json(self, event: Event) -> None:
        if not isinstance(event, Ready | Heartbeat):
            self._output.json(event.to_json())

    def _head(self, row: int) -> None:
        prompt = self._prompts[row] or ",".join(map(str, self._ids[row % len(self._ids)] if self._ids else []))
        self._output.line(f"Question {row + 1}:\n{prompt}\n\nResponse:")

    def _token(self, event: Token) -> None:
        parts = self._parts[event.row]
        text = f"{',' if parts else ''}{event.token}" if self._as_ids else event.text
        parts.append(text)
        if self._stream and event.row == self._row and text:
            self._output.text(text)

    def _finished(self, event: RowFinished) -> None:
        parts = self._parts[event.row]
        streamed = "".join(parts)
        if not self._as_ids and event.text.startswith(streamed):
            parts.append(event.text[len(streamed) :])
        if event.row == self._row and self._stream and not self._as_ids:
            self._output.text(parts[-1] if parts else "")
        self._ends[event.row] = True
        while self._row < len(self._ends) and self._ends[self._row]:
            if not self._stream:
                self._output.text("".join(self._parts[self._row]))
            self._output.line("\n")
            self._row += 1
            if self._row < len(self._ends):
                self._head(self._row)
                if self._stream:
                    self._output.text("".join(self._parts[self._row]))

    def _figures(self, event: Generated) -> None:
        self._output.line(_RULE)
        for line in vendor_lines(event.metrics.vendor):
            self._output.line(line)
        self._output.line(_RULE)
        for line in (*own_lines(event.metrics, event.stop_reason), *figure_lines(event.cards)):
            self._output.line(line)


def vendor_lines(figures: dict[str, float]) -> list[str]:
    """Return the vendor's block, line by line, as its sample prints it."""
    lines = []
    for name, value in figures.items():
        unit = _UNITS.get(name, "tokens/s")
        shown = str(int(value)) if not unit else f"{value:.6f} (s)" if unit == "s" else f"{value:.3f} ({unit})"
        lines.append(f"{name}: {shown}")
    return lines


def own_lines(metrics: Metrics, reasons: list[StopReason]) -> list[str]:
    """Return the field's own figures, line by line."""
    cached = f" ({metrics.cached_tokens} from the KV cache)" if metrics.cached_tokens else ""
    ends = ", ".join(dict.fromkeys(REASONS[reason] for reason in reasons))
    drafts = f"lookup: {metrics.accepted_tokens} of {metrics.drafted_tokens} drafted tokens accepted"
    return [
        f"prompt tokens: {metrics.prompt_tokens}{cached}",
        f"new tokens: {metrics.new_tokens} ({ends})",
        f"TTFT: {metrics.ttft_s:.3f} s",
        f"TPOT: {metrics.tpot_ms:.2f} ms",
        f"prefill: {metrics.prefill_tokens_per_s:.1f} tokens/s",
        f"decode: {metrics.decode_tokens_per_s:.1f} tokens/s",
        *([drafts] if metrics.drafted_tokens else []),
        f"context: {metrics.context_used} of {metrics.context_size} tokens",
        f"peak memory: {format_bytes(metrics.peak_memory_bytes)}",
    ]
