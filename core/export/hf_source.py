"""Hugging Face folders with safetensors: ChatGLM2, ChatGLM3 and GLM-4 in either layout, and Llama.

Only config.json, the safetensors files and the tokenizer's files are read; no code of the model is ever run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.export.assembly import Part, Parts, assemble, qkv_parts
from core.export.external import tensor_name
from core.export.gguf_tokenizer import Vocabulary
from core.export.hf_tokenizer import HfTokenizer, find_tokenizer
from core.export.model_config import CONFIG_NAME, ModelConfig
from core.export.safefile import read_small
from core.export.safetensors_file import SafetensorsFiles, parse_json
from core.export.source import MAX_TABLE, Source, checked_spec
from core.spec import ModelSpec

_MAX_CONFIG = 1 << 20
_COMPUTED = ("rotary_emb.inv_freq", "rotary_pos_emb.inv_freq")
"""Tables that old files hold although the model computes them."""


@dataclass(frozen=True)
class _Config:
    """Values of a config.json, each checked for its type when it is asked for."""

    path: Path
    values: Mapping[str, Any]

    def number(self, key: str, default: int | None = None) -> int:
        value = self.values.get(key)
        value = default if value is None else value
        if type(value) is not int:
            raise self._bad(key, value, "a whole number")
        return value

    def real(self, key: str, default: float | None = None) -> float:
        value = self.values.get(key)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(key, value, "a number")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key)
        value = default if value is None else value
        if type(value) is not bool:
            raise self._bad(key, value, "true or false")
        return value

    def require(self, key: str, *allowed: object) -> None:
        """Raise ModelError where `key` is set to a value that the graph can't express."""
        value = self.values.get(key)
        if value is not None and value not in allowed:
            raise ModelError(
                f"The model's {key} is {str(value)[:60]!r}, which ChatGLM2's graph can't express.",
                f"Only models with {allowed[0]!r} there can be exported.",
            )

    def ids(self, key: str) -> tuple[int, ...]:
        value = self.values.get(key)
        values = value if isinstance(value, list) else [value]
        return tuple(v for v in values if type(v) is int and v >= 0)

    def _bad(self, key: str, value: object, wanted: str) -> ModelError:
        return ModelError(
            f"{self.path} gives {str(value)[:60]!r} for {key}, which is not {wanted}.", "Fetch the model again."
        )


def open_folder(folder: Path) -> Source:
    """Open a Hugging Face folder as a source.

    Raises:
        ModelError: of another family, damaged, or with a feature that ChatGLM2's graph can't express.
        TokenizerError: its tokenizer can't be carried over.
        FileError: a file can't be read.
    """
    config = _Config(folder / CONFIG_NAME, _read_config(folder, CONFIG_NAME))
    kind = str(config.values.get("model_type"))
    if kind not in _FAMILIES:
        raise ModelError(
            f"The model is of the type {kind[:40]!r}.", f"Only these can be exported: {', '.join(_FAMILIES)}."
        )
    config.require("quantization_config", {})
    spec_of, parts_of = _FAMILIES[kind]
    spec = checked_spec(spec_of(config))
    tokenizer = find_tokenizer(folder, sentencepiece=kind == "chatglm")
    files = SafetensorsFiles(folder)
    try:
        weights = assemble(files, spec, _without_tied_head(parts_of(spec), files, config), _COMPUTED)
    except BaseException:
        files.close()
        raise
    return Source(spec, weights, _model_config(folder, config, tokenizer), tokenizer.write, files.close, files.half)


def _read_config(folder: Path, name: str) -> dict[str, Any]:
    data = read_small(folder, name, _MAX_CONFIG)
    return {} if data is None else parse_json(data, str(folder / name))


def _model_config(folder: Path, config: _Config, tokenizer: HfTokenizer | Vocabulary) -> ModelConfig:
    generation = _Config(folder / "generation_config.json", _read_config(folder, "generation_config.json"))
    bos, pad = config.ids("bos_token_id"), config.ids("pad_token_id")
    return ModelConfig(
        model_type=str(config.values["model_type"]),
        eos_token_ids=tuple(dict.fromkeys(config.ids("eos_token_id") + generation.ids("eos_token_id"))),
        bos_token_id=bos[0] if bos else None,
        pad_token_id=pad[0] if pad else None,
        prompt_format=tokenizer.prompt_format,
        max_positions=config.number("seq_length", config.number("max_position_embeddings", 0)),
    )


def _without_tied_head(parts: Parts, files: SafetensorsFiles, config: _Config) -> Parts:
    if config.flag("tie_word_embeddings", default=False) and parts["head"][0].tensor not in files.shapes:
        del parts["head"]
    return parts


def _chatglm_spec(c: _Config) -> ModelSpec:
    for key, allowed in {
        "add_bias_linear": False,
        "apply_residual_connection_post_layernorm": False,
        "rmsnorm": True,
        "post_layer_norm": True,
        "original_rope": True,
        "pre_seq_len": 0,
        "quantization_bit": 0,
    }.items():
        c.require(key, allowed)
    heads = c.number("num_attention_heads")
    head_dim = c.number("kv_channels", c.number("hidden_size") // max(heads, 1))
    return ModelSpec(
        num_layers=c.number("num_layers"),
        hidden_size=c.number("hidden_size"),
        ffn_size=c.number("ffn_hidden_size"),
        num_heads=heads,
        num_groups=c.number("multi_query_group_num") if c.flag("multi_query_attention", default=False) else heads,
        head_dim=head_dim,
        rotary_dim=head_dim // 2,
        rope_theta=10000.0 * c.real("rope_ratio", 1.0),
        vocab_size=c.number("padded_vocab_size"),
        norm_eps=c.real("layernorm_epsilon", 1e-5),
        qkv_bias=c.flag("add_qkv_bias", default=False),
        max_positions=min(c.number("seq_length", 2048), MAX_TABLE),
        source_dtype="float32",
    )


def _chatglm_parts(spec: ModelSpec) -> Parts:
    return {name: (Part(tensor_name(name), shape[0]),) for name, shape in spec.weight_shapes().items()}


def _transformers_spec(c: _Config, *, partial_rotary: float, qkv_bias: bool) -> ModelSpec:
    """Read a configuration of the transformers library, whose newer versions keep the rotary values together."""
    rope = c.values.get("rope_parameters") or {}
    rope = _Config(c.path, {**c.values, **(rope if isinstance(rope, dict) else {})})
    rope.require("rope_type", "default")
    scaling = c.values.get("rope_scaling")
    if scaling and (not isinstance(scaling, dict) or scaling.get("rope_type", scaling.get("type")) != "default"):
        c.require("rope_scaling", "no scaling")
    c.require("hidden_act", "silu")
    heads = c.number("num_attention_heads")
    head_dim = c.number("head_dim", c.number("hidden_size") // max(heads, 1))
    return ModelSpec(
        num_layers=c.number("num_hidden_layers"),
        hidden_size=c.number("hidden_size"),
        ffn_size=c.number("intermediate_size"),
        num_heads=heads,
        num_groups=c.number("num_key_value_heads", heads),
        head_dim=head_dim,
        rotary_dim=int(head_dim * rope.real("partial_rotary_factor", partial_rotary)),
        rope_theta=rope.real("rope_theta", 10000.0),
        vocab_size=c.number("vocab_size"),
        norm_eps=c.real("rms_norm_eps", 1e-6),
        qkv_bias=qkv_bias,
        max_positions=min(c.number("max_position_embeddings", 2048), MAX_TABLE),
        source_dtype="float32",
    )


def _glm_spec(c: _Config) -> ModelSpec:
    return _transformers_spec(c, partial_rotary=0.5, qkv_bias=c.flag("attention_bias", default=False))


def _llama_spec(c: _Config) -> ModelSpec:
    c.require("attention_bias", False)  # it would add a bias to the attention's output as well
    c.require("mlp_bias", False)
    c.require("pretraining_tp", 1)
    spec = _transformers_spec(c, partial_rotary=1.0, qkv_bias=False)
    if spec.rotary_dim != spec.head_dim:
        raise ModelError(
            f"The Llama rotates {spec.rotary_dim} of {spec.head_dim} features of a head.", "Choose another model."
        )
    return spec


def _transformers_parts(spec: ModelSpec, *, half_split: bool, fused_gate: bool) -> Parts:
    shapes = spec.weight_shapes()
    parts: Parts = {
        "embed": (Part("model.embed_tokens.weight", spec.vocab_size),),
        "final_norm": (Part("model.norm.weight", spec.hidden_size),),
        "head": (Part("lm_head.weight", spec.vocab_size),),
    }
    for i in range(spec.num_layers):
        prefix = f"model.layers.{i}."
        for name, tensor in {
            "input_norm": "input_layernorm.weight",
            "attn_out": "self_attn.o_proj.weight",
            "post_norm": "post_attention_layernorm.weight",
            "down": "mlp.down_proj.weight",
        }.items():
            parts[f"{i}.{name}"] = (Part(prefix + tensor, shapes[f"{i}.{name}"][0]),)
        for name, kind in (("qkv", "weight"), ("qkv_bias", "bias")):
            if f"{i}.{name}" in shapes:
                q, k, v = (f"{prefix}self_attn.{letter}_proj.{kind}" for letter in "qkv")
                parts[f"{i}.{name}"] = qkv_parts(spec, (q, k, v), half_split=half_split)
        gate_up = (Part(f"{prefix}mlp.gate_up_proj.weight", 2 * spec.ffn_size),)
        apart = (
            Part(f"{prefix}mlp.gate_proj.weight", spec.ffn_size),
            Part(f"{prefix}mlp.up_proj.weight", spec.ffn_size),
        )
        parts[f"{i}.gate_up"] = gate_up if fused_gate else apart
    return parts


def _glm_parts(spec: ModelSpec) -> Parts:
    return _transformers_parts(spec, half_split=False, fused_gate=True)


def _llama_parts(spec: ModelSpec) -> Parts:
    return _transformers_parts(spec, half_split=True, fused_gate=False)


_FAMILIES: dict[str, tuple[Callable[[_Config], ModelSpec], Callable[[ModelSpec], Parts]]] = {
    "chatglm": (_chatglm_spec, _chatglm_parts),
    "glm": (_glm_spec, _glm_parts),
    "llama": (_llama_spec, _llama_parts),
}
"""Families by model_type: how to read the configuration, and which tensors make up each weight."""
