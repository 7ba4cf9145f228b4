"""Several jobs in flight answer as one after another, and a card that is killed costs neither text nor the answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.cards.options import CardsOptions
from core.cards.processes import CardProcess
from core.errors import CardGoneError, CardsLostError
from core.events import CardLost, Event, Generated, PrefillProgress, RowFinished, Token
from core.runtime.engine import Engine
from core.runtime.generate import Request, generate
from core.runtime.sampling import Sampling
from core.runtime.session import Session
from tests.core.cards.conftest import BATCHED, QUANTISED, Compiled, Opened, tight

PROMPTS = tuple(tuple(range(3 + i, 6 + i + 3 * (i % 4))) for i in range(9))
LONG = tuple(i % 250 + 3 for i in range(37))
NOTICED_S = 2.0


def never() -> bool:
    return False


def nothing(_: Event) -> None:
    """Drop an event."""


def alone(compiled: Compiled, request: Request) -> Generated:
    """Return the answer of one process."""
    engine = Engine.open(compiled(BATCHED))
    try:
        return generate(Session(engine), request, nothing, never)
    finally:
        engine.close()


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(True, 1.3, 0.95, 40, 1.1, seed=5)], ids=["greedy", "seeded"])
def test_jobs_in_flight_answer_as_one_after_another(opened: Opened, compiled: Compiled, sampling: Sampling) -> None:
    request = Request("j", (*PROMPTS, LONG), sampling, max_new_tokens=7)
    session = Session(opened(BATCHED, CardsOptions((0, 1, 2), strategy=1, lanes=3)))
    events: list[Event] = []
    together = generate(session, request, events.append, never)
    expected = alone(compiled, request)
    assert (together.output_ids, together.stop_reason) == (expected.output_ids, expected.stop_reason)
    for row, ids in enumerate(expected.output_ids):
        assert [event.token for event in events if isinstance(event, Token) and event.row == row] == ids
    cards = together.cards
    assert [card["card"] for card in cards] == [0, 1, 2]
    assert all(card["busy_s"] > 0 and card["hand_over_s"] > 0 for card in cards)
    assert len({card["works"] for card in cards}) == 1
    assert together.metrics.prompt_tokens == sum(map(len, request.prompts))


@pytest.mark.parametrize("strategy", [0, 1, 2], ids=["greedy", "equal", "loose"])
def test_every_strategy_answers_as_one_process(opened: Opened, compiled: Compiled, strategy: int) -> None:
    """A batch of 3 with a prompt of several rounds, greedy and sampled, and one row alone, whose drafts are checked."""
    copying = (7, 8, 9, 7, 8, 9, 7, 8)
    requests = [
        Request("j", (PROMPTS[1], LONG, PROMPTS[2]), max_new_tokens=9),
        Request("j", (PROMPTS[3], LONG, PROMPTS[0]), Sampling(True, 1.3, 0.95, 40, 1.1, seed=7), max_new_tokens=9),
        Request("j", (copying,), max_new_tokens=40, constant_output=True),
    ]
    session = Session(opened(BATCHED, tight(3, BATCHED, strategy=strategy)))
    for request in requests:
        split, expected = generate(session, request, nothing, never), alone(compiled, request)
        assert (split.output_ids, split.stop_reason) == (expected.output_ids, expected.stop_reason)


def test_rounds_of_one_prompt_pass_through_the_cards_behind_each_other(opened: Opened, compiled: Compiled) -> None:
    engine = opened(BATCHED, CardsOptions((0, 1, 2), strategy=1))
    submitted, collected = [], []

    def submit(row: int, tokens: np.ndarray, start: int, submit=engine.submit_prefill) -> int:
        submitted.append(start)
        return submit(row, tokens, start)

    def collect(ticket: int, collect=engine.collect) -> np.ndarray:
        collected.append(len(submitted))
        return collect(ticket)

    engine.submit_prefill, engine.collect = submit, collect  # type: ignore[method-assign]
    request = Request("j", (tuple(range(3, 60)), LONG), max_new_tokens=4)
    together = generate(Session(engine), request, nothing, never)
    assert collected[:4] == [3, 4, 4, 4]
    assert together.output_ids == alone(compiled, request).output_ids


def test_a_stop_between_rounds_leaves_the_cache_usable(opened: Opened, compiled: Compiled) -> None:
    session = Session(opened(BATCHED, CardsOptions((0, 1), strategy=1)))
    seen: list[Event] = []
    stopped = generate(session, Request("j", (tuple(range(3, 60)),)), seen.append, lambda: len(seen) > 2)
    assert stopped.stop_reason == ["stopped"]
    assert 16 <= session.cached(0) <= 48
    request = Request("j", (tuple(range(3, 60)),), max_new_tokens=4)
    again = generate(session, request, nothing, never)
    assert again.metrics.cached_tokens >= 32
    assert again.output_ids == alone(compiled, request).output_ids


def test_drafts_are_checked_on_cards_too(opened: Opened, compiled: Compiled) -> None:
    request = Request("j", ((7, 8, 9, 7, 8, 9, 7, 8),), max_new_tokens=40, constant_output=True)
    together = generate(Session(opened(BATCHED, CardsOptions((0, 1), strategy=1))), request, nothing, never)
    assert together.output_ids == alone(compiled, request).output_ids
    assert together.metrics.drafted_tokens > 0


def test_a_stop_ends_all_jobs_in_flight_and_the_cards_can_be_asked_again(opened: Opened, compiled: Compiled) -> None:
    session = Session(opened(BATCHED, CardsOptions((0, 1), strategy=1, lanes=2)))
    seen: list[Event] = []
    stopped = generate(
        session, Request("j", PROMPTS, max_new_tokens=30), seen.append, lambda: sum(map(is_token, seen)) > 8
    )
    assert set(stopped.stop_reason) == {"stopped"}
    request = Request("j", PROMPTS[:4], max_new_tokens=5)
    assert generate(session, request, nothing, never).output_ids == alone(compiled, request).output_ids


def is_token(event: Event) -> bool:
    return isinstance(event, Token)


def kill(session: Session, card: int) -> None:
    """End the process of a card as a crash would."""
    assert session.cards
    pid = next(one.to_json()["pid"] for one in session.cards.figures() if one.card == card)  # type: ignore[attr-defined]
    os.kill(pid, signal.SIGKILL)


def killing(session: Session, card: int, after: int, seen: list[Event]) -> Callable[[Event], None]:
    """Return a listener that kills a card when `after` tokens have come."""

    def listen(event: Event) -> None:
        seen.append(event)
        if is_token(event) and sum(map(is_token, seen)) == after:
            kill(session, card)

    return listen


@pytest.mark.parametrize(("lanes", "lost"), [(1, 0), (1, 2), (2, 1)])
def test_the_answer_goes_on_where_a_card_was_killed(opened: Opened, compiled: Compiled, lanes: int, lost: int) -> None:
    engine = opened(BATCHED, CardsOptions((0, 1, 2), strategy=1, lanes=lanes))
    session, seen = Session(engine), list[Event]()
    request = Request("j", PROMPTS[:5], max_new_tokens=12, constant_output=True)
    begun = time.monotonic()
    answer = generate(session, request, killing(session, lost, 15, seen), never)
    assert time.monotonic() - begun < 30
    expected = alone(compiled, request)
    assert answer.output_ids == expected.output_ids
    assert answer.stop_reason == expected.stop_reason
    left = [card for card in (0, 1, 2) if card != lost]
    [gone] = [event for event in seen if isinstance(event, CardLost)]
    assert gone.card == lost
    assert f"Card {lost} is gone: its process was ended by signal 9. It goes on with cards" in gone.sentence
    assert [card.card for card in engine.figures()] == left
    assert [placement.card for placement in engine.plan.placements] == left
    tokens = [(event.row, event.token) for event in seen if isinstance(event, Token)]
    assert len(tokens) == sum(map(len, expected.output_ids))


@pytest.mark.slow
@pytest.mark.parametrize("after", range(1, 65))
def test_a_card_may_be_killed_at_any_token(opened: Opened, compiled: Compiled, after: int) -> None:
    session, seen = Session(opened(BATCHED, CardsOptions((0, 1), strategy=1))), list[Event]()
    request = Request("j", PROMPTS[:3], max_new_tokens=23, constant_output=True)
    answer = generate(session, request, killing(session, after % 2, after, seen), never)
    assert answer.output_ids == alone(compiled, request).output_ids
    assert [event.card for event in seen if isinstance(event, CardLost)] == [after % 2]


def test_a_card_that_is_killed_between_rounds_of_a_prompt_costs_no_token(opened: Opened, compiled: Compiled) -> None:
    session, seen = Session(opened(BATCHED, CardsOptions((0, 1, 2), strategy=1))), list[Event]()

    def listen(event: Event) -> None:
        seen.append(event)
        if isinstance(event, PrefillProgress) and event.done == 16 and seen.count(event) == 1:
            kill(session, 2)

    request = Request("j", (LONG,), max_new_tokens=6)
    answer = generate(session, request, listen, never)
    assert answer.output_ids == alone(compiled, request).output_ids
    assert [event.card for event in seen if isinstance(event, CardLost)] == [2]


def test_a_card_that_is_killed_while_it_loads_is_left_out(
    opened: Opened, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_and_kill(card: CardProcess, engine: Path, lanes: int, tell=CardProcess.open) -> None:
        tell(card, engine, lanes)
        if card.placement.card in doomed:
            os.kill(card.pid, signal.SIGKILL)

    monkeypatch.setattr(CardProcess, "open", open_and_kill)
    doomed = {0, 2}
    engine = opened(BATCHED, CardsOptions((0, 1, 2), strategy=1))
    assert engine.notes[-1].startswith("Card ")
    assert engine.notes[-1].endswith("ended by signal 9. It goes on with card 1.")
    request = Request("j", (LONG,), max_new_tokens=4)
    assert generate(Session(engine), request, nothing, never).output_ids == alone(compiled, request).output_ids
    doomed = {0, 1}
    with pytest.raises(CardsLostError, match="no card to place layers on") as caught:
        opened(BATCHED, CardsOptions((0, 1), strategy=1))
    assert "the CPU can go on" in caught.value.hint


def test_what_was_said_is_kept_where_the_cards_left_cannot_hold_the_model(opened: Opened) -> None:
    engine = opened(QUANTISED, tight(2, QUANTISED))
    session, seen = Session(engine), list[Event]()
    request = Request("j", (LONG,), max_new_tokens=20, constant_output=True)
    with pytest.raises(CardsLostError, match=r"Card 1 is gone.*can't go on. The limits of the cards allow") as caught:
        generate(session, request, killing(session, 1, 5, seen), never)
    assert caught.value.hint.startswith("The text so far is kept; the CPU can go on without cards. It fits with ")
    [end] = [event for event in seen if isinstance(event, RowFinished)]
    assert (end.row, end.reason) == (0, "error")
    assert sum(map(is_token, seen)) == 5
    with pytest.raises(CardsLostError, match="None of the engine's cards is left"):
        generate(session, request, nothing, never)


def test_a_killed_card_is_noticed_within_two_seconds(opened: Opened) -> None:
    engine = opened(BATCHED, CardsOptions((0, 1), strategy=1))
    token = np.array([5], np.int32)
    engine.prefill(0, token, 0)
    os.kill(engine.figures()[1].pid, signal.SIGKILL)
    begun = time.monotonic()
    for _ in range(3):  # and every time that it is asked again
        with pytest.raises(CardGoneError, match="Card 1 is gone") as caught:
            engine.prefill(0, token, 1)
    assert time.monotonic() - begun < NOTICED_S
    assert "Ask again" in caught.value.hint
    request = Request("j", ((5, 6),), max_new_tokens=3)
    assert len(generate(Session(engine), request, nothing, never).output_ids[0]) == 3
