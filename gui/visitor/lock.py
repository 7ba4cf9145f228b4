"""Visitor mode and its lock: while it is on and no operator has given the PIN, only the show can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal

from gui.bridge import Bridge
from gui.clock import Clock
from gui.settings import Store
from gui.visitor import pin as pins
from gui.visitor.pin import Tries

Verdict = Literal["right", "wrong", "wait"]


class Lock(QObject):
    """`changed`: visitor mode was switched, or the operator came or left."""

    changed = Signal()

    def __init__(self, bridge: Bridge, store: Store, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._store, self._clock = bridge, store, clock
        self._operator = False
        store.set_private(self.visitor_mode)

    @property
    def visitor_mode(self) -> bool:
        """Whether visitors are at the keyboard: nothing typed is kept, and the rest is locked."""
        return self._store.value.visitor_mode

    @property
    def locked(self) -> bool:
        """Whether what belongs to the operator is out of reach."""
        return self.visitor_mode and not self._operator

    @property
    def operator(self) -> bool:
        """Whether the operator has given the PIN in visitor mode and not left yet."""
        return self.visitor_mode and self._operator

    @property
    def has_pin(self) -> bool:
        """Whether a PIN was ever set."""
        return bool(self._store.value.pin)

    def wait(self) -> float:
        """Return how long no PIN is taken, in seconds."""
        return self._tries().wait(self._clock.time())

    def set_pin(self, pin: str, done: Callable[[], None]) -> None:
        """Keep the hash of a new PIN, then call `done`."""
        if not pins.is_usable(pin):
            return

        def keep(kept: str) -> None:
            self._store.update(pin=kept, pin_failures=0, pin_not_before=0.0)
            done()

        self._bridge.call(lambda: pins.sealed(pin), keep)

    def try_pin(self, pin: str, answer: Callable[[Verdict], None]) -> None:
        """Let the operator in if the PIN is right; the verdict comes on the window's thread."""
        if self.wait() > 0:
            answer("wait")
            return
        kept = self._store.value.pin
        # Counted before it is looked at: ending the program meanwhile gives no free try.
        tries = pins.after_failure(self._tries(), self._clock.time())
        self._store.update(pin_failures=tries.failures, pin_not_before=tries.not_before)

        def judged(right: bool) -> None:
            if right:
                self._store.update(pin_failures=0, pin_not_before=0.0)
                self._operator = True
                self.changed.emit()
            answer("right" if right else "wrong")

        self._bridge.call(lambda: pins.matches(pin, kept), judged)

    def leave(self) -> None:
        """The operator goes: what is theirs is locked again."""
        if self._operator:
            self._operator = False
            self.changed.emit()

    def set_visitor_mode(self, on: bool) -> None:
        """Switch visitor mode; the caller has seen to it that there is a PIN and that the operator is asking."""
        if on == self.visitor_mode:
            return
        self._operator = False
        self._store.update(visitor_mode=on)
        self._store.set_private(on)
        self.changed.emit()

    def _tries(self) -> Tries:
        value = self._store.value
        return Tries(value.pin_failures, value.pin_not_before)
