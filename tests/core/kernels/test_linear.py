import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernels import layout
from core.kernels.isa import CpuTarget
from core.kernels.linear import linear
from core.kernels.product import Schedule
from tests.core.kernels.support import CLASSES, Problem, assembly, compiled, runnable

FORMATS = ("fp32", "bf16", "int8", "int4")
TOLERANCE = 3e-6
"""Largest error, as a share of the largest result: float32 sums of some thousand products."""


def build(target, fmt, rows, n, k, epilogue="store", *, dynamic=False, bias=False):
    return linear("f", fmt, rows, n, k, dynamic=dynamic, epilogue=epilogue, bias=bias, target=target)


def check(target, fmt, rows, n, k, epilogue, *, dynamic=False, bias=False, counts=(), seed=0):
    call = compiled(build(target, fmt, rows, n, k, epilogue, dynamic=dynamic, bias=bias), target)
    problem = Problem(fmt, rows, n, k, epilogue, bias=bias, seed=seed)
    expected = problem.expected()
    for used in counts or (rows,):
        result = problem.run(call, used)
        assert np.abs(result[:used] - expected[:used]).max() <= TOLERANCE * np.abs(expected[:used]).max()
        assert np.array_equal(result[used:], problem.start[used:])


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    ("rows", "n", "k", "epilogue", "bias"), [(1, 40, 96, "store", True), (3, 33, 70, "swiglu", False)]
)
def test_decoding_matches_numpy(kernel_class, fmt, rows, n, k, epilogue, bias):
    check(runnable(kernel_class), fmt, rows, n, k, epilogue, bias=bias)


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize("fmt", FORMATS)
def test_any_number_of_prefill_rows_matches_numpy(kernel_class, fmt):
    check(runnable(kernel_class), fmt, 21, 72, 600, "add", dynamic=True, counts=(21, 1, 2, 7, 8, 17))


@pytest.mark.parametrize("fmt", FORMATS)
def test_prefill_with_swiglu_and_bias_matches_numpy(fmt):
    check(CpuTarget.for_class("generic"), fmt, 9, 33, 70, "swiglu", dynamic=True, bias=True, counts=(9, 4))
    check(runnable("avx2"), fmt, 9, 33, 70, "swiglu", dynamic=True, bias=True, counts=(9, 4))


@settings(deadline=None, max_examples=8)
@given(
    kernel_class=st.sampled_from(["avx2", "vnni"]),
    fmt=st.sampled_from(FORMATS),
    rows=st.integers(1, 16),
    n=st.integers(1, 90),
    k=st.integers(1, 200),
    epilogue=st.sampled_from(["store", "add", "swiglu"]),
    dynamic=st.booleans(),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_odd_shapes_match_numpy(kernel_class, fmt, rows, n, k, epilogue, dynamic, bias, seed):
    target = runnable(kernel_class)
    check(target, fmt, rows, n, k, epilogue, dynamic=dynamic, bias=bias, seed=seed)


@pytest.mark.parametrize("kernel_class", ["avx2", "vnni"])
@pytest.mark.parametrize("fmt", ["bf16", "int4"])
def test_a_row_comes_out_the_same_whatever_is_beside_it(kernel_class, fmt):
    """Eight rows at a time, another schedule, and one by one: equal bit for bit."""
    target, many = runnable(kernel_class), Problem(fmt, 8, 72, 160, "swiglu", bias=True)
    together = many.run(compiled(build(target, fmt, 8, 72, 160, "swiglu", bias=True), target), 8)
    schedule = Schedule(blocks=2, ahead=3)
    alone = compiled(
        linear("f", fmt, 1, 72, 160, dynamic=False, epilogue="swiglu", bias=True, target=target, schedule=schedule),
        target,
    )
    for row in range(8):
        y = many.start[row : row + 1].copy()
        inputs = [part[row : row + 1] for part in many.inputs]
        alone(np.array([1], np.int32), *inputs, many.packed, *many.bias, y)
        assert np.array_equal(y[0], together[row])


@pytest.mark.parametrize("kernel_class", ["avx2", "vnni"])
@pytest.mark.parametrize("fmt", ["int8", "int4"])
@pytest.mark.parametrize("dynamic", [False, True])
def test_the_largest_values_do_not_overflow(kernel_class, fmt, dynamic):
    target = runnable(kernel_class)
    problem = Problem(fmt, 1, 32, 128, "store", bias=False)
    signs = np.tile(np.where(np.arange(32) % 16 == 5, -1, 1), 4).astype(np.float32)
    weights = np.tile(signs, (32, 1))
    problem.packed = layout.pack(fmt, weights)  # q = +-127, or 15 and 0
    problem.exact = [layout.unpack(fmt, problem.packed, 32, 128).astype(np.float64)]
    problem.take(fmt, signs[None])
    expected = problem.expected()
    call = compiled(build(target, fmt, 1, 32, 128, dynamic=dynamic), target)
    assert np.abs(problem.run(call, 1) - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("dynamic", [False, True])
def test_each_class_uses_its_instructions(dynamic):
    for fmt in ("int8", "int4"):
        assert "vpdpbusd" in assembly(
            build(CpuTarget.for_class("vnni"), fmt, 1, 32, 64, dynamic=dynamic), CpuTarget.for_class("vnni")
        )
        narrow = CpuTarget("x86_64-unknown-linux-gnu", "x86-64", ("avx2", "avxvnni", "f16c", "fma"))
        code = assembly(build(narrow, fmt, 1, 32, 64, dynamic=dynamic), narrow)
        assert "vpdpbusd" in code
        assert "zmm" not in code
        old = assembly(build(CpuTarget.for_class("avx2"), fmt, 1, 32, 64, dynamic=dynamic), CpuTarget.for_class("avx2"))
        assert "vpmaddubsw" in old
        assert "vpdpbusd" not in old


@pytest.mark.parametrize("fmt", FORMATS)
def test_portable_code_compiles_for_arm(fmt):
    arm = CpuTarget("aarch64-unknown-linux-gnu", "generic", ())
    if "aarch64" not in _architectures():
        pytest.skip("this LLVM has no AArch64")
    assert "fmla" in assembly(build(arm, fmt, 2, 32, 64), arm)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("fmt", ["int8", "int4"])
def test_arm_with_dot_products_uses_them(fmt, dynamic):
    arm = CpuTarget.for_class("neon")
    if "aarch64" not in _architectures():
        pytest.skip("this LLVM has no AArch64")
    assert "sdot" in assembly(build(arm, fmt, 2, 32, 64, dynamic=dynamic), arm)


def _architectures():
    from tvm.target import codegen

    return list(codegen.llvm_get_targets())
