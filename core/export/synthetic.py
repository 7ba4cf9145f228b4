"""Small random models with tokenizers, to try and test everything without a download."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.export.graph import Dtype, write_onnx
from core.export.model_config import ModelConfig
from core.export.weights import Array
from core.spec import ModelSpec

_CHUNK = 64
"""Rows that are drawn together, so that a row doesn't depend on how the rows are asked for."""

_GAINS = {"embed": 1.0, "qkv": 1.5, "qkv_bias": 0.3, "attn_out": 1.0, "gate_up": 1.5, "down": 1.5, "head": 3.0}
"""Standard deviation of each product's output for inputs of about one: logits come out at about 3."""

SENTENCES = (
    "The capital of France is Paris.",
    "What is the capital of France?",
    "A compiler turns a model into code that a card can run.",
    "The quick brown fox jumps over the lazy dog, 0123456789 times.",
    "How many tokens does a prompt of ten words have?",
    "你好，世界。今天天气很好。",
    "法国的首都是巴黎。问：答：",
    "def add(a, b):\n    return a + b",
)
"""What the tokenizers below are trained on."""

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

TINY = ModelSpec(
    num_layers=2,
    hidden_size=64,
    ffn_size=112,
    num_heads=4,
    num_groups=2,
    head_dim=16,
    rotary_dim=8,
    rope_theta=10000.0,
    vocab_size=320,
    norm_eps=1e-5,
    qkv_bias=True,
    max_positions=2048,
    source_dtype="float32",
)


def tiny_spec(**overrides: Any) -> ModelSpec:
    """Return the spec of a model that runs in milliseconds, with some fields replaced."""
    return replace(TINY, **overrides)


@dataclass(frozen=True)
class RandomWeights:
    """Normally distributed weights of any size, drawn when asked for and equal for equal seeds."""

    spec: ModelSpec
    seed: int = 0
    tied_head: bool = False

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows `start` to `stop` of `name`."""
        shapes = self.spec.weight_shapes()
        shape, index = shapes[name], list(shapes).index(name)
        first = start // _CHUNK
        chunks = [
            self.draw([self.seed, index, chunk], (_CHUNK, *shape[1:])) for chunk in range(first, -(-stop // _CHUNK))
        ]
        drawn = np.concatenate(chunks)[start - first * _CHUNK : stop - first * _CHUNK]
        part = name.rpartition(".")[2]
        if part.endswith("norm"):
            return 1 + np.float32(0.1) * drawn
        fan_in = shape[1] if len(shape) == 2 and part != "embed" else 1
        return drawn * np.float32(_GAINS[part] / math.sqrt(fan_in))

    def draw(self, seed: list[int], shape: tuple[int, ...]) -> Array:
        """Return normally distributed numbers, the same for the same seed."""
        return np.random.default_rng(seed).standard_normal(shape, np.float32)

    def arrays(self) -> dict[str, Array]:
        """Return all weights whole, (out, in) each."""
        whole = {name: self.rows(name, 0, shape[0]) for name, shape in self.spec.weight_shapes().items()}
        return whole | {"head": whole["embed"]} if self.tied_head else whole


def write_model(
    folder: Path,
    spec: ModelSpec,
    *,
    seed: int = 0,
    dtype: Dtype = "float32",
    tied_head: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a random model and its config.json into `folder` (made if absent); return the path of model.onnx.

    `RandomWeights(spec, seed, tied_head).arrays()` gives the same weights to a reference.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ModelConfig("synthetic", max_positions=spec.max_positions).write(folder)
    return write_onnx(folder, spec, RandomWeights(spec, seed, tied_head), dtype=dtype, progress=progress)


def write_sentencepiece(folder: Path, *, vocab_size: int = 300) -> Path:
    """Train a tiny sentencepiece model with byte fallback, ChatGLM2's kind; return the path of tokenizer.model.

    Like `write_tokenizer`, it writes a config.json that fits, so call it after `write_model`.
    """
    import sentencepiece

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokenizer.model"
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES[:3]),  # few letters: 259 entries are bytes and control pieces
            model_writer=file,
            vocab_size=vocab_size,
            model_type="bpe",
            byte_fallback=True,
            split_digits=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    ModelConfig("chatglm", (2,), 1, 0, "chatglm2").write(folder)
    return path


def write_tokenizer(folder: Path, *, vocab_size: int = 300) -> Path:
    """Train a tiny byte-level BPE tokenizer with a chat template; return the path of tokenizer.json.

    Ids 0 to 2 are <|endoftext|>, <|im_start|> and <|im_end|>; the smallest possible vocabulary is 259.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    folder.mkdir(parents=True, exist_ok=True)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(token, special=True) for token in special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    path = folder / "tokenizer.json"
    tokenizer.save(str(path))
    settings = {
        "bos_token": special[1],
        "eos_token": special[2],
        "pad_token": special[0],
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    ModelConfig("llama", (2,), 1, 0, "chat_template").write(folder)
    return path
