"""What the wizard asks: plain values, and the rules that keep impossible pairs from being chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.spec import (
    MAX_TOTAL_LEN,
    EngineConfig,
    FloatFormat,
    KvCache,
    ModelSpec,
    Quantisation,
    Target,
    default_config,
    default_kv_cache,
)

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest

LONG_TOTAL = 8192
"""From here on the vendor's examples extend the rotary table beyond the traced length."""
LEAST_TOTAL = 2
TOTAL_CHOICES = (2048, 4096, 8192, 16384, 32768)
MAX_RECENT = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """Static batch and lengths in tokens."""

    batch: int
    total_len: int
    pre_len: int


PRESETS: tuple[Shape, ...] = (
    Shape(1, 2048, 256),
    Shape(1, 2048, 1024),
    Shape(8, 2048, 256),
    Shape(1, 8192, 2048),
    Shape(1, 32768, 256),
)
"""The vendor's five compile examples, in its order."""


@dataclass(frozen=True, slots=True)
class Precision:
    """One way to store the weights."""

    dtype: FloatFormat
    quantisation: Quantisation


PRECISIONS: tuple[Precision, ...] = (
    Precision("bf16", "int4"),
    Precision("bf16", "int8"),
    Precision("bf16", "none"),
    Precision("fp32", "int4"),
    Precision("fp32", "int8"),
    Precision("fp32", "none"),
)


@dataclass(frozen=True, slots=True)
class Model:
    """A recognised ONNX file."""

    path: Path
    spec: ModelSpec
    report: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def suggested_name(self) -> str:
        """Name for the engine: the folder's where the file is only called "model"."""
        stem = self.path.parent.name if self.path.stem == "model" else self.path.stem
        return re.sub(r"[^\w.-]+", "-", stem).strip(".-") or "engine"


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that was chosen so far."""

    model: Model | None = None
    config: EngineConfig = field(default_factory=default_config)
    name: str = ""
    folder: Path = Path()
    combine: bool = True
    target: Target = "cpu"
    tokenizer: Path | None = None
    """Picked by the user, where none lies beside the model."""
    kv_cache: KvCache | None = None
    """Chosen by the user; None: what goes with weights and target."""

    def with_shape(self, shape: Shape) -> Draft:
        """Return the draft with another batch and other lengths."""
        config = replace(self.config, batch=shape.batch, total_len=shape.total_len, pre_len=shape.pre_len)
        return replace(self, config=config)

    def with_precision(self, precision: Precision, *, quant_lm_head: bool) -> Draft:
        """Return the draft with another way to store the weights."""
        config = replace(
            self.config, dtype=precision.dtype, quantisation=precision.quantisation, quant_lm_head=quant_lm_head,
            kv_cache=self.kv_cache or default_kv_cache(precision.quantisation),
        )  # fmt: skip
        return replace(self, config=config)

    def with_kv_cache(self, kv_cache: KvCache | None) -> Draft:
        """Return the draft with another KV cache; None: the one that goes with the weights."""
        chosen = replace(self, kv_cache=kv_cache)
        return chosen.with_precision(self.precision, quant_lm_head=self.config.quant_lm_head)

    @property
    def job_config(self) -> EngineConfig:
        """The config that is compiled: the card has an f16 KV cache where nothing else was chosen."""
        if self.target == "c10" and self.kv_cache is None:
            return replace(self.config, kv_cache=default_kv_cache(self.config.quantisation, "c10"))
        return self.config

    @property
    def shape(self) -> Shape:
        """Batch and lengths."""
        return Shape(self.config.batch, self.config.total_len, self.config.pre_len)

    @property
    def precision(self) -> Precision:
        """How the weights are stored."""
        return Precision(self.config.dtype, self.config.quantisation)

    def request(self) -> CompileRequest:
        """Return the compile job for the draft. Raises UsageError."""
        from core.compiler.plan import CompileRequest

        model = self.model.path if self.model else Path()
        request = CompileRequest(
            model,
            self.folder,
            self.name,
            self.job_config,
            combine=self.combine,
            target=self.target,
            tokenizer=self.tokenizer,
        )
        request.check()
        return request


def longest_pre(total_len: int) -> int:
    """Return the longest pre length that goes with a total length, in tokens."""
    return max(1, total_len - 1)


def fitting_pre(pre_len: int, total_len: int) -> int:
    """Return `pre_len`, shortened where it isn't smaller than the total length."""
    return min(max(1, pre_len), longest_pre(total_len))


def extended_to(shape: Shape, spec: ModelSpec) -> int:
    """Return the length the rotary table is extended to, 0 where the traced length suffices."""
    return shape.total_len if shape.total_len > (spec.max_positions or LONG_TOTAL) else 0


def preset_of(shape: Shape) -> int | None:
    """Return the index of the preset with this shape, None for a shape of the user's own."""
    return PRESETS.index(shape) if shape in PRESETS else None


def clean_name(text: str) -> str:
    """Return what of `text` can be part of a file name."""
    return re.sub(r"[^\w.-]+", "-", text.strip()).lstrip(".-")[:100]


def add_recent(known: object, path: str) -> list[str]:
    """Return the remembered models with `path` first."""
    rest = [one for one in known if isinstance(one, str) and one != path] if isinstance(known, list) else []
    return [path, *rest][:MAX_RECENT]


def is_possible(shape: Shape) -> bool:
    """Return whether an engine of this shape can be compiled."""
    return shape.batch >= 1 and 1 <= shape.pre_len < shape.total_len <= MAX_TOTAL_LEN
