"""The state that every page shares: which engine is loaded, whether it answers, how fast. Kept up to date by events."""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from core.errors import CardsLostError, UntrustedError
from core.events import CardStates, Event, Exited, Failed, Generated, Loaded, Ready, Token, Unloaded
from gui.bridge import RUNTIME, Bridge

if TYPE_CHECKING:
    from core.worker.protocol import Generate

log = logging.getLogger(__name__)

WINDOW_S = 1.0
"""The live rate counts the tokens of this many past seconds."""


class Runtime(Protocol):
    """What the window needs of the thread that owns the inference child (core.runtime.client.RuntimeClient)."""

    events: queue.Queue[Event]

    def load(
        self, engine: str, *, tokenizer: str = "", threads: int = 0, cards: dict[str, Any] | None = None,
        c10: dict[str, Any] | None = None, trust: bool = False,
    ) -> None:  # fmt: skip
        """Open an engine; a Loaded or Failed event follows.

        `cards`: see `core.cards.options.CardsOptions.to_json`; `c10`: see `core.c10.engine.CardOptions.to_json`;
        `trust`: the user has said that it may run, though it wasn't built here.
        """

    def generate(self, command: Generate) -> str:
        """Start an answer and return its job; Token ... Generated or Failed events follow."""

    def stop(self) -> None:
        """End the running answer."""

    def unload(self) -> None:
        """Close the engine; an Unloaded event follows."""

    def forget(self) -> None:
        """Overwrite what the engine knows of earlier prompts."""

    def kill(self) -> None:
        """End a child that hangs; it comes back by itself."""

    def close(self) -> None:
        """End the child and the thread."""


RuntimeFactory = Callable[[], Runtime]


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished request: its figures, the engine that answered, when (seconds since 1970), on how many cards."""

    event: Generated
    loaded: Loaded
    when: float
    cards: int
    """Simulated cards that it was spread over; 0: none."""

    @property
    def name(self) -> str:
        """File name of the engine without its suffix."""
        return Path(self.loaded.engine).stem


@dataclass(frozen=True, slots=True)
class Turn:
    """One question or answer of the conversation that was asked last: `role` is "user" or "assistant"."""

    role: str
    text: str


class Rate:
    """Tokens per second over the last WINDOW_S seconds."""

    def __init__(self) -> None:
        self._moments: deque[tuple[float, int]] = deque()
        self._tokens = 0

    def add(self, now: float, tokens: int = 1) -> None:
        """Count tokens at `now` (seconds)."""
        self._moments.append((now, tokens))
        self._tokens += tokens

    def at(self, now: float) -> float:
        """Return the rate at `now`, in tokens per second."""
        while self._moments and self._moments[0][0] < now - WINDOW_S:
            self._tokens -= self._moments.popleft()[1]
        return self._tokens / WINDOW_S

    def clear(self) -> None:
        """Forget all tokens."""
        self._moments.clear()
        self._tokens = 0


class Session(QObject):
    """The loaded engine and the runtime that answers; `changed` fires on load, failure and at the end of an answer."""

    changed = Signal()
    cards_changed = Signal()
    """`card_states` is new."""
    untrusted = Signal(str)
    """The engine of this path wasn't opened, as it is a stranger's; `load_trusted` opens it."""

    def __init__(self, bridge: Bridge, factory: RuntimeFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._factory = factory
        self._runtime: Runtime | None = None
        self.loading = ""
        """Path of the engine that is being opened, empty if none is."""
        self._last = ("", "")
        """Engine and tokenizer that were asked for last."""
        self.loaded: Loaded | None = None
        self.answering = False
        self.failure: Failed | Exited | None = None
        """Why the last load failed or the child ended, None once an engine is open."""
        self.cards: Callable[[], dict[str, Any]] = dict
        """Says over which simulated cards to spread the next engine; empty: over none."""
        self.vendors: Callable[[str], dict[str, Any]] = lambda _engine: {}
        """Says how to load an engine of the vendor's (its path is given); empty: it is one of our own."""
        self.cards_lost = False
        """The cards that are left can't hold the engine: it is loaded on the CPU next."""
        self.spread: dict[str, Any] = {}
        """Over which cards the engine was spread."""
        self.card_states: list[dict[str, Any]] = []
        """What each card holds and has done, as in the event CardStates."""
        self.rate = Rate()
        self.last_rate: float | None = None
        """Decode tokens/s of the last finished answer."""
        self.last: Answered | None = None
        """The last finished answer."""
        self.transcript: tuple[Turn, ...] = ()
        """What was asked and answered last, with the turns before it; kept in memory only."""
        self.limits: list[str] = []
        """What the inference child has given up, in words, see `core.worker.narrow`."""
        bridge.subscribe(Ready, self._on_ready)
        bridge.subscribe(Loaded, self._on_loaded)
        bridge.subscribe(Failed, self._on_failed)
        bridge.subscribe(Exited, self._on_exited)
        bridge.subscribe(Unloaded, self._on_unloaded)
        bridge.subscribe_tokens(self._on_tokens)
        bridge.subscribe(Generated, self._on_generated)
        bridge.subscribe(CardStates, self._on_cards)

    @property
    def runtime(self) -> Runtime:
        """The runtime, started at first use (the child imports the heavy libraries, not the window)."""
        if self._runtime is None:
            self._runtime = self._factory()
            self._bridge.attach(RUNTIME, self._runtime.events)
        return self._runtime

    @property
    def engine_name(self) -> str:
        """File name of the loaded engine without its suffix, empty if none is loaded."""
        return Path(self.loaded.engine).stem if self.loaded else ""

    def load(self, engine: str, tokenizer: str = "") -> None:
        """Open an engine file; `loaded` or `failure` is set when it is done."""
        self._load(engine, tokenizer)

    def load_trusted(self) -> None:
        """Open the stranger's engine that was asked for last, which the user has allowed to run from now on."""
        self._load(*self._last, trust=True)

    def _load(self, engine: str, tokenizer: str, **options: Any) -> None:
        self.loading, self.failure = engine, None
        self._last = engine, tokenizer
        vendors = self.vendors(engine)
        self.spread = {} if vendors or self.cards_lost else self.cards()
        self.cards_lost = False
        self.changed.emit()
        if vendors:
            options["c10"] = vendors
        elif self.spread:
            options["cards"] = self.spread
        self.runtime.load(engine, tokenizer=tokenizer, **options)

    def heard(self, turns: Sequence[Turn]) -> None:
        """Note the conversation that was asked last, its answer included."""
        self.transcript = tuple(turns)

    def wipe(self) -> None:
        """Forget everything that the visitor asked and got, in the worker's KV cache, too."""
        if self._runtime is not None:
            self._runtime.stop()
            self._runtime.forget()
        self.transcript, self.last, self.last_rate = (), None, None
        self.rate.clear()
        self.changed.emit()

    def load_again(self) -> None:
        """Open the engine once more that was asked for last."""
        engine, tokenizer = self._last
        if engine:
            self.load(engine, tokenizer)

    def close(self) -> None:
        """End the inference child, if there is one."""
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    def _on_cards(self, event: CardStates) -> None:
        self.card_states = event.cards
        self.cards_changed.emit()

    def _forget_cards(self) -> None:
        if self.card_states:
            self.card_states = []
            self.cards_changed.emit()

    def _on_ready(self, event: Ready) -> None:
        self.limits = event.limits
        log.info("Worker %d runs with %s.", event.pid, ", ".join(event.limits) or "no limits of its own")

    def _on_loaded(self, event: Loaded) -> None:
        self.loaded, self.loading, self.failure, self.answering = event, "", None, False
        self.last_rate = None
        self.changed.emit()

    def _on_failed(self, event: Failed) -> None:
        if event.code == CardsLostError.code:
            self.cards_lost = True
            self.loaded = None
            self._forget_cards()
        if self.loading:
            self.loading = ""
            self.failure = event
        self.answering = False
        self.changed.emit()
        if event.code == UntrustedError.code:
            self.untrusted.emit(self._last[0])

    def _on_exited(self, event: Exited) -> None:
        self.loaded, self.answering = None, False
        self.loading = self._last[0] if event.again else ""
        self.failure = event if event.sentence else None
        self._forget_cards()
        self.changed.emit()

    def _on_unloaded(self, event: Unloaded) -> None:
        del event
        self.loaded, self.answering = None, False
        self._forget_cards()
        self.changed.emit()

    def _on_tokens(self, tokens: Sequence[Token]) -> None:
        self.rate.add(time.monotonic(), len(tokens))
        if not self.answering:
            self.answering = True
            self.changed.emit()

    def _on_generated(self, event: Generated) -> None:
        self.answering = False
        self.last_rate = event.metrics.decode_tokens_per_s or self.last_rate  # one token alone has no rate
        if self.loaded is not None:
            self.last = Answered(event, self.loaded, time.time(), len(self.card_states))
        self.rate.clear()
        self.changed.emit()
