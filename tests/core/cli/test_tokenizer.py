"""The tokenizer at compile time: asked for where none lies beside the model, taken from where --tokenizer says."""

from __future__ import annotations

from pathlib import Path

from core.export.synthetic import tiny_spec, write_model, write_sentencepiece
from tests.core.cli.conftest import Run


def test_a_compile_asks_for_the_tokenizer_and_takes_it_from_elsewhere(run: Run, tmp_path: Path) -> None:
    model = write_model(tmp_path / "bare", tiny_spec(num_layers=1))
    write_sentencepiece(tmp_path / "original")
    words = [
        "compile",
        "--model-path",
        model,
        "--target-path",
        tmp_path,
        "--total-len",
        64,
        "--pre-len",
        16,
        "--combine",
    ]
    name = "bare_bf16_q_pre16"
    engine = tmp_path / name / f"{name}_multi.ngf"

    bare = run(*words)
    assert bare.code == 0
    assert "no tokenizer beside the model" in bare.out
    assert "--tokenizer" in bare.out
    asked = run("infer", "--engine", engine, "--question", "What is the capital?", "--max-new-tokens", 2)
    assert asked.code != 0
    assert "--tokenizer" in asked.err

    given = run(*words, "--tokenizer", tmp_path / "original")
    assert given.code == 0
    assert "no tokenizer" not in given.out
    asked = run("infer", "--engine", engine, "--question", "What is the capital?", "--max-new-tokens", 2)
    assert asked.code == 0
    assert "问：What is the capital?" in asked.out
