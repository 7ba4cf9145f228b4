"""A small model on disk, and engines of it, made once for all tests of the compiler and the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.export.synthetic import RandomWeights, tiny_spec, write_model
from core.spec import EngineConfig

SPEC = tiny_spec()
WEIGHTS = RandomWeights(SPEC).arrays()


@pytest.fixture(scope="session")
def tiny_onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), SPEC)


@pytest.fixture(scope="session")
def compiled(tiny_onnx: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[EngineConfig], Path]:
    """Return a function that gives the combined engine of the small model for a config."""
    folder = tmp_path_factory.mktemp("engines")

    def engine(config: EngineConfig) -> Path:
        request = CompileRequest(tiny_onnx, folder, f"t{config.total_len}", config, combine=True)
        path = request.outputs()[0]
        if not path.exists():
            compile_engine(request, lambda _: None)
        return path

    return engine
