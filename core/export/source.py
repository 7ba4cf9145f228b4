"""What a reader of foreign models hands to the exporter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import FormatError, ModelError
from core.export.model_config import ModelConfig
from core.export.weights import WeightSource
from core.spec import ModelSpec

MAX_TABLE = 32768
"""Longest rotary table that is written, in positions; a longer context is a matter of extending it."""


@dataclass(frozen=True)
class Source:
    """An opened model: its spec, its weights, its config, and how to get its tokenizer."""

    spec: ModelSpec
    weights: WeightSource
    config: ModelConfig
    write_tokenizer: Callable[[Path], None]
    """Writes the tokenizer's files, if the model has any, into a folder."""
    close: Callable[[], None]
    half: bool = False
    """Whether all matrices are stored as float16, so that a float16 ONNX holds them exactly."""


def checked_spec(spec: ModelSpec) -> ModelSpec:
    """Return `spec`; raises ModelError where its numbers make no model."""
    try:
        return ModelSpec.from_json(spec.to_json())
    except FormatError as error:
        raise ModelError(error.message, "The model's configuration is damaged or not of a known family.") from error
