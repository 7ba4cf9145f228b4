from __future__ import annotations

import mmap

import numpy as np

from core.compiler.arguments import Argument
from core.events import Forgotten, Generated, Loaded
from core.runtime.client import RuntimeClient
from core.runtime.engine import clear, zeros
from core.runtime.session import Session
from core.worker.protocol import Generate
from tests.core.runtime.fake_engine import FakeEngine
from tests.core.worker.doubles import FAKE_WORKER, wait_for


class _WipingEngine(FakeEngine):
    def wipe(self) -> None:
        self.cache[:] = -1


def test_a_wiped_session_keeps_no_prefix_and_its_engine_no_token() -> None:
    engine = _WipingEngine()
    session = Session(engine)
    session.begin(0, [5, 6, 7])
    session.prefill(0, [5, 6, 7])
    assert session.begin(0, [5, 6, 7, 8]) == 3
    session.wipe()
    assert (engine.cache == -1).all()
    assert session.begin(0, [5, 6, 7, 8]) == 0


def test_a_buffer_is_all_zeros_after_it_was_cleared() -> None:
    array = zeros(Argument("0.keys", (64, mmap.PAGESIZE), "uint8", "cache"))
    array[:] = 7
    clear(array)
    assert not array.any()
    array[3, 5] = 1
    assert int(array.sum()) == 1


def test_a_buffer_that_is_no_mapping_is_cleared_too() -> None:
    array = np.full((4, 4), 7, np.float32)
    clear(array)
    assert not array.any()


def test_the_worker_answers_that_it_has_forgotten() -> None:
    client = RuntimeClient(worker=FAKE_WORKER)
    try:
        client.load("a.ngf")
        wait_for(client.events, Loaded)
        client.generate(Generate("a", input_ids=[[5, 6, 7]], max_new_tokens=2))
        client.forget()
        wait_for(client.events, Generated)
        wait_for(client.events, Forgotten)
        client.generate(Generate("b", input_ids=[[5, 6, 7]], max_new_tokens=2))
        assert wait_for(client.events, Generated).metrics.cached_tokens == 0
    finally:
        client.close()
