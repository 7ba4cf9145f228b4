"""Which of the chat's side panels are shown: those that are wanted, fit, and aren't the operator's."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.chat.header import Header
from gui.pages import Page
from gui.theme import current

_NARROW = 1080
"""Below this width (at 100 % text, without the rail) the lists on both sides make room."""


class Sides(QObject):
    """Shows and hides `history` and `graphs` beside the conversation, and remembers what was wanted."""

    def __init__(self, page: Page, header: Header, history: QWidget, graphs: QWidget) -> None:
        super().__init__(page)
        self._page, self._header, self._history, self._graphs = page, header, history, graphs
        remembered = page.context.store.page(page.page_id)
        self._want_history = bool(remembered.get("history", True))
        self._want_graphs = bool(remembered.get("graphs", True))
        self._narrow: bool | None = None
        self._locked = False
        header.history_toggled.connect(self._toggle_history)
        header.graphs_toggled.connect(self._toggle_graphs)

    def set_locked(self, locked: bool) -> None:
        """Withhold the earlier conversations from visitors."""
        self._locked = locked
        self._narrow = None
        self.arrange()

    def arrange(self) -> None:
        """Show the panels that are wanted and fit; in a narrow window they open only when asked for."""
        narrow = self._page.width() < current().size(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._show(self._want_history and not narrow, self._want_graphs and not narrow)

    def _show(self, history: bool, graphs: bool) -> None:
        history = history and not self._locked
        self._history.setVisible(history)
        self._graphs.setVisible(graphs)
        self._header.show_sides(history, graphs)

    def _toggle_history(self, shown: bool) -> None:
        self._want_history = shown
        self._page.context.store.update_page(self._page.page_id, history=shown)
        self._show(shown, self._want_graphs and not (self._narrow and shown))

    def _toggle_graphs(self, shown: bool) -> None:
        self._want_graphs = shown
        self._page.context.store.update_page(self._page.page_id, graphs=shown)
        self._show(self._want_history and not (self._narrow and shown), shown)
