"""Following integer arithmetic on shapes, within bounds."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from onnx import helper

from core.onnx_import.shapes import Shapes, _compute


@pytest.mark.parametrize("kind", ["Where", "Add", "Gather"])
def test_small_constants_cannot_be_blown_up_by_broadcasting(kind: str) -> None:
    shapes = Shapes(12)
    sizes = {"a": (2048, 1, 1), "b": (1, 2048, 1), "c": (1, 1, 2048)}
    for name, size in sizes.items():
        shapes.put(name, np.zeros(size, np.int64))
    names = ["a", "b", "c"] if kind == "Where" else ["a", "b"]
    node = helper.make_node(kind, names, ["out"], **({"axis": 1} if kind == "Gather" else {}))
    tracemalloc.start()
    computed = _compute(node, shapes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not computed
    assert peak < 1 << 20
