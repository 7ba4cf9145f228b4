"""The command line on the card, through real workers and the double."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.export.synthetic import write_tokenizer
from tests.core.c10.conftest import Engines
from tests.core.c10.doubles import FOLDER
from tests.core.cli.conftest import Result


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command line with words."""

    def call(*words: object) -> Result:
        capfd.readouterr()
        code = main([str(word) for word in words])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Result(code, captured.out, captured.err)

    return call


def test_the_card_gives_the_cpus_tokens_on_the_command_line(engines: Engines, sdk: Path, run: Any) -> None:
    del sdk
    ids = ("--input-ids", "5,6,7;" + ",".join(map(str, range(3, 43))), "--max-new-tokens", 6, "--constant-output")
    cpu, vendor = engines(3)
    on_cpu = run("infer", "--engine", cpu, *ids, "--json")
    on_card = run("infer", "--engine", vendor, "--target", "c10", *ids, "--split-strategy", 1, "--json")
    assert on_card.code == 0, on_card.err
    assert on_card.last["output_ids"] == on_cpu.last["output_ids"]
    people = run("infer", "--engine", vendor, "--target", "c10", *ids)
    assert "simulated, not Hexaflake hardware" in people.out
    assert "base infer time" in people.out


def test_a_dry_run_plans_and_asks_no_sdk(engines: Engines, run: Any, tmp_path: Path) -> None:
    words = ("infer", "--target", "c10", "--input-ids", "5", "--dry-run", "--c10-python", "python-of-no-sdk")
    lines = run(*words, "--engine", engines(1)[1], "--device", "0,1", "--split-stragety", 1).out.splitlines()
    assert lines[0] == "strategy: equal; jobs in flight: 1"
    assert lines[1].startswith("card 0: embedding")
    assert "the SDK places the layers" in lines[-1]
    unknown = tmp_path / "multi.ngf"  # taken for ChatGLM2-6B
    unknown.write_bytes(b"an engine of the vendor's")
    planned = run(*words, "--engine", unknown, "--multi-dev-dram-limit", "8", "--json").last
    assert planned["cards"][0]["num_layers"] == 28
    assert run(*words, "--engine", unknown, "--multi-dev-dram-limit", "4").code == 2


def test_flags_name_the_sdk(engines: Engines, sdk: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del sdk
    monkeypatch.setenv("C10_SDK_PYTHON", "python-of-no-sdk")
    monkeypatch.setenv("C10_SDK_HOME", "nowhere")
    words = ("infer", "--engine", engines(1)[1], "--target", "c10", "--input-ids", "5", "--max-new-tokens", 2)
    assert "looked for python-of-no-sdk on PATH" in run(*words).err
    assert run(*words, "--c10-python", sys.executable).code == 0


def test_a_tokenizer_beside_the_engine_is_used(engines: Engines, sdk: Path, run: Any, tmp_path: Path) -> None:
    del sdk
    for suffix in ("", ".json"):
        shutil.copyfile(f"{engines(1)[1]}{suffix}", tmp_path / f"vendor.ngf{suffix}")
    write_tokenizer(tmp_path)
    words = ("infer", "--engine", tmp_path / "vendor.ngf", "--target", "c10", "--raw", "--max-new-tokens", 2)
    assert run(*words, "--question", "Paris").code == 0


def test_a_foreign_engine_without_target_is_told_what_to_add(engines: Engines, run: Any) -> None:
    result = run("infer", "--engine", engines(1)[1], "--input-ids", "5")
    assert result.code == 2
    assert "Add --target c10" in result.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--device", "0,1", "--multi-dev-dram-limit", "8"), "--multi-dev-dram-limit has 1 numbers"),
        (("--device", "0,1"), "Device 1 was asked for, but the SDK sees 1 cards"),
        (("--simulate-cards", "2"), "contradict"),
        (("--base-length", "256"), "compiled for a base length of 16"),
        (("--c10-container", "box"), "no container box"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    engines: Engines, sdk: Path, run: Any, words: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    monkeypatch.setenv("C10_SDK_CONTAINER", "")
    result = run("infer", "--engine", engines(1)[1], "--target", "c10", "--input-ids", "5", *words)
    assert result.code == 2
    assert sentence in result.err


def test_compile_and_combine_on_the_command_line(
    onnx: Path, engines: Engines, sdk: Path, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    engines(1)
    monkeypatch.setenv("C10_SDK_HOME", "")
    words = (
        "compile", "--model-path", onnx, "--target-path", tmp_path, "--export-name", "t", "--pre-len", 16,
        "--total-len", 96, "--is-bf16", "no", "--quant", "no", "--target", "c10",
    )  # fmt: skip
    assert "nobody said where" in run(*words).err
    done = run(*words, "--c10-home", FOLDER)
    assert done.code == 0, done.err
    assert "glm2_6b_dyn: simulated, not Hexaflake hardware" in done.out
    assert "--is-bf16 '' --quant ''" in done.out
    folder = tmp_path / "t_fp32_pre16"
    parts = ("--ngf-1", folder / "t_fp32_pre16.ngf", "--ngf-2", folder / "t_fp32_pre16_inc.ngf")
    assert run("combine", *parts, "--output", tmp_path / "m.ngf", "--target", "c10").code == 0
    assert run("combine", *parts, "--output", tmp_path / "n.ngf").code == 2
    assert (tmp_path / "m.ngf").is_file()
