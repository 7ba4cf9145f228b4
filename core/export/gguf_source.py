"""GGUF files of the architectures llama and chatglm.

llama.cpp turns interleaved pairs in both, and stores llama's query and key rows in that order already, so the rows go
into our interleaved convention as they are. chatglm's fused ffn_up has the gate rows first (its graph applies the
SwiGLU to the first half).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelError
from core.export.gguf_file import GgufFile
from core.export.gguf_tokenizer import read_tokenizer
from core.export.model_config import ModelConfig, PromptFormat
from core.export.source import Source, checked_spec, require_shape
from core.export.weights import Array
from core.spec import ModelSpec

ARCHITECTURES = ("llama", "chatglm")
MAX_TABLE = 32768
"""Longest rotary table that is written, in positions; a longer context is a matter of extending it."""

_REFUSED_KEYS = {
    "expert_count": "mixes experts",
    "rope.scaling.type": "scales its rotary positions",
    "attention.sliding_window": "uses a sliding attention window",
    "logit_scale": "scales its logits",
    "attention.scale": "has its own attention scale",
}

_WHOLE = {"embed": "token_embd.weight", "final_norm": "output_norm.weight", "head": "output.weight"}
_IN_LAYER = {
    "input_norm": ("attn_norm.weight",),
    "attn_out": ("attn_output.weight",),
    "post_norm": ("ffn_norm.weight",),
    "down": ("ffn_down.weight",),
}


def open_gguf(path: Path) -> Source:
    """Open a GGUF file as a source.

    Raises:
        ModelError: not a GGUF, not one of ARCHITECTURES, or one with a feature that ChatGLM2's graph can't express.
        TokenizerError: its tokenizer is of a kind that is not known.
        FileError: it can't be read.
    """
    file = GgufFile(path)
    try:
        return _source(file)
    except BaseException:
        file.close()
        raise


def _source(file: GgufFile) -> Source:
    architecture = file.metadata.get("general.architecture")
    if architecture not in ARCHITECTURES:
        raise ModelError(
            f"The GGUF's architecture is {str(architecture)[:40]!r}.", "Only llama and chatglm can be exported."
        )
    for key, what in _REFUSED_KEYS.items():
        value = file.metadata.get(f"{architecture}.{key}")
        if value not in (None, 0, "none"):
            raise ModelError(
                f"The GGUF {what} ({architecture}.{key} is {str(value)[:40]!r}), which ChatGLM2's graph can't express.",
                "Choose another model.",
            )
    spec = _spec(file, architecture)
    weights = GgufWeights(file, spec, _parts(file, spec), tied_head="output.weight" not in file.tensors)
    tokenizer = read_tokenizer(file.metadata)
    prompt: PromptFormat = "chat_template" if tokenizer.chat_template else "plain"
    config = ModelConfig(
        model_type=architecture,
        eos_token_ids=tokenizer.eos_ids,
        bos_token_id=tokenizer.bos_id,
        pad_token_id=tokenizer.pad_id,
        prompt_format=prompt,
        max_positions=_number(file, f"{architecture}.context_length", 0),
    )
    return Source(spec, weights, config, tokenizer.write, file.close)


def _number(file: GgufFile, key: str, default: int | None = None) -> int:
    value = file.metadata.get(key, default)
    if isinstance(value, list) and value and all(item == value[0] for item in value):
        value = value[0]  # one value for each layer
    if type(value) is not int:
        raise ModelError(f"The GGUF's {key} is {str(value)[:40]!r}, not a whole number.", "Fetch the file again.")
    return value


def _float(file: GgufFile, key: str, default: float | None = None) -> float:
    value = file.metadata.get(key, default)
    if type(value) is not float:
        raise ModelError(f"The GGUF's {key} is {str(value)[:40]!r}, not a number.", "Fetch the file again.")
    return value


def _spec(file: GgufFile, architecture: str) -> ModelSpec:
    def number(key: str, default: int | None = None) -> int:
        return _number(file, f"{architecture}.{key}", default)

    heads, hidden = number("attention.head_count"), number("embedding_length")
    head_dim = number("attention.key_length", hidden // max(heads, 1))
    if number("attention.value_length", head_dim) != head_dim:
        raise ModelError("The GGUF's keys and values have different sizes.", "Choose another model.")
    embed = file.tensors.get("token_embd.weight")
    return checked_spec(
        ModelSpec(
            num_layers=number("block_count"),
            hidden_size=hidden,
            ffn_size=number("feed_forward_length"),
            num_heads=heads,
            num_groups=number("attention.head_count_kv", heads),
            head_dim=head_dim,
            rotary_dim=number("rope.dimension_count", head_dim),
            rope_theta=_float(file, f"{architecture}.rope.freq_base", 10000.0),
            vocab_size=embed.shape[0] if embed else number("vocab_size"),
            norm_eps=_float(file, f"{architecture}.attention.layer_norm_rms_epsilon"),
            qkv_bias="blk.0.attn_qkv.bias" in file.tensors or "blk.0.attn_q.bias" in file.tensors,
            max_positions=min(number("context_length", 2048), MAX_TABLE),
            source_dtype="float32",
        )
    )


def _parts(file: GgufFile, spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return the tensors that make up each weight, in the order of its rows; every tensor of the file is used once."""
    parts = {name: _tensors_of(file, name) for name in spec.weight_shapes()}
    if "output.weight" not in file.tensors:
        del parts["head"]
    sizes = {"q": spec.query_size, "k": spec.kv_size, "v": spec.kv_size, "gate": spec.ffn_size, "up": spec.ffn_size}
    for name, tensors in parts.items():
        whole = spec.weight_shapes()[name]
        for tensor in tensors:
            rows = whole[0] if len(tensors) == 1 else sizes[tensor.split(".")[2].rpartition("_")[2]]
            found = file.tensors.get(tensor)
            require_shape(tensor, found.shape if found else None, (rows, *whole[1:]))
    odd = sorted(set(file.tensors) - {tensor for tensors in parts.values() for tensor in tensors})
    if odd:
        raise ModelError(
            f"The GGUF has the tensor {odd[0][:80]!r}, which has no place in ChatGLM2's graph.", "Choose another model."
        )
    return parts


def _tensors_of(file: GgufFile, name: str) -> tuple[str, ...]:
    if name in _WHOLE:
        return (_WHOLE[name],)
    layer, _, part = name.partition(".")
    prefix = f"blk.{layer}."
    if part in _IN_LAYER:
        return tuple(prefix + tensor for tensor in _IN_LAYER[part])
    if part == "gate_up":
        fused = f"{prefix}ffn_gate.weight" not in file.tensors
        return (f"{prefix}ffn_up.weight",) if fused else (f"{prefix}ffn_gate.weight", f"{prefix}ffn_up.weight")
    kind = "bias" if part == "qkv_bias" else "weight"
    if f"{prefix}attn_qkv.{kind}" in file.tensors:
        return (f"{prefix}attn_qkv.{kind}",)
    return tuple(f"{prefix}attn_{letter}.{kind}" for letter in "qkv")


@dataclass(frozen=True)
class GgufWeights:
    """Dequantised rows of a GGUF file."""

    file: GgufFile
    spec: ModelSpec
    parts: dict[str, tuple[str, ...]]
    tied_head: bool

    def rows(self, name: str, start: int, stop: int) -> Array:
        """Return rows `start` to `stop` of the tensors that make up `name`, one after the other."""
        return np.concatenate(list(self._pieces(name, start, stop)))

    def _pieces(self, name: str, start: int, stop: int) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
        base = 0
        for tensor in self.parts[name]:
            count = self.file.tensors[tensor].shape[0]
            first, last = max(start - base, 0), min(stop - base, count)
            if first < last:
                yield self.file.rows(tensor, first, last)
            base += count
