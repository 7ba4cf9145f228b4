"""The contract between the shell and its pages, and the pages in the order of the rail.

A page is a QWidget that is made when it is first shown. Its file must import fast: nothing heavier than Qt. How to add
one: subclass `Page`, set the class attributes, build the widgets in `__init__`, put every visible string into
`retranslate` (called once by the shell after construction, then at each change of language), and name the class in
`PAGES`. What a page starts (subscriptions, timers) it ends in `dispose`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from core.errors import C10Error
    from gui.bridge import Bridge
    from gui.clock import Clock
    from gui.devices.watch import DeviceWatch
    from gui.options import Options
    from gui.session import Session
    from gui.settings import Store
    from gui.theme import Theme
    from gui.visitor.booth import Booth


@dataclass(frozen=True, slots=True)
class Context:
    """What the shell gives to each page."""

    bridge: Bridge
    session: Session
    store: Store
    theme: Theme
    devices: DeviceWatch
    options: Options
    clock: Clock
    booth: Booth
    """Who is there: visitors or the operator, and whether the attract loop runs."""
    go_to: Callable[[str], None]
    """Show the page with this id."""
    page: Callable[[str], Page]
    """Return the page with this id, made now if it was never shown."""
    show_job: Callable[[str, str], None]
    """Show in the strip what goes on in the background: show_job(page_id, text), empty when it is over."""
    notify: Callable[[str, str], None]
    """Show a sentence above the page for a while: notify(text, tone), tone "info", "ok", "warn" or "bad"."""
    mark: Callable[[str, str], None]
    """Mark a page's entry in the rail: mark(page_id, text), the text says why; empty: no mark."""
    show_error: Callable[[C10Error], None]
    """Show a dialog with the sentence, the next step and "Open log"."""
    ask_for_trust: Callable[[str, Callable[[], None]], None]
    """Ask whether a stranger's engine may run, then go on if so: ask_for_trust(engine, then)."""


class Page(QWidget):
    """Base of all pages."""

    page_id: ClassVar[str] = ""
    guarded: ClassVar[bool] = False
    """Behind the operator's PIN (Compile and Devices)."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setObjectName("page")

    def activate(self) -> None:
        """Called each time the page comes to the front; put the focus where typing should go."""

    def look(self) -> None:
        """Called once after the start, in the background: gather what `Context.mark` needs."""

    def deactivate(self) -> None:
        """Called each time another page comes to the front."""

    def retranslate(self) -> None:
        """Set every visible string and accessible name; called after construction and at each change of language."""

    def restyle(self) -> None:
        """Called after construction and when colours or the text scale changed; for what the style sheet can't do."""

    def busy(self) -> bool:
        """Return whether an answer is being made here that somebody asked for: nobody is sent away meanwhile."""
        return False

    def occupied(self) -> bool:
        """Return whether a visitor has begun something here: it is wiped after a while without input."""
        return False

    def wipe(self) -> None:
        """Forget everything of the visitor who leaves: texts, pictures made of them, undo stacks."""

    def set_locked(self, locked: bool) -> None:
        """Withhold, in visitor mode, what writes files, leaves the program or is the operator's; called at each change.

        Also called once after construction.
        """

    def unfinished(self) -> str:
        """Return what would be lost if the window closed now, as a sentence; empty: nothing."""
        return ""

    def open_file(self, path: str) -> None:
        """Show a file that the desktop was asked to open; called with the page in front."""

    def dispose(self) -> None:
        """Called once before the window closes: end subscriptions, timers and jobs of the page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the rail."""

    page_id: str
    title: str
    """English source text, translated in the context "Pages"."""
    icon: str
    module: str
    """Module of the page's class, imported when the page is first shown; empty: reserved for later."""
    cls: str = ""
    guarded: bool = False
    hidden: bool = False

    def translated_title(self) -> str:
        """Return the title in the current language."""
        return QCoreApplication.translate("Pages", self.title)

    def make(self, context: Context) -> Page:
        """Import and construct the page."""
        page = getattr(importlib.import_module(self.module), self.cls)(context)
        assert isinstance(page, Page)  # noqa: S101 -- a wrong entry in PAGES is a bug, not a user's doing
        return page


PAGES: tuple[Entry, ...] = (
    Entry("demo", str(QT_TRANSLATE_NOOP("Pages", "Demo")), "demo", "gui.demo.page", "DemoPage"),
    Entry("chat", str(QT_TRANSLATE_NOOP("Pages", "Chat")), "chat", "gui.chat.page", "ChatPage"),
    Entry("show", str(QT_TRANSLATE_NOOP("Pages", "Show")), "show", "gui.show.page", "ShowPage"),
    Entry("compile", str(QT_TRANSLATE_NOOP("Pages", "Compile")), "compile", "gui.compile.page", "CompilePage",
          guarded=True),
    Entry("devices", str(QT_TRANSLATE_NOOP("Pages", "Devices")), "devices", "gui.devices.page", "DevicesPage",
          guarded=True),
    Entry("health", str(QT_TRANSLATE_NOOP("Pages", "Health")), "health", "gui.health.page", "HealthPage"),
)  # fmt: skip


def visible_pages() -> tuple[Entry, ...]:
    """Return the pages that the rail shows, in its order."""
    return tuple(entry for entry in PAGES if not entry.hidden)
