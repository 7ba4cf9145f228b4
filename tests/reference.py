"""A ChatGLM2-style forward pass in float64 numpy: what every other way of computing a model is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.spec import ModelSpec

Floats = NDArray[np.float64]


def reference_logits(
    spec: ModelSpec, weights: Mapping[str, NDArray[Any]], ids: Sequence[int], positions: Sequence[int] | None = None
) -> Floats:
    """Return the logits after each token of `ids`, (n, vocab). Weights: as in ModelSpec.weight_shapes."""
    w = {name: np.asarray(value, np.float64) for name, value in weights.items()}
    n, group = len(ids), spec.num_heads // spec.num_groups
    x = w["embed"][list(ids)]  # (n, hidden)
    turns = np.exp(1j * np.outer(range(n) if positions is None else positions, _frequencies(spec)))[:, None, :]
    hidden = np.triu(np.ones((n, n), bool), 1)
    for i in range(spec.num_layers):
        y = _norm(x, w[f"{i}.input_norm"], spec.norm_eps) @ w[f"{i}.qkv"].T + w.get(f"{i}.qkv_bias", 0.0)
        q, k, v = np.split(y, [spec.query_size, spec.query_size + spec.kv_size], axis=1)
        q = _rotate(spec, q.reshape(n, -1, spec.head_dim), turns)  # (n, heads, D)
        k = np.repeat(_rotate(spec, k.reshape(n, -1, spec.head_dim), turns), group, axis=1)
        v = np.repeat(v.reshape(n, -1, spec.head_dim), group, axis=1)
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(spec.head_dim)
        scores = np.where(hidden, -np.inf, scores)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        x = x + np.einsum("hqk,khd->qhd", shares, v).reshape(n, -1) @ w[f"{i}.attn_out"].T
        y = _norm(x, w[f"{i}.post_norm"], spec.norm_eps) @ w[f"{i}.gate_up"].T
        gate, up = np.split(y, 2, axis=1)
        x = x + (gate / (1 + np.exp(-gate)) * up) @ w[f"{i}.down"].T
    return _norm(x, w["final_norm"], spec.norm_eps) @ w["head"].T


def greedy(spec: ModelSpec, weights: Mapping[str, NDArray[Any]], prompt: Sequence[int], count: int) -> list[int]:
    """Return the `count` most likely next tokens, one after the other."""
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(reference_logits(spec, weights, ids)[-1].argmax()))
    return ids[len(prompt) :]


def onnx_logits(path: Path, ids: Sequence[int]) -> NDArray[np.float32]:
    """Return the logits that onnxruntime computes for the full sequence `ids`, (n, vocab)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {
        "input_ids": np.array([ids], np.int64),
        "position_ids": np.arange(len(ids), dtype=np.int64)[None],
        "attention_mask": np.ones((1, len(ids)), np.int64),
    }
    logits: NDArray[np.float32] = session.run(["logits"], feeds)[0][0]
    return logits


def _frequencies(spec: ModelSpec) -> Floats:
    powers: Floats = -np.arange(0, spec.rotary_dim, 2) / spec.rotary_dim
    frequencies: Floats = spec.rope_theta**powers
    return frequencies


def _norm(x: Floats, weight: Floats, eps: float) -> Floats:
    scale: Floats = np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    return x / scale * weight


def _rotate(spec: ModelSpec, x: Floats, turns: NDArray[np.complex128]) -> Floats:
    """Turn the pairs (2i, 2i + 1) of the first rotary_dim features: a product of complex numbers."""
    pairs = (x[..., 0 : spec.rotary_dim : 2] + 1j * x[..., 1 : spec.rotary_dim : 2]) * turns
    turned = np.stack([pairs.real, pairs.imag], axis=-1).reshape(*x.shape[:-1], -1)
    return np.concatenate([turned, x[..., spec.rotary_dim :]], axis=-1)
