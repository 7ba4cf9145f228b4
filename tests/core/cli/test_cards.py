"""infer over several simulated cards, through real workers and card processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from core.cards.options import CardsOptions
from core.events import CardLost, CardStates, Generated, Loaded, Token
from core.runtime.client import RuntimeClient
from core.worker.protocol import Generate
from tests.core.cli.conftest import BATCH, PRE_LEN, Built, Run
from tests.core.worker.doubles import wait_for

TWO = ("--device", "0,1", "--multi-dev-dram-limit", "4,8", "--split-strategy", 1)
PROMPTS = ";".join(["5,6,7", ",".join(str(i % 200 + 3) for i in range(2 * PRE_LEN + 5)), "9", "10,11", "12"])
MIB = 1 / 1024


def test_several_devices_answer_as_one(built: Built, run: Run) -> None:
    words = ("infer", "--engine", built.multi, "--input-ids", PROMPTS, "--max-new-tokens", 6, "--json")
    one, two = run(*words), run(*words, *TWO)
    assert two.code == 0, two.err
    assert two.last["output_ids"] == one.last["output_ids"]
    cards = two.last["cards"]
    assert [(card["card"], card["limit_bytes"] >> 30) for card in cards] == [(0, 4), (1, 8)]
    assert all(card["busy_s"] > 0 and card["hand_over_s"] > 0 for card in cards)
    assert one.last["cards"] == []
    [loaded] = [line for line in two.lines if line["event"] == "loaded"]
    assert "Simulated cards compute on the CPU" in loaded["notes"][0]
    states = [line["cards"] for line in two.lines if line["event"] == "card_states"]
    assert states[0][0]["works"] == 0
    assert states[-1][0]["works"] == cards[0]["works"]


def test_a_dry_run_says_what_the_cards_will_hold(built: Built, run: Run) -> None:
    words = ("infer", "--engine", built.multi, "--input-ids", PROMPTS, *TWO)
    planned = run(*words, "--dry-run", "--json").last
    assert (planned["event"], planned["strategy"], planned["in_flight"]) == ("planned", "equal", 3)
    held = run(*words, "--max-new-tokens", 2, "--json").last["cards"]
    for plan, card in zip(planned["cards"], held, strict=True):
        assert (plan["weight_bytes"], plan["kv_bytes"]) == (card["weight_bytes"], card["kv_bytes"])
        assert card["workspace_bytes"] <= plan["workspace_bytes"]
    lines = run(*words, "--dry-run", "--in-flight", 1).out.splitlines()
    assert lines[0] == "strategy: equal; jobs in flight: 1"
    assert lines[1].startswith("card 0: embedding")
    assert "of 8.00 GiB" in lines[2]


def test_a_dry_run_for_one_device_says_what_the_process_takes(built: Built, run: Run) -> None:
    words = ("infer", "--engine", built.multi, "--input-ids", "5", "--dry-run")
    assert run(*words).out.splitlines()[-1].startswith("memory with the program itself: ")
    planned = run(*words, "--json").last
    assert planned["memory_bytes"] > planned["weight_bytes"] + planned["kv_bytes"]


def test_the_limit_of_a_single_device_counts_too(built: Built, run: Run) -> None:
    words = ("infer", "--engine", built.multi, "--input-ids", "5,6", "--max-new-tokens", 3, "--json")
    limited = run(*words, "--device", 1, "--multi-dev-dram-limit", 1).last
    assert [(card["card"], card["limit_bytes"]) for card in limited["cards"]] == [(1, 1 << 30)]
    assert limited["output_ids"] == run(*words).last["output_ids"]
    refused = run(*words, "--multi-dev-dram-limit", MIB / 4)
    assert refused.code == 2
    assert "find no place" in refused.err


def test_people_see_what_each_card_did(built: Built, run: Run) -> None:
    result = run("infer", "--engine", built.multi, "--input-ids", "5,6", "--max-new-tokens", 3, *TWO)
    assert result.out.startswith("note: Simulated cards compute on the CPU, a process each: card 0: embedding")
    assert [line.partition(":")[0] for line in result.out.splitlines()[-2:]] == ["card 0", "card 1"]


def test_jobs_in_flight_need_memory_of_their_own(built: Built, run: Run) -> None:
    words = ("infer", "--engine", built.multi, "--input-ids", "5", "--device", "0,1", "--multi-dev-dram-limit")
    limits = f"{0.45 * MIB},{0.45 * MIB}"
    assert run(*words, limits, "--dry-run").code == 0
    refused = run(*words, limits, "--in-flight", 40)
    assert refused.code == 2
    assert "in flight" in refused.err


@pytest.fixture
def client() -> Iterator[RuntimeClient]:
    made = RuntimeClient(restart=False)
    yield made
    made.close()


def test_a_killed_card_is_told_within_two_seconds_and_the_answer_goes_on(built: Built, client: RuntimeClient) -> None:
    client.load(str(built.multi), cards=CardsOptions((0, 1), strategy=1).to_json())
    wait_for(client.events, Loaded)
    pids = [card["pid"] for card in wait_for(client.events, CardStates).cards]
    client.generate(Generate("", input_ids=[[5, 6, 7]] * BATCH, max_new_tokens=60, constant_output=True, lookup=False))
    wait_for(client.events, Token)
    os.kill(pids[1], signal.SIGKILL)
    killed = time.monotonic()
    lost = wait_for(client.events, CardLost)
    assert time.monotonic() - killed < 2 + 3  # noticed at once; the rest is opening the engine anew
    assert (lost.card, lost.sentence.split(":")[0]) == (1, "Card 1 is gone")
    answer = wait_for(client.events, Generated)
    assert [len(ids) for ids in answer.output_ids] == [60] * BATCH
    assert [card["card"] for card in answer.cards] == [0]


def test_a_card_that_ends_between_answers_is_told_at_once_and_the_next_answer_comes(
    built: Built, client: RuntimeClient
) -> None:
    client.load(str(built.multi), cards=CardsOptions((0, 1), strategy=1).to_json())
    pids = [card["pid"] for card in wait_for(client.events, CardStates).cards]
    os.kill(pids[0], signal.SIGKILL)
    killed = time.monotonic()
    lost = wait_for(client.events, CardLost)
    assert time.monotonic() - killed < 2
    assert (lost.job, lost.card) == ("", 0)
    client.generate(Generate("", input_ids=[[5, 6, 7]], max_new_tokens=3, constant_output=True))
    assert wait_for(client.events, CardLost).sentence.endswith("It goes on with card 1.")
    assert len(wait_for(client.events, Generated).output_ids[0]) == 3


def test_cards_die_with_the_worker(built: Built, client: RuntimeClient) -> None:
    client.load(str(built.multi), cards=CardsOptions((0, 1), strategy=1).to_json())
    pids = [card["pid"] for card in wait_for(client.events, CardStates).cards]
    cards = [psutil.Process(pid) for pid in pids]
    assert client.pid is not None
    client.unload()
    assert psutil.wait_procs(cards, timeout=5)[1] == []
    client.load(str(built.multi), cards=CardsOptions((0, 1), strategy=1).to_json())
    cards = [psutil.Process(card["pid"]) for card in wait_for(client.events, CardStates).cards]
    os.kill(client.pid, signal.SIGKILL)
    assert psutil.wait_procs(cards, timeout=5)[1] == []
