"""The ten examples of the vendor's README, word for word but for paths, on a small model (outputs shortened)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.cli import main
from core.ngf.reader import read_header
from tests.core.cli.conftest import Run

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Example:
    """One engine: its compile example's flags, the name it must get, and the inference examples that use it."""

    compile_words: str
    name: str
    shape: tuple[int, int, int]
    """Static batch, pre length, total length."""
    infer_words: tuple[str, ...] = ()


SAMPLED = "--do-sample --temperature 0.01 --top-p 0.7"
EXAMPLES = [
    Example(
        "--static-batch-size 1 --pre-len 256 --export-name glm2_6b2048_48M",
        "glm2_6b2048_48M_bf16_q",
        (1, 256, 2048),
        (
            f"--base-length 256 --static-batch-size 1 --question-from 1 --question-index 0 {SAMPLED}",
            "--base-length 256 --static-batch-size 1 --question-from 1 --question-index 0 --constant-output True "
            f"{SAMPLED}",
        ),
    ),
    Example(
        "--static-batch-size 1 --pre-len 1024 --export-name glm2_6b2048_48M",
        "glm2_6b2048_48M_bf16_q_pre1024",
        (1, 1024, 2048),
        (f"--base-length 1024 --static-batch-size 1 --question-from 1 --question-index 1 {SAMPLED}",),
    ),
    Example(
        "--static-batch-size 8 --pre-len 256 --export-name glm2_6b2048_48M",
        "glm2_6b2048_48M_b8_bf16_q",
        (8, 256, 2048),
        (f"--base-length 256 --static-batch-size 8 --question-from 1 {SAMPLED}",),
    ),
    Example(
        "--static-batch-size 1 --pre-len 2048 --export-name glm2_6b8192_48M --total-len 8192",
        "glm2_6b8192_48M_bf16_q_pre2048",
        (1, 2048, 8192),
        (
            "--base-length 2048 --static-batch-size 1 --question-from 1 --question-index 0 --total-len 8192 "
            f"--constant-output True {SAMPLED}",
        ),
    ),
    Example(
        "--static-batch-size 1 --pre-len 256 --export-name glm2_6b32768_48M --total-len 32768",
        "glm2_6b32768_48M_bf16_q",
        (1, 256, 32768),
    ),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from core.export.synthetic import tiny_spec, write_model, write_sentencepiece

    folder = tmp_path_factory.mktemp("vendor")
    path = write_model(folder / "chatglm2-6b-onnx", tiny_spec(num_layers=1))
    write_sentencepiece(folder / "chatglm2-6b-onnx")
    return path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_compile_combine_and_infer_examples(example: Example, model: Path, run: Run, tmp_path: Path) -> None:
    words = ["compile", "--model-path", str(model), "--target-path", str(tmp_path), *example.compile_words.split()]
    assert main(words) == 0
    folder = tmp_path / example.name
    base, incremental = folder / f"{example.name}.ngf", folder / f"{example.name}_inc.ngf"
    multi = folder / f"{example.name}_multi.ngf"
    assert run("combine", "--ngf-1", base, "--ngf-2", incremental, "--output", multi).code == 0
    config = read_header(multi).config
    assert (config.batch, config.pre_len, config.total_len) == example.shape
    assert (config.dtype, config.quantisation, config.head_format) == ("bf16", "int8", "bf16")
    for infer in example.infer_words:
        result = run("infer", "--engine", multi, *infer.split(), "--max-new-tokens", 5)
        assert result.code == 0, result.err
        assert result.out.count("Question ") == config.batch
        assert "[Round 1]\n\n问：" in result.out
        assert "incremental throughput: " in result.out
