"""A batch-first Llama-style graph in many spellings, as other exporters write it, with its weights inside the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ml_dtypes import bfloat16
from onnx import helper, numpy_helper

from core.export.nodes import BOOL, FLOAT, INT64, NodeBuilder
from core.export.synthetic import RandomWeights
from core.spec import ModelSpec

DTYPES = {"float32": np.dtype(np.float32), "float16": np.dtype(np.float16), "bfloat16": np.dtype(bfloat16)}


@dataclass
class Variant:
    """What to write, and how. `rope`: interleaved, half, operator, scaled, backwards or none."""

    spec: ModelSpec
    opset: int = 18
    fused_qkv: bool = False
    fused_gate_up: bool = False
    gemm: bool = False
    norm: str = "written out"
    attention: str = "written out"
    rope: str = "interleaved"
    positions: bool = True
    mask: bool = True
    length: int | str = "seq"
    tied: bool = False
    dtype: str = "float32"
    eps: dict[str, float] = field(default_factory=dict)
    biases: tuple[str, ...] = ()
    seed: int = 3

    def write(self, path: Path) -> dict[str, np.ndarray[Any, Any]]:
        """Write the graph and return its weights, (out, in), as float32."""
        return _Writer(self).write(path)


class _Writer:
    def __init__(self, variant: Variant) -> None:
        self.v, self.s = variant, variant.spec
        self.b = NodeBuilder()
        self.initializers: list[Any] = []
        arrays = RandomWeights(self.s, variant.seed, variant.tied).arrays()
        self.type = DTYPES[variant.dtype]
        self.weights = {name: array.astype(self.type) for name, array in arrays.items()}

    def write(self, path: Path) -> dict[str, np.ndarray[Any, Any]]:
        b = self.b
        embed = self.store("embed.weight", self.weights["embed"])
        x = b.op("Gather", embed, "input_ids")
        self.hidden = self.visible() if self.v.attention == "written out" or self.v.mask else ""
        self.cos, self.sin = self.angles()
        for i in range(self.s.num_layers):
            x = b.op("Add", x, self.attend(i, self.normed(x, f"{i}.input_norm")))
            x = b.op("Add", x, self.feed_forward(i, self.normed(x, f"{i}.post_norm")))
        x = self.normed(x, "final_norm")
        head = b.transpose(embed, 1, 0) if self.v.tied else self.store("head.weight", self.weights["head"].T)
        b.op("MatMul", x, head, output="logits")
        inputs = ["input_ids"] + ["position_ids"] * self.v.positions + ["attention_mask"] * self.v.mask
        element = helper.np_dtype_to_tensor_dtype(self.type)
        graph = helper.make_graph(
            b.nodes,
            "variant",
            [helper.make_tensor_value_info(name, INT64, [1, self.v.length]) for name in inputs],
            [helper.make_tensor_value_info("logits", element, [1, self.v.length, self.s.vocab_size])],
            initializer=self.initializers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.v.opset), self.microsoft()])
        model.ir_version = 10
        path.write_bytes(model.SerializeToString())
        return {name: array.astype(np.float32) for name, array in self.weights.items()}

    @staticmethod
    def microsoft() -> Any:
        return helper.make_opsetid("com.microsoft", 1)

    def store(self, name: str, array: np.ndarray[Any, Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def number(self, value: float) -> str:
        return self.b.constant(value, self.type)

    def linear(self, x: str, name: str, matrix: np.ndarray[Any, Any], bias: np.ndarray[Any, Any] | None = None) -> str:
        b = self.b
        if name.rpartition(".")[2] in self.v.biases:
            bias = np.ones(len(matrix), self.type)
        if self.v.gemm:
            flat = b.reshape(x, -1, matrix.shape[1])
            names = [self.store(name, matrix)] + ([] if bias is None else [self.store(name + ".b", bias)])
            return b.reshape(b.op("Gemm", flat, *names, transB=1), 1, b.dim(x, 1), len(matrix))
        x = b.op("MatMul", x, self.store(name, matrix.T))
        return x if bias is None else b.op("Add", x, self.store(name + ".b", bias))

    def normed(self, x: str, name: str) -> str:
        b, weight = self.b, self.store(name, self.weights[name])
        eps = self.v.eps.get(name, self.s.norm_eps)
        if self.v.norm != "written out":
            return b.op(self.v.norm, x, weight, epsilon=eps, axis=-1)
        mean = b.op("ReduceMean", b.op("Mul", x, x), b.constant([-1]), keepdims=1)
        root = b.op("Reciprocal", b.op("Sqrt", b.op("Add", mean, self.number(eps))))
        return b.op("Mul", b.op("Mul", x, root), weight)

    def visible(self) -> str:
        """Return (1, 1, S, S): 0 where a query may look, a big negative number elsewhere."""
        b = self.b
        length = b.dim("input_ids", 1)
        ones = b.op("Expand", b.constant(1), b.vector(length, length))
        seen = b.cast(b.op("Trilu", ones, upper=0), BOOL)
        if self.v.mask:
            keys = b.cast(b.unsqueeze("attention_mask", 1), BOOL)
            rows = b.op("Not", b.cast(b.unsqueeze("attention_mask", 2), BOOL))
            seen = b.op("Or", b.op("And", seen, keys), rows)
        else:
            seen = b.unsqueeze(seen, 0)
        return b.op("Where", b.unsqueeze(seen, 1), self.number(0), self.number(-30000))

    def angles(self) -> tuple[str, str]:
        b, s = self.b, self.s
        steps = s.rope_theta ** -(np.arange(0, s.rotary_dim, 2) / s.rotary_dim)
        steps = steps * {"scaled": 0.5, "backwards": -1.0}.get(self.v.rope, 1.0)
        ids = "position_ids" if self.v.positions else b.unsqueeze(b.op("Range", *self.range_ends()), 0)
        turn = b.op("Mul", b.unsqueeze(b.cast(ids, FLOAT), 2), b.constant(steps, np.float32))
        element = int(helper.np_dtype_to_tensor_dtype(self.type))
        return b.cast(b.op("Cos", turn), element), b.cast(b.op("Sin", turn), element)

    def range_ends(self) -> tuple[str, str, str]:
        return self.b.constant(0), self.b.dim("input_ids", 1), self.b.constant(1)

    def rotate(self, x: str, heads: int) -> str:
        """(1, S, heads * D) -> (1, heads, S, D), rotated."""
        b, s = self.b, self.s
        x = b.transpose(b.reshape(x, 1, b.dim(x, 1), heads, s.head_dim), 0, 2, 1, 3)
        if self.v.rope == "none":
            return x
        if self.v.rope == "operator":
            return b.op(
                "RotaryEmbedding",
                x,
                self.cos,
                self.sin,
                interleaved=1,
                rotary_embedding_dim=s.rotary_dim,
                num_heads=heads,
            )
        turned, rest = b.slice(x, 0, s.rotary_dim, 3), b.slice(x, s.rotary_dim, s.head_dim, 3)
        cos, sin = b.unsqueeze(self.cos, 1), b.unsqueeze(self.sin, 1)
        half = s.rotary_dim // 2
        if self.v.rope == "half":
            first, second = b.slice(turned, 0, half, 3), b.slice(turned, half, s.rotary_dim, 3)
        else:
            pairs = b.reshape(turned, 1, heads, b.dim(x, 2), half, 2)
            first, second = (b.op("Gather", pairs, b.constant(part), axis=4) for part in (0, 1))
        even = b.op("Sub", b.op("Mul", first, cos), b.op("Mul", second, sin))
        odd = b.op("Add", b.op("Mul", second, cos), b.op("Mul", first, sin))
        if self.v.rope == "half":
            turned = b.op("Concat", even, odd, axis=-1)
        else:
            both = b.op("Concat", b.unsqueeze(even, 4), b.unsqueeze(odd, 4), axis=-1)
            turned = b.reshape(both, 1, heads, b.dim(x, 2), s.rotary_dim)
        return turned if s.rotary_dim == s.head_dim else b.op("Concat", turned, rest, axis=-1)

    def attend(self, i: int, x: str) -> str:
        b, s = self.b, self.s
        sizes = [s.query_size, s.kv_size, s.kv_size]
        matrix, bias = self.weights[f"{i}.qkv"], self.weights.get(f"{i}.qkv_bias")
        if self.v.fused_qkv:
            q, k, v = b.ops("Split", self.linear(x, f"{i}.qkv", matrix, bias), b.constant(sizes), outputs=3, axis=-1)
        else:
            matrices = np.split(matrix, np.cumsum(sizes)[:-1])
            biases = [None] * 3 if bias is None else np.split(bias, np.cumsum(sizes)[:-1])
            q, k, v = (
                self.linear(x, f"{i}.{name}", part, extra)
                for name, part, extra in zip("qkv", matrices, biases, strict=True)
            )
        q, k = self.rotate(q, s.num_heads), self.rotate(k, s.num_groups)
        v = b.transpose(b.reshape(v, 1, b.dim(v, 1), s.num_groups, s.head_dim), 0, 2, 1, 3)
        if self.v.attention == "operator":
            mask = [self.hidden] if self.v.mask else []
            mixed = b.op("Attention", q, k, v, *mask, is_causal=0 if mask else 1)
        else:
            k, v = self.share(k), self.share(v)
            scores = b.op("MatMul", q, b.transpose(k, 0, 1, 3, 2))
            scores = b.op("Div", scores, self.number(np.sqrt(s.head_dim)))
            mixed = b.op("MatMul", b.op("Softmax", b.op("Add", scores, self.hidden), axis=-1), v)
        mixed = b.reshape(b.transpose(mixed, 0, 2, 1, 3), 1, b.dim(mixed, 2), s.query_size)
        return self.linear(mixed, f"{i}.attn_out", self.weights[f"{i}.attn_out"])

    def share(self, x: str) -> str:
        b, s = self.b, self.s
        wide = b.op("Expand", b.unsqueeze(x, 2), b.constant([1, 1, s.num_heads // s.num_groups, 1, 1]))
        return b.reshape(wide, 1, s.num_heads, b.dim(x, 2), s.head_dim)

    def feed_forward(self, i: int, x: str) -> str:
        b = self.b
        gate, up = np.split(self.weights[f"{i}.gate_up"], 2)
        if self.v.fused_gate_up:
            both = self.linear(x, f"{i}.gate_up", self.weights[f"{i}.gate_up"])
            gate_out, up_out = b.ops("Split", both, outputs=2, axis=-1, **self.halves())
        else:
            up_out, gate_out = self.linear(x, f"{i}.up", up), self.linear(x, f"{i}.gate", gate)
        active = b.op("Mul", gate_out, b.op("Sigmoid", gate_out))
        return self.linear(b.op("Mul", active, up_out), f"{i}.down", self.weights[f"{i}.down"])

    def halves(self) -> dict[str, int]:
        return {"num_outputs": 2} if self.v.opset >= 18 else {}
