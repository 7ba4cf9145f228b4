"""infer and perplexity on a compiled model, through real workers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.cli.answers import vendor_lines
from core.events import Generated
from core.runtime.client import RuntimeClient
from core.runtime.figures import vendor_figures
from core.worker.protocol import Generate
from tests.core.cli.conftest import BATCH, PRE_LEN, TOTAL_LEN, Built, Result, Run
from tests.core.worker.doubles import FAKE_WORKER, wait_for

ROOT = Path(__file__).resolve().parents[3]


def ids(run: Run, built: Built, text: str, *words: object) -> Result:
    return run("infer", "--engine", built.multi, "--input-ids", text, "--json", *words)


def test_input_ids_need_no_tokenizer_and_the_last_line_has_everything(built: Built, run: Run) -> None:
    result = ids(run, built, "5,6,7;8,9", "--max-new-tokens", 4, "--constant-output")
    assert result.code == 0
    last = result.last
    assert [len(row) for row in last["output_ids"]] == [4, 4]
    assert last["stop_reason"] == ["length", "length"]
    assert len(last["text"]) == 2
    assert {
        "prompt_tokens", "new_tokens", "ttft_s", "tpot_ms", "prefill_tokens_per_s", "decode_tokens_per_s",
        "peak_memory_bytes", "vendor",
    } <= set(last["metrics"])  # fmt: skip
    assert last["metrics"]["vendor"]["infer tokens"] == 1 + 3


def test_rows_of_a_batch_answer_as_alone_for_prompts_longer_than_a_round(built: Built, run: Run) -> None:
    prompts = ["5,6,7", ",".join(str(i % 200 + 3) for i in range(2 * PRE_LEN + 5)), "9"]
    together = ids(run, built, ";".join(prompts), "--max-new-tokens", 5, "--constant-output").last["output_ids"]
    for prompt, answer in zip(prompts, together, strict=True):
        alone = ids(run, built, prompt, "--max-new-tokens", 5, "--constant-output").last
        assert alone["output_ids"] == [answer]


def test_the_cache_is_filled_to_the_end_and_the_reason_told(built: Built, run: Run) -> None:
    last = ids(run, built, "5,6,7", "--constant-output", "True").last
    assert last["stop_reason"] == ["context_full"]
    assert len(last["output_ids"][0]) == TOTAL_LEN - 3 + 1
    assert last["metrics"]["context_used"] == TOTAL_LEN


def test_a_seed_repeats_an_answer(built: Built, run: Run) -> None:
    words = ("--do-sample", "--temperature", "1.2", "--top-p", "0.9", "--top-k", "50", "--seed", "4")
    more = ("--max-new-tokens", 12, "--constant-output")
    first, second = (ids(run, built, "5;6", *words, *more).last["output_ids"] for _ in range(2))
    assert first == second
    assert first != ids(run, built, "5;6", *words[:-1], "5", *more).last["output_ids"]


def test_people_see_the_vendors_block_and_the_fields_own_terms(built: Built, run: Run) -> None:
    result = run("infer", "--engine", built.multi, "--question", "你好", "--max-new-tokens", 6, "--do-sample", "False")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == "Question 1:"
    assert "<|im_start|>user" in lines[1]
    assert "Response:" in lines
    first = lines.index("=" * 44)
    names = [line.partition(":")[0] for line in lines[first + 1 : first + 8]]
    assert names == [
        "base infer time", "base throughput", "incremental infer time", "incremental throughput", "infer time",
        "infer tokens", "average throughput",
    ]  # fmt: skip
    assert lines[first + 8] == "=" * 44
    assert [line.partition(":")[0] for line in lines[first + 9 :]] == [
        "prompt tokens", "new tokens", "TTFT", "TPOT", "prefill", "decode", "context", "peak memory",
    ]  # fmt: skip


def test_the_vendors_reference_run_gives_the_vendors_figures() -> None:
    figures = vendor_figures(jobs=1, rounds=3, steps=241, base_s=0.412792, incremental_s=6.683958)
    assert vendor_lines(figures) == [
        "base infer time: 0.412792 (s)",
        "base throughput: 7.268 (tokens/s)",
        "incremental infer time: 6.683958 (s)",
        "incremental throughput: 36.356 (tokens/s)",
        "infer time: 7.096750 (s)",
        "infer tokens: 244",
        "average throughput: 34.382 (tokens/s)",
    ]


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_every_row_is_printed_whole_and_in_order(built: Built, run: Run, stream: str) -> None:
    words = ("infer", "--engine", built.multi, "--question-from", 2, "--question-index", 3, "--max-new-tokens", 8)
    people, machines = run(*words, stream), run(*words, stream, "--json")
    texts = machines.last["text"]
    assert len(texts) == BATCH
    assert people.out.index("Question 1:") < people.out.index("Question 2:")
    for text in texts:
        assert f"Response:\n{text}\n" in people.out
    assert any(line["event"] == "token" for line in machines.lines) == (stream == "--stream")


def test_question_files_of_both_kinds_and_wrapping_round(built: Built, run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(json.dumps({"question": ["one", "two", "three"], "top_p": 0.7}), encoding="utf-8")
    (tmp_path / "question.txt").write_text("uno\n\ndos\n", encoding="utf-8")
    words = ("infer", "--engine", built.multi, "--max-new-tokens", 2, "--raw", "--json", "--question-file")
    asked = run(*words, tmp_path / "c.txt", "--question-from", 1, "--question-index", 2, "--dynamic-batch-size", 2)
    prompts = next(line["prompts"] for line in asked.lines if line["event"] == "prompted")
    assert prompts == ["three", "one", "two", "three"]
    lines = run(*words, tmp_path / "question.txt")
    assert next(line["prompts"] for line in lines.lines if line["event"] == "prompted") == ["uno", "dos"]
    assert run(*words, tmp_path / "question.txt", "--question-index", 2).code == 2


def test_a_dynamic_batch_repeats_an_explicit_question(built: Built, run: Run) -> None:
    last = ids(run, built, "5,6", "--dynamic-batch-size", 2, "--max-new-tokens", 3, "--constant-output").last
    assert len(last["output_ids"]) == 2 * BATCH
    assert last["output_ids"][0] == last["output_ids"][-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--static-batch-size", 1), f"is 1, but the engine was compiled for a static batch size of {BATCH}"),
        (("--base-length", 256), f"--base-length is 256, but the engine was compiled for a base length of {PRE_LEN}"),
        (("--total-len", 2048), f"--total-len is 2048, but the engine was compiled for a total length of {TOTAL_LEN}"),
        (("--device", "0,2", "--simulate-cards", 2), "Device 2 doesn't exist: there are 2 simulated cards"),
        (("--device", "0,1", "--multi-dev-dram-limit", "0.00001,0.00001"), "find no place"),
        (("--device", "0,1", "--multi-dev-dram-limit", "8"), "--multi-dev-dram-limit has 1 numbers"),
        (("--device", "zero"), "not a list of integers"),
        (("--top-p", 0), "top-p is 0"),
        (("--temperature", "-1"), "temperature is -1"),
        (("--split-strategy", 7), "invalid choice"),
        (("--max-new-tokens", 0), "0 is less than 1"),
        (("--input-ids", "1,x"), "not a list of integers"),
        (("--input-ids", "1", "--question", "a"), "contradict"),
        (("--input-ids", ",".join(["5"] * TOTAL_LEN)), f"{TOTAL_LEN} tokens, but the engine's"),
        (("--input-ids", "320"), "outside the model's vocabulary of 320"),
        (("--input-ids", ";"), "exactly one"),
        (("--question", "caf\udce9"), "no text"),
        (("--question", "Hi", "--max-batch-size", 1), "--max-batch-size is 1"),
        (("--question-file", "/nonexistent.txt"), "nonexistent.txt"),
        (("--tokenizer", "/nonexistent.model"), "nonexistent.model"),
    ],
)  # fmt: skip
def test_bad_input_gives_a_sentence_and_code_2(
    built: Built, run: Run, words: tuple[object, ...], sentence: str
) -> None:
    result = run("infer", "--engine", built.multi, *words)
    assert result.code == 2
    assert sentence in result.err
    assert len(result.err.strip().splitlines()) == 2


def test_the_vendors_flags_are_accepted_as_its_examples_write_them(built: Built, run: Run) -> None:
    result = run(
        "infer", "--engine", built.multi, "--base-length", PRE_LEN, "--static-batch-size", BATCH, "--question-from", 2,
        "--question-index", 0, "--do-sample", "--temperature", "0.01", "--top-p", "0.7", "--total-len", TOTAL_LEN,
        "--max-new-tokens", 4, "--constant-output", "True", "--split-stragety", 1, "--device", "0",
        "--multi-dev-dram-limit", "8", "--max-batch-size", 8, "--dynamic-batch-size", 1,
    )  # fmt: skip
    assert result.code == 0, result.err


def test_parts_foreign_and_broken_engines_are_refused(built: Built, run: Run, tmp_path: Path) -> None:
    assert "combine" in run("infer", "--engine", built.base, "--input-ids", "1").err.lower()
    short = tmp_path / "short.ngf"
    short.write_bytes(built.multi.read_bytes()[:-100])
    foreign = tmp_path / "foreign.ngf"
    foreign.write_bytes(b"HXNG" + bytes(4096))
    for path in (short, foreign, tmp_path / "none.ngf"):
        result = run("infer", "--engine", path, "--input-ids", "1")
        assert result.code == 2
        assert path.name in result.err or "vendor" in result.err


def test_results_and_golden_files_are_saved(
    built: Built, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    words = ("--max-new-tokens", 2, "--constant-output", "--dump-golden", "--dump-result", "result.json")
    last = ids(run, built, "5,6", *words).last
    assert json.loads((folder / "result.json").read_text())["output_ids"] == last["output_ids"]
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["golden_job0_inc0.npz", "golden_job0_row0_base0.npz", "result.json"]


def test_perplexity_of_a_text(built: Built, run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("The capital of France is Paris. " * 40, encoding="utf-8")
    words = ("perplexity", "--engine", built.multi, "--text", text, "--window", 64, "--tokens", 200)
    result = run(*words, "--json")
    assert result.code == 0
    assert (result.last["event"], result.last["tokens"], result.last["windows"]) == ("scored", 200, 4)
    assert result.last["perplexity"] > 1
    assert "perplexity: " in run(*words).out
    assert run("perplexity", "--engine", built.multi, "--text", text).code == 2  # a window of 512 in a context of 96
    assert run("perplexity", "--engine", built.multi, "--text", tmp_path / "none", "--window", 64).code == 2


def test_a_dead_worker_is_a_sentence_and_code_1(built: Built, run: Run, tmp_path: Path) -> None:
    engine = tmp_path / "die.ngf"
    shutil.copyfile(built.multi, engine)
    result = run("infer", "--engine", engine, "--input-ids", "5", "--constant-output", worker=FAKE_WORKER)
    assert result.code == 1
    assert "probably because memory ran out" in result.err


SLOW = """
import signal
import sys
from core.cli import main
from tests.core.worker.doubles import FAKE_WORKER
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so do its children
words = ["infer", "--engine", sys.argv[1], "--input-ids", "5", "--constant-output", "--json"]
sys.exit(main(words, worker=FAKE_WORKER))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_ends_everything_with_code_130(built: Built, tmp_path: Path, number: signal.Signals) -> None:
    engine = tmp_path / "slow.ngf"
    shutil.copyfile(built.multi, engine)
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(engine)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["event"] != "token":
        pass
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["code"] == "cancelled"
    assert "Traceback" not in err
    assert psutil.wait_procs(children, timeout=2)[1] == []


def test_a_second_turn_computes_only_what_is_new(built: Built) -> None:
    client = RuntimeClient()
    client.load(str(built.multi))
    turns = [{"role": "user", "content": "Hi"}]
    results = []
    for question in ("Again?", ""):
        client.generate(Generate("", conversations=[turns], max_new_tokens=6, constant_output=True))
        results.append(wait_for(client.events, Generated))
        turns += [{"role": "assistant", "content": "Paris."}, {"role": "user", "content": question}]
    client.close()
    first, second = (result.metrics for result in results)
    assert first.cached_tokens == 0
    assert second.cached_tokens >= first.prompt_tokens
    assert second.prompt_tokens > second.cached_tokens
