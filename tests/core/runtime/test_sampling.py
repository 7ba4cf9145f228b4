"""Token choice: filters, seeds, penalties and odd values."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.runtime.sampling import Sampling, candidates, choose, penalised, streams

RNG = np.random.default_rng(1)
LOGITS = RNG.standard_normal(5000).astype(np.float32) * 3


def test_argmax_is_the_default() -> None:
    assert choose(LOGITS, Sampling(), (), streams(0, 1)[0]) == int(np.argmax(LOGITS))


@pytest.mark.parametrize("temperature", [0.0, 1e-6, 0.01])
def test_a_tiny_temperature_is_as_good_as_argmax(temperature: float) -> None:
    sampling = Sampling(do_sample=True, temperature=temperature, top_p=0.7)
    big = LOGITS * 1000
    assert choose(big, sampling, (), streams(0, 1)[0]) == int(np.argmax(big))


def test_top_k_keeps_exactly_the_best() -> None:
    tokens, probabilities = candidates(LOGITS, 1.0, 7, 1.0)
    assert set(tokens) == set(np.argsort(LOGITS)[-7:])
    assert probabilities.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("top_p", [0.05, 0.5, 0.9, 0.9999])
def test_the_nucleus_is_the_smallest_set_that_reaches_top_p(top_p: float) -> None:
    tokens, probabilities = candidates(LOGITS, 2.0, 0, top_p)
    exact = np.exp(LOGITS.astype(np.float64) / 2)
    exact /= exact.sum()
    order = np.argsort(-exact, kind="stable")
    size = int(np.searchsorted(np.cumsum(exact[order]), top_p)) + 1
    assert tokens.tolist() == order[:size].tolist()
    assert probabilities.sum() >= top_p


def test_sampling_follows_the_probabilities() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    generator = streams(11, 1)[0]
    sampling = Sampling(do_sample=True, temperature=1.0)
    counts = np.bincount([choose(logits, sampling, (), generator) for _ in range(4000)], minlength=4) / 4000
    assert np.abs(counts - [0.5, 0.3, 0.15, 0.05]).max() < 0.03


def test_a_rows_stream_does_not_depend_on_the_batch() -> None:
    alone, many = streams(5, 1)[0], streams(5, 8)
    assert alone.random(4).tolist() == many[0].random(4).tolist()
    assert many[1].random() != many[2].random()


def test_without_a_seed_streams_differ() -> None:
    assert streams(None, 1)[0].random() != streams(None, 1)[0].random()


def test_repetition_penalty_lowers_seen_tokens_of_either_sign() -> None:
    logits = np.array([2.0, -2.0, 1.5], dtype=np.float32)
    assert penalised(logits, {0, 1, 99, -1}, 2.0).tolist() == [1.0, -4.0, 1.5]
    assert choose(logits, Sampling(repetition_penalty=2.0), {0}, streams(0, 1)[0]) == 2
    assert logits[0] == 2.0  # the engine's own buffer is left alone


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_force_token_five(bad: float) -> None:
    logits = LOGITS.copy()
    logits[17] = bad
    for sampling in (Sampling(), Sampling(do_sample=True)):
        assert choose(logits, sampling, (), streams(0, 1)[0]) == 5


@given(
    st.floats(0, 100), st.floats(0.0, 1.0, exclude_min=True), st.integers(0, 20), st.floats(0.1, 3),
    st.lists(st.floats(-(2.0**90), 2.0**90, width=32), min_size=6, max_size=12),
)  # fmt: skip
def test_every_allowed_setting_gives_a_token(t: float, p: float, k: int, r: float, values: list[float]) -> None:
    logits = np.array(values, dtype=np.float32)
    sampling = Sampling(do_sample=True, temperature=t, top_p=p, top_k=k, repetition_penalty=r)
    sampling.check()
    assert 0 <= choose(logits, sampling, {0, 1}, streams(1, 1)[0]) < logits.size


@pytest.mark.parametrize(
    "bad",
    [
        Sampling(temperature=-1), Sampling(temperature=float("nan")), Sampling(top_p=0), Sampling(top_p=1.1),
        Sampling(top_k=-1), Sampling(repetition_penalty=0), Sampling(seed=-1),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(bad: Sampling) -> None:
    with pytest.raises(UsageError):
        bad.check()


def test_sampling_a_large_vocabulary_is_cheap() -> None:
    logits = np.random.default_rng(0).standard_normal(65024).astype(np.float32) * 4
    sampling, generator = Sampling(do_sample=True, temperature=0.8, top_p=0.8), streams(0, 1)[0]
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        choose(logits, sampling, (), generator)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[4] < 0.02  # a decode step of a 6B model takes more than five times as long
