"""What the kernel tests share: compiling for a class, and the numpy reference of a product."""

from __future__ import annotations

import numpy as np
import pytest

from core.kernels import layout
from core.kernels.isa import CpuTarget

CLASSES = ("generic", "avx2", "vnni")


def compiled(function, target):
    """Compile one PrimFunc; returns it as a callable on numpy arrays that leaves its results in them."""
    import tvm

    module = tvm.compile(function, target=target.to_tvm())

    def call(*arrays):
        tensors = [tvm.runtime.tensor(np.ascontiguousarray(array)) for array in arrays]
        module["f"](*tensors)
        for array, tensor in zip(arrays, tensors, strict=True):
            array[...] = tensor.numpy()

    return call


def assembly(function, target):
    import tvm

    return tvm.compile(function, target=target.to_tvm()).mod.inspect_source("asm")


def runnable(kernel_class):
    """Return the class's target; skips the test where this CPU can't run it."""
    target = CpuTarget.for_class(kernel_class)
    missing = target.missing_on()
    if missing:
        pytest.skip(f"this CPU lacks {', '.join(missing)}")
    return target


def quantised(fmt, x):
    """Return the values, scales and sums of each group of 32 features, in the form that weights of `fmt` meet."""
    groups = x.reshape(len(x), -1, 32)
    largest = np.float32(127 * 256)
    scale = (np.abs(groups).max(2) / largest).astype(np.float32)
    q = np.rint(groups / np.where(scale > 0, scale, 1)[..., None]).astype(np.int32)
    planes = np.concatenate([(q + 128) >> 8, ((q & 255) ^ 128) - 128], 2).astype(np.int8)
    if fmt == "int4":
        return planes, scale, (scale * q.sum(2)).astype(np.float32)
    return planes, scale, (-128 * q.sum(2)).astype(np.int32)


def values(fmt, quantised):
    """Return the integers that `quantised` bytes of activations stand for."""
    q = quantised.astype(np.int32)
    return 256 * q[..., :32] + q[..., 32:]


def tile_rows(fmt, x):
    """Return `x` (rows, k) as `tiles.TileRows` in the buffer that weights of `fmt` meet."""
    rows, width = x.shape
    bits = ((x.astype(np.float32).view(np.uint32) + 0x8000) >> 16).astype(np.uint16)
    lines = bits.reshape(rows // 16, 16, width // 32, 32).transpose(0, 2, 1, 3)
    buffer = np.zeros(*next(iter(layout.activation_args(fmt, rows, width).values())))
    buffer.reshape(-1).view(np.uint8)[: 2 * x.size] = np.ascontiguousarray(lines).reshape(-1).view(np.uint8)
    return buffer


def tile_values(buffer, rows):
    """Return the float32 rows that lie in a buffer as `tiles.TileRows`."""
    width = buffer.nbytes // rows // (2 if buffer.dtype == np.int8 else 4)
    bits = buffer.reshape(-1).view(np.uint16)[: rows * width].astype(np.uint32) << 16
    return bits.view(np.float32).reshape(rows // 16, width // 32, 16, 32).transpose(0, 2, 1, 3).reshape(rows, width)


def padded(values, shape):
    out = np.zeros(shape, np.float32)
    out[tuple(slice(size) for size in values.shape)] = values
    return out


class Problem:
    """Random weights and activations of one product, and what it should give."""

    def __init__(self, fmt, rows, n, k, epilogue, *, bias, seed=0):
        rng = np.random.default_rng(seed)
        self.epilogue, self.rows = epilogue, rows
        out, width = layout.padded_out(n), layout.padded_in(k)
        halves = 2 if epilogue == "swiglu" else 1
        matrices = [padded(rng.standard_normal((n, k)) * 0.1, (out, width)) for _ in range(halves)]
        packed = [layout.pack(fmt, matrix) for matrix in matrices]
        self.exact = [layout.unpack(fmt, part, out, width).astype(np.float64) for part in packed]
        self.packed = layout.interleave_gate_up(*packed) if halves == 2 else packed[0]
        x = padded(rng.standard_normal((rows, k)), (rows, width))
        if fmt in ("fp32", "bf16"):
            self.inputs, self.x = [x], x.astype(np.float64)
        else:
            self.take(fmt, x)
        self.bias = [rng.standard_normal(out * halves).astype(np.float32)] if bias else []
        self.start = rng.standard_normal((rows, out)).astype(np.float32)

    def take(self, fmt, x):
        """Use the activations `x`, quantised."""
        self.inputs = list(quantised(fmt, x))
        q, scale = values(fmt, self.inputs[0]), self.inputs[1].astype(np.float64)
        self.x = (q * scale[..., None]).reshape(x.shape)

    def expected(self):
        parts = [self.x @ matrix.T for matrix in self.exact]
        for bias in self.bias:
            by_half = bias.reshape(-1, len(parts), 8)
            parts = [part + by_half[:, i].reshape(-1) for i, part in enumerate(parts)]
        if self.epilogue == "swiglu":
            return parts[0] / (1 + np.exp(-parts[0])) * parts[1]
        return parts[0] + self.start if self.epilogue == "add" else parts[0]

    def run(self, call, used):
        """Return Y after the kernel ran with the first `used` rows in use."""
        y = self.start.copy()
        call(np.array([used], np.int32), *self.inputs, self.packed, *self.bias, y)
        return y
