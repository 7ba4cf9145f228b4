"""A test double of the engine: logits are a fixed random function of the exact tokens in a row's cache.

Any mistake in cache bookkeeping (a stale, missing or shifted position) changes every later token.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.compiler.arguments import prefill_rows
from core.ngf.format import ChatInfo, Header, Producer, TargetInfo
from core.spec import EngineConfig, ModelSpec

VOCAB = 97
EOS = 2


def spec(vocab: int = VOCAB) -> ModelSpec:
    return ModelSpec(
        num_layers=1, hidden_size=32, ffn_size=32, num_heads=2, num_groups=1, head_dim=16, rotary_dim=8,
        rope_theta=10000.0, vocab_size=vocab, norm_eps=1e-5, qkv_bias=True, max_positions=0, source_dtype="float32",
    )  # fmt: skip


def config(batch: int = 1, pre_len: int = 8, total_len: int = 64) -> EngineConfig:
    return EngineConfig(batch=batch, pre_len=pre_len, total_len=total_len, dtype="fp32", quantisation="none")


def logits_of(history: Sequence[int], vocab: int = VOCAB) -> npt.NDArray[np.float32]:
    """Return the toy model's logits after `history`."""
    seed = zlib.crc32(np.asarray(history, dtype=np.int32).tobytes())
    return np.random.default_rng(seed).standard_normal(vocab).astype(np.float32) * 4


def greedy(prompt: Sequence[int], count: int, vocab: int = VOCAB) -> list[int]:
    """Return what the toy model answers without stopping."""
    history = list(prompt)
    for _ in range(count):
        history.append(int(np.argmax(logits_of(history, vocab))))
    return history[len(prompt) :]


class FakeEngine:
    """The engine's interface over a table of cached tokens; -1 marks positions that were never written."""

    def __init__(
        self, engine_config: EngineConfig | None = None, *, eos: tuple[int, ...] = (EOS,), vocab: int = VOCAB,
        tokenizer: str = "", before: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self.config = engine_config or config()
        self.spec = spec(vocab)
        self.header = Header(
            role="multi", spec=self.spec, config=self.config, target=TargetInfo("", "", (), ""), tokenizer=tokenizer,
            chat=ChatInfo("plain", eos), producer=Producer("test", "0"),
        )  # fmt: skip
        self.notes: list[str] = []
        self.weight_bytes, self.kv_bytes = 1000, 100
        self.calls: list[tuple[str, int]] = []
        self.cache = np.full((self.config.batch, self.config.total_len), -1, dtype=np.int64)
        self.closed = False
        self._before = before or (lambda _: None)

    def _logits(self, row: int, end: int) -> npt.NDArray[np.float32]:
        history = self.cache[row, :end]
        assert (history >= 0).all(), "a position of the cache was read before it was written"
        return logits_of([int(token) for token in history], self.spec.vocab_size)

    def prefill(self, row: int, tokens: npt.NDArray[np.int32], start: int) -> npt.NDArray[np.float32]:
        self._before("prefill")
        assert tokens.dtype == np.int32
        assert 1 <= tokens.size <= prefill_rows(self.config)
        self.calls.append(("prefill", tokens.size))
        self.cache[row, start : start + tokens.size] = tokens
        return self._logits(row, start + tokens.size)

    def decode(self, tokens: npt.NDArray[np.int32], positions: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        self._before("decode")
        assert tokens.shape == positions.shape == (self.config.batch,)
        self.calls.append(("decode", 1))
        out = np.zeros((self.config.batch, self.spec.vocab_size), np.float32)
        for row in range(self.config.batch):
            position = int(positions[row])
            assert 0 <= position < self.config.total_len
            self.cache[row, position] = tokens[row]
            out[row] = self._logits(row, position + 1)
        return out

    def score(self, row: int, tokens: npt.NDArray[np.int32], start: int) -> npt.NDArray[np.float32]:
        self._before("score")
        assert 1 <= tokens.size <= prefill_rows(self.config)
        self.cache[row, start : start + tokens.size] = tokens
        return np.stack([self._logits(row, start + i + 1) for i in range(tokens.size)])

    def close(self) -> None:
        self.closed = True


def nothing(_: Any) -> None:
    """Take an event and drop it."""


class VerifyingFakeEngine(FakeEngine):
    """The toy engine, able to decode several tokens of a row in one pass."""

    verify_rows = 4

    def verify(self, row: int, tokens: npt.NDArray[np.int32], start: int) -> npt.NDArray[np.float32]:
        self._before("verify")
        assert tokens.dtype == np.int32
        assert 1 <= tokens.size <= self.verify_rows
        assert start + tokens.size <= self.config.total_len
        self.calls.append(("verify", tokens.size))
        self.cache[row, start : start + tokens.size] = tokens
        return np.stack([self._logits(row, start + i + 1) for i in range(tokens.size)])
