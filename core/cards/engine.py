"""An engine over several cards, behind the interface that generation uses.

It hands work to the first card and takes logits from the last. While one card computes a work, others compute those
before and after it: rounds of one prompt, or jobs that are in flight, each in a lane (a KV cache) of its own. Not
thread-safe, as `core.runtime.engine.Engine` isn't.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.cards.figures import CardFigures
from core.cards.link import Floats, Ints, Link, LinkShape, Work
from core.cards.options import CardsOptions
from core.cards.processes import CardProcess, end_all, start_all, wait_for
from core.cards.watch import Watch
from core.compiler.arguments import SCORE_ROWS, VERIFY_ROWS, Entry, prefill_rows
from core.errors import C10Error, CardGoneError, CardsLostError, WorkerError
from core.kernels.layout import padded_in, padded_out
from core.ngf.format import Header
from core.ngf.reader import NgfFile
from core.planner import Plan, plan_layers
from core.runtime.engine import check_place, check_positions, checked_ids, require_multi
from core.spec import EngineConfig, ModelSpec
from core.system import physical_cores
from core.worker.process import Waker

_TOO_FEW = "The cards that are left can't go on."
_CPU_INSTEAD = "The text so far is kept; the CPU can go on without cards."
_LOOK_S = 1.0
"""How often a wait for logits looks round, in seconds; a card that ends is noticed at once all the same."""


class CardsEngine:
    """Prefill and decode of one combined engine file over several cards.

    `plan`: which card holds what; `lanes`: jobs that can be in flight, rows of lane n are n * batch onwards;
    `weight_bytes`, `kv_bytes`: of all cards together; `verify_rows`, `notes`: as Engine has them.
    """

    def __init__(self, path: Path, header: Header, options: CardsOptions) -> None:
        self.header = header
        self.spec: ModelSpec = header.spec
        self.config: EngineConfig = header.config
        self.options = options
        self.lanes = options.lanes
        self.notes: list[str] = []
        self.weight_bytes = self.kv_bytes = self.verify_rows = self.threads = 0
        self.plan = Plan(options.strategy_name, ())
        self._path = path
        self._waker = Waker()
        self._cards: list[CardProcess] = []
        self._links: list[Link] = []
        self._in_flight: collections.deque[tuple[int, Work]] = collections.deque()
        self._early: dict[int, Floats] = {}
        """Logits that came before they were asked for."""
        self._tickets = itertools.count()
        self._watch: Watch | None = None
        self.on_end: Callable[[int], None] = _nothing
        """Called on another thread with the number of a card whose process has ended."""
        try:
            lost = self._start()
        except BaseException:
            self.close()
            raise
        if lost:
            self.notes.append(lost)

    @classmethod
    def open(cls, path: Path, options: CardsOptions) -> CardsEngine:
        """Start the cards' processes and let each open its part of the engine.

        A card that goes meanwhile is left out, with a note. Raises ResourceError where the model finds no place within
        the limits, CardsLostError where that is because cards have gone, and what Engine.open raises; MismatchError
        also for engines compiled before they could be split.
        """
        options.check()
        with NgfFile.open(path) as file:
            require_multi(file)
            return cls(path, file.header, options)

    def prefill(self, row: int, tokens: Ints, start: int) -> Floats:
        """Process `tokens` (n,) of `row` at positions start..start+n-1; returns the last one's logits (vocab,).

        1 <= n <= prefill_rows(config) and start + n <= config.total_len, else UsageError.
        """
        logits: Floats = self.collect(self.submit_prefill(row, tokens, start))[0]
        return logits

    def score(self, row: int, tokens: Ints, start: int) -> Floats:
        """Do as `prefill` does, but return the logits (n, vocab) of every token."""
        return self.collect(self._submit_base("score", row, tokens, start))

    def decode(self, tokens: Ints, positions: Ints) -> Floats:
        """Process one token of every slot: tokens (batch,) at positions (batch,); returns logits (batch, vocab)."""
        return self.collect(self.submit_decode(0, tokens, positions))

    def verify(self, row: int, tokens: Ints, start: int) -> Floats:
        """Do as `decode` does for each of `tokens` (n,) of one row, at positions start..start+n-1, in one pass.

        1 <= n <= verify_rows and start + n <= config.total_len, else UsageError. Returns logits (n, vocab), which are
        bit for bit those of n calls of `decode`.
        """
        count, (lane, slot) = len(tokens), divmod(row, self.config.batch)
        check_place(self.config, slot, count, start, self.verify_rows)
        ids = np.pad(checked_ids(self.spec, tokens), (0, self.verify_rows - count), "edge")  # too many: the last again
        positions = np.minimum(np.arange(self.verify_rows), count - 1) + start
        slots = np.full(self.verify_rows, slot, np.int32)
        return self.collect(self._submit(Work("verify", lane, ids, slots, positions.astype(np.int32))))[:count]

    @property
    def ahead(self) -> int:
        """Rounds of one prompt that are worth submitting before the first one's logits are collected."""
        return max(1, len(self._cards)) - 1

    def submit_prefill(self, row: int, tokens: Ints, start: int) -> int:
        """Begin what `prefill` does; return the ticket for its logits (1, vocab)."""
        return self._submit_base("base", row, tokens, start)

    def submit_decode(self, lane: int, tokens: Ints, positions: Ints) -> int:
        """Begin what `decode` does, in the KV cache `lane`; return the ticket for its logits (batch, vocab)."""
        check_positions(self.config, positions)
        slots = np.arange(self.config.batch, dtype=np.int32)
        return self._submit(Work("incremental", lane, checked_ids(self.spec, tokens), slots, positions))

    def collect(self, ticket: int) -> Floats:
        """Return the logits of a work in flight. Raises CardGoneError (a DeviceError) if a card has ended."""
        while ticket not in self._early:
            if not self._in_flight:
                raise WorkerError("Logits were asked for that no card computes.", "Please report it.")
            oldest, work = self._in_flight.popleft()
            self._early[oldest] = self._logits(work)
        return self._early.pop(ticket)

    def settle(self) -> None:
        """Wait for what is still in flight, and drop it."""
        try:
            while self._in_flight:
                self._logits(self._in_flight.popleft()[1])
        finally:
            self._in_flight.clear()
            self._early.clear()

    def figures(self) -> list[CardFigures]:
        """Return what each card holds and has done since it was opened."""
        return [card.figures() for card in self._cards]

    def recover(self, error: CardGoneError) -> str:
        """Plan again without the card that is gone and open the engine on the others; the KV caches are empty then.

        Return a sentence for the user. Raises CardsLostError where the others can't hold the model.
        """
        self._end()
        return self._start(error)

    def close(self) -> None:
        """End the cards' processes and give up everything."""
        self._end()
        self._waker.close()

    def _start(self, gone: CardGoneError | None = None) -> str:
        """Open the engine on the cards, without those that go meanwhile and `gone`.

        Return a sentence on the cards that are gone, "" if none is. Raises CardsLostError where the others can't go on.
        """
        lost: list[str] = []
        while True:
            if gone:
                lost.append(gone.message)
                self.options = self.options.without(gone.card)
            try:
                self._open_cards()
            except CardGoneError as another:
                gone = another
            except C10Error as refusal:
                if not lost:
                    raise
                raise CardsLostError(
                    " ".join([*lost, _TOO_FEW, refusal.message]), f"{_CPU_INSTEAD} {refusal.hint}"
                ) from refusal
            else:
                return " ".join([*lost, _goes_on([card.placement.card for card in self._cards])]) if lost else ""

    def _open_cards(self) -> None:
        options = self.options
        self.plan = plan_layers(self.spec, self.config, options.cards(), options.strategy_name, self.lanes)
        placements = [one for one in self.plan.placements if one.used_bytes]
        self.threads = options.threads or max(1, physical_cores() // len(placements))
        self._links = [Link.create(shape) for shape in self._shapes(len(placements))]
        try:
            self._cards = start_all(self._path, placements, self._links, self.lanes, self.threads, self._waker)
        except BaseException:
            self._end()
            raise
        pids = {card.placement.card: card.pid for card in self._cards}
        self._watch = Watch(pids, lambda card: self.on_end(card))
        opened = [card.opened for card in self._cards if card.opened]
        self.weight_bytes = sum(one.weight_bytes for one in opened)
        self.kv_bytes = sum(one.kv_bytes for one in opened)
        self.verify_rows = min(one.verify_rows for one in opened)
        self.notes = [_spread(self.plan), *dict.fromkeys(note for one in opened for note in one.notes)]

    def _shapes(self, cards: int) -> list[LinkShape]:
        """Return the links' shapes: tokens to the first card, hidden states between, logits from the last."""
        depth, tokens = self._most(cards) + 1, max(prefill_rows(self.config), self.config.batch, VERIFY_ROWS)
        hidden = LinkShape(depth, tokens, tokens, padded_in(self.spec.hidden_size))
        logits = LinkShape(
            depth, tokens, max(SCORE_ROWS, self.config.batch, VERIFY_ROWS), padded_out(self.spec.vocab_size)
        )
        return [LinkShape(depth, tokens, 0, 0), *[hidden] * (cards - 1), logits]

    def _end(self) -> None:
        if self._watch:
            self._watch.close()
            self._watch = None
        end_all(self._cards)
        for link in self._links:
            link.close()
        self._cards, self._links = [], []
        self._in_flight.clear()
        self._early.clear()

    def _most(self, cards: int) -> int:
        """Return how many works may be in flight: no link has fewer slots, so handing over never waits for a reader."""
        return max(self.lanes, cards)

    def _submit_base(self, entry: Entry, row: int, tokens: Ints, start: int) -> int:
        lane, slot = divmod(row, self.config.batch)
        check_place(self.config, slot, len(tokens), start, prefill_rows(self.config))
        slots = np.full(len(tokens), slot, np.int32)
        positions = np.arange(start, start + len(tokens), dtype=np.int32)
        return self._submit(Work(entry, lane, checked_ids(self.spec, tokens), slots, positions))

    def _submit(self, work: Work) -> int:
        if not self._cards:
            raise CardsLostError("None of the engine's cards is left.", _CPU_INSTEAD)
        if not 0 <= work.lane < self.lanes or len(self._in_flight) >= self._most(len(self._cards)):
            raise WorkerError(f"Lane {work.lane} of {self.lanes} was given work it can't take.", "Please report it.")
        for card in self._cards:
            card.check()
        self._links[0].send(work)
        ticket = next(self._tickets)
        self._in_flight.append((ticket, work))
        return ticket

    def _logits(self, work: Work) -> Floats:
        """Return the logits of the oldest work, which is `work`."""
        if work.entry != "score":
            return self._receive()
        return np.concatenate([self._receive() for _ in range(0, len(work.ids), SCORE_ROWS)])

    def _receive(self) -> Floats:
        link = self._links[-1]
        while not link.ready():
            wait_for(self._cards, [link], _LOOK_S)
        logits = np.array(link.rows()[:, : self.spec.vocab_size])
        link.release()
        return logits


def _nothing(_: int) -> None:
    """Take a card's number and do nothing with it."""


def _spread(plan: Plan) -> str:
    """Return what each card holds as a sentence."""
    parts = "; ".join(f"card {one.card}: {one.parts}" for one in plan.placements)
    return f"Simulated cards compute on the CPU, a process each: {parts}."


def _goes_on(cards: list[int]) -> str:
    if len(cards) == 1:
        return f"It goes on with card {cards[0]}."
    return f"It goes on with cards {', '.join(map(str, cards))}."
