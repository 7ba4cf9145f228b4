"""A builder for ONNX nodes in the style of torch's TorchScript exporter: scoped names, shape arithmetic in nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

FLOAT, INT64, BOOL, FLOAT16 = 1, 7, 9, 10
"""ONNX element types."""


class NodeBuilder:
    """Collects nodes in order; each method appends one step and returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self._scope: list[str] = []
        self._used: Counter[str] = Counter()

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Prefix the names of the nodes made inside with `name`."""
        self._scope.append(name)
        yield
        self._scope.pop()

    def op(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Append a node with one output, named `output` or after the node."""
        return self.ops(kind, *inputs, outputs=[output] if output else 1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int | list[str], **attributes: Any) -> list[str]:
        """Append a node with several outputs: their number, or their names."""
        from onnx import helper

        name = "/" + "/".join([*self._scope, kind])
        self._used[name] += 1
        if self._used[name] > 1:
            name += f"_{self._used[name] - 1}"
        names = outputs if isinstance(outputs, list) else [f"{name}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=name, **attributes))
        return names

    def constant(self, value: ArrayLike, dtype: Any = np.int64) -> str:
        """Append a Constant node."""
        from onnx import numpy_helper

        return self.op("Constant", value=numpy_helper.from_array(np.asarray(value, dtype)))

    def cast(self, x: str, to: int) -> str:
        """Convert `x` to the element type `to`."""
        return self.op("Cast", x, to=to)

    def dim(self, x: str, axis: int) -> str:
        """Return a scalar: the length of one axis of `x`."""
        return self.op("Gather", self.op("Shape", x), self.constant(axis), axis=0)

    def vector(self, *values: int | str) -> str:
        """Return a vector of numbers and of scalars made by `dim`."""
        parts = [
            self.op("Unsqueeze", v, self.constant([0])) if isinstance(v, str) else self.constant([v]) for v in values
        ]
        return self.op("Concat", *parts, axis=0)

    def reshape(self, x: str, *shape: int | str) -> str:
        """Reshape `x` to numbers and scalars made by `dim`."""
        return self.op("Reshape", x, self.vector(*shape))

    def unsqueeze(self, x: str, axis: int) -> str:
        """Insert an axis of length one."""
        return self.op("Unsqueeze", x, self.constant([axis]))

    def slice(self, x: str, start: int, stop: int, axis: int) -> str:
        """Take `start` to `stop` of one axis."""
        return self.op("Slice", x, *(self.constant([v]) for v in (start, stop, axis, 1)))

    def transpose(self, x: str, *perm: int) -> str:
        """Reorder the axes."""
        return self.op("Transpose", x, perm=list(perm))
