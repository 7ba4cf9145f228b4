"""Prompts, and loads and unloads, by the thousand: what both processes hold afterwards is what they held before."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from typing import TypeVar

import psutil

from core.events import Event, Failed, Generated, Loaded, Unloaded
from core.runtime.client import RuntimeClient
from core.worker.protocol import Generate
from tests.faults.small import CONFIG, own_home, write_small

E = TypeVar("E", bound=Event)

WARM_UP = 0.1
"""Share of the rounds after which everything that is made once has been made."""
MOST_GROWTH = 8 << 20
"""Memory, in bytes, by which a process may grow after that: what the allocator keeps for itself varies."""
LONGEST_S = 60.0
SHOWN_EVERY = 20


@dataclass(frozen=True)
class Held:
    """What a process holds."""

    rss: int
    threads: int
    descriptors: int

    @classmethod
    def by(cls, pid: int) -> Held:
        """Return what the process `pid` holds now."""
        process = psutil.Process(pid)
        return cls(process.memory_info().rss, process.num_threads(), process.num_fds())


def run(name: str, count: int, seed: int, deadline: float) -> dict[str, object]:
    """Do `count` rounds of "prompts" or "loads"; return what was held after the warm-up and at the end."""
    with own_home() as folder:
        engine = str(write_small(folder).multi)
        client = RuntimeClient(restart=False)
        try:
            client.load(engine, threads=1)
            _wait(client, Loaded)
            return _rounds(name, client, engine, count, random.Random(seed), deadline)
        finally:
            client.close()


def _rounds(
    name: str, client: RuntimeClient, engine: str, count: int, rng: random.Random, deadline: float
) -> dict[str, object]:
    """Raises AssertionError where something has grown."""
    parent, before, done = psutil.Process().pid, None, 0
    for done in range(1, count + 1):
        if name == "prompts":
            _prompt(client, rng)
        else:
            _load(client, engine)
        pid = client.pid
        assert pid is not None, "the child has ended"
        if before is None and done >= count * WARM_UP:
            before = Held.by(parent), Held.by(pid)
        if done % max(1, count // SHOWN_EVERY) == 0:
            sys.stderr.write(f"{done}: {Held.by(parent)} {Held.by(pid)}\n")
        if time.monotonic() > deadline:
            break
    assert before is not None, "the time was up before the warm-up was over"
    assert pid is not None
    after = Held.by(parent), Held.by(pid)
    figures: dict[str, object] = {"rounds": done}
    for who, one, other in zip(("window", "child"), before, after, strict=True):
        figures[f"{who}_mib"] = f"{one.rss / (1 << 20):.1f} -> {other.rss / (1 << 20):.1f}"
        figures[f"{who}_threads"] = f"{one.threads} -> {other.threads}"
        figures[f"{who}_descriptors"] = f"{one.descriptors} -> {other.descriptors}"
        assert other.threads <= one.threads, figures
        assert other.descriptors <= one.descriptors, figures
        assert other.rss - one.rss <= MOST_GROWTH, figures
    return figures


def _prompt(client: RuntimeClient, rng: random.Random) -> None:
    """Ask in ids or in words, for a few tokens, greedily or sampled."""
    longest = CONFIG.total_len // 2
    ids = [rng.randrange(3, 250) for _ in range(rng.randrange(1, longest))]
    sample = rng.random() < 0.5
    if rng.random() < 0.5:
        command = Generate("", input_ids=[ids], max_new_tokens=rng.randrange(1, 6), do_sample=sample, seed=1)
    else:
        command = Generate(
            "", questions=["你好 " + "a" * rng.randrange(8)], max_new_tokens=3, do_sample=sample, raw=True
        )
    client.generate(command)
    _wait(client, Generated)


def _load(client: RuntimeClient, engine: str) -> None:
    client.load(engine, threads=1)
    _wait(client, Loaded)
    client.generate(Generate("", input_ids=[[1, 2, 3]], max_new_tokens=1))
    _wait(client, Generated)
    client.unload()
    _wait(client, Unloaded)


def _wait(client: RuntimeClient, kind: type[E]) -> E:
    while True:
        event = client.events.get(timeout=LONGEST_S)
        if isinstance(event, kind):
            return event
        assert not isinstance(event, Failed), event
