"""Plain value types that cross every layer: what a model is, and how an engine of it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from core.errors import FormatError, UsageError

WeightFormat = Literal["fp32", "bf16", "int8", "int4"]
"""How one weight matrix is stored. int8: scale for each group of 32; int4: scale and offset for each group of 32."""

FloatFormat = Literal["fp32", "bf16"]
Quantisation = Literal["none", "int8", "int4"]
Target = Literal["cpu", "c10"]
KvCache = Literal["f16", "int8"]
KvFormat = Literal["float32", "float16", "int8"]
Role = Literal["base", "incremental", "multi"]
"""base = prefill part, incremental = decode part, multi = both in one file."""

GROUP = 32
"""Input features that share one scale (and offset) in int8 and int4."""

DEFAULT_PRE_LEN = 256
DEFAULT_TOTAL_LEN = 2048
MAX_TOTAL_LEN = 1 << 20
MAX_BATCH = 64


def round_up(value: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is at least `value`."""
    return -(-value // multiple) * multiple


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A ChatGLM2-style decoder: RMSNorm, grouped-query attention, interleaved rotary, SwiGLU.

    The rotary embedding turns the pairs (2i, 2i+1) of the first `rotary_dim` features of each head by
    position * rope_theta ** (-2i / rotary_dim) radians; the other features pass unchanged.
    """

    num_layers: int
    hidden_size: int
    """Features of the residual stream."""
    ffn_size: int
    """Features between gate/up and down (the gate and the up projection have this many rows each)."""
    num_heads: int
    num_groups: int
    """Key/value heads; `num_heads` is a multiple of it."""
    head_dim: int
    rotary_dim: int
    """Features of a head that are rotated; even, at most `head_dim`."""
    rope_theta: float
    vocab_size: int
    """Rows of the embedding and of the output layer."""
    norm_eps: float
    qkv_bias: bool
    max_positions: int
    """Longest sequence the source graph was traced for, in tokens (0: not limited by the graph)."""
    source_dtype: str
    """ONNX type of the weights: "float32", "float16" or "bfloat16"."""

    @property
    def query_size(self) -> int:
        """Features of all query heads together."""
        return self.num_heads * self.head_dim

    @property
    def kv_size(self) -> int:
        """Features of all key heads together (the value heads have as many)."""
        return self.num_groups * self.head_dim

    @property
    def qkv_size(self) -> int:
        """Rows of the fused query/key/value projection."""
        return self.query_size + 2 * self.kv_size

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight, [out, in] for matrices, in the order of the data's way through the model.

        Names: embed, {i}.input_norm, {i}.qkv, {i}.qkv_bias (if any), {i}.attn_out, {i}.post_norm, {i}.gate_up (gate
        rows first, then up rows), {i}.down, final_norm, head.
        """
        shapes: dict[str, tuple[int, ...]] = {"embed": (self.vocab_size, self.hidden_size)}
        for i in range(self.num_layers):
            shapes[f"{i}.input_norm"] = (self.hidden_size,)
            shapes[f"{i}.qkv"] = (self.qkv_size, self.hidden_size)
            if self.qkv_bias:
                shapes[f"{i}.qkv_bias"] = (self.qkv_size,)
            shapes[f"{i}.attn_out"] = (self.hidden_size, self.query_size)
            shapes[f"{i}.post_norm"] = (self.hidden_size,)
            shapes[f"{i}.gate_up"] = (2 * self.ffn_size, self.hidden_size)
            shapes[f"{i}.down"] = (self.hidden_size, self.ffn_size)
        shapes["final_norm"] = (self.hidden_size,)
        shapes["head"] = (self.vocab_size, self.hidden_size)
        return shapes

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> ModelSpec:
        """Build a spec from parsed JSON; raises FormatError on a missing, unknown, mistyped or impossible field."""
        values = _checked(data, cls, "model spec")
        spec = cls(**values)
        spec._validate()
        return spec

    def _validate(self) -> None:
        limits = {
            "num_layers": 1024, "hidden_size": 1 << 17, "ffn_size": 1 << 19, "num_heads": 1024, "num_groups": 1024,
            "head_dim": 1024, "rotary_dim": 1024, "vocab_size": 1 << 22,
        }  # fmt: skip
        for name, limit in limits.items():
            value = getattr(self, name)
            if not 1 <= value <= limit:
                raise FormatError(f"The model spec's {name} is {value}, outside 1 to {limit}.")
        if self.num_heads % self.num_groups:
            raise FormatError(f"{self.num_heads} heads can't be shared by {self.num_groups} key/value groups.")
        if self.rotary_dim % 2 or self.rotary_dim > self.head_dim:
            raise FormatError(f"A rotary dim of {self.rotary_dim} doesn't fit a head of {self.head_dim} features.")
        if not (0.0 < self.norm_eps < 1.0 and 1.0 < self.rope_theta < 1e12):
            raise FormatError(f"Norm eps {self.norm_eps} or rope theta {self.rope_theta} is out of range.")
        if not 0 <= self.max_positions <= 1 << 24:
            raise FormatError(f"The model spec's max_positions is {self.max_positions}, outside 0 to {1 << 24}.")
        if self.source_dtype not in {"float32", "float16", "bfloat16"}:
            raise FormatError(f"The model spec's source_dtype {self.source_dtype!r} is unknown.")


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How an engine is built from a model: the vendor's shape and precision choices."""

    batch: int = 1
    """Sequences that are decoded together (the vendor's static batch size)."""
    pre_len: int = DEFAULT_PRE_LEN
    """Most tokens of one prefill round."""
    total_len: int = DEFAULT_TOTAL_LEN
    """Context length in tokens: the KV cache has this many positions for each sequence."""
    dtype: FloatFormat = "bf16"
    quantisation: Quantisation = "int8"
    quant_lm_head: bool = False
    """Store the output layer as int8 (the vendor leaves it unquantised)."""
    kv_cache: KvCache = "f16"
    """Keys and values as float16 (float32 in an fp32 engine), or as int8 with a scale for each head and position."""

    @property
    def linear_format(self) -> WeightFormat:
        """Format of all weight matrices inside the layers."""
        return self.dtype if self.quantisation == "none" else self.quantisation

    @property
    def head_format(self) -> WeightFormat:
        """Format of the output layer."""
        return "int8" if self.quant_lm_head else self.dtype

    @property
    def kv_format(self) -> KvFormat:
        """Type of the KV cache's elements."""
        if self.kv_cache == "int8":
            return "int8"
        return "float32" if self.dtype == "fp32" else "float16"

    def check(self) -> None:
        """Raise UsageError where the choices can't go together."""
        if not 1 <= self.batch <= MAX_BATCH:
            raise UsageError(
                f"The static batch size is {self.batch}, but it must lie between 1 and {MAX_BATCH}.",
                "Choose 1 for a single chat or up to 8 for side-by-side answers.",
            )
        if self.pre_len < 1:
            raise UsageError(f"The pre length is {self.pre_len}, but it must be at least 1.", "256 is the default.")
        if not 2 <= self.total_len <= MAX_TOTAL_LEN:
            raise UsageError(
                f"The total length is {self.total_len}, but it must lie between 2 and {MAX_TOTAL_LEN} tokens.",
                "2048 is the default; 8192, 16384 and 32768 are usual.",
            )
        if self.pre_len >= self.total_len:
            raise UsageError(
                f"The pre length ({self.pre_len}) must be smaller than the total length ({self.total_len}).",
                "Raise --total-len (8192, for instance) or lower --pre-len.",
            )

    def suffix(self) -> str:
        """Return the vendor's name suffix, such as "_b8_bf16_q_pre1024"."""
        parts = [] if self.batch == 1 else [f"_b{self.batch}"]
        parts.append(f"_{self.dtype}")
        parts.append({"none": "", "int8": "_q", "int4": "_q4"}[self.quantisation])
        if self.pre_len != DEFAULT_PRE_LEN:
            parts.append(f"_pre{self.pre_len}")
        return "".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; an f16 cache isn't named, as before there was another."""
        named = asdict(self)
        if self.kv_cache == "f16":
            del named["kv_cache"]
        return named

    @classmethod
    def from_json(cls, data: object) -> EngineConfig:
        """Build a config from parsed JSON; raises FormatError on a missing, unknown, mistyped or impossible field."""
        if isinstance(data, dict) and "kv_cache" not in data:
            data = {**data, "kv_cache": "f16"}
        values = _checked(data, cls, "engine config")
        allowed = {"dtype": ("fp32", "bf16"), "quantisation": ("none", "int8", "int4"), "kv_cache": get_args(KvCache)}
        for name, choices in allowed.items():
            if values[name] not in choices:
                raise FormatError(f"The engine config's {name} is {values[name]!r}, not one of {', '.join(choices)}.")
        config = cls(**values)
        try:
            config.check()
        except UsageError as error:
            raise FormatError(error.message) from error
        return config


def default_kv_cache(quantisation: Quantisation, target: Target = "cpu") -> KvCache:
    """Return the KV cache that an engine gets where nothing is said: on the CPU int8 beside quantised weights."""
    return "f16" if quantisation == "none" or target == "c10" else "int8"


def default_config() -> EngineConfig:
    """Return what is compiled for the CPU where nothing is said."""
    config = EngineConfig()
    return replace(config, kv_cache=default_kv_cache(config.quantisation))


def precision_name(config: Mapping[str, Any]) -> str:
    """Return how an engine with this config (EngineConfig as JSON) stores its weights: "bf16" or "bf16 + int8"."""
    quantisation = str(config.get("quantisation", "none"))
    return str(config.get("dtype", "")) + ("" if quantisation == "none" else f" + {quantisation}")


_JSON_TYPES = {"int": int, "float": float, "bool": bool}


def _checked(data: object, cls: type[Any], what: str) -> dict[str, Any]:
    """Return `data` as keyword arguments for the dataclass `cls`: exactly its fields, each of its own JSON type."""
    if not isinstance(data, dict):
        raise FormatError(f"The {what} is not a JSON object.")
    names = [field.name for field in fields(cls)]
    if set(data) != set(names):
        odd = sorted(set(data) ^ set(names), key=str)
        raise FormatError(f"The {what} lacks or doesn't know the field {odd[0]!r}.")
    for field in fields(cls):
        kind = _JSON_TYPES.get(str(field.type), str)
        if type(data[field.name]) is not kind:
            raise FormatError(f"The {what}'s {field.name} is {data[field.name]!r}, which is not a {kind.__name__}.")
    return dict(data)
