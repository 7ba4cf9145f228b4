"""The only crossing between other threads and Qt: one queue, drained by one timer on the window's thread.

Everything that happens outside (tokens, compile progress, results of background work) is put into the queue; the timer
hands it to subscribers. There is no Qt signal for each token and no other cross-thread signal in the program.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, QTimer

from core.errors import C10Error
from core.events import Event

INTERVAL_MS = 33
BUDGET_S = 0.012
"""Most time of one drain in seconds; what is left over comes with the next."""

RUNTIME = "runtime"
COMPILE = "compile"

E = TypeVar("E", bound=Event)
T = TypeVar("T")
Unsubscribe = Callable[[], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event and where it comes from: RUNTIME, COMPILE or a name of the sender's own."""

    source: str
    event: Event


class Channel(queue.Queue[Event]):
    """The sending end for one source; looks like a queue, so that core needs to know nothing of the bridge."""

    def __init__(self, source: str, shared: queue.SimpleQueue[Any]) -> None:
        super().__init__()
        self._source, self._shared = source, shared

    def put(self, item: Event, block: bool = True, timeout: float | None = None) -> None:
        """Send an event from any thread; never blocks."""
        del block, timeout
        self._shared.put(Delivered(self._source, item))


@dataclass(frozen=True, slots=True)
class _Subscriber:
    kind: type[Event]
    source: str | None
    handler: Callable[[Any], None]


class Bridge(QObject):
    """Carries events to the window's thread.

    `channel(source)` is what senders get; `subscribe(kind, handler)` is what pages use; `call(work, then)` runs a
    function on a background thread and its continuation on the window's.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._subscribers: list[_Subscriber] = []
        self._after_drain: list[Callable[[], None]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def channel(self, source: str) -> Channel:
        """Return a queue that other threads put core.events into; its events are marked with `source`."""
        return Channel(source, self._queue)

    def post(self, event: Event, source: str = RUNTIME) -> None:
        """Put one event into the queue, from any thread."""
        self._queue.put(Delivered(source, event))

    def subscribe(self, kind: type[E], handler: Callable[[E], None], source: str | None = RUNTIME) -> Unsubscribe:
        """Call `handler` with each event of `kind` (subclasses too) from `source` (None: from all); call to end it."""
        subscriber = _Subscriber(kind, source, handler)
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def after_drain(self, handler: Callable[[], None]) -> Unsubscribe:
        """Call `handler` once after each tick of the timer, 30 times a second (to repaint what events changed)."""
        self._after_drain.append(handler)

        def unsubscribe() -> None:
            if handler in self._after_drain:
                self._after_drain.remove(handler)

        return unsubscribe

    def call(
        self, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[C10Error], None] | None = None
    ) -> None:
        """Run `work` on a background thread, then `then(result)` here; a C10Error goes to `failed` (else to the log).

        `work` must touch no widget.
        """
        if self._closed:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="background")

        def finished(future: Future[T]) -> None:
            self._queue.put(lambda: _continue(future, then, failed))

        self._pool.submit(work).add_done_callback(finished)

    def drain(self) -> None:
        """Hand on what has arrived, for at most BUDGET_S; runs on the timer, tests may call it."""
        deadline = time.perf_counter() + BUDGET_S
        while time.perf_counter() < deadline:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if isinstance(item, Delivered):
                self._deliver(item)
            else:
                _guarded(cast("Callable[[], None]", item))
        for handler in list(self._after_drain):
            _guarded(handler)

    def close(self) -> None:
        """Stop the timer and the background threads; what is still queued is dropped."""
        self._closed = True
        self._timer.stop()
        self._subscribers.clear()
        self._after_drain.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, item: Delivered) -> None:
        for subscriber in list(self._subscribers):
            if isinstance(item.event, subscriber.kind) and subscriber.source in (None, item.source):
                _guarded(lambda event=item.event, handler=subscriber.handler: handler(event))  # type: ignore[misc]  # bound now


def _continue(future: Future[T], then: Callable[[T], None], failed: Callable[[C10Error], None] | None) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        then(future.result())
    elif isinstance(error, C10Error) and failed is not None:
        failed(error)
    else:
        log.error("Background work failed.", exc_info=error)


def _guarded(function: Callable[[], None]) -> None:
    """Run a handler; a bug in one page must not keep events from the others."""
    try:
        function()
    except Exception:
        log.exception("A handler of the window failed.")
