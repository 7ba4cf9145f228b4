"""The only crossing between other threads and Qt: queues, drained by one timer on the window's thread.

Everything that happens outside (tokens, compile progress, results of background work) is put into queues; the timer
hands it to subscribers. There is no Qt signal for each token and no other cross-thread signal in the program.
"""

from __future__ import annotations

import itertools
import logging
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from core.errors import C10Error
from core.events import Event, Token

INTERVAL_MS, BUSY_INTERVAL_MS = 33, 100
"""Between two drains; the second while tokens come faster than FAST: the model computes on the same processors."""
FAST = 60.0
"""Tokens/s that nobody reads along with any more."""
BUDGET_S = 0.012
"""Most time of one drain in seconds; what is left over comes with the next."""
_BATCH = 64
"""Events that are taken out of a queue at once; between two batches the time is looked at."""

RUNTIME = "runtime"
COMPILE = "compile"

E = TypeVar("E", bound=Event)
T = TypeVar("T")
Unsubscribe = Callable[[], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Subscriber:
    kind: type[Event]
    source: str | None
    handler: Callable[[Any], None]


class Bridge(QObject):
    """Carries events to the window's thread.

    `attach(source, events)` makes it drain the queue of a RuntimeClient or WorkerJob; `subscribe(kind, handler)` is
    what pages use; `call(work, then)` runs a function on a background thread and its continuation on the window's.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._continuations: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._sources: list[tuple[str, queue.Queue[Event]]] = []
        self._subscribers: list[_Subscriber] = []
        self._receivers: dict[tuple[str, type[Event]], tuple[Callable[[Any], None], ...]] = {}
        """Who gets which kind of event, found at its first arrival."""
        self._token_handlers: list[Callable[[Sequence[Token]], None]] = []
        self._after_drain: list[Callable[[], None]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def attach(self, source: str, events: queue.Queue[Event]) -> Unsubscribe:
        """Drain `events` from now on and mark what comes as from `source`; call what is returned to end it."""
        entry = (source, events)
        self._sources.append(entry)

        def detach() -> None:
            if entry in self._sources:
                self._sources.remove(entry)

        return detach

    def subscribe(self, kind: type[E], handler: Callable[[E], None], source: str | None = RUNTIME) -> Unsubscribe:
        """Call `handler` with each event of `kind` (subclasses too) from `source` (None: from all); call to end it."""
        subscriber = _Subscriber(kind, source, handler)
        self._subscribers.append(subscriber)
        self._receivers.clear()

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)
                self._receivers.clear()

        return unsubscribe

    def subscribe_tokens(self, handler: Callable[[Sequence[Token]], None]) -> Unsubscribe:
        """Call `handler` with the runtime's tokens, those that follow each other together; call to end it.

        Hundreds come a second on the processors that the model computes with, so there is one call for many.
        """
        self._token_handlers.append(handler)

        def unsubscribe() -> None:
            if handler in self._token_handlers:
                self._token_handlers.remove(handler)

        return unsubscribe

    def after_drain(self, handler: Callable[[], None]) -> Unsubscribe:
        """Call `handler` after each tick of the timer, 10 to 30 times a second (to repaint what events changed)."""
        self._after_drain.append(handler)

        def unsubscribe() -> None:
            if handler in self._after_drain:
                self._after_drain.remove(handler)

        return unsubscribe

    def call(
        self, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[C10Error], None] | None = None
    ) -> None:
        """Run `work` on a background thread, then `then(result)` here; a C10Error goes to `failed` (else to the log).

        `work` must touch no widget. Where the continuation is a method of an object that was deleted meanwhile, it is
        dropped.
        """
        if self._closed:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="background")

        def finished(future: Future[T]) -> None:
            self._continuations.put(lambda: _continue(future, then, failed))

        self._pool.submit(work).add_done_callback(finished)

    def drain(self) -> None:
        """Hand on what has arrived, for at most BUDGET_S; runs on the timer, tests may call it."""
        deadline, tokens = time.perf_counter() + BUDGET_S, 0
        while (work := _next(self._continuations)) is not None:
            _guarded(work)
        for entry in list(self._sources):
            while time.perf_counter() < deadline and (batch := _take(entry[1])):
                tokens += self._hand_on(entry, batch)
        for handler in list(self._after_drain):
            _guarded(handler)
        self._choose_interval(tokens)

    def close(self) -> None:
        """Stop the timer and the background threads; what is still queued is dropped."""
        self._closed = True
        self._timer.stop()
        self._subscribers.clear()
        self._receivers.clear()
        self._token_handlers.clear()
        self._after_drain.clear()
        self._sources.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _choose_interval(self, tokens: int) -> None:
        now = self._timer.interval()
        wanted = BUSY_INTERVAL_MS if tokens * 1000 > FAST * now else INTERVAL_MS
        if wanted != now:
            self._timer.setInterval(wanted)

    def _hand_on(self, entry: tuple[str, queue.Queue[Event]], batch: list[Event]) -> int:
        """Give a batch to its subscribers; return how many tokens of the runtime's it held."""
        source, count = entry[0], 0
        for kind, run in itertools.groupby(batch, type):
            if kind is Token and source == RUNTIME:
                tokens = list(run)
                count += len(tokens)
                for many in list(self._token_handlers):
                    _guarded(many, tokens)
                run = iter(tokens if self._receivers_of(source, kind) else ())
            for event in run:
                if entry in self._sources:  # else an event before it has ended it
                    for handler in self._receivers_of(source, kind):
                        _guarded(handler, event)
        return count

    def _receivers_of(self, source: str, kind: type[Event]) -> tuple[Callable[[Any], None], ...]:
        key = (source, kind)
        if key not in self._receivers:
            self._receivers[key] = tuple(
                subscriber.handler
                for subscriber in self._subscribers
                if issubclass(kind, subscriber.kind) and subscriber.source in (None, source)
            )
        return self._receivers[key]


def _next(items: queue.SimpleQueue[T]) -> T | None:
    try:
        return items.get_nowait()
    except queue.Empty:
        return None


def _take(events: queue.Queue[Event]) -> list[Event]:
    """Return the next _BATCH events, or as many as there are; one lock for all of them."""
    with events.mutex:
        return [events.queue.popleft() for _ in range(min(len(events.queue), _BATCH))]


def _continue(future: Future[T], then: Callable[[T], None], failed: Callable[[C10Error], None] | None) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        if not _is_gone(then):
            then(future.result())
    elif isinstance(error, C10Error) and failed is not None:
        if not _is_gone(failed):
            failed(error)
    else:
        log.error("Background work failed.", exc_info=error)


def _is_gone(function: Callable[..., None]) -> bool:
    """Return whether the object whose method this is (also within a partial) was deleted, such as a closed dialog."""
    while isinstance(function, partial):
        function = function.func
    owner = getattr(function, "__self__", None)
    return isinstance(owner, QObject) and not isValid(owner)


def _guarded(function: Callable[..., None], *arguments: object) -> None:
    """Run a handler; a bug in one page must not keep events from the others."""
    try:
        function(*arguments)
    except Exception:
        log.exception("A handler of the window failed.")
