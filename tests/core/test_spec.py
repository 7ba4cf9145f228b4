from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core.cli import cmd_compile
from core.compiler.plan import CompileRequest
from core.errors import FormatError, UsageError
from core.spec import EngineConfig


def compiled_config(*flags: str) -> EngineConfig:
    parser = argparse.ArgumentParser()
    cmd_compile.add_arguments(parser)
    return cmd_compile.request_of(parser.parse_args(["--model-path", "m.onnx", *flags])).config


def test_engines_from_before_there_was_a_choice_of_kv_cache_have_float16() -> None:
    old = EngineConfig(dtype="bf16", quantisation="int4").to_json()
    assert "kv_cache" not in old
    assert EngineConfig.from_json(old).kv_format == "float16"
    assert EngineConfig.from_json({**old, "dtype": "fp32"}).kv_format == "float32"
    new = EngineConfig(quantisation="int4", kv_cache="int8")
    assert EngineConfig.from_json(new.to_json()) == new


def test_an_unknown_kv_cache_is_refused() -> None:
    with pytest.raises(FormatError, match="kv_cache is 'int2', not one of f16, int8"):
        EngineConfig.from_json({**EngineConfig().to_json(), "kv_cache": "int2"})


def test_quantised_engines_get_an_int8_kv_cache_unless_told_otherwise() -> None:
    assert compiled_config().kv_cache == compiled_config("--int4", "true").kv_cache == "int8"
    assert compiled_config("--quant", "false").kv_cache == "f16"
    assert compiled_config("--quant", "false", "--kv-cache", "int8").kv_cache == "int8"
    assert compiled_config("--kv-cache", "f16").kv_cache == "f16"
    assert compiled_config("--target", "c10").kv_cache == "f16"


def test_the_cards_compiler_is_asked_for_no_int8_kv_cache() -> None:
    request = CompileRequest(Path("m.onnx"), Path(), "m", EngineConfig(kv_cache="int8"), target="c10")
    with pytest.raises(UsageError, match="no int8 KV cache"):
        request.check()
