"""The full-sequence ChatGLM2 graph without KV cache, as torch's exporter of 2023 wrote it, with external weights.

Inputs input_ids, position_ids, attention_mask (1, seq) int64; output logits (1, seq, vocab) float32. Activations inside
run sequence first, (seq, 1, features), as in the original model code. With float16 weights the matrix products are in
float16, while the residual stream, the norms, the softmax and the logits are in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.export.external import Slot, layout, write_weights
from core.export.nodes import BOOL, FLOAT, FLOAT16, INT64, NodeBuilder
from core.export.weights import WeightSource
from core.spec import ModelSpec

OPSET = 14
IR_VERSION = 7
MODEL_NAME = "model.onnx"
DATA_NAME = "model.onnx.data"
END = (1 << 63) - 1
"""What the exporter writes for an open end of a slice."""

Dtype = Literal["float32", "float16"]


def write_onnx(
    folder: Path,
    spec: ModelSpec,
    weights: WeightSource,
    *,
    dtype: Dtype = "float32",
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write model.onnx and model.onnx.data into `folder` and return the path of the former.

    Args:
        folder: an existing folder.
        spec: what to write. max_positions is the length of the rotary table; 0 computes the angles in the graph.
        weights: gives the weights in blocks of rows; no more than one block is held.
        dtype: type of the matrices and of the qkv bias in the file. Norms are float32 always.
        progress: called with the bytes of weights written and to write.

    Raises:
        ModelError: a weight is not finite in `dtype`.
        OSError: the disk is full, or a file can't be written.
    """
    from onnx import helper

    slots = layout(spec, dtype, tied_head=weights.tied_head)
    write_weights(folder / DATA_NAME, slots, weights, progress or (lambda done, total: None))
    graph = helper.make_graph(
        _Graph(spec, dtype, tied_head=weights.tied_head).build(),
        "main_graph",
        [_value(name, INT64, [1, "seq"]) for name in ("input_ids", "position_ids", "attention_mask")],
        [_value("logits", FLOAT, [1, "seq", spec.vocab_size])],
        initializer=[_initializer(slot) for slot in slots],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="c10-panel")
    model.ir_version = IR_VERSION
    path = folder / MODEL_NAME
    path.write_bytes(model.SerializeToString())
    return path


def _value(name: str, element: int, shape: list[int | str]) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, element, shape)


def _initializer(slot: Slot) -> Any:
    from onnx import TensorProto

    tensor = TensorProto(name=slot.tensor, dims=slot.stored_shape, data_location=TensorProto.EXTERNAL)
    tensor.data_type = FLOAT16 if slot.dtype == np.float16 else FLOAT
    for key, value in (("location", DATA_NAME), ("offset", slot.offset), ("length", slot.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def rope_table(spec: ModelSpec, positions: int) -> NDArray[np.float32]:
    """Return cos and sin of every angle, (positions, rotary_dim / 2, 2), computed in float64."""
    angles = np.outer(np.arange(positions), inverse_frequencies(spec))
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)


def inverse_frequencies(spec: ModelSpec) -> NDArray[np.float64]:
    """Return the angle per position of every rotated pair, (rotary_dim / 2)."""
    return spec.rope_theta ** (-np.arange(0, spec.rotary_dim, 2) / spec.rotary_dim)


class _Graph:
    """Writes the nodes of one model, in the order of the computation."""

    def __init__(self, spec: ModelSpec, dtype: Dtype, *, tied_head: bool) -> None:
        self.spec = spec
        self.half = dtype == "float16"
        self.tied_head = tied_head
        self.b = NodeBuilder()

    def build(self) -> list[Any]:
        b = self.b
        mask = self._mask()
        with b.scope("transformer"):
            with b.scope("embedding"):
                x = b.op("Gather", "transformer.embedding.word_embeddings.weight", "input_ids")
                x = self._up(b.transpose(x, 1, 0, 2))  # (S, 1, hidden)
            rope = b.transpose(self._rope(), 1, 0, 2, 3)  # (S, 1, rotary / 2, 2)
            for i in range(self.spec.num_layers):
                with b.scope(f"encoder/layers.{i}"):
                    x = self._layer(i, x, rope, mask)
            with b.scope("encoder/final_layernorm"):
                x = self._norm(x, "transformer.encoder.final_layernorm.weight")
            with b.scope("output_layer"):
                x = self._head(x)
        b.op("Transpose", self._up(x), output="logits", perm=[1, 0, 2])
        return b.nodes

    def _down(self, x: str) -> str:
        """Convert to the type of the weights."""
        return self.b.cast(x, FLOAT16) if self.half else x

    def _up(self, x: str) -> str:
        """Convert from the type of the weights."""
        return self.b.cast(x, FLOAT) if self.half else x

    def _mask(self) -> str:
        """Return (1, 1, S, S), true where a query must not look: later keys and padding, but for padding queries."""
        b = self.b
        length = b.dim("input_ids", 1)
        ones = b.op("ConstantOfShape", b.vector(b.dim("input_ids", 0), length, length), value=_scalar_one())
        causal = b.op("Trilu", ones, b.constant(0), upper=0)
        visible = b.op("Mul", causal, b.cast(b.unsqueeze("attention_mask", 1), FLOAT))
        padding = b.op("Sub", b.unsqueeze("attention_mask", -1), b.constant(1))
        visible = b.op("Sub", visible, b.cast(padding, FLOAT))
        hidden = b.op("Less", visible, b.constant(0.5, np.float32))
        return b.unsqueeze(b.cast(hidden, BOOL), 1)

    def _rope(self) -> str:
        """Return cos and sin at each position, (1, S, rotary / 2, 2), in the type of the weights."""
        b = self.b
        if self.spec.max_positions:
            table = rope_table(self.spec, self.spec.max_positions)
            return b.op("Gather", b.constant(table, np.float16 if self.half else np.float32), "position_ids", axis=0)
        positions = b.unsqueeze(b.cast("position_ids", FLOAT), -1)
        angles = b.op("Mul", positions, b.constant(inverse_frequencies(self.spec), np.float32))
        pair = (b.unsqueeze(b.op(kind, angles), -1) for kind in ("Cos", "Sin"))
        return self._down(b.op("Concat", *pair, axis=-1))

    def _norm(self, x: str, weight: str) -> str:
        b = self.b
        x = b.cast(x, FLOAT)
        mean = b.op("ReduceMean", b.op("Pow", x, b.constant(2.0, np.float32)), axes=[-1], keepdims=1)
        root = b.op("Sqrt", b.op("Add", mean, b.constant(self.spec.norm_eps, np.float32)))
        scaled = b.op("Mul", x, b.op("Div", b.constant(1.0, np.float32), root))
        return b.cast(b.op("Mul", weight, scaled), FLOAT16 if self.half else FLOAT)

    def _layer(self, i: int, x: str, rope: str, mask: str) -> str:
        """Return the residual stream after layer `i`, (S, 1, hidden)."""
        b = self.b
        prefix = f"transformer.encoder.layers.{i}"
        with b.scope("input_layernorm"):
            y = self._norm(x, f"{prefix}.input_layernorm.weight")
        with b.scope("self_attention"):
            y = self._attention(i, y, rope, mask)
        x = b.op("Add", x, self._up(y))
        with b.scope("post_attention_layernorm"):
            y = self._norm(x, f"{prefix}.post_attention_layernorm.weight")
        with b.scope("mlp"):
            y = self._mlp(prefix, y)
        return b.op("Add", x, self._up(y))

    def _attention(self, i: int, x: str, rope: str, mask: str) -> str:
        b, s = self.b, self.spec
        prefix = f"transformer.encoder.layers.{i}.self_attention"
        with b.scope("query_key_value"):
            x = b.op("MatMul", x, f"{prefix}.query_key_value.weight")
            if s.qkv_bias:
                x = b.op("Add", f"{prefix}.query_key_value.bias", x)
        sizes = b.constant([s.query_size, s.kv_size, s.kv_size])
        q, k, v = b.ops("Split", x, sizes, outputs=3, axis=-1)
        q = self._rotate(self._heads(q, s.num_heads), s.num_heads, rope)
        k = self._rotate(self._heads(k, s.num_groups), s.num_groups, rope)
        k, v = self._share(k), self._share(self._heads(v, s.num_groups))
        with b.scope("core_attention"):
            context = self._attend(i, q, k, v, mask)
        with b.scope("dense"):
            return b.op("MatMul", context, f"{prefix}.dense.weight")

    def _heads(self, x: str, heads: int) -> str:
        """Split the features: (S, 1, heads * D) -> (S, 1, heads, D)."""
        return self.b.reshape(x, self.b.dim(x, 0), self.b.dim(x, 1), heads, self.spec.head_dim)

    def _rotate(self, x: str, heads: int, rope: str) -> str:
        """Turn the interleaved pairs of the first rotary_dim features of each head."""
        b, rotary = self.b, self.spec.rotary_dim
        length = b.dim(x, 0)
        partial = rotary < self.spec.head_dim
        turned = b.slice(x, 0, rotary, 3) if partial else x
        turned = b.reshape(turned, length, -1, heads, rotary // 2, 2)
        rope = b.reshape(rope, length, -1, 1, rotary // 2, 2)
        first, second, cos, sin = (
            b.op("Gather", y, b.constant(part), axis=4) for y in (turned, rope) for part in (0, 1)
        )
        even = b.op("Sub", b.op("Mul", first, cos), b.op("Mul", second, sin))
        odd = b.op("Add", b.op("Mul", second, cos), b.op("Mul", first, sin))
        turned = b.op("Concat", b.unsqueeze(even, -1), b.unsqueeze(odd, -1), axis=-1)
        turned = b.reshape(turned, length, -1, heads, rotary)
        return b.op("Concat", turned, b.slice(x, rotary, END, 3), axis=-1) if partial else turned

    def _share(self, x: str) -> str:
        """Repeat key or value heads for the query heads of their group: (S, 1, groups, D) -> (S, 1, heads, D)."""
        b, s = self.b, self.spec
        if s.num_heads == s.num_groups:
            return x
        wide = b.op("Expand", b.unsqueeze(x, -2), b.constant([1, 1, 1, s.num_heads // s.num_groups, 1]))
        return b.reshape(wide, b.dim(x, 0), b.dim(x, 1), s.num_heads, s.head_dim)

    def _attend(self, i: int, q: str, k: str, v: str, mask: str) -> str:
        """Return the context, (S, 1, heads * D).

        The scores are divided by the layer's number in the product and multiplied by it in float32, as the original
        does to keep float16 products in range.
        """
        b, s = self.b, self.spec
        length = b.dim(q, 0)
        q, k, v = (b.reshape(x, length, s.num_heads, s.head_dim) for x in (q, k, v))
        scores = b.op("MatMul", b.transpose(q, 1, 0, 2), b.transpose(k, 1, 2, 0))  # (heads, S, S)
        scale = b.constant(1 / (math.sqrt(s.head_dim) * (i + 1)), np.float16 if self.half else np.float32)
        scores = b.cast(b.reshape(b.op("Mul", scores, scale), 1, s.num_heads, length, length), FLOAT)
        if i:
            scores = b.op("Mul", scores, b.constant(i + 1, np.float32))
        scores = b.op("Where", mask, b.constant(-math.inf, np.float32), scores)
        shares = b.reshape(b.op("Softmax", scores, axis=-1), s.num_heads, length, length)
        context = b.op("MatMul", self._down(shares), b.transpose(v, 1, 0, 2))  # (heads, S, D)
        context = b.transpose(b.reshape(context, 1, s.num_heads, length, s.head_dim), 2, 0, 1, 3)
        return b.reshape(context, length, 1, s.query_size)

    def _mlp(self, prefix: str, x: str) -> str:
        b, ffn = self.b, self.spec.ffn_size
        with b.scope("dense_h_to_4h"):
            x = b.op("MatMul", x, f"{prefix}.mlp.dense_h_to_4h.weight")
        gate, up = b.slice(x, 0, ffn, -1), b.slice(x, ffn, 2 * ffn, -1)
        x = b.op("Mul", b.op("Mul", gate, b.op("Sigmoid", gate)), up)
        with b.scope("dense_4h_to_h"):
            return b.op("MatMul", x, f"{prefix}.mlp.dense_4h_to_h.weight")

    def _head(self, x: str) -> str:
        b = self.b
        if self.tied_head:
            return b.op("MatMul", x, b.transpose("transformer.embedding.word_embeddings.weight", 1, 0))
        return b.op("MatMul", x, "transformer.output_layer.weight")


def _scalar_one() -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.ones(1, np.float32))
