"""Runs on the double of the vendor's SDK: the same tokens as on the CPU, or a sentence."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.c10.description import CHATGLM2_6B, describe
from core.c10.engine import C10Engine, CardOptions
from core.errors import C10Error, DeviceError, FormatError, MismatchError, UsageError, WorkerError
from core.events import Event, Generated, PrefillProgress
from core.runtime.engine import Engine
from core.runtime.generate import Request, generate
from core.runtime.session import Session
from tests.core.c10.conftest import Engines
from tests.core.c10.doubles import FOLDER

SHORT = (5, 6, 7)
LONG = tuple(i * 7 % 300 + 3 for i in range(40))
EXACT = tuple(i * 11 % 300 + 3 for i in range(32))
ONE = (9,)
JUST_OVER = tuple(i * 13 % 300 + 3 for i in range(33))


def answer(
    engine: Any, prompts: Sequence[tuple[int, ...]], *, count: int = 8, constant: bool = True
) -> tuple[Generated, list[Event]]:
    events: list[Event] = []
    request = Request("job", tuple(prompts), max_new_tokens=count, constant_output=constant)
    return generate(Session(engine), request, events.append, lambda: False), events


def on_cpu(path: Path, prompts: Sequence[tuple[int, ...]], **options: Any) -> Generated:
    engine = Engine.open(path, threads=1)
    try:
        return answer(engine, prompts, **options)[0]
    finally:
        engine.close()


@pytest.fixture
def card(engines: Engines, sdk: Path) -> Any:
    """Return a function that opens the wrapped engine of a batch size on the double."""
    opened: list[C10Engine] = []

    def open_card(batch: int, options: CardOptions | None = None) -> C10Engine:
        opened.append(C10Engine.open(engines(batch)[1], options or CardOptions()))
        return opened[-1]

    yield open_card
    for engine in opened:
        engine.close()


@pytest.mark.parametrize("prompt", [SHORT, ONE, LONG, EXACT, JUST_OVER], ids=["short", "one", "long", "exact", "over"])
def test_the_card_answers_as_the_cpu_does(card: Any, engines: Engines, prompt: tuple[int, ...]) -> None:
    result, events = answer(card(1), [prompt])
    assert result.output_ids == on_cpu(engines(1)[0], [prompt]).output_ids
    progress = [event.done for event in events if isinstance(event, PrefillProgress)]
    assert progress[-1] == len(prompt)
    assert len(progress) == -(-len(prompt) // 16)


def test_rows_of_different_lengths_answer_as_on_the_cpu(card: Any, engines: Engines) -> None:
    prompts = [SHORT, LONG, ONE]
    result, _ = answer(card(3), prompts)
    assert result.output_ids == on_cpu(engines(3)[0], prompts).output_ids
    assert result.metrics.vendor["infer tokens"] == 3 + 7


def test_a_row_that_ends_early_keeps_its_position_and_the_others_go_on(card: Any, engines: Engines) -> None:
    engine = card(3)
    prompts = [SHORT, LONG, JUST_OVER]
    free = answer(engine, prompts)[0].output_ids
    ends = frozenset({free[0][2], free[1][0]})
    session = Session(engine)
    session.eos_ids = ends
    result = generate(session, Request("job", tuple(prompts), max_new_tokens=8), lambda _: None, lambda: False)
    for got, wanted in zip(result.output_ids, free, strict=True):
        until = next((i for i, token in enumerate(wanted) if token in ends), len(wanted) - 1)
        assert got == wanted[: until + 1]
    assert len({len(row) for row in result.output_ids}) > 1


def test_a_batch_that_is_not_full_and_more_prompts_than_the_batch(card: Any, engines: Engines) -> None:
    prompts = [SHORT, LONG, ONE, EXACT]
    result, _ = answer(card(3), prompts)
    assert result.output_ids == on_cpu(engines(3)[0], prompts).output_ids


def test_the_context_ends_where_padding_and_answer_fill_it(card: Any) -> None:
    result, _ = answer(card(1), [SHORT], count=500)
    assert result.stop_reason == ["context_full"]
    assert len(result.output_ids[0]) == 1 + 96 - 16


def test_a_stop_between_rounds_ends_the_job_and_the_next_one_starts_clean(card: Any, engines: Engines) -> None:
    engine = card(1)
    session = Session(engine)
    stopped = generate(session, Request("job", (LONG,)), lambda _: None, lambda: True)
    assert stopped.stop_reason == ["stopped"]
    again = generate(
        session, Request("job", (LONG,), max_new_tokens=4, constant_output=True), lambda _: None, lambda: 0
    )
    assert again.output_ids == on_cpu(engines(1)[0], [LONG], count=4).output_ids


def test_notes_say_that_the_double_is_no_hardware(card: Any, sdk: Path) -> None:
    engine = card(1)
    assert any("simulated, not Hexaflake hardware" in note for note in engine.notes)
    assert "HxInfer(vendor.ngf, use_cache=True, max_batch_size=1, dev_ids=[0], dev_dram_limit=None" in sdk.read_text()


def test_cards_limits_strategy_and_golden_dump_reach_the_sdk(card: Any, sdk: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("C10_DOUBLE_CARDS", "2")
    card(1, CardOptions((1, 0), (4 << 30, 8 << 30), 2, 3, golden=True))
    log = sdk.read_text()
    assert "set_device(1)" in log
    assert (
        f"max_batch_size=3, dev_ids=[1, 0], dev_dram_limit=[{4 << 30}, {8 << 30}], dump_golden=1, split_stragety=2"
        in log
    )


def test_the_order_of_calls_of_a_run(card: Any, sdk: Path) -> None:
    engine = card(1)
    sdk.write_text("")
    answer(engine, [LONG], count=3)
    calls = [line for line in sdk.read_text().splitlines() if not line.startswith("set_input")]
    assert calls == [
        "clear_use_cache()",
        "run(1, 0, 0)", "run(1, 1, 0)", "run(1, 2, 0)", "get_output_by_binding_index(0, 3, 0)",
        "run(1, 48, 1)", "get_output_by_binding_index(0, 3, 1)",
        "run(1, 49, 1)", "get_output_by_binding_index(0, 3, 1)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (CardOptions((3,)), DeviceError, "Device 3 was asked for, but the SDK sees 1 cards"),
        (CardOptions(batch=2), MismatchError, "static batch size of 1, not of 2"),
        (CardOptions(pre_len=8), DeviceError, "input_ids has the shape"),
    ],
)
def test_what_does_not_fit_the_card_is_a_sentence(
    card: Any, options: CardOptions, error: type[C10Error], words: str
) -> None:
    with pytest.raises(error, match=words):
        answer(card(1, options), [SHORT])


def test_a_prompt_that_padding_makes_too_long_is_refused(card: Any) -> None:
    with pytest.raises(UsageError, match="6 rounds of 16 tokens"):
        answer(card(1, CardOptions(total_len=95)), [tuple(range(3, 93))])


def test_a_killed_interpreter_is_a_sentence(card: Any) -> None:
    engine = card(1)
    os.kill(engine.pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(WorkerError, match=r"was killed \(signal 9\)"):
            answer(engine, [SHORT])


def test_an_sdk_that_dies_in_a_run_is_a_sentence(card: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C10_DOUBLE_DIE", "run")
    with pytest.raises(WorkerError, match=r"was killed \(signal 9\)"):
        answer(card(1), [SHORT])


def test_a_missing_interpreter_and_missing_modules_are_named(
    engines: Engines, sdk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    monkeypatch.delenv("PYTHONPATH")
    with pytest.raises(DeviceError, match=r"module hxrt can't be imported by .*python") as caught:
        C10Engine.open(engines(1)[1], CardOptions())
    assert "--c10-python" in caught.value.hint
    monkeypatch.setenv("C10_SDK_PYTHON", "python-of-no-sdk")
    with pytest.raises(DeviceError, match="looked for python-of-no-sdk on PATH"):
        C10Engine.open(engines(1)[1], CardOptions())


def test_an_engine_without_description_is_taken_for_chatglm2(engines: Engines, tmp_path: Path) -> None:
    bare = tmp_path / "multi.ngf"
    shutil.copyfile(engines(1)[1], bare)
    found = describe(bare)
    assert (found.spec, found.assumed) == (CHATGLM2_6B, True)
    (tmp_path / "multi.ngf.json").write_text("{}")
    with pytest.raises(FormatError, match=r"multi\.ngf\.json"):
        describe(bare)
    with pytest.raises(MismatchError, match="compiled for the CPU"):
        describe(engines(1)[0])


def test_options_cross_the_process_boundary_whole() -> None:
    options = CardOptions((0, 1), (1 << 30, 2 << 30), 1, 2, True, 3, 16, 96)
    assert CardOptions.from_json(json.loads(json.dumps(options.to_json()))) == options
    for wrong in ({"cards": 1}, {"devices": [0, 0]}, {"devices": ["0"]}, {"limits": [1, 2]}, {"strategy": 3}):
        with pytest.raises(UsageError):
            CardOptions.from_json(wrong)


def test_the_double_is_where_the_tests_look() -> None:
    assert (FOLDER / "hxinfer" / "__init__.py").is_file()
