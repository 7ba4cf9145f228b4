"""compile, combine, inspect and export through the command line and real workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.ngf.reader import read_header
from tests.core.cli.conftest import BATCH, PRE_LEN, TOTAL_LEN, Built, Run
from tests.core.worker.doubles import FAKE_WORKER


def test_compile_makes_the_vendors_names_and_combine_stores_the_weights_once(built: Built) -> None:
    assert built.base.is_file()
    assert built.incremental.is_file()
    header = read_header(built.multi)
    assert header.role == "multi"
    assert (header.config.batch, header.config.pre_len, header.config.total_len) == (BATCH, PRE_LEN, TOTAL_LEN)
    assert (header.config.dtype, header.config.quantisation) == ("fp32", "none")
    assert built.multi.stat().st_size <= 1.01 * built.base.stat().st_size + 4096
    assert {path.name for path in built.base.parent.iterdir()} == {built.base.name, built.incremental.name}


def test_a_dry_run_says_what_each_card_would_hold(built: Built, run: Run, tmp_path: Path) -> None:
    words = ("compile", "--model-path", built.model, "--target-path", tmp_path, "--device", "0,1")
    limits = ("--multi-dev-dram-limit", "1,2", "--split-strategy", 2)
    planned = run(*words, *limits, "--dry-run", "--json").last
    assert planned["strategy"] == "loose"
    assert [(card["card"], card["limit_bytes"] >> 30) for card in planned["cards"]] == [(0, 1), (1, 2)]
    assert "Add --dry-run" in run(*words).err
    assert "find no place" in run(*words, "--multi-dev-dram-limit", "0.0005,0.0005", "--dry-run").err
    assert [path for path in tmp_path.iterdir() if path.name != "panel-home"] == []


def test_dry_run_says_what_to_expect_and_writes_nothing(built: Built, run: Run, tmp_path: Path) -> None:
    words = ("compile", "--model-path", built.model, "--target-path", tmp_path, "--export-name", "x", "--int4")
    people, machines = run(*words, "--dry-run"), run(*words, "--dry-run", "--json")
    assert people.code == machines.code == 0
    assert "x_bf16_q4_inc.ngf" in people.out
    assert "memory to run" in people.out
    assert machines.last["report"]["name"] == "x_bf16_q4"
    assert [path for path in tmp_path.iterdir() if path.name != "panel-home"] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--pre-len", "2048"), "The pre length (2048) must be smaller than the total length (2048)."),
        (("--static-batch-size", "0"), "The static batch size is 0"),
        (("--quant", "perhaps"), "neither true nor false"),
        (("--int4", "True", "--quant", "False"), "contradict"),
        (("--target", "c10"), "vendor's SDK"),
        (("--export-name", "../up"), "can't be part of a file name"),
        (("--combine", "--ngf", "0"), "Only .ngf engines can be combined"),
        (("--quantisation", "int2"), "Unrecognized arguments"),
    ],
)
def test_bad_flags_give_a_sentence_a_next_step_and_code_2(
    built: Built, run: Run, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    target = tmp_path / "out"
    result = run("compile", "--model-path", built.model, "--target-path", target, *words)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert sentence in result.err
    assert len(result.err.strip().splitlines()) == 2
    assert not target.exists()


def test_a_failure_is_also_an_event_with_json(run: Run, tmp_path: Path) -> None:
    result = run("compile", "--model-path", tmp_path / "none.onnx", "--target-path", tmp_path / "out", "--json")
    assert result.code == 2
    assert result.last["event"] == "failed"
    assert "none.onnx" in result.last["message"]
    assert result.last["hint"]
    wrong = run("compile", "--json")
    assert (wrong.code, wrong.last["code"]) == (2, "usage")


def test_json_progress_has_every_step(run: Run, tmp_path: Path) -> None:
    result = run("compile", "--model-path", "m.onnx", "--target-path", tmp_path / "o", "--json", worker=FAKE_WORKER)
    assert result.code == 0
    assert [line["event"] for line in result.lines] == ["step_started", "step_progress", "compile_finished"]


@pytest.mark.parametrize("swap", [True, False])
def test_combine_refuses_what_does_not_belong_together(built: Built, run: Run, tmp_path: Path, *, swap: bool) -> None:
    output = tmp_path / "m.ngf"
    second = built.base if swap else built.model
    result = run("combine", "--ngf-1", built.base, "--ngf-2", second, "--output", output)
    assert result.code == 2
    assert not output.exists()


def test_inspect_shows_an_engine_and_checks_its_digests(built: Built, run: Run, tmp_path: Path) -> None:
    people = run("inspect", built.multi, "--verify")
    assert people.code == 0
    assert "role: multi" in people.out
    assert "verified: every digest is right" in people.out
    assert run("inspect", built.multi, "--json").last["spec"]["num_layers"] == 1
    damaged = tmp_path / "damaged.ngf"
    data = bytearray(built.multi.read_bytes())
    data[read_header(built.multi).section("head").offset] ^= 1
    damaged.write_bytes(data)
    result = run("inspect", damaged, "--verify")
    assert result.code == 2
    assert "head" in result.err


def test_inspect_shows_a_model_or_the_reason_for_refusal(built: Built, run: Run, tmp_path: Path) -> None:
    assert "hidden_size: 64" in run("inspect", built.model).out
    (tmp_path / "text.onnx").write_text("hello")
    result = run("inspect", tmp_path / "text.onnx")
    assert result.code == 2
    assert "text.onnx" in result.err


def test_export_refuses_what_is_no_model(run: Run, tmp_path: Path) -> None:
    result = run("export", "--from", tmp_path / "nothing", "--output", tmp_path / "out")
    assert result.code == 2
    assert "doesn't exist" in result.err
    assert not (tmp_path / "out").exists()
