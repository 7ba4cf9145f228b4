"""One small model, compiled once through the command line itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.cli import main

TOTAL_LEN, PRE_LEN, BATCH = 96, 16, 2


@dataclass(frozen=True)
class Built:
    """Paths of the small model and its engines."""

    model: Path
    base: Path
    incremental: Path
    multi: Path


@dataclass(frozen=True)
class Result:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        """The last JSON object on stdout."""
        return self.lines[-1]


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line with words and gives its exit code and output."""

    def call(*words: object, worker: list[str] | None = None) -> Result:
        capfd.readouterr()
        code = main([str(word) for word in words], worker=worker)
        captured = capfd.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Compile both parts of a small model with a tokenizer, and combine them."""
    from core.export.synthetic import tiny_spec, write_model, write_tokenizer

    folder = tmp_path_factory.mktemp("cli")
    model = write_model(folder / "small", tiny_spec(num_layers=1))
    write_tokenizer(folder / "small")
    words = [
        "compile", "--model-path", model, "--target-path", folder, "--total-len", TOTAL_LEN, "--pre-len", PRE_LEN,
        "--static-batch-size", BATCH, "--is-bf16", "no", "--quant", "",
    ]  # fmt: skip
    assert main([str(word) for word in words]) == 0
    name = f"small_b{BATCH}_fp32_pre{PRE_LEN}"
    base, incremental = folder / name / f"{name}.ngf", folder / name / f"{name}_inc.ngf"
    multi = folder / "out" / "multi.ngf"
    multi.parent.mkdir()
    assert main(["combine", "--ngf-1", str(base), "--ngf-2", str(incremental), "--output", str(multi)]) == 0
    return Built(model, base, incremental, multi)
