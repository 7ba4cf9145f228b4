"""Blocks of rows, from wherever and however a weight is stored."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_dtypes import bfloat16
from onnx import numpy_helper

from core.errors import ModelError
from core.export.synthetic import RandomWeights, tiny_spec, write_model
from core.onnx_import import WeightRef, open_model
from core.onnx_import.tensors import Tensor, to_float32
from core.onnx_import.weights import Part

TYPES = {"float32": np.dtype(np.float32), "float16": np.dtype(np.float16), "bfloat16": np.dtype(bfloat16)}


def stored(array: np.ndarray[Any, Any], folder: Path, *, external: bool) -> Tensor:
    """Store an array inside a TensorProto or in a file beside it, with some other bytes before."""
    proto = numpy_helper.from_array(np.ascontiguousarray(array), "w")
    if external:
        (folder / "w.data").write_bytes(b"x" * 24 + proto.raw_data)
        proto.ClearField("raw_data")
        proto.data_location = onnx.TensorProto.EXTERNAL
        proto.external_data.add(key="location", value="w.data")
        proto.external_data.add(key="offset", value="24")
    return Tensor(proto, folder)


@pytest.mark.parametrize("external", [True, False], ids=["external", "inside"])
@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_block_equals_the_whole(tmp_path: Path, dtype: str, transposed: bool, external: bool) -> None:
    array = np.random.default_rng(1).standard_normal((130, 70)).astype(TYPES[dtype])
    array[0, :4] = [0, -0.0, 6e-8, -1e-7]  # float16's subnormal numbers
    tensor = stored(array.T if transposed else array, tmp_path, external=external)
    weight = WeightRef("w", (Part(tensor, transposed),))
    assert (weight.shape, weight.dtype, weight.stored_bytes) == ((130, 70), dtype, array.nbytes)
    for start, stop in [(0, 130), (0, 1), (129, 130), (17, 90), (5, 5), (64, 128)]:
        block = weight.read_rows(start, stop)
        assert block.dtype == np.float32
        assert block.flags.c_contiguous
        assert np.array_equal(block, array[start:stop].astype(np.float32))


def test_parts_follow_one_another(tmp_path: Path) -> None:
    arrays = [np.random.default_rng(i).standard_normal((n, 6)).astype(np.float32) for i, n in enumerate((5, 3, 4))]
    parts = tuple(Part(stored(array, tmp_path, external=False)) for array in arrays)
    weight = WeightRef("w", parts)
    whole = np.concatenate(arrays)
    for start in range(13):
        for stop in range(start, 13):
            assert np.array_equal(weight.read_rows(start, stop), whole[start:stop])


@pytest.mark.parametrize("field", ["float_data", "int32_data"])
def test_numbers_in_typed_fields_are_read(tmp_path: Path, field: str) -> None:
    proto = onnx.TensorProto(name="w", dims=[2, 3], data_type=1 if field == "float_data" else 10)
    numbers = np.array([1, -2, 0.5, 4, 1e-3, 7], np.float32 if field == "float_data" else np.float16)
    getattr(proto, field).extend(numbers.tolist() if field == "float_data" else numbers.view(np.uint16).tolist())
    block = WeightRef("w", (Part(Tensor(proto, tmp_path)),)).read_rows(0, 2)
    assert np.array_equal(block, numbers.astype(np.float32).reshape(2, 3))


def test_too_few_bytes_inside_the_file_are_an_error(tmp_path: Path) -> None:
    proto = onnx.TensorProto(name="w", dims=[2, 3], data_type=1, raw_data=b"1234")
    with pytest.raises(ModelError, match="24 bytes"):
        WeightRef("w", (Part(Tensor(proto, tmp_path)),)).read_rows(0, 1)


@pytest.mark.parametrize("external", [True, False], ids=["external", "inside"])
@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", TYPES)
def test_nan_and_infinity_are_named_with_their_row(
    tmp_path: Path, dtype: str, bad: float, transposed: bool, external: bool
) -> None:
    array = np.ones((50, 40)).astype(TYPES[dtype])
    array[33, 7] = bad
    tensor = stored(array.T if transposed else array, tmp_path, external=external)
    weight = WeightRef("3.down", (Part(tensor, transposed),))
    weight.read_rows(0, 33)
    with pytest.raises(ModelError, match=r"3\.down .* 1 values that are NaN or infinite, the first in row 33"):
        weight.read_rows(20, 50)


def test_big_float16_numbers_are_no_infinity(tmp_path: Path) -> None:
    array = np.array([[65504, -65504]], np.float16)
    assert WeightRef("w", (Part(stored(array, tmp_path, external=False)),)).read_rows(0, 1).tolist() == [
        [65504, -65504]
    ]


@given(st.integers(0, 65535))
def test_every_finite_float16_is_converted_exactly(bits: int) -> None:
    number = np.array([bits], np.uint16).view(np.float16)
    if np.isfinite(number[0]):
        assert to_float32(number, 10)[0] == np.float32(number[0])
    else:
        assert abs(to_float32(number, 10)[0]) >= 65536


def test_a_big_weight_is_never_held_whole(tmp_path: Path) -> None:
    spec = tiny_spec(num_layers=1, hidden_size=256, ffn_size=40_000)
    model = open_model(write_model(tmp_path, spec, dtype="float16"))
    weight = model.weights["0.gate_up"]
    tracemalloc.start()
    try:
        for start in range(0, 80_000, 256):
            weight.read_rows(start, min(start + 256, 80_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert weight.stored_bytes == 40_960_000
    assert peak < 20 << 20


def test_an_embedding_that_is_the_output_layer_too_is_read_from_one_place(tmp_path: Path) -> None:
    model = open_model(write_model(tmp_path, tiny_spec(), tied_head=True))
    embed, head = model.weights["embed"], model.weights["head"]
    assert embed.parts[0].tensor is head.parts[0].tensor
    expected = RandomWeights(tiny_spec(), 0, True).rows("embed", 0, 320)
    assert np.array_equal(head.read_rows(0, 320), expected)
