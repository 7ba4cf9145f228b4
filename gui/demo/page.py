"""The Demo page: the giant figure, the wall graph, the prompts to touch, and one Start button."""

from __future__ import annotations

import importlib
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent

from core.errors import C10Error
from core.events import Failed
from gui.chat.answering import Outcome
from gui.chat.slices import Slices
from gui.demo import tiles as files
from gui.demo.layout import Stage
from gui.demo.maker import Maker
from gui.demo.show import Show
from gui.demo.tiles import Tile
from gui.i18n import shown_language
from gui.pace import Pace
from gui.pages import Context, Page
from gui.sentences import translated

if TYPE_CHECKING:
    from gui.demo.wall import Wall
    from gui.graphs.samples import Samples

SAMPLE_S = 0.1
"""Time between two samples of the speed, in seconds."""
LEAST_DRAW_S, MOST_DRAW_S = 0.1, 0.4
"""Shortest and longest time between two pictures, in seconds."""
BETWEEN_S = 6.0
"""In the attract loop: how long an answer stands before the next tile runs, in seconds."""
_START_KEYS = frozenset((Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter))


class DemoPage(Page):
    """Home. What runs is in gui.demo.show, what is drawn in gui.demo.layout."""

    page_id = "demo"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._slices = Slices()
        self.show_ = Show(context.bridge, context.session, self)
        self.maker = Maker(context.bridge, context.session, context.page("compile").runner, self)  # type: ignore[attr-defined]  # the Compile page
        self.stage = Stage(self, self._slices)
        self.tiles: tuple[Tile, ...] = ()
        self._next = 0
        self._attract = self._begin_at_once = False
        self._idle_since = 0.0
        self._wall: Wall | None = None
        self._samples: Samples | None = None
        self._shown_s = self._last_sample = 0.0
        self._rate: float | None = None
        self._pace = Pace(LEAST_DRAW_S, MOST_DRAW_S)
        self._connect()
        self._endings = [context.bridge.after_drain(self._tick), context.bridge.after_drain(self._slices.tick)]
        context.bridge.call(_load_graphs, self._on_graphs)
        context.booth.can_attract = lambda: self.show_.ready and bool(self.tiles) and self.maker.job is None
        self.load_tiles()
        self._show_state()

    def activate(self) -> None:
        """Let the keys of the page work at once."""
        self.setFocus()

    def busy(self) -> bool:
        """Return whether a visitor's answer is being made."""
        return self.show_.busy and not self._attract

    def occupied(self) -> bool:
        """Return whether a visitor's answer is shown."""
        return self.show_.tile is not None and not self._attract

    def wipe(self) -> None:
        """Forget what was asked and answered; figure and curve stay: there is no word of anybody's in them."""
        self.show_.wipe()
        self.stage.answer.clear()
        self._show_state()

    def set_locked(self, locked: bool) -> None:
        """Show the program's name where visitors have no rail."""
        self.stage.set_brand(locked)

    def retranslate(self) -> None:
        """Set the texts."""
        self.stage.retranslate()
        self._show_tiles()
        self._show_state()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.stage.restyle()
        if self._wall is not None:
            self._wall.restyle()
        self.update()

    def dispose(self) -> None:
        """End what runs."""
        for end in self._endings:
            end()
        self.show_.dispose()
        if self._wall is not None:
            self._wall.dispose()

    def load_tiles(self) -> None:
        """Read the tiles anew (the operator has changed them)."""
        loaded = files.load()
        self.tiles = loaded.tiles
        if loaded.problem is not None:
            text = f"{translated(loaded.problem.message)} {translated(loaded.problem.hint)}"
            self.context.notify(text, "warn")
        self._next = 0
        self._show_tiles()

    def start(self, index: int | None = None) -> None:
        """Run a tile, the next one where none is named; without an engine, get one."""
        if not self.show_.ready:
            if self.stage.invitation.state in ("none", "mute"):
                self.maker.make()
            return
        index = self._next if index is None else index
        if not 0 <= index < len(self.tiles):
            return
        tile = self.tiles[index]
        self._next = (index + 1) % len(self.tiles)
        self._shown_index = index
        language = shown_language()
        self.stage.answer.begin(tile.icon, tile.prompt_in(language))
        if self._samples is not None:
            self._samples.begin()
        self.show_.run(tile, language)
        self._show_state()

    def try_now(self) -> None:
        """Let it answer, with the demo model if there is no engine: what the first start's button does."""
        self._begin_at_once = True
        if self.show_.ready:
            self._on_session()
        elif not self.context.session.loading:
            self.maker.make()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One key starts: Space or Enter the next tile, a digit its tile; Escape ends the answer."""
        digit = event.key() - Qt.Key.Key_1
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif event.key() in _START_KEYS:
            self._toggle()
        elif 0 <= digit < len(self.tiles):
            self.start(digit)
        elif event.key() == Qt.Key.Key_Escape:
            self.show_.stop()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the backdrop."""
        del event
        self.stage.paint_backdrop(QPainter(self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the stage out for the new size."""
        super().resizeEvent(event)
        self.stage.arrange()

    def _connect(self) -> None:
        stage, show = self.stage, self.show_
        stage.start_button.clicked.connect(self._toggle)
        for number, button in enumerate(stage.tile_buttons):
            button.clicked.connect(lambda _on=False, index=number: self.start(index))
        for page_id, link in stage.links.items():
            link.clicked.connect(partial(self._go_to, page_id))
        stage.invitation.make_asked.connect(self.maker.make)
        stage.invitation.load_asked.connect(self._load_again)
        stage.invitation.chat_asked.connect(lambda: self.context.go_to("chat"))
        show.began.connect(self._show_state)
        show.flowed.connect(lambda: stage.answer.feed(show.take()))
        show.ended.connect(self._on_ended)
        show.hung.connect(lambda _seconds: show.answering.end_hung())
        self.maker.changed.connect(self._show_state)
        self.maker.failed.connect(self._on_make_failed)
        self.context.session.changed.connect(self._on_session)
        self.context.devices.changed.connect(self._show_state)
        self.context.booth.changed.connect(self._on_phase)

    def _on_session(self) -> None:
        if self._begin_at_once and self.show_.ready:
            self._begin_at_once = False
            self.start()
        self._show_state()

    def _go_to(self, page_id: str, _checked: bool = False) -> None:
        self.context.go_to(page_id)

    def _toggle(self) -> None:
        if self.show_.busy and not self._attract:
            self.show_.stop()
        else:
            self.start()

    def _load_again(self) -> None:
        last = self.context.store.value.last_engine
        if last:
            self.context.booth.as_operator(lambda: self.context.session.load(last))

    def _on_make_failed(self, error: C10Error) -> None:
        self.context.show_error(error)
        self._show_state()

    def _on_ended(self, outcome: Outcome) -> None:
        self.stage.answer.feed(self.show_.take())
        note = translated(outcome.note) if outcome.note else ""
        self.stage.answer.finish(outcome.metrics, note)
        if outcome.metrics is not None and outcome.metrics.decode_tokens_per_s:
            self._rate = outcome.metrics.decode_tokens_per_s
        self._idle_since = self.context.clock.monotonic()
        self._show_state()

    def _on_phase(self) -> None:
        attract = self.context.booth.phase == "attract"
        if attract == self._attract:
            return
        if not attract:
            self.show_.wipe()
            self.stage.answer.clear()
        self._attract = attract
        self._idle_since = -BETWEEN_S
        self.stage.set_attract(attract)
        self._show_state()

    def _tick(self) -> None:
        now = self.context.clock.monotonic()
        if self._attract and not self.show_.busy and now - self._idle_since >= BETWEEN_S:
            self.start()
        if self.show_.answering.busy:
            self._sample(now)
        job = self.maker.job
        if job is not None:
            self.stage.invitation.show_job(job, time.monotonic())

    def _sample(self, now: float) -> None:
        passed = now - self._last_sample
        if passed < SAMPLE_S or self._samples is None:
            return
        self._last_sample = now
        self._shown_s += min(passed, 2 * SAMPLE_S)
        live = self.show_.answering.live
        rate = self._samples.add(time.monotonic() - live.begun, live.new_tokens, live.context_used, None)
        if live.first:
            self._rate = rate
        if self._wall is not None:
            self._wall.add(self._shown_s, rate)
        if self.isVisible() and self._pace.due():
            self._draw()

    def _draw(self) -> None:
        live = self.show_.answering.busy and bool(self.show_.answering.live.first)
        self.stage.hero.set_figure(self._rate, live=live)
        if self._wall is not None:
            self._wall.draw(self._shown_s)

    def _show_tiles(self) -> None:
        language = shown_language()
        texts = [(tile.icon, tile.title_in(language), tile.prompt_in(language)) for tile in self.tiles]
        self.stage.show_tiles(texts)

    def _show_state(self) -> None:
        state, detail = self._state()
        self.stage.show_state(
            state, detail, busy=self.show_.busy and not self._attract, answer=self.show_.tile is not None
        )
        marked = self._next if self.show_.tile is None else self._index_of(self.show_.tile)
        self.stage.mark(marked)
        self.stage.show_engine(self.context.session, self.context.devices.devices)
        self._draw()

    def _index_of(self, tile: Tile) -> int:
        return self.tiles.index(tile) if tile in self.tiles else -1

    def _state(self) -> tuple[str, str]:
        session = self.context.session
        if self.maker.job is not None and session.loaded is None:
            return "making", ""
        if session.loading:
            return "loading", session.loading.rpartition("/")[2]
        if session.loaded is not None:
            return ("ready" if self.show_.ready else "mute"), ""
        failure = session.failure
        if failure is not None and self.context.store.value.last_engine:
            return "broken", translated(failure.message if isinstance(failure, Failed) else failure.sentence)
        return "none", ""

    def _on_graphs(self, modules: tuple[Any, Any]) -> None:
        wall, samples = modules
        self._samples = samples.Samples()
        made: Wall = wall.Wall()
        self._wall = made
        self.stage.set_wall(made)


def _load_graphs() -> tuple[Any, Any]:
    return importlib.import_module("gui.demo.wall"), importlib.import_module("gui.graphs.samples")
