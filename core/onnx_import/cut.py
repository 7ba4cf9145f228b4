"""Stretches cut out of the graph and run in onnxruntime, with fed numbers where the cut is.

onnxruntime never opens a file here: everything that a stretch needs is read by this package and put into the cut model.
A stretch that needs a weight matrix which was not handed in depends on more than its inputs and is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.errors import ModelError
from core.onnx_import.graph import Graph, node_inputs
from core.onnx_import.shapes import Shapes
from core.onnx_import.tensors import Array, Tensor

MAX_CONSTANT_BYTES = 64 << 20
"""Largest constant (a rotary table, for instance) that is copied into a cut model."""

_BF16, _FLOAT = 16, 1
_HINT = "Only graphs that onnxruntime can run are supported; export the model again."


class Cut:
    """The nodes between some tensors (`feeds`) and one tensor (`output`), ready to run.

    `replace` gives initializers other contents (a few rows of a big weight). bfloat16 stretches run in float32, because
    onnxruntime has few bfloat16 operators for processors.
    """

    def __init__(
        self, graph: Graph, shapes: Shapes, feeds: list[str], output: str, replace: dict[str, Array] | None = None
    ) -> None:
        self._graph, self._shapes = graph, shapes
        self._output = output
        self._replace = replace or {}
        self._feeds = list(feeds)
        self._nodes, constants, self._inputs = self._collect()
        self._session = self._start(constants)

    @property
    def graph_inputs(self) -> set[str]:
        """Roles of the graph's own inputs that the stretch reads."""
        return {role for role, name in self._graph.inputs.items() if name in self._inputs}

    def run(self, feeds: dict[str, Array]) -> Array:
        """Return the output (bfloat16 as float32); raises ModelError where onnxruntime fails.

        Feeds are given by tensor name, with the number of elements that the tensor has; those that the stretch doesn't
        read are ignored.
        """
        if self._session is None:
            return feeds[self._output]
        values = {name: self._typed(name, feeds[name]) for name in self._inputs}
        try:
            result: Array = self._session.run([self._output], values)[0]
        except Exception as error:
            raise ModelError(
                f"onnxruntime can't run the part of the graph before {self._output!r}: {_short(error)}", _HINT
            ) from error
        return result

    def _collect(self) -> tuple[list[Any], set[str], list[str]]:
        """Return (nodes in their order, names of constants, names of inputs) that the output needs."""
        graph, wanted = self._graph, set()
        constants: set[str] = set()
        inputs: set[str] = set()
        queue, seen = [self._output], {self._output}
        for name in queue:
            if name in self._feeds:
                inputs.add(name)
            elif name in graph.tensors or name in self._shapes.value:
                constants.add(name)
            elif name in graph.input_infos:
                inputs.add(name)
            elif name in graph.producers:
                node = graph.producers[name]
                wanted.add(id(node))
                steps = [item for item in node_inputs(node) if item not in seen]
                seen.update(steps)
                queue += steps
        return [node for node in graph.nodes if id(node) in wanted], constants, sorted(inputs)

    def _start(self, constants: set[str]) -> Any | None:
        """Build the cut model and an onnxruntime session for it; None if the output is one of the feeds."""
        if self._output in self._feeds:
            return None
        from onnx import helper

        graph = self._graph
        infos = [
            helper.make_tensor_value_info(name, _as_float(self._shapes.elem[name]), self._shapes.shape[name])
            for name in self._inputs
        ]
        body = helper.make_graph(
            [_without_bfloat16(node) for node in self._nodes],
            "cut",
            infos,
            [helper.make_empty_tensor_value_info(self._output)],
            initializer=[self._constant(name) for name in sorted(constants)],
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in graph.opsets.items()]
        model = helper.make_model(body, opset_imports=opsets)
        model.ir_version = graph.ir_version
        return _session(model.SerializeToString(), self._output)

    def _constant(self, name: str) -> Any:
        from onnx import numpy_helper

        if name in self._replace:
            return numpy_helper.from_array(np.asarray(self._replace[name], order="C"), name)
        tensor = self._graph.tensors.get(name)
        if tensor is None:
            return numpy_helper.from_array(np.asarray(self._shapes.value[name], order="C"), name)
        _refuse_big(tensor, self._output)
        return numpy_helper.from_array(np.asarray(tensor.values(), order="C"), name)

    def _typed(self, name: str, values: Array) -> Array:
        from onnx import helper

        dtype = helper.tensor_dtype_to_np_dtype(_as_float(self._shapes.elem[name]))
        return np.ascontiguousarray(values.astype(dtype).reshape(self._shapes.shape[name]))


def _refuse_big(tensor: Tensor, output: str) -> None:
    if tensor.nbytes > MAX_CONSTANT_BYTES:
        raise ModelError(
            f"The tensor {output!r} depends on the weight {tensor.name!r} ({tensor.nbytes} bytes) in a place where the "
            "model family has none.",
            "Export a ChatGLM2-style model without extra parts.",
        )


def _as_float(elem_type: int) -> int:
    return _FLOAT if elem_type == _BF16 else elem_type


def _without_bfloat16(node: Any) -> Any:
    """Return the node with bfloat16 casts and fills turned into float32."""
    changed = [item for item in node.attribute if _mentions_bfloat16(item)]
    if not changed:
        return node
    from onnx import helper, numpy_helper

    copy = type(node)()
    copy.CopyFrom(node)
    for item in copy.attribute:
        if not _mentions_bfloat16(item):
            continue
        if item.type == 2:  # AttributeProto.INT
            item.i = _FLOAT
        else:
            value = numpy_helper.to_array(item.t).astype(np.float32)
            item.CopyFrom(helper.make_attribute(item.name, numpy_helper.from_array(value)))
    return copy


def _mentions_bfloat16(item: Any) -> bool:
    if item.name in {"to", "dtype", "softmax_precision", "stash_type"}:
        return bool(item.i == _BF16)
    return bool(item.name == "value" and item.t.data_type == _BF16)


def _session(model: bytes, output: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"onnxruntime refuses the part of the graph before {output!r}: {_short(error)}", _HINT
        ) from error


def _short(error: Exception) -> str:
    """Return the first line of an onnxruntime message, without its prefix."""
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:300]
