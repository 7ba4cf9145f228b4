"""Runs the booth: counts idle time, warns before it wipes, lets the tiles attract people, and guards what is locked.

It has no timer: the bridge's tick asks the clock. What it needs of the window is in `Host`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from core.events import Hung
from core.system import release_unused_memory
from gui.bridge import Bridge
from gui.clock import Clock
from gui.pages import Page
from gui.session import Session
from gui.settings import Store
from gui.visitor import presence as states
from gui.visitor.lock import Lock
from gui.visitor.outside import Fence
from gui.visitor.presence import Facts, Phase, Presence
from gui.visitor.screen_saver import ScreenSaver
from gui.visitor.touches import Touches
from gui.visitor.traces import Copies, clear_fields, close_dialogs

HOME = "demo"
LOOK_S = 0.2
"""Seconds of the clock between two looks at it."""


class Host(Protocol):
    """What the booth needs of the window."""

    def made_pages(self) -> Iterable[Page]:
        """Return the pages that exist."""

    def go_to(self, page_id: str) -> None:
        """Show a page."""

    def current_page_id(self) -> str:
        """Return the page in front."""

    def widget(self) -> QWidget:
        """Return the window itself."""

    def refused(self) -> None:
        """Say that visitors can't do that."""

    def ask_pin(self, then: Callable[[], None]) -> None:
        """Ask for the operator's PIN, then call `then`."""


class Booth(QObject):
    """`changed`: another phase; `ticked`: a second of the countdown passed; `wiped`: a visitor's traces are gone."""

    changed = Signal()
    ticked = Signal()
    wiped = Signal()
    screen_changed = Signal()
    """The screen saver is held back, or can't be."""

    def __init__(
        self, host: Host, bridge: Bridge, session: Session, store: Store, clock: Clock, lock: Lock,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._host, self._session, self._store, self._clock, self.lock = host, session, store, clock, lock
        self._presence = states.begin(clock.monotonic())
        self._attracting = False
        self._seconds = -1
        self._looked = -LOOK_S
        self.can_attract: Callable[[], bool] = lambda: False
        """Whether the home page has something to run by itself; set by the home page."""
        self.copies = Copies(lambda: lock.visitor_mode, self)
        self.fence = Fence(host.refused, self)
        self.touches = Touches(self._on_touch, self)
        self.touches.watch(host.widget().windowHandle())
        QGuiApplication.instance().focusWindowChanged.connect(self._on_focus)  # type: ignore[union-attr]  # there is one
        lock.changed.connect(self._on_lock)
        self.screen = ScreenSaver(bridge, self._window_id, self.screen_changed.emit)
        self._ends = [bridge.after_drain(self.tick), bridge.subscribe(Hung, self._on_hung)]
        self._on_lock()

    @property
    def phase(self) -> Phase:
        """What goes on in front of the screen."""
        return self._presence.phase

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the visit is wiped."""
        return round(self._presence.left(self._clock.monotonic()) + 0.499)

    def tick(self) -> None:
        """Look at the clock; called with every tick of the bridge, of which a few are enough."""
        now = self._clock.monotonic()
        if 0 < now - self._looked < LOOK_S:
            return
        self._looked = now
        before = self._presence
        self._presence = states.passed(before, now, self._facts())
        if states.wiped(before, self._presence):
            self._end_visit()
        self._follow(before)
        if self.phase == "countdown" and self.seconds_left != self._seconds:
            self._seconds = self.seconds_left
            self.ticked.emit()

    def touch(self) -> None:
        """Note that somebody is there; what goes on by itself ends at once."""
        before = self._presence
        self._presence = states.touched(before, self._clock.monotonic())
        self._follow(before)

    def as_operator(self, action: Callable[[], None]) -> None:
        """Do what only the operator may: at once outside of visitor mode, else after the PIN."""
        if self.lock.locked:
            self._host.ask_pin(action)
        else:
            action()

    def new_visitor(self, *, by_hand: bool = True) -> None:
        """Wipe everything of the visitor who was there, and go home."""
        close_dialogs(self._host.widget())
        for page in self._host.made_pages():
            page.wipe()
            if not page.guarded:
                clear_fields(page)
        self._session.wipe()  # after the pages: an answer that breaks off is noted there
        self.copies.wipe()
        self._store.forget_pages()
        self.lock.leave()
        self._host.go_to(HOME)
        if by_hand:
            before = self._presence
            self._presence = Presence("home", self._clock.monotonic(), self._clock.monotonic())
            self._follow(before)
        self.wiped.emit()
        release_unused_memory()  # visits leave holes of all sizes, which would add up over ten hours

    def dispose(self) -> None:
        """End what was started; the cursor comes back."""
        for end in self._ends:
            end()
        self.screen.release()
        self._end_attract()
        self.touches.dispose()
        self.fence.set_closed(False)
        QGuiApplication.instance().focusWindowChanged.disconnect(self._on_focus)  # type: ignore[union-attr]  # there is one

    def _facts(self) -> Facts:
        at_home = self._host.current_page_id() == HOME
        on_duty = self.lock.locked or (at_home and not self.lock.operator)
        return Facts(
            idle_s=float(self._store.value.idle_s) if on_duty or self.lock.operator else 0.0,
            answering=(self._session.answering and not self._attracting)
            or any(page.busy() for page in self._host.made_pages()),
            unfinished=self._occupied(at_home),
            can_attract=on_duty and self.can_attract() and QApplication.activeModalWidget() is None,
        )

    def _end_visit(self) -> None:
        """Wipe after the countdown. Outside of visitor mode only the show: the rest is the user's own work."""
        if self.lock.visitor_mode:
            self.new_visitor(by_hand=False)
            return
        for page in self._host.made_pages():
            if page.page_id == HOME:
                page.wipe()

    def _occupied(self, at_home: bool) -> bool:
        """Return whether a visitor has begun something. Outside of visitor mode only the show itself counts."""
        if not self.lock.visitor_mode:
            return at_home and any(page.occupied() for page in self._host.made_pages() if page.page_id == HOME)
        away = not at_home or QApplication.activeModalWidget() is not None
        return away or self.lock.operator or any(page.occupied() for page in self._host.made_pages())

    def _on_touch(self) -> bool:
        swallowed = self.phase == "countdown"
        self.touch()
        return swallowed

    def _on_hung(self, event: Hung) -> None:
        """Help a worker that hangs without asking: in visitor mode nobody would answer."""
        del event
        if self.lock.visitor_mode:
            self._session.runtime.kill()

    def _window_id(self) -> int:
        """Return the window's number on an X server, 0 on other platforms."""
        return int(self._host.widget().winId()) if QGuiApplication.platformName() == "xcb" else 0

    def _on_focus(self) -> None:
        self.fence.check()

    def _on_lock(self) -> None:
        locked = self.lock.locked
        self.fence.set_closed(locked)
        if self.lock.visitor_mode:
            self.screen.hold()
        else:
            self.screen.release()
        for page in self._host.made_pages():
            page.set_locked(locked)

    def _follow(self, before: Presence) -> None:
        if self._presence.phase == before.phase:
            return
        self._seconds = -1
        if self.phase == "attract":
            self._begin_attract()
        elif before.phase == "attract":
            self._end_attract()
        self.changed.emit()

    def _begin_attract(self) -> None:
        self._attracting = True
        self._host.go_to(HOME)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)

    def _end_attract(self) -> None:
        if self._attracting:
            self._attracting = False
            QGuiApplication.restoreOverrideCursor()
