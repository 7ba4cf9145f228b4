"""Small model files of other formats, made from canonical weights: the other direction of what is tested."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

from core.export.external import tensor_name
from core.export.weights import Array
from core.spec import ModelSpec

Tensors = dict[str, np.ndarray[Any, Any]]


def chatglm_config(spec: ModelSpec, *, tied: bool = False) -> dict[str, Any]:
    """Return config.json as the original model's code reads it."""
    return {
        "model_type": "chatglm",
        "num_layers": spec.num_layers,
        "hidden_size": spec.hidden_size,
        "ffn_hidden_size": spec.ffn_size,
        "num_attention_heads": spec.num_heads,
        "multi_query_attention": True,
        "multi_query_group_num": spec.num_groups,
        "kv_channels": spec.head_dim,
        "padded_vocab_size": spec.vocab_size,
        "layernorm_epsilon": spec.norm_eps,
        "add_qkv_bias": spec.qkv_bias,
        "seq_length": spec.max_positions,
        "rope_ratio": spec.rope_theta / 10000,
        "rmsnorm": True,
        "post_layer_norm": True,
        "add_bias_linear": False,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "tie_word_embeddings": tied,
    }


def write_chatglm(folder: Path, spec: ModelSpec, weights: Mapping[str, Array], *, tied: bool = False) -> Path:
    """Write the layout of the original model code."""
    tensors: Tensors = {tensor_name(name): value for name, value in weights.items() if not (tied and name == "head")}
    tensors["transformer.rotary_pos_emb.inv_freq"] = np.ones(4, np.float32)
    return write_folder(folder, chatglm_config(spec, tied=tied), tensors)


def write_transformers(folder: Path, spec: ModelSpec, weights: Mapping[str, Array], *, kind: str) -> Path:
    """Write the layout of the transformers library: `kind` is "llama" (half-split pairs) or "glm"."""
    config = {
        "model_type": kind,
        "num_hidden_layers": spec.num_layers,
        "hidden_size": spec.hidden_size,
        "intermediate_size": spec.ffn_size,
        "num_attention_heads": spec.num_heads,
        "num_key_value_heads": spec.num_groups,
        "head_dim": spec.head_dim,
        "vocab_size": spec.vocab_size,
        "rms_norm_eps": spec.norm_eps,
        "max_position_embeddings": spec.max_positions,
        "attention_bias": spec.qkv_bias,
        "hidden_act": "silu",
        "bos_token_id": 1,
        "eos_token_id": [2, 3],
    }
    if kind == "glm":
        factor = spec.rotary_dim / spec.head_dim
        rope = {"rope_type": "default", "rope_theta": spec.rope_theta, "partial_rotary_factor": factor}
        config["rope_parameters"] = rope
    else:
        config |= {"rope_theta": spec.rope_theta, "rope_scaling": None}
    tensors: Tensors = {
        "model.embed_tokens.weight": weights["embed"],
        "model.norm.weight": weights["final_norm"],
        "lm_head.weight": weights["head"],
    }
    for i in range(spec.num_layers):
        prefix = f"model.layers.{i}."
        tensors |= {
            f"{prefix}input_layernorm.weight": weights[f"{i}.input_norm"],
            f"{prefix}post_attention_layernorm.weight": weights[f"{i}.post_norm"],
            f"{prefix}self_attn.o_proj.weight": weights[f"{i}.attn_out"],
            f"{prefix}mlp.down_proj.weight": weights[f"{i}.down"],
        }
        for part, suffix in (("qkv", "weight"), ("qkv_bias", "bias")):
            if f"{i}.{part}" in weights:
                for letter, rows in zip("qkv", split_qkv(spec, weights[f"{i}.{part}"]), strict=True):
                    moved = half_split(rows, spec.head_dim) if kind == "llama" and letter != "v" else rows
                    tensors[f"{prefix}self_attn.{letter}_proj.{suffix}"] = moved
        gate, up = np.split(weights[f"{i}.gate_up"], 2)
        if kind == "glm":
            tensors[f"{prefix}mlp.gate_up_proj.weight"] = weights[f"{i}.gate_up"]
        else:
            tensors |= {f"{prefix}mlp.gate_proj.weight": gate, f"{prefix}mlp.up_proj.weight": up}
    return write_folder(folder, config, tensors)


def split_qkv(spec: ModelSpec, rows: Array) -> list[Array]:
    return np.split(rows, [spec.query_size, spec.query_size + spec.kv_size])


def half_split(rows: Array, head_dim: int) -> Array:
    """Reorder each head's rows from pairs (2i, 2i + 1) to pairs (i, i + half)."""
    heads = rows.reshape(-1, head_dim // 2, 2, *rows.shape[1:])
    return heads.swapaxes(1, 2).reshape(rows.shape)


def write_folder(folder: Path, config: Mapping[str, Any], tensors: Tensors, *, shards: int = 2) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    plain = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    if shards == 1:
        save_file(plain, folder / "model.safetensors")
        return folder
    index: dict[str, str] = {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        chosen = {name: plain[name] for name in list(plain)[shard::shards]}
        save_file(chosen, folder / file)
        index |= dict.fromkeys(chosen, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    return folder


def write_gguf(
    path: Path,
    spec: ModelSpec,
    weights: Mapping[str, Array],
    *,
    arch: str = "llama",
    kind: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F32,
    tied: bool = False,
    metadata: Mapping[str, Any] | None = None,
    extra: Tensors | None = None,
) -> Path:
    """Write a GGUF file; matrices are stored as `kind`. `metadata` holds further strings, numbers and lists."""
    writer = gguf.GGUFWriter(path, arch)
    writer.add_block_count(spec.num_layers)
    writer.add_context_length(spec.max_positions)
    writer.add_embedding_length(spec.hidden_size)
    writer.add_feed_forward_length(spec.ffn_size)
    writer.add_head_count(spec.num_heads)
    writer.add_head_count_kv(spec.num_groups)
    writer.add_key_length(spec.head_dim)
    writer.add_value_length(spec.head_dim)
    writer.add_layer_norm_rms_eps(spec.norm_eps)
    writer.add_rope_dimension_count(spec.rotary_dim)
    writer.add_rope_freq_base(spec.rope_theta)
    for key, value in (metadata or {}).items():
        {str: writer.add_string, bool: writer.add_bool, int: writer.add_uint32, list: writer.add_array}[type(value)](
            key, value
        )
    for name, value in {**_gguf_tensors(spec, weights, arch), **(extra or {})}.items():
        if tied and name == "output.weight":
            continue
        quantised = value.ndim == 2 and kind != gguf.GGMLQuantizationType.F32
        data = gguf.quants.quantize(value, kind) if quantised else value
        writer.add_tensor(name, data, raw_dtype=kind if quantised else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _gguf_tensors(spec: ModelSpec, weights: Mapping[str, Array], arch: str) -> Tensors:
    tensors: Tensors = {
        "token_embd.weight": weights["embed"],
        "output_norm.weight": weights["final_norm"],
        "output.weight": weights["head"],
    }
    for i in range(spec.num_layers):
        prefix = f"blk.{i}."
        tensors |= {
            f"{prefix}attn_norm.weight": weights[f"{i}.input_norm"],
            f"{prefix}ffn_norm.weight": weights[f"{i}.post_norm"],
            f"{prefix}attn_output.weight": weights[f"{i}.attn_out"],
            f"{prefix}ffn_down.weight": weights[f"{i}.down"],
        }
        for part, suffix in (("qkv", "weight"), ("qkv_bias", "bias")):
            if f"{i}.{part}" not in weights:
                continue
            if arch == "chatglm":
                tensors[f"{prefix}attn_qkv.{suffix}"] = weights[f"{i}.{part}"]
            else:
                rows = split_qkv(spec, weights[f"{i}.{part}"])
                tensors |= {f"{prefix}attn_{letter}.{suffix}": r for letter, r in zip("qkv", rows, strict=True)}
        gate, up = np.split(weights[f"{i}.gate_up"], 2)
        if arch == "chatglm":
            tensors[f"{prefix}ffn_up.weight"] = weights[f"{i}.gate_up"]
        else:
            tensors |= {f"{prefix}ffn_gate.weight": gate, f"{prefix}ffn_up.weight": up}
    return tensors
