import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.synthetic import tiny_spec
from core.kernels import layout, tiles
from core.kernels.isa import CpuTarget
from core.kernels.linear import linear
from tests.core.kernels.support import Problem, assembly, compiled, padded, runnable, tile_rows, tile_values

FORMATS = ("bf16", "int8", "int4")
TOLERANCE = 6e-3
"""Largest error, as a share of the largest result: weights and activations are rounded to 8 bits on the way."""


def build(target, fmt, rows, n, k, epilogue, *, bias):
    return linear("f", fmt, rows, n, k, dynamic=True, epilogue=epilogue, bias=bias, target=target, tiled=True)


def check(fmt, rows, n, k, epilogue, *, bias=False, counts=(), seed=0):
    call = compiled(build(runnable("amx"), fmt, rows, n, k, epilogue, bias=bias), runnable("amx"))
    problem = Problem(fmt, rows, n, k, epilogue, bias=bias, seed=seed)
    x = padded(np.random.default_rng(seed).standard_normal((rows, k)), (rows, layout.padded_in(k)))
    problem.inputs = [tile_rows(fmt, x)]
    problem.x = tile_values(problem.inputs[0], rows).astype(np.float64)
    expected = problem.expected()
    for used in counts or (rows,):
        result = run(problem, call, fmt, used)
        assert np.abs(result[:used] - expected[:used]).max() <= TOLERANCE * np.abs(expected).max()


def run(problem, call, fmt, used):
    if problem.epilogue != "swiglu":
        result = problem.run(call, used)
        assert np.array_equal(result[used:], problem.start[used:])
        return result
    y = tile_rows(fmt, problem.start)
    call(np.array([used], np.int32), *problem.inputs, problem.packed, *problem.bias, y)
    return tile_values(y, problem.rows)


@pytest.mark.parametrize("fmt", FORMATS)
def test_any_number_of_rows_matches_numpy(fmt):
    check(fmt, 48, 72, 1300, "add", counts=(48, 1, 16, 17, 33))


@settings(deadline=None, max_examples=4)
@given(
    fmt=st.sampled_from(FORMATS),
    rows=st.sampled_from([16, 32, 48]),
    n=st.integers(1, 300),
    k=st.integers(1, 700),
    epilogue=st.sampled_from(["store", "add", "swiglu"]),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_odd_shapes_match_numpy(fmt, rows, n, k, epilogue, bias, seed):
    check(fmt, rows, n, k, epilogue, bias=bias, counts=(rows, rows - 5), seed=seed)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_stored_weight_is_taken_to_the_nearest_bf16(fmt):
    """One-hot activations give back the weights."""
    call = compiled(build(runnable("amx"), fmt, 32, 40, 32, "store", bias=False), runnable("amx"))
    problem = Problem(fmt, 32, 40, 32, "store", bias=False)
    problem.inputs = [tile_rows(fmt, np.eye(32, dtype=np.float32))]
    weights = problem.exact[0].T
    assert np.abs(problem.run(call, 32) - weights).max() <= 2**-8 * np.abs(weights).max()


def test_tiles_are_multiplied_by_the_matrix_unit():
    target = CpuTarget.for_class("amx")
    for fmt in FORMATS:
        assert "tdpbf16ps" in assembly(build(target, fmt, 32, 64, 64, "store", bias=False), target)


def test_other_formats_lengths_and_processors_go_without_tiles():
    spec = tiny_spec()
    target = CpuTarget.for_class("amx")
    assert tiles.usable(target, "int4", 256, spec)
    assert not tiles.usable(target, "fp32", 256, spec)
    assert not tiles.usable(target, "int4", 250, spec)
    assert not tiles.usable(CpuTarget.for_class("vnni"), "int4", 256, spec)
