"""Small engines for the CPU and, wrapped, for the double of the vendor's SDK; one model for both."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import trust
from core.c10.description import CHATGLM2_CHAT, Description, write_description
from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.export.synthetic import tiny_spec, write_model
from core.ngf.combine import combine
from core.spec import EngineConfig
from tests.core.c10.doubles import FOLDER, hx_double

SPEC = tiny_spec(num_layers=1)
Engines = Callable[[int], "Pair"]
Pair = tuple[Path, Path]
"""An engine for the CPU, and the same behind the vendor's front."""


def config(batch: int) -> EngineConfig:
    return EngineConfig(batch=batch, pre_len=16, total_len=96, dtype="fp32", quantisation="none")


@pytest.fixture(scope="session")
def onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("c10-model"), SPEC)


@pytest.fixture(scope="session")
def parts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("c10-engines")


@pytest.fixture(scope="session")
def engines(onnx: Path, parts_folder: Path) -> Engines:
    """Return a function that gives the engines for a static batch size."""

    def pair(batch: int) -> Pair:
        request = CompileRequest(onnx, parts_folder, "t", config(batch), self_test=False)
        multi, wrapped = request.folder / "multi.ngf", request.folder / "vendor.ngf"
        if not wrapped.exists():
            compile_engine(request, lambda _: None)
            combine(*request.outputs(), multi)
            hx_double.wrap(multi, wrapped)
            trust.remember(*trust.vendor_digest(wrapped), wrapped, "approved")
            write_description(wrapped, Description(SPEC, config(batch), CHATGLM2_CHAT, assumed=False))
        return multi, wrapped

    return pair


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, parts_folder: Path) -> Path:
    """Make the double the SDK of this test; return the file that its log goes to."""
    log = tmp_path / "c10-double.log"
    monkeypatch.setenv("C10_DOUBLE_LOG", str(log))
    monkeypatch.setenv("C10_DOUBLE_PREBUILT", str(parts_folder))
    monkeypatch.setenv("C10_SDK_HOME", str(FOLDER))
    monkeypatch.setenv("C10_SDK_PYTHON", sys.executable)
    monkeypatch.delenv("C10_SDK_CONTAINER", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    monkeypatch.setenv("PATH", f"{FOLDER}{os.pathsep}{os.environ['PATH']}")
    return log
