"""An ONNX file as a graph that can be walked backwards; the bytes of the weights stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import C10Error, ModelError
from core.onnx_import.external import read_model_file
from core.onnx_import.tensors import Tensor

MAX_PROTOBUF_BYTES = (1 << 31) - 1
MAX_NODES = 500_000

LAYOUT_OPS = frozenset(
    {"Transpose", "Reshape", "Cast", "CastLike", "Identity", "Squeeze", "Unsqueeze", "Flatten", "Dropout"}
)
"""Operators that move or retype numbers without changing them."""

_QUANTISED = frozenset(
    {"DequantizeLinear", "QuantizeLinear", "MatMulNBits", "MatMulInteger", "MatMulIntegerToFloat", "QLinearMatMul",
     "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMulBnb4", "MatMulFpQ4"}
)  # fmt: skip
_ROLES = {"position_ids": ("position",), "attention_mask": ("mask",), "input_ids": ("input", "ids", "token")}
_HINT = "Export the model as one full-sequence graph: input_ids, position_ids and attention_mask in, logits out."


@dataclass(frozen=True)
class Graph:
    """The parts of an ONNX model that matter here.

    `inputs` maps a role (input_ids, position_ids, attention_mask) to the name of the graph input that plays it.
    """

    folder: Path
    nodes: list[Any]
    inputs: dict[str, str]
    input_infos: dict[str, Any]
    output: str
    tensors: dict[str, Tensor]
    opsets: dict[str, int]
    ir_version: int
    producer: str
    producers: dict[str, Any] = field(repr=False)

    @cached_property
    def consumers(self) -> dict[str, list[Any]]:
        """Return the nodes that read each tensor."""
        found: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                found.setdefault(name, []).append(node)
        return found

    def up(self, name: str) -> str:
        """Return the tensor behind `name` before layout operators."""
        seen = 0
        while (node := self.producers.get(name)) is not None and node.op_type in LAYOUT_OPS and seen < len(self.nodes):
            name, seen = node.input[0], seen + 1
        return name

    def source(self, name: str) -> Any | None:
        """Return the node that makes `name`, layout operators skipped; None for inputs and constants."""
        return self.producers.get(self.up(name))

    def constant(self, name: str) -> tuple[Tensor, bool] | None:
        """Return the stored tensor behind `name` and whether it is transposed on the way; None if it is computed."""
        transposed = False
        for _ in range(16):
            if name in self.tensors:
                return self.tensors[name], transposed
            node = self.producers.get(name)
            if node is None or node.op_type not in {"Identity", "Cast", "Transpose"}:
                return None
            if node.op_type == "Transpose":
                perm = list(attribute(node, "perm", [1, 0]))
                if sorted(perm) != [0, 1]:
                    return None
                transposed ^= perm == [1, 0]
            name = node.input[0]
        return None

    def scalar(self, name: str) -> float | None:
        """Return the value of a constant with one element, or None."""
        found = self.constant(name)
        if found is None or found[0].size != 1:
            return None
        return float(found[0].values().reshape(-1)[0])

    def is_constant(self, name: str) -> bool:
        """Tell whether `name` is stored in the file rather than computed from the inputs."""
        return self.constant(name) is not None

    def walk(self, start: str, stop: Callable[[str], bool]) -> Iterator[str]:
        """Yield every computed tensor that `start` is computed from, breadth first, `start` included.

        Shapes are no data, so the walk doesn't go through Shape and Size; it goes no further than where `stop` is true.
        """
        queue, seen = [start], {start}
        for name in queue:
            node = self.producers.get(name)
            if node is None:
                continue
            yield name
            if stop(name) or node.op_type in {"Shape", "Size"}:
                continue
            for parent in node_inputs(node):
                if parent not in seen and parent not in self.tensors:
                    seen.add(parent)
                    queue.append(parent)


@contextmanager
def only_own_errors(path: Path) -> Iterator[None]:
    """Turn whatever a malformed graph makes the code inside trip over into one ModelError."""
    try:
        yield
    except C10Error:
        raise
    except Exception as error:
        detail = (str(error).strip().splitlines() or [""])[0][:200]
        raise ModelError(
            f"{path} holds a malformed graph ({type(error).__name__}: {detail}).",
            "Export the model again, or copy it again if it was copied.",
        ) from error


def attribute(node: Any, name: str, default: Any) -> Any:
    """Return the value of a node's attribute, or `default` where it has none."""
    from onnx import helper

    for item in node.attribute:
        if item.name == name:
            return helper.get_attribute_value(item)
    return default


def node_inputs(node: Any) -> list[str]:
    """Return the names that a node reads, those of its inner graphs (If, Loop, Scan) included."""
    names = [name for name in node.input if name]
    for item in node.attribute:
        if item.type == 5:  # AttributeProto.GRAPH
            made = {name for inner in item.g.node for name in inner.output}
            made |= {tensor.name for tensor in item.g.initializer} | {info.name for info in item.g.input}
            used = [name for inner in item.g.node for name in node_inputs(inner)]
            used += [info.name for info in item.g.output]
            names += [name for name in used if name not in made]
    return names


def load(path: Path) -> Graph:
    """Parse an ONNX file; raises ModelError or FileError. External data is checked, not read."""
    model = _parse(path)
    if len(model.graph.node) > MAX_NODES:
        raise ModelError(f"{path} has {len(model.graph.node)} nodes, more than the {MAX_NODES} that are supported.")
    if not model.graph.node:
        raise ModelError(f"{path} is not an ONNX model: it holds no graph.", "Pick the model's .onnx file.")
    folder = path.absolute().parent
    nodes = _expanded([node for node in model.graph.node if node.op_type != "Constant"])
    tensors = _tensors(model.graph, folder)
    for tensor in tensors.values():
        if tensor.span is not None:
            tensor.span.check()
    _refuse_quantised(model.graph)
    infos = {info.name: info for info in model.graph.input if info.name not in tensors}
    return Graph(
        folder=folder,
        nodes=nodes,
        inputs=_roles(infos),
        input_infos=infos,
        output=_output(model.graph),
        tensors=tensors,
        opsets={entry.domain if entry.domain != "ai.onnx" else "": int(entry.version) for entry in model.opset_import},
        ir_version=int(model.ir_version),
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        producers={name: node for node in nodes for name in node.output if name},
    )


def _parse(path: Path) -> Any:
    import onnx

    data = read_model_file(path, MAX_PROTOBUF_BYTES)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
        if len(model.functions):
            model = _inlined(model)
    except Exception as error:
        raise ModelError(
            f"{path} is not an ONNX model, or it is cut short: its {len(data)} bytes can't be parsed.",
            "Pick the model's .onnx file, or copy it again.",
        ) from error
    return model


def _inlined(model: Any) -> Any:
    """Return the model with its local functions written out where they are called."""
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except Exception as error:
        raise ModelError(f"The model's local functions can't be inlined: {error}.", _HINT) from error


def _tensors(graph: Any, folder: Path) -> dict[str, Tensor]:
    """Return every constant by name: initializers and Constant nodes."""
    from onnx import numpy_helper

    if len(graph.sparse_initializer):
        raise ModelError("The model holds sparse weights, which are not supported.", "Export it with dense weights.")
    found = {tensor.name: Tensor(tensor, folder) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "Constant" or len(node.output) != 1:
            continue
        for item in node.attribute:
            if item.name == "value":
                proto = item.t
            elif item.name in {"value_int", "value_ints", "value_float", "value_floats"}:
                dtype = np.int64 if "int" in item.name else np.float32
                proto = numpy_helper.from_array(np.array(attribute(node, item.name, 0), dtype))
            else:
                continue
            proto.name = node.output[0]
            found[node.output[0]] = Tensor(proto, folder)
    return found


def _refuse_quantised(graph: Any) -> None:
    for node in graph.node:
        if node.op_type in _QUANTISED:
            raise ModelError(
                f"The model's weights are quantised already (the graph has a {node.op_type} node).",
                "Export it with float32, float16 or bfloat16 weights; compiling quantises them.",
            )


def _expanded(nodes: list[Any]) -> list[Any]:
    """Write fused "add, then normalise" nodes out as two nodes, so that the residual stream is a sum everywhere."""
    from onnx import helper

    result = []
    for node in nodes:
        outputs = list(node.output) + [""] * (4 - len(node.output))
        if node.op_type != "SkipSimplifiedLayerNormalization" or len(node.input) > 3:
            result.append(node)
            continue
        total = outputs[3] or outputs[0] + "/sum"
        result.append(helper.make_node("Add", list(node.input[:2]), [total]))
        norm = helper.make_node("SimplifiedLayerNormalization", [total, node.input[2]], [outputs[0]])
        norm.attribute.append(helper.make_attribute("epsilon", float(attribute(node, "epsilon", 1e-5))))
        result.append(norm)
    return result


def _roles(infos: dict[str, Any]) -> dict[str, str]:
    """Return which graph input is which; raises ModelError for an input that a full-sequence graph doesn't have."""
    roles: dict[str, str] = {}
    for name in infos:
        low = name.lower()
        cached = any(word in low for word in ("past", "cache", "present", "key_values"))
        role = next((role for role, words in _ROLES.items() if any(word in low for word in words)), None)
        if cached:
            raise ModelError(f"The graph takes a KV cache (input {name!r}): it is not a full-sequence graph.", _HINT)
        if role is None or role in roles:
            raise ModelError(f"The graph has an input {name!r} that is unknown here.", _HINT)
        roles[role] = name
    if "input_ids" not in roles:
        raise ModelError("The graph has no input for token ids (input_ids).", _HINT)
    return roles


def _output(graph: Any) -> str:
    names = [info.name for info in graph.output]
    if not names:
        raise ModelError("The graph has no output.", _HINT)
    return "logits" if "logits" in names else str(names[0])
