import numpy as np
import pytest

from core.kernels.activations import quantise_rows, rms_norm
from tests.core.kernels.support import CLASSES, compiled, padded, quantised, runnable

SHAPES = [(1, 576, False, 1), (5, 70, False, 5), (40, 100, True, 33)]


def buffers(rows, width):
    groups = width // 32
    return [
        np.zeros((rows, groups, 32), np.int8),
        np.zeros((rows, groups), np.float32),
        np.zeros((rows, groups), np.float32),
    ]


def activations(rows, k):
    x = padded(np.random.default_rng(k).standard_normal((rows, k)), (rows, -(-k // 32) * 32))
    x[0, :32] = 0
    return x


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize(("rows", "k", "dynamic", "used"), SHAPES)
def test_rows_are_quantised_in_groups_of_32(kernel_class, rows, k, dynamic, used):
    target = runnable(kernel_class)
    x = activations(rows, k)
    call = compiled(quantise_rows("f", rows, k, dynamic=dynamic, target=target), target)
    out = buffers(rows, x.shape[1])
    call(np.array([used], np.int32), x, *out)
    values, scales, _ = quantised(x)
    assert np.abs(out[0][:used].astype(int) - values[:used]).max() <= 1
    assert (out[0][:used] != values[:used]).mean() < 0.001
    assert np.allclose(out[1][:used], scales[:used], rtol=1e-6, atol=0)
    assert np.allclose(out[2], out[1] * out[0].sum(2, dtype=np.int32), rtol=1e-6, atol=0)
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
    call = compiled(rms_norm("f", rows, k, eps=1e-5, out="float", dynamic=dynamic, target=target), target)
    call(np.array([used], np.int32), x, gamma, y)
    assert np.abs(y - expected)[:used].max() <= 1e-6 * np.abs(expected).max()
    out = buffers(rows, x.shape[1])
    call = compiled(rms_norm("f", rows, k, eps=1e-5, out="int8", dynamic=dynamic, target=target), target)
    call(np.array([used], np.int32), x, gamma, *out)
    restored = (out[0] * out[1][..., None]).reshape(x.shape)
    step = np.repeat(out[1], 32, axis=1)
    assert (np.abs(restored - expected)[:used] <= step[:used] * 0.501 + 1e-6).all()
