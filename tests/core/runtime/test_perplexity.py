"""Perplexity against a direct computation on the toy engine."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled, UsageError
from core.runtime.perplexity import perplexity
from core.runtime.session import Session
from tests.core.runtime.fake_engine import FakeEngine, config, logits_of

TOKENS = [int(token) for token in np.random.default_rng(4).integers(0, 97, 70)]


def expected(tokens: list[int], window: int) -> float:
    losses = []
    for at in range(0, len(tokens), window):
        span = tokens[at : at + window]
        for i in range(1, len(span)):
            logits = logits_of(span[:i]).astype(np.float64)
            losses.append(np.log(np.exp(logits).sum()) - logits[span[i]])
    return float(np.exp(np.mean(losses)))


@pytest.mark.parametrize("window", [2, 16, 32, 64, 69])
def test_it_is_the_exponential_of_the_mean_loss_over_windows(window: int) -> None:
    progress: list[tuple[int, int]] = []
    session = Session(FakeEngine(config(total_len=128)))
    scored = perplexity(session, TOKENS, window, lambda done, total: progress.append((done, total)), lambda: False)
    assert scored.perplexity == pytest.approx(expected(TOKENS, window), rel=1e-6)
    assert progress[-1] == (scored.tokens, scored.tokens)


def test_windows_that_do_not_fit_and_texts_that_are_too_short_are_refused() -> None:
    session = Session(FakeEngine(config(total_len=32)))
    with pytest.raises(UsageError, match="33"):
        perplexity(session, TOKENS, 33, lambda *_: None, lambda: False)
    with pytest.raises(UsageError, match="1 tokens"):
        perplexity(session, [3], 8, lambda *_: None, lambda: False)


def test_it_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        perplexity(Session(FakeEngine()), TOKENS, 8, lambda *_: None, lambda: True)
