"""Choosing the next token from logits: pure functions, and one seeded random stream for each row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import UsageError

FORCED_TOKEN = 5
"""Chosen where logits are not finite, as the vendor's sample does."""

MIN_TEMPERATURE = 1e-3
"""Below this, sampling is indistinguishable from argmax and is done as argmax."""

_HEAD = 1024
"""Candidates that are sorted first when looking for the nucleus; the rest is sorted only if they aren't enough."""

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. With `do_sample` off: the argmax, and only `repetition_penalty` has an effect."""

    do_sample: bool = False
    temperature: float = 0.85
    """Divides the logits; 0 means argmax."""
    top_p: float = 1.0
    """Keep the most likely tokens whose probabilities sum to at least this (nucleus sampling)."""
    top_k: int = 0
    """Keep this many of the most likely tokens; 0 keeps all."""
    repetition_penalty: float = 1.0
    """Divides positive and multiplies negative logits of tokens that have occurred; 1 changes nothing."""
    seed: int | None = None
    """Start of the random streams; None: different each time."""

    def check(self) -> None:
        """Raise UsageError where a value is out of range."""
        rules = (
            (0.0 <= self.temperature <= 100.0, "temperature", self.temperature, "between 0 and 100"),
            (0.0 < self.top_p <= 1.0, "top-p", self.top_p, "above 0 and at most 1"),
            (self.top_k >= 0, "top-k", self.top_k, "0 (keep all) or more"),
            (
                0.0 < self.repetition_penalty <= 100.0,
                "repetition penalty",
                self.repetition_penalty,
                "above 0, up to 100",
            ),
            (self.seed is None or 0 <= self.seed < 1 << 63, "seed", self.seed, "between 0 and 2**63 - 1"),
        )
        for holds, name, value, allowed in rules:
            if not holds:
                raise UsageError(f"The {name} is {value}, but it must be {allowed}.", "Change the value.")


def streams(seed: int | None, rows: int) -> list[np.random.Generator]:
    """Return one random generator for each of `rows` rows; a row's stream doesn't depend on how many rows there are."""
    root = np.random.SeedSequence(seed)
    return [np.random.default_rng(np.random.SeedSequence(root.entropy, spawn_key=(row,))) for row in range(rows)]


def choose(logits: Logits, sampling: Sampling, seen: Collection[int], generator: np.random.Generator) -> int:
    """Return the next token for `logits` (vocab,); `seen` are the tokens that the repetition penalty applies to."""
    if not np.isfinite(logits).all():
        return min(FORCED_TOKEN, logits.size - 1)
    if sampling.repetition_penalty != 1.0:
        logits = penalised(logits, seen, sampling.repetition_penalty)
    if not sampling.do_sample or sampling.temperature < MIN_TEMPERATURE or sampling.top_k == 1:
        return int(np.argmax(logits))
    tokens, probabilities = candidates(logits, sampling.temperature, sampling.top_k, sampling.top_p)
    cumulative = np.cumsum(probabilities)
    at = int(np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right"))
    return int(tokens[min(at, tokens.size - 1)])


def penalised(logits: Logits, seen: Collection[int], penalty: float) -> Logits:
    """Return a copy of `logits` in which the tokens in `seen` are less likely (CTRL, Keskar et al. 2019)."""
    ids = np.fromiter((token for token in seen if 0 <= token < logits.size), dtype=np.int64)
    changed = logits.copy()
    values = changed[ids]
    changed[ids] = np.where(values > 0, values / penalty, values * penalty)
    return changed


def candidates(
    logits: Logits, temperature: float, top_k: int, top_p: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the tokens that stay after top-k and top-p, and their probabilities.

    Both filters off: all tokens in order. Else most likely first. The probabilities are those before the nucleus cut
    (their sum is at most 1). Nucleus: the smallest set that reaches `top_p` (Holtzman et al. 2020).
    """
    keep = logits.size if top_k == 0 else min(top_k, logits.size)
    if keep < logits.size:
        tokens = np.argpartition(logits, -keep)[-keep:].astype(np.int64)
    else:
        tokens = np.arange(logits.size, dtype=np.int64)
    scaled = logits[tokens].astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    probabilities = weights / weights.sum()
    if top_p >= 1.0:
        return tokens, probabilities
    order = _descending(probabilities, _HEAD)
    if probabilities[order].sum() < top_p:
        order = _descending(probabilities, probabilities.size)
    inside = int(np.searchsorted(np.cumsum(probabilities[order]), top_p, side="left")) + 1
    chosen = order[:inside]
    return tokens[chosen], probabilities[chosen]


def _descending(values: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Return the indices of the `count` largest values, largest first, equal ones in order of index."""
    size = values.size
    picked = np.sort(np.argpartition(values, -count)[-count:]) if count < size else np.arange(size)
    return picked[np.argsort(-values[picked], kind="stable")]
