"""The model family's arithmetic in numpy, in the pieces between two weights. All arrays are float32 unless noted.

Source of the algorithm: ChatGLM2's modeling_chatglm.py (RMSNorm, interleaved rotary, grouped-query attention, SwiGLU).
"""

from __future__ import annotations

import numpy as np

from core.onnx_import.tensors import Array, Floats
from core.spec import ModelSpec


def rms_norm(x: Array, weight: Array, eps: float) -> Floats:
    """Return x / sqrt(mean(x^2) + eps) * weight over the last axis, (tokens, hidden)."""
    wide = x.astype(np.float64)
    result = wide / np.sqrt((wide * wide).mean(axis=-1, keepdims=True) + eps) * weight
    return _narrow(result)


def rotate(x: Array, positions: Array, spec: ModelSpec) -> Array:
    """Turn the pairs (2i, 2i+1) of the first rotary_dim features of each head, (tokens, heads, head_dim)."""
    size = spec.rotary_dim
    angles = np.outer(positions, spec.rope_theta ** (-np.arange(0, size, 2) / size))[:, None, :]
    cos, sin = np.cos(angles), np.sin(angles)
    even, odd = x[..., 0:size:2], x[..., 1:size:2]
    result = x.astype(np.float64)
    result[..., 0:size:2] = even * cos - odd * sin
    result[..., 1:size:2] = odd * cos + even * sin
    return result


def attention(qkv: Array, positions: Array, visible: Array, spec: ModelSpec) -> Floats:
    """Return the context (tokens, heads * head_dim) of fused projections (tokens, qkv_size).

    `visible` (tokens, tokens) is true where the query of a row may look at the key of a column.
    """
    tokens, size = len(qkv), spec.head_dim
    query, key, value = np.split(qkv.astype(np.float64), [spec.query_size, spec.query_size + spec.kv_size], axis=1)
    share = spec.num_heads // spec.num_groups
    query = rotate(query.reshape(tokens, spec.num_heads, size), positions, spec)
    key = rotate(key.reshape(tokens, spec.num_groups, size), positions, spec).repeat(share, axis=1)
    value = value.reshape(tokens, spec.num_groups, size).repeat(share, axis=1)
    scores = np.einsum("qhd,khd->hqk", query, key) / np.sqrt(size)
    scores = np.where(visible, scores, -np.inf)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return _narrow(np.einsum("hqk,khd->qhd", shares, value).reshape(tokens, -1))


def swiglu(gate_up: Array) -> Floats:
    """Return silu(gate) * up of fused projections (tokens, 2 * ffn_size), gate first."""
    gate, up = np.split(gate_up.astype(np.float64), 2, axis=1)
    return _narrow(gate / (1 + np.exp(-gate)) * up)


def causal(tokens: int, padding: int) -> Array:
    """Return which key each query may see: none after it, none of the first `padding` ones (bool, (tokens, tokens)).

    Padding queries see everything; their results mean nothing.
    """
    rows, columns = np.indices((tokens, tokens))
    result: Array = (columns <= rows) & (columns >= padding) | (rows < padding)
    return result


def _narrow(values: Array) -> Floats:
    return np.asarray(values, np.float32)
