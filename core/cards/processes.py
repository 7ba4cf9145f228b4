"""The cards' processes as their parent sees them: started, told what to open, watched, and ended."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from core.cards.card import CardPart
from core.cards.figures import CardFigures, Counters, figures_of
from core.cards.link import Link
from core.cards.main import OpenCard
from core.errors import C10Error, CardGoneError, WorkerError
from core.events import CardOpened, Event, Failed
from core.planner import Placement
from core.worker.process import Child, Waker

OPEN_S = 120.0
"""Longest wait for a card to open its part of an engine, in seconds."""


class CardProcess:
    """The process of one card. It belongs to the thread that starts it."""

    def __init__(self, placement: Placement, inlet: Link, outlet: Link, threads: int, waker: Waker) -> None:
        """Start it; raises WorkerError if that can't be done."""
        self.placement = placement
        self.opened: CardOpened | None = None
        self.counters = Counters.create()
        self._links = (inlet, outlet)
        self._child = Child(
            [sys.executable, "-P", "-m", "core.cards"],
            waker=waker,
            environment={"TVM_NUM_THREADS": str(threads), "TVM_BIND_THREADS": "0"},
            inherited=(*inlet.descriptors, *outlet.descriptors, self.counters.descriptor),
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._child.pid

    def open(self, engine: Path, lanes: int) -> None:
        """Tell it what to open; `opened` is set once it has."""
        inlet, outlet = ([*astuple(link.shape), *link.descriptors] for link in self._links)
        placed = self.placement
        part = CardPart(placed.first_layer, placed.num_layers, placed.embedding, placed.output)
        self._child.send(
            OpenCard(
                str(engine.absolute()), placed.card, placed.limit_bytes, asdict(part), lanes, inlet, outlet,
                self.counters.descriptor,
            )
        )  # fmt: skip

    def look(self) -> None:
        """Read what it has reported. Raises what it failed with, CardGoneError if it has ended."""
        for event in self._child.poll(0):
            self._take(event)
        self.check()

    def check(self) -> None:
        """Raise CardGoneError if `look` has found that it has ended."""
        if self._child.ended:
            raise _gone(self.placement.card, self._child.outcome().returncode)

    def fileno(self) -> int:
        """Return a descriptor that can be read when `look` has something to do."""
        return self._child.fileno()

    def figures(self) -> CardFigures:
        """Return what it holds and has done."""
        opened = self.opened
        held = (opened.weight_bytes, opened.kv_bytes, opened.workspace_bytes) if opened else (0, 0, 0)
        return figures_of(self.placement, self.pid, held, self.counters)

    def end(self) -> None:
        """End the process; returns when it is gone."""
        self._child.kill()
        self._child.close()
        self.counters.close()

    def _take(self, event: Event) -> None:
        if isinstance(event, Failed):
            raise event.error()
        if isinstance(event, CardOpened):
            self.opened = event


def start_all(
    engine: Path, placements: Sequence[Placement], links: Sequence[Link], lanes: int, threads: int, waker: Waker
) -> list[CardProcess]:
    """Start a process for each placement, between `links` in turn, and wait until all have opened their parts.

    Raises what a card failed with (ResourceError beyond its limit, MismatchError, FormatError), CardGoneError,
    WorkerError after OPEN_S; then none is left.
    """
    cards: list[CardProcess] = []
    try:
        for placement, inlet, outlet in zip(placements, links, links[1:], strict=False):
            cards.append(CardProcess(placement, inlet, outlet, threads, waker))
        for card in cards:
            card.open(engine, lanes)
        _await_opened(cards)
    except BaseException:
        for card in cards:
            card.end()
        raise
    return cards


def _await_opened(cards: Sequence[CardProcess]) -> None:
    deadline = time.monotonic() + OPEN_S
    while not all(card.opened for card in cards):
        if time.monotonic() > deadline:
            raise WorkerError(f"The cards haven't opened the engine within {OPEN_S:.0f} s.", "Try again.")
        wait_for(cards, [], 1.0)


def wait_for(cards: Sequence[CardProcess], others: Sequence[Link], timeout: float) -> None:
    """Wait until a card has something to tell, one of `others` is ready, or `timeout` seconds are over.

    Raises as `CardProcess.look` does.
    """
    for card in cards:
        card.check()
    poll = select.poll()
    for descriptor in (*(card.fileno() for card in cards), *(link.fileno() for link in others)):
        poll.register(descriptor, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(timeout * 1000)}
    for card in cards:
        if card.fileno() in ready:
            card.look()


def end_all(cards: Sequence[CardProcess]) -> None:
    """End all processes, whatever state they are in."""
    for card in cards:
        try:
            card.end()
        except C10Error:  # it couldn't report its end; it is gone anyway
            continue


def _gone(card: int, returncode: int) -> CardGoneError:
    if returncode < 0:
        sentence = f"Card {card} is gone: its process was ended by signal {-returncode}."
    else:
        sentence = f"Card {card} is gone: its process has ended."
    return CardGoneError(sentence, CardGoneError.HINT, card)
