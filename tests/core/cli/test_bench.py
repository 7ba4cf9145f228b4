"""bench on a compiled model, through real workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bench import roofline, vendor
from core.bench.measure import KINDS
from core.bench.table import markdown
from core.cli import cmd_bench, cmd_demo
from core.ngf.reader import read_header
from tests.core.cli.conftest import BATCH, Built, Run

INFER_KEYS = {"prompt_tokens", "new_tokens", "ttft_s", "tpot_ms", "decode_tokens_per_s", "peak_memory_bytes", "vendor"}


def test_all_is_measured_and_told_as_json(built: Built, run: Run) -> None:
    result = run("bench", "all", "--model", built.multi, "--tokens", 4, "--runs", 1, "--json")
    assert result.code == 0
    rows = [line for line in result.lines if line["event"] == "benchmarked"]
    assert list(dict.fromkeys(row["kind"] for row in rows)) == list(KINDS)
    for row in rows[:-1]:
        assert set(row["metrics"]) >= INFER_KEYS | {"bandwidth_gb_per_s", "bandwidth_share"}
        assert row["metrics"]["bandwidth_gb_per_s"] > 0
    by_kind = {row["kind"]: row["metrics"] for row in rows}
    assert by_kind["decode"]["bandwidth_share"] > 0
    assert by_kind["batch"]["new_tokens"] == 4 * BATCH
    assert by_kind["long-context"]["context_used"] > by_kind["decode"]["context_used"]
    assert by_kind["lookup"]["lookup_speedup"] > 0
    assert by_kind["roofline"]["f32_gflop_per_s"] > 0
    assert by_kind["roofline"]["int8_gop_per_s"] > 0
    assert result.last["event"] == "bench_finished"
    assert result.last["table"].startswith("| what |")


def test_people_get_a_table_to_paste(built: Built, run: Run) -> None:
    out = run("bench", "decode", "--model", built.multi, "--tokens", 3, "--runs", 1).out
    assert "| decode, 3 tokens |" in out
    assert "share of bandwidth" in out


@pytest.mark.parametrize(
    ("words", "named"),
    [(("speed",), "speed"), (("decode", "--tokens", "1"), "1"), (("long-context", "--tokens", "5000"), "5000")],
)
def test_what_cant_be_measured_is_a_sentence(built: Built, run: Run, words: tuple[str, ...], named: str) -> None:
    result = run("bench", *words, "--model", built.multi, "--runs", 1)
    assert result.code == 2
    assert named in result.err


def test_the_demo_is_measured_with_an_engine_of_its_own_for_batches(
    built: Built, run: Run, monkeypatch: pytest.MonkeyPatch, panel_home: Path
) -> None:
    config = replace(read_header(built.multi).config, batch=1)
    monkeypatch.setattr(cmd_demo, "CONFIG", config)
    monkeypatch.setattr(cmd_bench, "DEMO_BATCH", BATCH)
    batches = []

    def build(request: object, *_: object) -> None:
        batches.append(request.config.batch)  # type: ignore[attr-defined]
        place = request.outputs()[0]  # type: ignore[attr-defined]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(built.multi.read_bytes())

    monkeypatch.setattr(cmd_demo, "build", build)
    words = ("--tokens", 3, "--runs", 1, "--json")
    assert run("bench", "batch", *words).code == 0
    assert run("bench", "decode", *words).code == 0
    assert run("bench", "batch", *words).code == 0
    assert batches == [BATCH, 1]


def test_a_table_leaves_out_what_no_row_has() -> None:
    table = markdown([("a", {"ttft_s": 0.5, "decode_tokens_per_s": 10.0}), ("b", {"ttft_s": 0.25})])
    assert table.splitlines() == [
        "| what | TTFT s | decode tok/s |",
        "|---|---|---|",
        "| a | 0.500 | 10.0 |",
        "| b | 0.250 | - |",
    ]


def test_bandwidth_is_measured_over_more_than_the_cache() -> None:
    assert roofline.Gauge().roofline().buffer_bytes >= 256 << 20


def test_the_published_run_needs_its_context(built: Built, run: Run) -> None:
    result = run("compare", "--model", built.multi)
    assert result.code == 2
    assert "776 tokens of context" in result.err


def test_the_published_run_is_printed_beside_the_vendors(
    built: Built, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "PROMPT_TOKENS", 40)
    monkeypatch.setattr(vendor, "NEW_TOKENS", 4)
    out = run("compare", "--model", built.multi).out
    assert "CPU, not C10" in out
    assert "36.356" in out
    assert "incremental throughput" in out
