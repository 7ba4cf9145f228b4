"""The events' way out of a worker: in order, tokens of a fast answer together, and nothing kept back for long."""

from __future__ import annotations

import io
import json
from typing import Any

from core.events import Event, Heartbeat, Prompted, Token
from core.worker.main import TOGETHER_S, Channel

TOKEN = Token("a", 0, 7, "word")


class Pipe(io.RawIOBase):
    """Keeps what is written, one entry for each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[list[dict[str, Any]]] = []

    def write(self, data: Any, /) -> int:
        """Take it whole."""
        self.writes.append([json.loads(line) for line in bytes(data).splitlines()])
        return len(data)


def told(steps: list[tuple[float, Event]]) -> list[list[str]]:
    """Return the kinds of the events of each write, where each event comes some seconds after the one before."""
    pipe, now = Pipe(), [100.0]
    channel = Channel(pipe, clock=lambda: now[0])  # type: ignore[arg-type]  # all that is used of a BinaryIO is write
    for seconds, event in steps:
        now[0] += seconds
        channel.emit(event)
    return [[event["event"] for event in write] for write in pipe.writes]


def test_tokens_of_a_fast_answer_are_written_together() -> None:
    every = TOGETHER_S / 10
    writes = told([(0.0, Prompted("a", ["?"], [5])), *[(every, TOKEN)] * 100])
    assert writes[:2] == [["prompted"], ["token"]]  # the first token doesn't wait
    assert 8 <= len(writes) <= 13
    assert all(len(write) <= 12 for write in writes)


def test_what_waits_goes_out_before_any_other_event() -> None:
    pipe = told([(0.0, TOKEN), (0.002, TOKEN), (0.002, TOKEN), (1.0, Heartbeat(busy=True))])
    assert pipe == [["token"], ["token", "token", "heartbeat"]]


def test_tokens_of_a_slow_answer_are_written_at_once_also_several_of_one_pass() -> None:
    writes = told([(0.0, TOKEN), *[(0.16, TOKEN), (0.0001, TOKEN), (0.0001, TOKEN)] * 3])
    assert [len(write) for write in writes] == [1] * 10


def test_a_token_is_what_the_general_way_makes_of_it() -> None:
    assert TOKEN.to_json() == Event.to_json(TOKEN)
