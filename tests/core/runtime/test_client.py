"""The thread that owns the inference child, with real processes around the toy engine."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from core.events import Event, Exited, Failed, Generated, Hung, Loaded, Prompted, Ready, RowFinished, Token, Unloaded
from core.runtime.client import Patience, RuntimeClient
from core.worker.process import Child
from core.worker.protocol import Generate
from tests.core.runtime.fake_engine import greedy
from tests.core.worker.doubles import FAKE_WORKER, LONGEST_S, wait_for


@pytest.fixture
def client() -> Iterator[RuntimeClient]:
    client = RuntimeClient(worker=FAKE_WORKER)
    yield client
    client.close()


def ask(count: int = 6, **options: object) -> Generate:
    return Generate("", input_ids=[[5, 6, 7]], max_new_tokens=count, constant_output=True, **options)  # type: ignore[arg-type]


def test_load_and_generate(client: RuntimeClient) -> None:
    client.load("a.ngf", threads=3)
    loaded = wait_for(client.events, Loaded)
    assert loaded.notes == ["3 threads"]
    seen: list[Event] = []
    job = client.generate(ask())
    result = wait_for(client.events, Generated, seen=seen)
    assert result.job == job
    assert result.output_ids == [greedy([5, 6, 7], 6)]
    assert [event.token for event in seen if isinstance(event, Token)] == result.output_ids[0]


def test_questions_are_put_into_the_models_format(client: RuntimeClient) -> None:
    client.load("text.ngf")
    assert wait_for(client.events, Loaded).tokenizer == "bpe"
    seen: list[Event] = []
    client.generate(Generate("", questions=["Hi", "Hello"], jobs=3, max_new_tokens=4))
    result = wait_for(client.events, Generated, seen=seen)
    [prompted] = [event for event in seen if isinstance(event, Prompted)]
    assert prompted.prompts[0] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert prompted.prompts[2] == prompted.prompts[0]
    assert len(result.text) == 3


def test_without_a_tokenizer_words_are_refused_with_a_next_step(client: RuntimeClient) -> None:
    client.load("a.ngf")
    client.generate(Generate("q", questions=["Hi"]))
    wait_for(client.events, Loaded)
    failed = wait_for(client.events, Failed)
    assert (failed.code, failed.job) == ("tokenizer", "q")
    assert "--tokenizer" in failed.hint


def test_stop_ends_the_answer_and_keeps_the_text_so_far(client: RuntimeClient) -> None:
    client.load("slow.ngf")
    client.generate(ask(2000))
    wait_for(client.events, Token)
    begun = time.monotonic()
    client.stop()
    result = wait_for(client.events, Generated)
    assert time.monotonic() - begun < 1.0
    assert result.stop_reason == ["stopped"]
    assert 0 < len(result.output_ids[0]) < 2000
    client.generate(ask())
    assert wait_for(client.events, Generated).output_ids == [greedy([5, 6, 7], 6)]


def test_stop_reaches_a_job_that_still_waits(client: RuntimeClient) -> None:
    client.load("slow.ngf")
    first, second = client.generate(ask(2000)), client.generate(ask(2000))
    client.stop()
    results = [wait_for(client.events, Generated) for _ in range(2)]
    assert [result.job for result in results] == [first, second]
    assert [result.stop_reason for result in results] == [["stopped"], ["stopped"]]


def test_a_batch_streams_all_rows(client: RuntimeClient) -> None:
    client.load("batch3.ngf")
    seen: list[Event] = []
    prompts = [[5], [6, 7], [8, 9, 10]]
    client.generate(Generate("", input_ids=prompts, max_new_tokens=5, constant_output=True))
    assert wait_for(client.events, Generated, seen=seen).output_ids == [greedy(prompt, 5) for prompt in prompts]
    assert sorted(event.row for event in seen if isinstance(event, RowFinished)) == [0, 1, 2]


@pytest.mark.parametrize(("how", "words"), [("crash", "SIGSEGV"), ("die", "memory ran out")])
def test_a_dead_child_is_reported_and_comes_back_with_its_engine(client: RuntimeClient, how: str, words: str) -> None:
    client.load(f"{how}.ngf")
    wait_for(client.events, Loaded)
    client.generate(ask())
    assert words in wait_for(client.events, Exited).sentence
    wait_for(client.events, Loaded)
    client.generate(ask(2))
    assert wait_for(client.events, Generated).output_ids == [greedy([5, 6, 7], 2)]


def test_three_deaths_end_automatic_restarts_until_the_next_load(client: RuntimeClient) -> None:
    client.load("die.ngf")
    exits = []
    for _ in range(3):
        wait_for(client.events, Loaded)
        client.generate(ask())
        exits.append(wait_for(client.events, Exited))
    assert ["started again by itself" in exited.sentence for exited in exits] == [False, False, True]
    assert [exited.again for exited in exits] == [True, True, False]
    client.generate(ask())
    assert "Load an engine" in wait_for(client.events, Failed).hint
    client.load("fine.ngf")
    wait_for(client.events, Loaded)


def test_deaths_long_ago_do_not_count() -> None:
    now = [0.0]
    client = RuntimeClient(worker=FAKE_WORKER, clock=lambda: now[0])
    client.load("die.ngf")
    for _ in range(4):
        wait_for(client.events, Loaded)
        client.generate(ask())
        assert "by itself" not in wait_for(client.events, Exited).sentence
        now[0] += 301.0
    client.close()


def test_a_hung_child_is_noticed_once_and_can_be_killed() -> None:
    client = RuntimeClient(worker=FAKE_WORKER, patience=Patience(decode_s=0.3))
    client.load("hang.ngf")
    job = client.generate(ask())
    hung = wait_for(client.events, Hung)
    assert (hung.job, hung.phase) == (job, "decode")
    begun = time.monotonic()
    client.kill()
    exited = wait_for(client.events, Exited)
    assert time.monotonic() - begun < 2.0
    assert exited.sentence
    wait_for(client.events, Loaded)
    client.close()


def test_killing_where_nothing_runs_spares_the_next_child(client: RuntimeClient) -> None:
    client.kill()
    client.load("a.ngf")
    seen: list[Event] = []
    wait_for(client.events, Loaded, seen=seen)
    assert not any(isinstance(event, Exited) for event in seen)


def test_a_child_that_cannot_be_watched_is_told_and_the_next_load_works(
    client: RuntimeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "pidfd_open", _no_descriptor)
        client.load("a.ngf")
        assert "can't be started" in _next_failed(client).message
    client.load("a.ngf")
    while not isinstance(client.events.get(timeout=LONGEST_S), Loaded):
        pass


def test_a_bug_in_the_thread_is_told_and_the_next_load_works(
    client: RuntimeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Child, "poll", _buggy)
        client.load("a.ngf")
        assert "ZeroDivisionError" in wait_for(client.events, Exited).sentence
    client.load("a.ngf")
    wait_for(client.events, Loaded)


def _no_descriptor(*_: object) -> int:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def _buggy(*_: object) -> list[Event]:
    raise ZeroDivisionError("a bug")


def _next_failed(client: RuntimeClient) -> Failed:
    event = client.events.get(timeout=LONGEST_S)
    assert isinstance(event, Failed), event
    return event


def test_a_stopped_process_counts_as_hung() -> None:
    client = RuntimeClient(worker=FAKE_WORKER, patience=Patience(decode_s=0.3))
    client.load("slow.ngf")
    client.generate(ask(2000))
    wait_for(client.events, Token)
    pid = client.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert wait_for(client.events, Hung).phase == "decode"
    client.close()
    assert not psutil.pid_exists(pid)


def test_closing_leaves_no_process_and_no_thread() -> None:
    before = threading.active_count()
    client = RuntimeClient(worker=FAKE_WORKER)
    client.load("slow.ngf")
    client.generate(ask(2000))
    wait_for(client.events, Token)
    pid = client.pid
    assert pid is not None
    begun = time.monotonic()
    client.close()
    assert time.monotonic() - begun < 2.0
    assert not psutil.pid_exists(pid)
    assert threading.active_count() == before
    assert wait_for(client.events, Exited).sentence == ""


def test_unload_and_orders_without_an_engine(client: RuntimeClient) -> None:
    client.generate(ask())
    assert wait_for(client.events, Failed).code == "worker"
    client.load("a.ngf")
    client.unload()
    wait_for(client.events, Ready)
    wait_for(client.events, Unloaded)
    client.generate(ask())
    failed = client.events.get(timeout=LONGEST_S)
    assert isinstance(failed, Failed)
    assert failed.code == "usage"
