"""Perplexity of a text under an engine: how well it predicts the text, lower is better."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.compiler.arguments import prefill_rows
from core.errors import Cancelled, UsageError
from core.events import Scored
from core.runtime.sampling import Logits
from core.runtime.session import Session

DEFAULT_WINDOW = 512
DEFAULT_TOKENS = 4096
_CHUNK = 128  # tokens whose logits are in memory at once


def perplexity(
    session: Session,
    tokens: Sequence[int],
    window: int,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> Scored:
    """Return exp of the mean negative log likelihood of `tokens` over consecutive windows of `window` tokens.

    Each window starts with an empty cache and its first token is context only, so a window of n tokens gives n - 1
    predictions; a last, shorter window counts if it has two tokens or more. `Scored.tokens` are the tokens of all
    windows. Raises UsageError and Cancelled.
    """
    total = session.engine.config.total_len
    if not 2 <= window <= total:
        raise UsageError(
            f"The window is {window} tokens, but it must lie between 2 and the engine's context of {total}.",
            "Choose a smaller --window.",
        )
    if len(tokens) < 2:
        raise UsageError(f"The text has {len(tokens)} tokens, but two are needed at least.", "Give a longer text.")
    begun = time.perf_counter()
    spans = [tokens[at : at + window] for at in range(0, len(tokens), window)]
    spans = [span for span in spans if len(span) >= 2]
    chunk = min(_CHUNK, prefill_rows(session.engine.config))
    loss, predictions, done = 0.0, 0, 0
    count = sum(map(len, spans))
    session.forget()
    for span in spans:
        for at in range(0, len(span), chunk):
            if stopped():
                raise Cancelled("The perplexity measurement was stopped.")
            ids = np.asarray(span[at : at + chunk], dtype=np.int32)
            logits = session.engine.score(0, ids, at)
            targets = np.asarray(span[at + 1 : at + 1 + ids.size], dtype=np.int64)
            loss += negative_log_likelihood(logits[: targets.size], targets)
            predictions += targets.size
            done += ids.size
            progress(done, count)
    mean = loss / predictions
    value = math.exp(mean) if mean < 700 else math.inf
    return Scored(value, count, len(spans), time.perf_counter() - begun)


def negative_log_likelihood(logits: Logits, targets: npt.NDArray[np.int64]) -> float:
    """Return the summed negative log likelihood (nats) of `targets` (n,) under `logits` (n, V)."""
    if not targets.size:
        return 0.0
    exact = logits.astype(np.float64)
    top = exact.max(axis=1)
    normaliser = top + np.log(np.exp(exact - top[:, None]).sum(axis=1))
    return float((normaliser - exact[np.arange(targets.size), targets]).sum())
