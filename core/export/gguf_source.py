"""GGUF files of the architectures llama and chatglm.

llama.cpp turns interleaved pairs in both, and stores llama's query and key rows in that order already, so the rows go
into our interleaved convention as they are. chatglm's fused ffn_up has the gate rows first (its graph applies the
SwiGLU to the first half).
"""

from __future__ import annotations

from pathlib import Path

from core.errors import ModelError
from core.export.assembly import Part, Parts, assemble, qkv_parts
from core.export.gguf_file import GgufFile
from core.export.gguf_tokenizer import read_tokenizer
from core.export.model_config import ModelConfig
from core.export.source import MAX_TABLE, Source, checked_spec
from core.spec import ModelSpec

ARCHITECTURES = ("llama", "chatglm")
_REFUSED_KEYS = {
    "expert_count": "mixes experts",
    "rope.scaling.type": "scales its rotary positions",
    "attention.sliding_window": "uses a sliding attention window",
    "logit_scale": "scales its logits",
    "attention.scale": "has its own attention scale",
}

_WHOLE = {"embed": "token_embd.weight", "final_norm": "output_norm.weight", "head": "output.weight"}
_IN_LAYER = {
    "input_norm": "attn_norm.weight",
    "attn_out": "attn_output.weight",
    "post_norm": "ffn_norm.weight",
    "down": "ffn_down.weight",
}


def open_gguf(path: Path, *, picked: bool = True) -> Source:
    """Open a GGUF file as a source; `picked`: the user chose the file, not only its folder.

    Raises:
        ModelError: not a GGUF, not one of ARCHITECTURES, or one with a feature that ChatGLM2's graph can't express.
        TokenizerError: its tokenizer is of a kind that is not known.
        FileError: it can't be read.
    """
    file = GgufFile(path, picked=picked)
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
    weights = assemble(file, spec, _parts(file, spec))
    tokenizer = read_tokenizer(file.metadata)
    config = ModelConfig(
        model_type=architecture,
        eos_token_ids=tokenizer.eos_ids,
        bos_token_id=tokenizer.bos_id,
        pad_token_id=tokenizer.pad_id,
        prompt_format=tokenizer.prompt_format,
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
    embed = file.shapes.get("token_embd.weight")
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
            vocab_size=embed[0] if embed else number("vocab_size"),
            norm_eps=_float(file, f"{architecture}.attention.layer_norm_rms_epsilon"),
            qkv_bias=bool({"blk.0.attn_qkv.bias", "blk.0.attn_q.bias"} & file.shapes.keys()),
            max_positions=min(number("context_length", 2048), MAX_TABLE),
            source_dtype="float32",
        )
    )


def _parts(file: GgufFile, spec: ModelSpec) -> Parts:
    """Return the tensors that make up each weight, in the order of its rows."""
    shapes = spec.weight_shapes()
    parts: Parts = {
        name: (Part(_WHOLE[name], shapes[name][0]),) for name in _WHOLE if name != "head" or _WHOLE[name] in file.shapes
    }
    for i in range(spec.num_layers):
        prefix = f"blk.{i}."
        for name, tensor in _IN_LAYER.items():
            parts[f"{i}.{name}"] = (Part(prefix + tensor, shapes[f"{i}.{name}"][0]),)
        parts[f"{i}.qkv"] = _qkv(file, spec, prefix, "weight")
        if spec.qkv_bias:
            parts[f"{i}.qkv_bias"] = _qkv(file, spec, prefix, "bias")
        gate, up = f"{prefix}ffn_gate.weight", f"{prefix}ffn_up.weight"
        apart = (Part(gate, spec.ffn_size), Part(up, spec.ffn_size))
        parts[f"{i}.gate_up"] = apart if gate in file.shapes else (Part(up, 2 * spec.ffn_size),)
    return parts


def _qkv(file: GgufFile, spec: ModelSpec, prefix: str, kind: str) -> tuple[Part, ...]:
    fused = f"{prefix}attn_qkv.{kind}"
    if fused in file.shapes:
        return (Part(fused, spec.qkv_size),)
    return qkv_parts(spec, (f"{prefix}attn_q.{kind}", f"{prefix}attn_k.{kind}", f"{prefix}attn_v.{kind}"))
