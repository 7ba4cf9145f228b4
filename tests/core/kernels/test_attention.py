"""Attention kernels against a plain float64 computation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernels.attention_decode import attend_decode, join_splits
from core.kernels.attention_prefill import attend_prefill
from core.kernels.isa import CpuTarget, host_target
from core.kernels.kv_cache import CacheShape, rotate_and_store
from core.spec import EngineConfig, ModelSpec, round_up
from tests.core.kernels.support import CLASSES, runnable

PREFILL_ROWS = 40
INT8_LIMIT = 5e-3
"""Largest error beside rounding: numbers near the middle of two steps may go either way."""


def make_spec(heads: int, groups: int, head_dim: int, rotary_dim: int) -> ModelSpec:
    return ModelSpec(1, 64, 64, heads, groups, head_dim, rotary_dim, 10000.0, 100, 1e-5, True, 0, "float32")


def compiled(function: Any, name: str, target: CpuTarget) -> Any:
    import tvm

    return tvm.compile(function, target=target.to_tvm())[name]


def tensor(array: np.ndarray) -> Any:
    import tvm

    return tvm.runtime.tensor(array)


def zeros(shape: tuple[int, ...], dtype: str = "float32") -> Any:
    return tensor(np.zeros(shape, dtype))


def rope(positions: int, rotary_dim: int) -> np.ndarray:
    frequencies = 1 / 10000 ** (np.arange(0, rotary_dim, 2) / rotary_dim)
    angles = np.outer(np.arange(positions), frequencies)
    return np.stack([np.cos(angles), np.sin(angles)], -1).reshape(positions, rotary_dim)


def expected(spec: ModelSpec, qkv: np.ndarray, *, rounded: bool = False) -> np.ndarray:
    """Attention output (n, query size) of the whole history `qkv` (n, qkv size), its keys and values `rounded`."""
    n, size, half = len(qkv), spec.head_dim, spec.rotary_dim
    q, k, v = np.split(qkv.astype(np.float64), [spec.query_size, spec.query_size + spec.kv_size], 1)
    q, k, v = (part.reshape(n, -1, size) for part in (q, k, v))
    table = rope(n, half)[:, None]

    def rotated(x: np.ndarray) -> np.ndarray:
        x = x.copy()
        even, odd = x[..., 0:half:2].copy(), x[..., 1:half:2].copy()
        x[..., 0:half:2] = even * table[..., 0::2] - odd * table[..., 1::2]
        x[..., 1:half:2] = odd * table[..., 0::2] + even * table[..., 1::2]
        return x

    share = spec.num_heads // spec.num_groups
    q, k = rotated(q), rotated(k)
    if rounded:
        k, v = as_int8(k), as_int8(v)
    k, v = np.repeat(k, share, 1), np.repeat(v, share, 1)
    scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(size) + np.triu(np.full((n, n), -np.inf), 1)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("hij,jhd->ihd", weights, v).reshape(n, -1)


def as_int8(x: np.ndarray) -> np.ndarray:
    """Return what an int8 cache keeps of keys or values (n, G, D)."""
    scale = np.abs(x).max(-1, keepdims=True) / 127
    return np.where(scale > 0, np.rint(x / np.where(scale > 0, scale, 1)) * scale, 0.0)


@dataclass
class Harness:
    """The kernels of one shape, a cache, and what has been written to it."""

    spec: ModelSpec
    config: EngineConfig
    target: CpuTarget
    history: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        spec, batch = self.spec, self.config.batch
        self.cache = cache = CacheShape.of(spec, self.config)
        self.history = [np.zeros((0, spec.qkv_size), np.float32) for _ in range(batch)]
        self.keys, self.values = zeros(cache.keys, cache.dtype), zeros(cache.values, cache.dtype)
        self.rope = tensor(rope(cache.positions, spec.rotary_dim).astype(np.float32))
        self.store = compiled(rotate_and_store("store", PREFILL_ROWS, spec, cache, dynamic=True), "store", self.target)
        self.store_one = compiled(
            rotate_and_store("store_one", batch, spec, cache, dynamic=False), "store_one", self.target
        )
        self.prefill_kernel = compiled(
            attend_prefill("prefill", PREFILL_ROWS, spec, cache, self.target), "prefill", self.target
        )
        self.decode_kernel = compiled(attend_decode("decode", batch, spec, cache, self.target), "decode", self.target)
        self.join = compiled(join_splits("join", batch, spec, cache), "join", self.target)

    def padded(self, rows: int, qkv: np.ndarray) -> Any:
        full = np.zeros((rows, round_up(self.spec.qkv_size, 32)), np.float32)
        full[: len(qkv), : self.spec.qkv_size] = qkv
        return tensor(full)

    def prefill(self, slot: int, qkv: np.ndarray) -> np.ndarray:
        start, n = len(self.history[slot]), len(qkv)
        self.history[slot] = np.concatenate([self.history[slot], qkv])
        where = [tensor(np.array([n], np.int32)), tensor(np.full(PREFILL_ROWS, slot, np.int32))]
        where.append(tensor(np.arange(start, start + PREFILL_ROWS, dtype=np.int32)))
        query = zeros((PREFILL_ROWS, self.spec.num_heads, self.cache.head_dim))
        out = zeros((PREFILL_ROWS, round_up(self.spec.query_size, 32)))
        self.store(*where, self.padded(PREFILL_ROWS, qkv), self.rope, query, self.keys, self.values)
        self.prefill_kernel(*where, query, self.keys, self.values, out)
        return out.numpy()[:n, : self.spec.query_size]

    def decode(self, qkv: np.ndarray) -> np.ndarray:
        batch = len(qkv)
        where = [tensor(np.array([batch], np.int32)), tensor(np.arange(batch, dtype=np.int32))]
        where.append(tensor(np.array([len(rows) for rows in self.history], np.int32)))
        self.history = [np.concatenate([rows, one[None]]) for rows, one in zip(self.history, qkv, strict=True)]
        heads, parts = self.spec.num_heads, self.cache.splits
        query = zeros((batch, heads, self.cache.head_dim))
        partial = [zeros((batch, heads, parts, self.cache.head_dim)), *(zeros((batch, heads, parts)) for _ in range(2))]
        out = zeros((batch, round_up(self.spec.query_size, 32)))
        self.store_one(*where, self.padded(batch, qkv), self.rope, query, self.keys, self.values)
        self.decode_kernel(*where, query, self.keys, self.values, *partial)
        self.join(*partial, out)
        return out.numpy()[:, : self.spec.query_size]


SHAPES = [
    pytest.param((4, 2, 32, 16), 1, "fp32", 1e-5, id="chatglm2-like"),
    pytest.param((6, 3, 48, 24), 3, "fp32", 1e-5, id="three ragged slots"),
    pytest.param((3, 1, 20, 10), 1, "fp32", 1e-5, id="head size that fills no vector"),
    pytest.param((9, 3, 64, 64), 2, "bf16", 3e-3, id="half-precision cache"),
    pytest.param((20, 1, 16, 16), 1, "fp32", 1e-5, id="more heads in a group than a tile has rows"),
    pytest.param((6, 3, 48, 24), 3, "int8", INT8_LIMIT, id="int8 cache of three ragged slots"),
    pytest.param((3, 1, 20, 10), 1, "int8", INT8_LIMIT, id="int8 cache of a head size that fills no vector"),
    pytest.param((20, 1, 16, 16), 1, "int8", INT8_LIMIT, id="int8 cache with more heads in a group than rows"),
]


@pytest.mark.parametrize("kernel_class", CLASSES)
@pytest.mark.parametrize(("shape", "batch", "cache", "limit"), SHAPES)
def test_prefill_rounds_and_decode_steps_equal_plain_attention(
    kernel_class: Any, shape: tuple[int, int, int, int], batch: int, cache: str, limit: float
) -> None:
    spec = make_spec(*shape)
    int8 = cache == "int8"
    config = EngineConfig(
        batch, PREFILL_ROWS, 400, dtype="fp32" if cache == "fp32" else "bf16", quantisation="none",
        kv_cache="int8" if int8 else "f16",
    )  # fmt: skip
    harness, rng = Harness(spec, config, runnable(kernel_class)), np.random.default_rng(7)

    def draw(n: int) -> np.ndarray:
        return rng.standard_normal((n, spec.qkv_size), dtype=np.float32)

    for slot in range(batch):
        for n in (37, 1, PREFILL_ROWS, 5)[: 4 - slot]:  # the slots end at different lengths
            got = harness.prefill(slot, draw(n))
            assert np.abs(got - expected(spec, harness.history[slot], rounded=int8)[-n:]).max() < limit
    for _ in range(3):
        got = harness.decode(draw(batch))
        for slot in range(batch):
            assert np.abs(got[slot] - expected(spec, harness.history[slot], rounded=int8)[-1]).max() < limit


def test_a_cache_filled_to_the_last_position_is_attended_whole() -> None:
    spec = make_spec(4, 2, 16, 8)
    harness = Harness(spec, EngineConfig(1, PREFILL_ROWS, 64, dtype="fp32", quantisation="none"), host_target())
    rng = np.random.default_rng(1)
    harness.prefill(0, rng.standard_normal((PREFILL_ROWS, spec.qkv_size), dtype=np.float32))
    harness.prefill(0, rng.standard_normal((23, spec.qkv_size), dtype=np.float32))
    got = harness.decode(rng.standard_normal((1, spec.qkv_size), dtype=np.float32))
    assert len(harness.history[0]) == 64
    assert np.abs(got[0] - expected(spec, harness.history[0])[-1]).max() < 1e-5


@pytest.fixture(scope="module")
def int8_harness() -> Harness:
    config = EngineConfig(1, PREFILL_ROWS, 200, quantisation="none", kv_cache="int8")
    return Harness(make_spec(6, 3, 48, 24), config, host_target())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    length=st.integers(1, PREFILL_ROWS), more=st.integers(1, 3), exponent=st.integers(-30, 12),
    silent=st.booleans(), seed=st.integers(0, 1000),
)  # fmt: skip
def test_an_int8_cache_keeps_keys_and_values_of_any_size(
    int8_harness: Harness, length: int, more: int, exponent: int, silent: bool, seed: int
) -> None:
    spec, rng = int8_harness.spec, np.random.default_rng(seed)
    int8_harness.history[0] = np.zeros((0, spec.qkv_size), np.float32)
    drawn = rng.standard_normal((length + more, spec.qkv_size), dtype=np.float32)
    drawn[:, spec.query_size + spec.kv_size :] *= np.float32(2.0**exponent)
    if silent:  # a position whose key and value are nothing
        drawn[length // 2, spec.query_size :] = 0
    int8_harness.prefill(0, drawn[:length])
    for one in drawn[length:]:
        got = int8_harness.decode(one[None])[0]
        wanted = expected(spec, int8_harness.history[0], rounded=True)[-1]
        assert np.abs(got - wanted).max() <= INT8_LIMIT * 2.0**exponent
