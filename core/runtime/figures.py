"""The figures of a generate job: the field's own terms, and the vendor's with the vendor's meaning."""

from __future__ import annotations

import time

from core.events import Metrics
from core.system import peak_rss_bytes


def vendor_figures(jobs: int, rounds: int, steps: int, base_s: float, incremental_s: float) -> dict[str, float]:
    """Return what the vendor's sample prints, under its names, in its order; times in seconds.

    `rounds` and `steps` are the base rounds and decode steps of all `jobs` together. Its "tokens" are rounds and steps,
    not prompt tokens: base throughput = rounds / base time, incremental throughput = (rounds + steps - jobs) /
    incremental time, average throughput = (rounds + steps) / both times.
    """
    tokens = rounds + steps
    return {
        "base infer time": base_s,
        "base throughput": _rate(rounds, base_s),
        "incremental infer time": incremental_s,
        "incremental throughput": _rate(tokens - jobs, incremental_s) if steps else 0.0,
        "infer time": base_s + incremental_s,
        "infer tokens": tokens,
        "average throughput": _rate(tokens, base_s + incremental_s),
    }


class Figures:
    """Adds up one request's work; the clock starts when it is made."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._ttft_s = 0.0
        self._jobs = self._rounds = self._steps = 0
        self._prompt_tokens = self._cached_tokens = 0
        self._new_tokens = self._later_tokens = 0
        self._drafted_tokens = self._accepted_tokens = 0
        self._prefill_s = self._decode_s = 0.0
        self._context_used = 0

    def token(self) -> None:
        """Note the moment of the first token."""
        if self._ttft_s == 0.0:
            self._ttft_s = time.perf_counter() - self._begun

    def add_prompt(self, tokens: int, cached: int) -> None:
        """Add a prompt of `tokens`, of which `cached` need no work."""
        self._prompt_tokens += tokens
        self._cached_tokens += cached

    def add_prefill(self, rounds: int, seconds: float) -> None:
        """Add one job's prefill: `rounds` is that of its longest row, as the vendor pads all rows to it."""
        self._jobs += 1
        self._rounds += rounds
        self._prefill_s += seconds

    def add_decode(self, steps: int, seconds: float) -> None:
        """Add one job's decode steps; a step is one token of every row, however many come of one pass."""
        self._steps += steps
        self._decode_s += seconds

    def add_pass(self, drafted: int, accepted: int) -> None:
        """Add a pass that checked `drafted` tokens, of which `accepted` were right."""
        self._drafted_tokens += drafted
        self._accepted_tokens += accepted

    def add_row(self, new_tokens: int, context_used: int) -> None:
        """Add one row's outcome."""
        self._new_tokens += new_tokens
        self._later_tokens += max(0, new_tokens - 1)
        self._context_used = max(self._context_used, context_used)

    def metrics(self, context_size: int) -> Metrics:
        """Return the figures so far."""
        decode_s = self._decode_s if self._steps else 0.0
        return Metrics(
            prompt_tokens=self._prompt_tokens,
            cached_tokens=self._cached_tokens,
            new_tokens=self._new_tokens,
            ttft_s=self._ttft_s,
            tpot_ms=1000.0 * decode_s / self._steps if self._steps else 0.0,
            prefill_s=self._prefill_s,
            decode_s=decode_s,
            prefill_tokens_per_s=_rate(self._prompt_tokens - self._cached_tokens, self._prefill_s),
            decode_tokens_per_s=_rate(self._later_tokens, decode_s),
            context_used=self._context_used,
            context_size=context_size,
            peak_memory_bytes=peak_rss_bytes(),
            drafted_tokens=self._drafted_tokens,
            accepted_tokens=self._accepted_tokens,
            vendor=vendor_figures(self._jobs, self._rounds, self._steps, self._prefill_s, decode_s),
        )


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds > 0 else 0.0
