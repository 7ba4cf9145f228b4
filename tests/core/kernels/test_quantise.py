from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernels.quantise import quantise_int4, quantise_int8
from core.kernels.search import COLUMNS, compiled_int4
from tests.core.kernels.support import CLASSES, runnable


@pytest.fixture(scope="module", params=["numpy", *CLASSES])
def int4(request):
    """Each form of the int4 search: numpy's, and the compiled one of each kernel class."""
    return quantise_int4 if request.param == "numpy" else compiled_int4(runnable(request.param))


def int4_values(groups, int4=quantise_int4):
    q, scale, offset = int4(groups)
    assert q.max() <= 15
    return scale.astype(np.float32)[:, None] * q + offset.astype(np.float32)[:, None]


def int8_values(groups):
    q, scale = quantise_int8(groups)
    assert q.min() >= 1  # -128 never occurs: the kernels count on it
    return scale.astype(np.float32)[:, None] * (q.astype(np.float32) - 128)


def min_max_values(groups):
    """Plain min-max to 16 levels, with scale and offset as halves too."""
    low, high = groups.min(1, keepdims=True), groups.max(1, keepdims=True)
    scale = ((high - low) / 15).astype(np.float16).astype(np.float32)
    offset = low.astype(np.float16).astype(np.float32)
    return np.clip(np.rint((groups - offset) / scale), 0, 15) * scale + offset


@pytest.mark.parametrize("freedom", [None, 4, 3])
def test_the_search_cuts_the_squared_error_of_min_max_by_15_percent(freedom, int4):
    rng = np.random.default_rng(freedom or 0)
    shape = (8192, 32)
    groups = rng.standard_normal(shape) if freedom is None else rng.standard_t(freedom, shape)
    groups = (groups * 0.02).astype(np.float32)
    searched = ((int4_values(groups, int4) - groups) ** 2).sum()
    plain = ((min_max_values(groups) - groups) ** 2).sum()
    print(f"{'normal' if freedom is None else f't({freedom})'}: {1 - searched / plain:.1%} less squared error")  # noqa: T201 -- shown by pytest -s
    assert searched <= 0.85 * plain


@settings(deadline=None, max_examples=60)
@given(
    levels=st.lists(st.integers(0, 15), min_size=1, max_size=16),
    sign=st.sampled_from([1, -1]),
    seed=st.integers(0, 1 << 20),
)
def test_data_on_a_16_level_grid_of_halves_is_kept_exactly(levels, sign, seed):
    rng = np.random.default_rng(seed)
    scale = (sign * rng.uniform(0.001, 0.05, (8, 1))).astype(np.float16).astype(np.float32)
    offset = rng.uniform(-0.5, 0.5, (8, 1)).astype(np.float16).astype(np.float32)
    groups = scale * rng.choice(levels, (8, 32)).astype(np.float32) + offset
    assert np.array_equal(int4_values(groups), groups)


def test_symmetric_4_bit_data_is_kept_exactly():
    rng = np.random.default_rng(1)
    scale = rng.uniform(-0.1, 0.1, (500, 1)).astype(np.float16).astype(np.float32)
    groups = scale * rng.integers(-8, 8, (500, 32)).astype(np.float32)
    assert np.array_equal(int4_values(groups), groups)


def test_groups_on_and_off_a_grid_may_be_mixed(int4):
    rng = np.random.default_rng(2)
    groups = rng.standard_normal((4000, 32)).astype(np.float32)
    groups[::3] = rng.integers(0, 16, (len(groups[::3]), 32)) * np.float32(0.25) - np.float32(1.5)
    groups[1::3] = 0.7
    values = int4_values(groups, int4)
    assert np.array_equal(values[::3], groups[::3])
    assert np.abs(values[1::3] - np.float32(0.7)).max() < 1e-7
    assert np.abs(values - groups).max() < 0.5


def test_int8_is_within_half_a_step():
    groups = np.random.default_rng(3).standard_normal((3000, 32)).astype(np.float32)
    step = np.abs(groups).max(1, keepdims=True) / 127
    assert (np.abs(int8_values(groups) - groups) <= step * 0.56).all()


def test_odd_groups_stay_finite_and_close_in_int4(int4):
    odd_groups_stay_finite_and_close(lambda groups: int4_values(groups, int4))


def test_odd_groups_stay_finite_and_close_in_int8():
    odd_groups_stay_finite_and_close(int8_values)


def odd_groups_stay_finite_and_close(values):
    groups = np.zeros((8, 32), np.float32)
    groups[1, 0] = 1.0
    groups[2] = -3.3
    groups[3] = np.linspace(-6e-8, 6e-8, 32)
    groups[4] = np.linspace(-1e-30, 1e-30, 32)
    groups[5, 3] = 1e30
    groups[6] = np.linspace(-60000, 60000, 32)
    groups[7] = np.linspace(1000, 1000.5, 32)
    result = values(groups)
    assert np.isfinite(result).all()
    assert (result[0] == 0).all()
    close = np.abs(result - groups).max(1)
    assert (close[[1, 2, 3, 4]] <= [0.07, 0.02, 1e-7, 1e-7]).all()
    assert close[6] <= 4100
    assert close[7] <= 4.0


@pytest.mark.parametrize("size", [1e-7, 1e-4, 0.02, 1e3])
def test_the_compiled_search_agrees_with_numpy(int4, size):
    groups = (np.random.default_rng(4).standard_normal((COLUMNS + 77, 32)) * size).astype(np.float32)
    (q, *places), (expected, *others) = int4(groups), quantise_int4(groups)
    assert (q == expected).all(1).mean() > 0.99
    for place, other in zip(places, others, strict=True):
        assert (place == other).mean() > 0.99
    found, numpy = (((int4_values(groups, one) - groups) ** 2).sum() for one in (int4, quantise_int4))
    assert found <= 1.0005 * numpy


def test_the_compiled_search_works_on_several_threads_at_once():
    int4 = compiled_int4(runnable("generic"))
    blocks = [np.random.default_rng(i).standard_normal((3000, 32)).astype(np.float32) for i in range(8)]
    alone = [int4(block) for block in blocks]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(int4, blocks))
    assert all(
        np.array_equal(a, b) for one, two in zip(alone, together, strict=True) for a, b in zip(one, two, strict=True)
    )
