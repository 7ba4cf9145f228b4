"""What the live graphs show: speed, context and memory over the seconds of the running answer."""

from __future__ import annotations

import csv
import io
from collections import deque

from gui.graphs.ring import Floats, Ring

CAPACITY = 6000
"""Ten minutes of ten samples a second."""
WINDOW_S = 1.0
"""The speed is that of the tokens of this many past seconds."""

COLUMNS = ("time_s", "decode_tokens_per_s", "context_tokens", "memory_bytes")
TIME, SPEED, CONTEXT, MEMORY = range(4)


class Samples:
    """The samples of one answer; `begin` starts anew."""

    def __init__(self) -> None:
        self._ring = Ring(len(COLUMNS), CAPACITY)
        self._past: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._ring)

    def begin(self) -> None:
        """Forget the samples: another answer begins."""
        self._ring.clear()
        self._past.clear()

    def add(self, seconds: float, tokens: int, context: int, memory: int | None) -> float:
        """Add a sample `seconds` after the question: tokens so far and in context, bytes; return tokens/s."""
        if not tokens:
            self._past.clear()  # the clock of the speed starts with the first token
        self._past.append((seconds, tokens))
        while len(self._past) > 2 and self._past[1][0] <= seconds - WINDOW_S:
            self._past.popleft()
        then, before = self._past[0]
        speed = (tokens - before) / (seconds - then) if seconds > then else 0.0
        self._ring.append(seconds, speed, context, memory if memory is not None else float("nan"))
        return speed

    def column(self, index: int) -> Floats:
        """Return one of COLUMNS by its index."""
        return self._ring.column(index)

    def to_csv(self) -> str:
        """Return all samples as CSV with a heading that names the units."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in zip(*(self.column(i) for i in range(len(COLUMNS))), strict=True):
            writer.writerow([f"{value:.6g}" if value == value else "" for value in row])
        return out.getvalue()
