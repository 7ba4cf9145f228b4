"""What is sent through a link arrives whole and in order, and a full link holds its sender back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from core.cards.link import Link, LinkShape, Work
from core.cards.memory import CardMemory
from core.compiler.arguments import Argument
from core.errors import ResourceError

SHAPE = LinkShape(depth=2, tokens=4, rows=3, width=40)


@pytest.fixture
def ends() -> Iterator[tuple[Link, Link]]:
    """Return both ends of a link, as two processes have them."""
    sender = Link.create(SHAPE)
    receiver = Link(SHAPE, [os.dup(descriptor) for descriptor in sender.descriptors])
    yield sender, receiver
    sender.close()
    receiver.close()


def work(number: int) -> Work:
    count = number % SHAPE.tokens + 1
    numbers = np.arange(count, dtype=np.int32) + 100 * number
    return Work("verify" if number % 2 else "base", number % 3, numbers, numbers + 1, numbers + 2)


def rows(number: int) -> np.ndarray:
    return np.random.default_rng(number).standard_normal((number % SHAPE.rows + 1, SHAPE.width), np.float32)


def test_works_arrive_whole_and_in_order_from_a_sender_that_is_faster(ends: tuple[Link, Link]) -> None:
    sender, receiver = ends
    thread = threading.Thread(target=lambda: [sender.send(work(number), rows(number)) for number in range(25)])
    thread.start()
    for number in range(25):
        receiver.wait()
        got, expected = receiver.work(), work(number)
        assert (got.entry, got.lane) == (expected.entry, expected.lane)
        for name in ("ids", "slots", "positions"):
            assert np.array_equal(getattr(got, name), getattr(expected, name))
        assert np.array_equal(receiver.rows(), rows(number))
        assert receiver.release() > 0
    thread.join()
    assert not receiver.ready()


def test_a_full_link_holds_its_sender_back_until_a_slot_is_given_back(ends: tuple[Link, Link]) -> None:
    sender, receiver = ends
    for number in range(SHAPE.depth):
        sender.send(work(number))
    thread = threading.Thread(target=sender.send, args=(work(7), rows(7)))
    thread.start()
    receiver.wait()
    assert receiver.rows().shape == (0, SHAPE.width)
    kept = receiver.work()
    assert thread.is_alive()
    receiver.release()
    thread.join(10)
    assert not thread.is_alive()
    assert np.array_equal(kept.ids, work(0).ids)


def test_a_cards_memory_is_counted_and_ends_at_its_limit() -> None:
    memory = CardMemory(2, 1000)
    cache = Argument("0.keys", (10, 20), "float16", "cache")
    assert not memory.zeros(cache).any()
    memory.take("weights", 600)
    assert memory.used == {"weights": 600, "KV cache": 400, "workspace": 0}
    with pytest.raises(ResourceError, match=r"Card 2 needs 4 B \(4 bytes\) more for its workspace, but only 0 B of"):
        memory.zeros(Argument("rows", (1,), "int32", "control"))
    assert memory.held == 1000
