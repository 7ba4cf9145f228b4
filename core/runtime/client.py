"""The thread that owns the inference child: load, generate, stop, restart on death, and notice when it hangs.

No GUI library here: events go into a queue that the window drains with a timer and the command line reads directly.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import WorkerError
from core.events import (
    Event,
    Exited,
    Failed,
    Generated,
    Heartbeat,
    Hung,
    Loaded,
    PrefillProgress,
    Ready,
    Scored,
    Token,
    Unloaded,
)
from core.worker.process import Child, Outcome, Waker, environment_for
from core.worker.protocol import Command, Forget, Generate, Load, Perplexity, Quit, Stop, Unload

log = logging.getLogger(__name__)
_GIVE_UP = "It ended {count} times in {minutes} minutes, so it isn't started again by itself."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long (seconds) the child may show no progress before it counts as hung, and how often it may die."""

    load_s: float = 300.0
    prefill_s: float = 60.0
    decode_s: float = 10.0
    deaths: int = 3
    death_window_s: float = 600.0


class RuntimeClient:
    """Owns one inference child at a time. All methods return at once and may be called from any thread.

    What happens comes through `events`: Ready, Loaded, Prompted, PrefillProgress, Token, RowFinished, Generated,
    Scored, Failed, Hung, and Exited when the child is gone. After an unexpected Exited the child is started again and
    the engine loaded again (another Loaded), unless it died `Patience.deaths` times within `Patience.death_window_s`.
    """

    def __init__(
        self,
        *,
        worker: Sequence[str] | None = None,
        restart: bool = True,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`worker`: another command to start the child with, for tests; `restart`: bring a dead child back."""
        self.events: queue.Queue[Event] = queue.Queue()
        self.log = ""
        """The last part of the stderr of the child that ended last."""
        self._worker = worker
        self._restart = restart
        self._patience = patience or Patience()
        self._clock = clock
        self._waker = Waker()
        self._orders: collections.deque[Command] = collections.deque()
        self._kill = threading.Event()
        self._closing = threading.Event()
        self._numbers = itertools.count(1)
        self._child: Child | None = None
        self._environment: dict[str, str] = {}
        self._loaded: Load | None = None
        self._watch = _Watch(self._patience, clock)
        self._deaths: collections.deque[float] = collections.deque()
        self._thread = threading.Thread(target=self._run, name="runtime", daemon=True)
        self._thread.start()

    def load(
        self, engine: str, *, tokenizer: str = "", threads: int = 0, cards: dict[str, Any] | None = None,
        c10: dict[str, Any] | None = None, trust: bool = False,
    ) -> None:  # fmt: skip
        """Open an engine, in a new child if there is none; the answer is Loaded or Failed.

        `cards`: spread it over simulated cards, see `core.cards.options.CardsOptions.to_json`; `c10`: it is the
        vendor's, see `core.c10.engine.CardOptions.to_json`; `trust`: the user has said that it may run, though it
        wasn't built here.
        """
        self._order(Load(engine, tokenizer, threads, c10=c10 or {}, cards=cards or {}, trust=trust))

    def generate(self, command: Generate) -> str:
        """Ask; return the job's id (made up if the command has none), which its events carry."""
        job = command.job or f"job-{next(self._numbers)}"
        self._order(replace(command, job=job))
        return job

    def perplexity(self, command: Perplexity) -> None:
        """Measure the loaded engine; the answer is Scored or Failed."""
        self._order(command)

    def stop(self) -> None:
        """End the running and waiting jobs at the next token; each still answers with what it has."""
        self._order(Stop())

    def unload(self) -> None:
        """Close the engine and give its memory back; the answer is Unloaded."""
        self._order(Unload())

    def forget(self) -> None:
        """Overwrite the KV cache once what was asked before is over; the answer is Forgotten, if there is a child."""
        self._order(Forget())

    def kill(self) -> None:
        """End a child that hangs; it is started again and the engine loaded again."""
        self._kill.set()
        self._waker.wake()

    def close(self, timeout: float = 5.0) -> None:
        """End the child and the thread; returns when both are gone."""
        self._closing.set()
        self._waker.wake()
        self._thread.join(timeout)

    @property
    def pid(self) -> int | None:
        """Process id of the child, None if there is none."""
        child = self._child
        return child.pid if child and not child.ended else None

    @property
    def alive(self) -> bool:
        """Whether the thread that owns the child still runs; False after `close`."""
        return self._thread.is_alive()

    def _order(self, command: Command) -> None:
        self._orders.append(command)
        self._waker.wake()

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._step()
                except Exception as error:
                    log.exception("runtime thread")
                    self._give_up(error)
        finally:
            self._end()
            self._waker.close()

    def _give_up(self, error: Exception) -> None:
        """Tell of a bug, and begin anew with the next load: a thread that ended silently would be waited for."""
        child, self._child = self._child, None
        self._watch.clear()
        if child is not None:
            with contextlib.suppress(Exception):  # what is wrong with it has been told
                child.close()
        self.events.put(Exited(1, f"Something unexpected went wrong ({type(error).__name__}: {error})."))

    def _step(self) -> None:
        if self._kill.is_set():
            self._kill.clear()  # without a child, too: the next one must not die for what this one did
            if self._child is not None:
                self._child.kill(asked=False)
        while self._orders:
            self._send(self._orders.popleft())
        child = self._child
        if child is None:
            self._waker.wait()
            return
        for event in child.poll(0.25):
            self._take(event)
        if child.ended:
            self._died(child)
        elif hung := self._watch.hung():
            self.events.put(hung)

    def _send(self, command: Command) -> None:
        if isinstance(command, Load):
            self._loaded = command
            self._start(command)
        elif isinstance(command, Unload):
            self._loaded = None
        if self._child is None:
            if not isinstance(command, Stop | Unload | Forget):
                job = command.job if isinstance(command, Generate) else ""
                self._fail("The model isn't running.", "Load an engine first.", job)
            return
        self._watch.sent(command)
        self._child.send(command)

    def _start(self, command: Load) -> None:
        environment = environment_for([command])
        if environment != self._environment:  # a child for the CPU has no network, which the vendor's SDK may need
            self._end()
        if self._child is None:
            try:
                self._child = Child(self._worker, waker=self._waker, environment=environment)
                self._environment = environment
            except WorkerError as error:
                self._fail(error.message, error.hint, "")

    def _take(self, event: Event) -> None:
        self._watch.saw(event)
        if not isinstance(event, Heartbeat):
            self.events.put(event)

    def _died(self, child: Child) -> None:
        outcome = child.outcome()
        self.log = child.log_text()
        self._child = None
        self._kill.clear()
        self._watch.clear()
        sentence = outcome.sentence
        again = bool(sentence) and self._restart and self._loaded is not None
        if again and not self._may_restart():
            again = False
            patience = self._patience
            minutes = round(patience.death_window_s / 60)
            sentence = f"{sentence} {_GIVE_UP.format(count=patience.deaths, minutes=minutes)}"
        self.events.put(Exited(outcome.returncode, sentence, again))
        if again and self._loaded is not None:
            self._send(self._loaded)

    def _may_restart(self) -> bool:
        now = self._clock()
        self._deaths.append(now)
        while now - self._deaths[0] > self._patience.death_window_s:
            self._deaths.popleft()
        if len(self._deaths) < self._patience.deaths:
            return True
        self._deaths.clear()  # a later load by hand starts counting anew
        return False

    def _fail(self, message: str, hint: str, job: str) -> None:
        self.events.put(Failed(WorkerError.code, message, hint, job))

    def _end(self) -> None:
        child = self._child
        if child is None:
            return
        child.expect_end()
        child.send(Stop())
        child.send(Quit())
        deadline = time.monotonic() + 0.5
        while not child.ended and time.monotonic() < deadline:
            child.poll(0.05)
        child.close()
        self._child = None
        self._watch.clear()
        self.log = child.log_text()
        outcome: Outcome = child.outcome()
        self.events.put(Exited(outcome.returncode, outcome.sentence))


class _Watch:
    """Knows what the child is busy with and when it last showed progress."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._limits = {"load": patience.load_s, "prefill": patience.prefill_s, "decode": patience.decode_s}
        self._clock = clock
        self._waiting: collections.deque[tuple[str, str]] = collections.deque()
        self._phase = ""
        self._since = 0.0
        self._told = False

    def sent(self, command: Command) -> None:
        """Note a command that will take a while."""
        phase = {Load: "load", Generate: "prefill", Perplexity: "prefill"}.get(type(command), "")
        if phase:
            self._waiting.append((phase, command.job if isinstance(command, Generate) else ""))
            if len(self._waiting) == 1:
                self._enter(phase)

    def saw(self, event: Event) -> None:
        """Note progress, and the end of a command."""
        if isinstance(event, Loaded | Generated | Scored | Failed | Unloaded):
            if self._waiting and not isinstance(event, Unloaded):
                self._waiting.popleft()
            self._enter(self._waiting[0][0] if self._waiting else "")
        elif isinstance(event, PrefillProgress):
            self._enter("prefill")
        elif isinstance(event, Token):
            self._enter("decode")
        elif isinstance(event, Ready):
            self._enter(self._phase)

    def hung(self) -> Hung | None:
        """Return what to report, once for each time that progress stops."""
        quiet = self._clock() - self._since
        if not self._phase or self._told or quiet < self._limits[self._phase]:
            return None
        self._told = True
        return Hung(self._waiting[0][1] if self._waiting else "", self._phase, quiet)

    def clear(self) -> None:
        """Forget everything: the child is gone."""
        self._waiting.clear()
        self._enter("")

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._since = self._clock()
        self._told = False
