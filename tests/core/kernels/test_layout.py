import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernels import layout

FORMATS = ("fp32", "bf16", "int8", "int4")
ERROR = {"fp32": 0.0, "bf16": 2**-8, "int8": 0.01, "int4": 0.2}


@pytest.mark.parametrize("fmt", FORMATS)
@settings(deadline=None, max_examples=25)
@given(n=st.integers(1, 70), k=st.integers(1, 200), seed=st.integers(0, 9))
def test_unpacking_gives_back_what_was_packed(fmt, n, k, seed):
    rows = np.random.default_rng(seed).uniform(-1, 1, (n, k)).astype(np.float32)
    packed = layout.pack(fmt, rows)
    shape, dtype = layout.packed_shape(fmt, n, k)
    assert packed.shape[1:] == shape[1:]
    assert packed.dtype == dtype
    assert np.abs(layout.unpack(fmt, packed, n, k) - rows).max() <= ERROR[fmt]


@pytest.mark.parametrize("fmt", FORMATS)
def test_blocks_that_are_packed_one_by_one_make_the_same_matrix(fmt):
    rows = np.random.default_rng(0).standard_normal((48, 100)).astype(np.float32)
    parts = [layout.pack(fmt, rows[i : i + 16]) for i in range(0, 48, 16)]
    assert np.array_equal(np.concatenate(parts), layout.pack(fmt, rows))


@pytest.mark.parametrize("fmt", FORMATS)
def test_padding_is_zero(fmt):
    packed = layout.pack(fmt, np.ones((3, 40), np.float32))
    padded = layout.unpack(fmt, packed, 8, 64)
    assert (padded[3:] == 0).all()
    assert np.abs(padded[:3, 40:]).max() <= 1e-3


@pytest.mark.parametrize("fmt", FORMATS)
def test_bytes_are_counted_right(fmt):
    shape, dtype = layout.packed_shape(fmt, 100, 300)
    assert layout.packed_bytes(fmt, 100, 300) == np.zeros(shape, dtype).nbytes
    assert shape[0] * 8 == layout.padded_out(100) == 128


def test_bits_for_each_weight_are_the_promised_ones():
    bits = {fmt: layout.packed_bytes(fmt, 4096, 4096) * 8 / 4096**2 for fmt in FORMATS}
    assert bits == {"fp32": 32, "bf16": 16, "int8": 8.5, "int4": 5}


def test_bf16_rounds_to_nearest_even():
    bits = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0xBF807FFF, 0x00000001], np.uint32)
    rows = np.zeros((8, 32), np.float32)
    rows[0, :5] = bits.view(np.float32)
    values = layout.unpack("bf16", layout.pack("bf16", rows), 1, 5)[0]
    assert [hex(v) for v in values.view(np.uint32) >> 16] == ["0x3f80", "0x3f82", "0x3f81", "0xbf80", "0x0"]


def test_gate_and_up_blocks_alternate():
    gate, up = (layout.pack("fp32", np.full((16, 32), value, np.float32)) for value in (1, 2))
    both = layout.unpack("fp32", layout.interleave_gate_up(gate, up), 32, 1)[:, 0]
    assert both.tolist() == [1] * 8 + [2] * 8 + [1] * 8 + [2] * 8
