"""Runs a tile's prompt through the chat's own answering; loads the tile's engine first if need be."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core import fsio
from gui.bridge import Bridge
from gui.chat.answering import Answering, Outcome
from gui.chat.presets import Options
from gui.demo.tiles import Tile
from gui.session import Session
from gui.settings import Language


class Show(QObject):
    """`began`: a prompt is on its way; `flowed`: there is new text (`take`); `ended`: an Outcome is there."""

    began = Signal()
    flowed = Signal()
    ended = Signal(object)
    hung = Signal(float)

    def __init__(self, bridge: Bridge, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.answering = Answering(bridge, session, "show", self)
        self._waiting: Tile | None = None
        self._language: Language = "en"
        self.tile: Tile | None = None
        """The tile that runs or ran last; None after a wipe."""
        self.answering.flushed.connect(self.flowed)
        self.answering.finished.connect(self._on_finished)
        self.answering.hung.connect(self.hung)
        session.changed.connect(self._on_session)

    @property
    def busy(self) -> bool:
        """Whether a prompt runs or waits for its engine."""
        return self.answering.busy or self._waiting is not None

    @property
    def ready(self) -> bool:
        """Whether an engine is loaded that understands words."""
        return self._session.loaded is not None and bool(self._session.loaded.tokenizer)

    def run(self, tile: Tile, language: Language) -> None:
        """Ask a tile's prompt; what runs in the engine already ends with what it has."""
        self.stop()
        self._session.runtime.stop()  # a chat's answer, too: one engine answers one after the other
        self.tile, self._language = tile, language
        wanted = tile.engine if tile.engine and fsio.is_file(Path(tile.engine)) else ""
        loaded = self._session.loaded.engine if self._session.loaded else ""
        if wanted and wanted != loaded:
            self._waiting = tile
            self._session.load(wanted)
        elif self.ready:
            self._ask(tile)
        self.began.emit()

    def stop(self) -> None:
        """End at once with what is there."""
        self._waiting = None
        self.answering.abandon()

    def wipe(self) -> None:
        """Forget what was asked and answered."""
        self.stop()
        self.answering.forget()
        self.tile = None

    def take(self) -> str:
        """Return the text that came since the last call."""
        return self.answering.take().get(0, "")

    def dispose(self) -> None:
        """End the answer and the subscriptions."""
        self.stop()
        self.answering.dispose()

    def _ask(self, tile: Tile) -> None:
        options: Options = tile.options
        self.answering.ask([[{"role": "user", "content": tile.prompt_in(self._language)}]], options)

    def _on_session(self) -> None:
        if self._waiting is None or self._session.loading:
            return
        tile, self._waiting = self._waiting, None
        if self.ready:
            self._ask(tile)
        else:
            self.ended.emit(Outcome(("",), ("error",)))

    def _on_finished(self, outcome: Outcome) -> None:
        self.ended.emit(outcome)
