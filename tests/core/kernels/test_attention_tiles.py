"""Attention on matrix tiles against a plain float64 computation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.kernels import attention_tiles, layout
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import CacheShape
from core.spec import EngineConfig, KvCache, ModelSpec
from tests.core.kernels.support import assembly, compiled, runnable, tile_values

ROWS = 48
TOLERANCE = 1e-2
"""Largest error, as a share of the largest result: queries, keys, values and weights are rounded to 8 bits."""


def make(
    heads: int, groups: int, size: int, total: int = 512, kv_cache: KvCache = "f16"
) -> tuple[ModelSpec, CacheShape]:
    spec = ModelSpec(1, 64, 64, heads, groups, size, size // 2, 10000.0, 100, 1e-5, True, 0, "float32")
    return spec, CacheShape.of(spec, EngineConfig(2, ROWS, total, dtype="bf16", quantisation="int4", kv_cache=kv_cache))


def stored_int8(numbers: np.ndarray, *, keys: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return keys or values (T, G, D) as they lie in an int8 cache, (G, T/16, record), and as what they are kept."""
    scale = (np.abs(numbers).max(-1, keepdims=True) / 127).astype(np.float32)
    whole = np.rint(numbers / scale).astype(np.int8)
    t, groups, size = numbers.shape
    if keys:
        packed = whole.reshape(t // 16, 16, groups, size // 4, 4).transpose(2, 0, 3, 1, 4)
    else:
        packed = whole.reshape(t // 16, 4, 4, groups, size).transpose(3, 0, 1, 4, 2)
    scales = scale.reshape(t // 16, 16, groups).transpose(2, 0, 1).copy().view(np.int8)
    return np.concatenate([packed.reshape(groups, t // 16, -1), scales], -1), whole * scale


def plain(query: np.ndarray, keys: np.ndarray, values: np.ndarray, start: int) -> np.ndarray:
    """Attend from `query` (n, H, D), in powers of two, to `keys` and `values` (T, G, D); returns (n, H * D)."""
    share = query.shape[1] // keys.shape[1]
    keys, values = (np.repeat(part.astype(np.float64), share, 1) for part in (keys, values))
    scores = np.einsum("ihd,jhd->hij", query.astype(np.float64), keys)
    last = start + np.arange(len(query))
    scores[:, np.arange(len(keys)) > last[:, None]] = -np.inf
    weights = np.exp2(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("hij,jhd->ihd", weights, values).reshape(len(query), -1)


@pytest.mark.parametrize("kv_cache", ["f16", "int8"])
@pytest.mark.parametrize("shape", [(9, 3, 64), (4, 4, 32), (16, 1, 128)])
def test_tiles_attend_as_plain_attention_does(shape: tuple[int, int, int], kv_cache: KvCache) -> None:
    target = runnable("amx")
    spec, cache = make(*shape, kv_cache=kv_cache)
    call: Any = compiled(attention_tiles.attend_tiles("f", ROWS, spec, cache, "int4"), target)
    rng = np.random.default_rng(3)
    stored = rng.standard_normal((2, cache.positions, spec.num_groups, spec.head_dim)).astype(np.float16)
    keys, values = (np.zeros(form, cache.dtype) for form in (cache.keys, cache.values))
    if kv_cache == "int8":
        (keys[1], exact_keys), (values[1], exact_values) = (
            stored_int8(part.astype(np.float32), keys=first) for part, first in zip(stored, (True, False), strict=True)
        )
        stored = np.stack([exact_keys, exact_values])
    else:
        keys[1] = stored[0].reshape(-1, 16, *stored.shape[2:]).transpose(2, 0, 3, 1)
        values[1] = stored[1].transpose(1, 0, 2)
    query = rng.standard_normal((ROWS, spec.num_heads, spec.head_dim), dtype=np.float32) / np.float32(4)
    out = np.zeros(*layout.activation_args("int4", ROWS, spec.query_size)["XQ"])
    for count, start in ((ROWS, 0), (1, 0), (37, 11), (16, 128), (33, 300), (20, cache.positions - 20)):
        position = np.arange(start, start + ROWS, dtype=np.int32)
        call(np.array([count], np.int32), np.full(ROWS, 1, np.int32), position, query, keys, values, out)
        expected = plain(query[:count], *stored, start)
        got = tile_values(out, ROWS)[:count, : spec.query_size]
        assert np.abs(got - expected).max() <= TOLERANCE * np.abs(expected).max()


def test_scores_and_values_are_multiplied_by_the_matrix_unit() -> None:
    spec, cache = make(9, 3, 64)
    target = CpuTarget.for_class("amx")
    assert assembly(attention_tiles.attend_tiles("f", ROWS, spec, cache, "int4"), target).count("tdpbf16ps") >= 6


def test_heads_that_fill_no_tile_go_without() -> None:
    assert attention_tiles.usable(*reversed(make(9, 3, 64)))
    assert not attention_tiles.usable(*reversed(make(9, 3, 48)))
    assert not attention_tiles.usable(*reversed(make(2, 1, 256)))
