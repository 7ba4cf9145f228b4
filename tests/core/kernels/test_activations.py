import numpy as np
import pytest

from core.kernels.activations import quantise_rows, rms_norm
from core.kernels.layout import activation_args
from tests.core.kernels.support import CLASSES, compiled, padded, quantised, runnable, values

SHAPES = [(1, 576, False, 1), (5, 70, False, 5), (40, 100, True, 33)]


LARGEST = {"int8": 127 * 256, "int4": 127}


def buffers(fmt, rows, width):
    return [np.zeros(*form) for form in activation_args(fmt, rows, width).values()]


def activations(rows, k):
    x = padded(np.random.default_rng(k).standard_normal((rows, k)), (rows, -(-k // 32) * 32))
    x[0, :32] = 0
    return x


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize("fmt", LARGEST)
@pytest.mark.parametrize(("rows", "k", "dynamic", "used"), SHAPES)
def test_rows_are_quantised_in_groups_of_32(kernel_class, fmt, rows, k, dynamic, used):
    target = runnable(kernel_class)
    x = activations(rows, k)
    call = compiled(quantise_rows("f", fmt, rows, k, dynamic=dynamic, target=target), target)
    out = buffers(fmt, rows, x.shape[1])
    call(np.array([used], np.int32), x, *out)
    planes, scales, _ = quantised(fmt, x)
    got, expected = values(fmt, out[0][:used]), values(fmt, planes[:used])
    assert np.abs(got - expected).max() <= 1
    assert (got != expected).mean() < 0.05
    assert np.allclose(out[1][:used], scales[:used], rtol=1e-6, atol=0)
    sums = values(fmt, out[0]).sum(2)
    assert np.allclose(out[2], -128 * sums if fmt == "int8" else out[1] * sums, rtol=1e-6, atol=0)
    assert (out[0][used:] == 0).all()


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize(("rows", "k", "dynamic", "used"), SHAPES)
def test_rms_norm_matches_numpy(kernel_class, rows, k, dynamic, used):
    target = runnable(kernel_class)
    x = activations(rows, k)
    gamma = padded(np.random.default_rng(1).standard_normal(k), (x.shape[1],))
    exact = x.astype(np.float64)
    expected = exact / np.sqrt((exact**2).sum(1, keepdims=True) / k + 1e-5) * gamma
    y = np.zeros_like(x)
    call = compiled(rms_norm("f", "fp32", rows, k, eps=1e-5, dynamic=dynamic, target=target), target)
    call(np.array([used], np.int32), x, gamma, y)
    assert np.abs(y - expected)[:used].max() <= 1e-6 * np.abs(expected).max()
    for fmt in LARGEST:
        out = buffers(fmt, rows, x.shape[1])
        call = compiled(rms_norm("f", fmt, rows, k, eps=1e-5, dynamic=dynamic, target=target), target)
        call(np.array([used], np.int32), x, gamma, *out)
        restored = (values(fmt, out[0]) * out[1][..., None]).reshape(x.shape)
        step = np.repeat(out[1], 32, axis=1)
        assert (np.abs(restored - expected)[:used] <= step[:used] * 0.501 + 1e-6).all()
