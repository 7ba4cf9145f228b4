"""An ONNX file, recognised: what model it is and where each weight lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import FormatError, ModelError
from core.onnx_import import graph as graphs
from core.onnx_import import match, rotary
from core.onnx_import import shapes as shape_rules
from core.onnx_import.tensors import FLOAT_TYPES, PanelCache, Tensor
from core.onnx_import.weights import Part, WeightRef
from core.spec import ModelSpec


@dataclass(frozen=True)
class ImportedModel:
    """A recognised model. `weights` has exactly the names and shapes of `spec.weight_shapes()`."""

    path: Path
    folder: Path
    spec: ModelSpec
    weights: Mapping[str, WeightRef]
    graph: graphs.Graph = field(repr=False)
    shapes: shape_rules.Shapes = field(repr=False)
    skeleton: match.Skeleton = field(repr=False)

    @property
    def fixed_length(self) -> int:
        """Tokens that the graph is fixed to (0: any number)."""
        return self.shapes.length if _is_fixed(self.graph) else 0


def open_model(path: Path) -> ImportedModel:
    """Recognise the ONNX file at `path`. No weight is read; external data is checked to be there, whole and safe.

    Raises ModelError where the file is not a ChatGLM2-style full-sequence graph, ExternalDataError for its weight
    files, FileError where it can't be read.
    """
    path = Path(path)
    with graphs.only_own_errors(path):
        return _recognised(path)


def _recognised(path: Path) -> ImportedModel:
    graph = graphs.load(path)
    skeleton = match.match_model(graph)
    match.check_dtypes(skeleton)
    shapes = shape_rules.evaluate(graph, shape_rules.probe_length(graph))
    spec = _spec(graph, shapes, skeleton)
    weights = _weights(skeleton)
    for name, shape in spec.weight_shapes().items():
        if name not in weights or weights[name].shape != shape:
            found = list(weights[name].shape) if name in weights else "no such weight"
            raise ModelError(
                f"The weight {name} should have the shape {list(shape)}, but the graph has {found}.", match.HINT
            )
    return ImportedModel(path, graph.folder, spec, weights, graph, shapes, skeleton)


def _spec(graph: graphs.Graph, shapes: shape_rules.Shapes, skeleton: match.Skeleton) -> ModelSpec:
    first = skeleton.layers[0]
    eps = _agreed_eps(skeleton)
    turn = rotary.measure(graph, shapes, first)
    query_size = first.attn_out.in_features
    qkv_size = sum(linear.out_features for linear in first.qkv)
    kv_size = (qkv_size - query_size) // 2
    if kv_size < turn.head_dim or kv_size % turn.head_dim or query_size % turn.head_dim:
        raise ModelError(
            f"{query_size} query features and {kv_size} key features are no whole heads of {turn.head_dim} features.",
            match.HINT,
        )
    fixed = shapes.length if _is_fixed(graph) else 0
    spec = ModelSpec(
        num_layers=len(skeleton.layers),
        hidden_size=first.down.out_features,
        ffn_size=first.down.in_features,
        num_heads=query_size // turn.head_dim,
        num_groups=kv_size // turn.head_dim,
        head_dim=turn.head_dim,
        rotary_dim=turn.rotary_dim,
        rope_theta=turn.theta,
        vocab_size=skeleton.head.out_features,
        norm_eps=eps,
        qkv_bias=first.qkv[0].bias is not None,
        max_positions=turn.max_positions or fixed,
        source_dtype=FLOAT_TYPES[first.qkv[0].weight.tensor.elem_type],
    )
    try:
        return ModelSpec.from_json(spec.to_json())
    except FormatError as error:
        raise ModelError(error.message, match.HINT) from error


def _is_fixed(graph: graphs.Graph) -> bool:
    info = graph.input_infos[graph.inputs["input_ids"]]
    return bool(info.type.tensor_type.shape.dim[1].dim_value)


def _agreed_eps(skeleton: match.Skeleton) -> float:
    """Return the eps that all norms share; raises ModelError naming the one that differs."""
    eps = skeleton.final_norm.eps
    norms = [(f"layer {i}", n) for i, layer in enumerate(skeleton.layers) for n in (layer.input_norm, layer.post_norm)]
    for where, norm in norms:
        if norm.eps != eps:
            raise ModelError(f"The RMS norms differ: {where} has eps {norm.eps:g}, the final norm {eps:g}.", match.HINT)
    return eps


def _weights(skeleton: match.Skeleton) -> dict[str, WeightRef]:
    cache = PanelCache()
    found: dict[str, WeightRef] = {}

    def put(name: str, *parts: Part) -> None:
        if any(part.tensor.elem_type not in FLOAT_TYPES for part in parts):
            raise ModelError(
                f"The weight {name} has ONNX type {parts[0].tensor.elem_type}, not float32, float16 or bfloat16.",
                "Export the model with float32, float16 or bfloat16 weights.",
            )
        if len({part.row_shape for part in parts}) != 1:
            raise ModelError(f"The parts of the weight {name} have different widths.", match.HINT)
        found[name] = WeightRef(name, parts, cache)

    put("embed", skeleton.embed)
    for i, layer in enumerate(skeleton.layers):
        put(f"{i}.input_norm", Part(layer.input_norm.weight))
        put(f"{i}.qkv", *(linear.weight for linear in layer.qkv))
        biases = _biases(layer, i, skeleton.layers[0].qkv[0].bias is not None)
        if biases:
            put(f"{i}.qkv_bias", *(Part(bias) for bias in biases))
        put(f"{i}.attn_out", layer.attn_out.weight)
        put(f"{i}.post_norm", Part(layer.post_norm.weight))
        put(f"{i}.gate_up", *(linear.weight for linear in layer.gate_up))
        put(f"{i}.down", layer.down.weight)
    put("final_norm", Part(skeleton.final_norm.weight))
    put("head", skeleton.head.weight)
    return found


def _biases(layer: match.Layer, index: int, expected: bool) -> list[Tensor]:
    biases = [linear.bias for linear in layer.qkv if linear.bias is not None]
    if len(biases) != (len(layer.qkv) if expected else 0):
        raise ModelError(
            f"Layer {index} has {len(biases)} of {len(layer.qkv)} query/key/value biases, unlike layer 0.", match.HINT
        )
    return biases
