"""Generation over a toy engine whose logits depend on every cached token."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.events import Event, Generated, PrefillProgress, RowFinished, Token
from core.runtime.generate import Request, generate
from core.runtime.golden import Golden
from core.runtime.sampling import Sampling
from core.runtime.session import Session
from core.text.tokenizer import from_files
from tests.core.runtime.fake_engine import FakeEngine, config, greedy, nothing
from tests.core.text.samples import bpe_files

PROMPTS = ((5, 6, 7), tuple(range(10, 31)), (50,))


def never() -> bool:
    return False


def ask(session: Session, *prompts: tuple[int, ...], count: int = 6, **options: object) -> Generated:
    values = {"max_new_tokens": count, "constant_output": True} | options
    return generate(session, Request("j", prompts, **values), nothing, never)  # type: ignore[arg-type]


def without(engine: FakeEngine) -> list[str]:
    return [name for name, _ in engine.calls]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_answer_equals_the_models_own(prompt: tuple[int, ...]) -> None:
    result = ask(Session(FakeEngine()), prompt)
    assert result.output_ids == [greedy(prompt, 6)]
    assert result.stop_reason == ["length"]


def test_a_ragged_batch_answers_each_row_as_if_it_were_alone() -> None:
    result = ask(Session(FakeEngine(config(batch=3))), *PROMPTS)
    assert result.output_ids == [greedy(prompt, 6) for prompt in PROMPTS]


def test_more_prompts_than_rows_run_as_jobs_one_after_another() -> None:
    prompts = [*PROMPTS, (8, 9), (1,)]
    result = ask(Session(FakeEngine(config(batch=2))), *prompts)
    assert result.output_ids == [greedy(prompt, 6) for prompt in prompts]
    assert result.metrics.vendor["infer tokens"] == 3 * 5 + (3 + 1 + 1)  # decode steps and base rounds of three jobs


def test_a_prompt_costs_its_own_tokens_and_no_padding() -> None:
    engine = FakeEngine(config(pre_len=8))
    ask(Session(engine), tuple(range(10, 29)))
    assert [size for name, size in engine.calls if name == "prefill"] == [8, 8, 3]


def test_base_length_sets_the_size_of_a_round() -> None:
    engine = FakeEngine(config(pre_len=8))
    result = ask(Session(engine), tuple(range(10, 29)), base_length=5)
    assert [size for name, size in engine.calls if name == "prefill"] == [5, 5, 5, 4]
    assert result.output_ids == [greedy(range(10, 29), 6)]
    with pytest.raises(UsageError, match="9"):
        ask(Session(engine), (1,), base_length=9)


def test_a_long_round_is_computed_in_parts_and_counts_once(tmp_path: Path) -> None:
    engine = FakeEngine(config(pre_len=2048, total_len=4096))
    prompt = tuple(3 + i % 90 for i in range(2500))
    events: list[Event] = []
    request = Request("j", (prompt,), max_new_tokens=3, constant_output=True)
    result = generate(Session(engine), request, events.append, never, Golden(tmp_path))
    assert [size for name, size in engine.calls if name == "prefill"] == [1024, 1024, 452]
    assert [event.done for event in events if isinstance(event, PrefillProgress)] == [0, 1024, 2048, 2500]
    assert result.output_ids == [greedy(prompt, 3)]
    assert result.metrics.vendor["infer tokens"] == 2 + 2
    dumped = [np.load(tmp_path / f"golden_job0_row0_base{number}.npz") for number in range(2)]
    assert [(len(dump["input_ids"]), int(dump["start"])) for dump in dumped] == [(2048, 0), (452, 2048)]
    assert np.argmax(dumped[1]["logits"]) == result.output_ids[0][0]


def test_the_next_turn_computes_only_what_is_new() -> None:
    engine = FakeEngine()
    session = Session(engine)
    first = ask(session, (5, 6, 7)).output_ids[0]
    second = (5, 6, 7, *first, 11, 12)
    engine.calls.clear()
    result = ask(session, second)
    assert result.output_ids == [greedy(second, 6)]
    assert result.metrics.cached_tokens == 3 + 5  # the last sampled token was never computed
    assert sum(size for name, size in engine.calls if name == "prefill") == 3


def test_the_same_prompt_again_recomputes_one_token_and_gives_the_same_answer() -> None:
    session = Session(FakeEngine())
    again = [ask(session, (5, 6, 7, 8)) for _ in range(3)]
    assert {tuple(result.output_ids[0]) for result in again} == {tuple(greedy((5, 6, 7, 8), 6))}
    assert again[1].metrics.cached_tokens == 3


def test_a_changed_history_drops_the_cache_from_the_change_on() -> None:
    session = Session(FakeEngine())
    ask(session, (5, 6, 7, 8, 9))
    result = ask(session, (5, 6, 40, 8, 9))
    assert result.metrics.cached_tokens == 2
    assert result.output_ids == [greedy((5, 6, 40, 8, 9), 6)]


def test_idle_rows_keep_their_cache() -> None:
    session = Session(FakeEngine(config(batch=3)))
    ask(session, *PROMPTS)
    ask(session, (5, 6, 8))
    result = ask(session, *PROMPTS)
    assert result.output_ids == [greedy(prompt, 6) for prompt in PROMPTS]
    assert result.metrics.cached_tokens == 2 + 20 + 0


def test_the_cache_is_filled_to_the_last_position() -> None:
    engine = FakeEngine(config(total_len=16))
    result = ask(Session(engine), tuple(range(10, 20)), count=100)
    assert result.stop_reason == ["context_full"]
    assert result.output_ids == [greedy(range(10, 20), 7)]  # 10 + 6 positions, and one token that needs none
    assert result.metrics.context_used == result.metrics.context_size == 16
    assert (engine.cache >= 0).all()


def test_a_full_row_waits_while_others_go_on() -> None:
    session = Session(FakeEngine(config(batch=2, total_len=16)))
    result = ask(session, tuple(range(10, 25)), (5,), count=10)
    assert result.stop_reason == ["context_full", "length"]
    assert result.output_ids == [greedy(range(10, 25), 2), greedy((5,), 10)]


def test_an_end_token_stops_one_row_and_nothing_more_of_it_is_shown() -> None:
    answer = greedy((5, 6, 7), 8)
    session = Session(FakeEngine(config(batch=2), eos=(answer[3],)))
    events: list[Event] = []
    request = Request("j", ((5, 6, 7), (50,)), max_new_tokens=8)
    result = generate(session, request, events.append, never)
    assert result.output_ids[0] == answer[: answer.index(answer[3]) + 1]
    assert result.stop_reason == ["eos", "length"]
    at = next(i for i, event in enumerate(events) if isinstance(event, RowFinished))
    assert not [event for event in events[at:] if isinstance(event, Token) and event.row == 0]


def test_constant_output_goes_on_after_the_end_token() -> None:
    answer = greedy((5, 6, 7), 8)
    result = ask(Session(FakeEngine(eos=(answer[1],))), (5, 6, 7), count=8)
    assert result.output_ids == [answer]


@pytest.mark.parametrize("after", [0, 1, 2, 4, 7])
def test_stopping_takes_effect_before_the_next_round_or_token(after: int) -> None:
    engine = FakeEngine()
    session = Session(engine)
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    result = generate(session, Request("j", (tuple(range(10, 29)),), max_new_tokens=50), nothing, stopped)
    assert result.stop_reason == ["stopped"]
    assert len(engine.calls) <= after
    assert ask(session, tuple(range(10, 29))).output_ids == [greedy(range(10, 29), 6)]  # the cache is still sound


def test_every_row_reports_its_end_once_and_the_streamed_text_is_the_whole() -> None:
    tokenizer = from_files(bpe_files("byte_level"))
    engine = FakeEngine(config(batch=3), vocab=tokenizer.vocab_size)
    events: list[Event] = []
    request = Request("j", PROMPTS, max_new_tokens=30)
    result = generate(Session(engine, tokenizer), request, events.append, never)
    for row in range(3):
        streamed = "".join(event.text for event in events if isinstance(event, Token) and event.row == row)
        [end] = [event for event in events if isinstance(event, RowFinished) and event.row == row]
        assert end.text == result.text[row] == tokenizer.decode(result.output_ids[row])
        assert end.text.startswith(streamed)


def test_progress_counts_prompt_tokens_of_all_rows() -> None:
    events: list[Event] = []
    generate(Session(FakeEngine(config(batch=3))), Request("j", PROMPTS, max_new_tokens=1), events.append, never)
    done = [event.done for event in events if isinstance(event, PrefillProgress)]
    assert done == sorted(done)
    assert done[-1] == sum(map(len, PROMPTS))


def test_sampling_with_a_seed_repeats_and_rows_differ() -> None:
    sampling = Sampling(do_sample=True, temperature=1.5, seed=3)
    results = [ask(Session(FakeEngine(config(batch=2))), (5,), (5,), sampling=sampling).output_ids for _ in range(2)]
    assert results[0] == results[1]
    assert results[0][0] != results[0][1]


def test_logits_that_are_not_finite_force_the_vendors_token() -> None:
    engine = FakeEngine()
    engine.prefill = lambda *_: np.full(97, np.nan, np.float32)  # type: ignore[method-assign]
    assert ask(Session(engine), (7,), count=1).output_ids == [[5]]


@pytest.mark.parametrize(
    ("prompt", "words"),
    [((), "empty"), (tuple([4] * 64), "64 tokens"), ((97,), "vocabulary of 97"), ((-1,), "outside")],
)
def test_prompts_that_cannot_be_answered_are_refused(prompt: tuple[int, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ask(Session(FakeEngine()), prompt)


def test_figures_have_the_vendors_meaning() -> None:
    result = ask(Session(FakeEngine(config(pre_len=8))), tuple(range(10, 29)), count=5)
    metrics, vendor = result.metrics, result.metrics.vendor
    assert list(vendor) == [
        "base infer time", "base throughput", "incremental infer time", "incremental throughput", "infer time",
        "infer tokens", "average throughput",
    ]  # fmt: skip
    assert vendor["infer tokens"] == 3 + 4  # base rounds and decode steps
    assert vendor["base throughput"] == pytest.approx(3 / vendor["base infer time"])
    assert vendor["incremental throughput"] == pytest.approx(6 / vendor["incremental infer time"])
    assert vendor["average throughput"] == pytest.approx(7 / vendor["infer time"])
    assert (metrics.prompt_tokens, metrics.new_tokens) == (19, 5)
    assert metrics.decode_tokens_per_s == pytest.approx(4 / metrics.decode_s)
    assert 0 < metrics.ttft_s <= metrics.prefill_s + metrics.decode_s
    assert metrics.peak_memory_bytes > 1 << 20


def test_golden_files_hold_inputs_and_logits_of_every_call(tmp_path: Path) -> None:
    engine = FakeEngine(config(batch=2, pre_len=8))
    request = Request("j", ((5, 6), tuple(range(10, 20))), max_new_tokens=3, constant_output=True)
    generate(Session(engine), request, nothing, never, Golden(tmp_path))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "golden_job0_inc0.npz", "golden_job0_inc1.npz", "golden_job0_row0_base0.npz", "golden_job0_row1_base0.npz",
        "golden_job0_row1_base1.npz",
    ]  # fmt: skip
    with np.load(tmp_path / "golden_job0_row1_base1.npz") as data:
        assert data["input_ids"].tolist() == [18, 19]
        assert int(np.argmax(data["logits"])) == greedy(range(10, 20), 1)[0]
    with np.load(tmp_path / "golden_job0_inc0.npz") as data:
        assert data["logits"].shape == (2, 97)
        assert data["input_ids"].tolist() == [greedy((5, 6), 1)[0], greedy(range(10, 20), 1)[0]]
