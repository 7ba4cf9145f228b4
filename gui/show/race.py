"""The precision race: one prompt, three lanes, live curves, and where each answer leaves bf16's."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit

from core.errors import C10Error
from core.race.lanes import ORDER, Field, Runner, fields
from core.race.track import Track, places
from gui.compile import library
from gui.compile.library import EngineInfo
from gui.design import Space
from gui.pages import Context
from gui.sentences import translated
from gui.show.lane_card import LaneCard
from gui.show.piece import Piece
from gui.show.preparing import Preparing
from gui.show.race_chart import RaceChart, curve
from gui.show.racing import Racing
from gui.widgets import Badge, Banner, Card, DangerButton, Label, PrimaryButton, Segment, StackedBar

MOST_TOKENS = 128
_EVERY_TICKS = 3
"""Of the bridge's 30 a second."""
NAMES = {"none": "bf16", "int8": "int8", "int4": "int4"}


class RacePiece(Piece):
    """Looks for the engines in the library; what the demo model lacks is compiled on request."""

    page_id = "race"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.racing = Racing(context.bridge, self)
        self.preparing = Preparing(context.bridge, self)
        self.fields: tuple[Field, ...] = ()
        self._scanned = False
        self._ticks = 0
        self._default_prompt = ""
        self.start_button, self.stop_button = PrimaryButton("", "play"), DangerButton("", "stop")
        self.body.tools.insertWidget(0, self.start_button)
        self.body.tools.insertWidget(1, self.stop_button)
        self.banner, self.prompt, self.choice = Banner(), QLineEdit(), QComboBox()
        self.state_badge, self._state_text = Badge(), Label("", "muted", wrap=True)
        self.chart = RaceChart()
        self.lanes = tuple(LaneCard(number) for number in range(len(ORDER)))
        self._progress = StackedBar(10)
        self._build()
        self.start_button.clicked.connect(self.start)
        self.prompt.returnPressed.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.racing.changed.connect(self.refresh)
        self.racing.untrusted.connect(self._on_untrusted)
        self.preparing.changed.connect(self._show_preparing)
        self.preparing.ended.connect(self._on_prepared)
        context.session.changed.connect(self.refresh)
        self._end_tick = context.bridge.after_drain(self._tick)

    @property
    def field(self) -> Field | None:
        """The model that races, None while none is known."""
        index = self.choice.currentIndex()
        return self.fields[index] if 0 <= index < len(self.fields) else None

    def start(self) -> None:
        """Race with the prompt as it stands, or compile what is missing first."""
        field = self.field
        if self.racing.busy or self.preparing.running or self.context.session.answering:
            return
        if field is None or field.missing:
            self.context.booth.as_operator(self.prepare)
            return
        self.banner.hide()
        self.racing.start(field.runners, self.prompt.text().strip() or self._default_prompt, MOST_TOKENS)

    def prepare(self) -> None:
        """Compile what the demo model lacks."""
        self.banner.hide()
        self.preparing.start(ORDER)

    def stop(self) -> None:
        """End the race, or the compiling."""
        if self.preparing.running:
            self.preparing.cancel()
        else:
            self.racing.stop()

    def activate(self) -> None:
        """Look for engines."""
        self._scan()

    def busy(self) -> bool:
        """Whether lanes answer."""
        return self.racing.state == "running"

    def occupied(self) -> bool:
        """Whether a visitor's prompt or its answers are shown."""
        return bool(self.racing.tracks) or self.prompt.text() not in ("", self._default_prompt)

    def unfinished(self) -> str:
        """Say that engines are still being compiled."""
        return self.tr("Engines for the race are still being compiled.") if self.preparing.running else ""

    def wipe(self) -> None:
        """Forget prompt and answers."""
        self.racing.forget()
        for lane in self.lanes:
            lane.clear()
        self.prompt.setText(self._default_prompt)
        self.banner.hide()

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Precision race"),
            self.tr("The same model three times: bf16, int8 and int4 answer the same prompt."),
        )
        untouched = self.prompt.text() in ("", self._default_prompt)
        self._default_prompt = self.tr("Why is the sky blue?")
        if untouched:
            self.prompt.setText(self._default_prompt)
        self.prompt.setPlaceholderText(self._default_prompt)
        self.prompt.setAccessibleName(self.tr("Prompt of the race"))
        self.choice.setAccessibleName(self.tr("Model"))
        self.stop_button.setText(self.tr("Stop"))
        self.chart.set_names(self.tr("seconds after the question"), self.tr("tokens per second"))
        self.chart.setAccessibleName(self.tr("Speed of the lanes"))
        for lane, one in zip(self.lanes, ORDER, strict=True):
            lane.show_name(NAMES[one], self.tr("Lane {0}").format(NAMES[one]))
        self.refresh()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.chart.setFixedHeight(self.context.theme.size(260))
        for lane in self.lanes:
            lane.restyle()
        self._draw()

    def refresh(self) -> None:
        """Show buttons, state and lanes."""
        field, racing = self.field, self.racing
        working = racing.busy or self.preparing.running
        missing = self._scanned and (field is None or bool(field.missing))
        self.start_button.setVisible(not working)
        self.stop_button.setVisible(working)
        self.start_button.setEnabled(self._scanned and not self.context.session.answering)
        self.start_button.setText(self.tr("Compile the missing engines") if missing else self.tr("Start the race"))
        self.start_button.set_icon("compile" if missing else "race")
        self.prompt.setEnabled(not working)
        self.choice.setEnabled(not working)
        self.choice.setVisible(len(self.fields) > 1)
        self._say_state(missing)
        self._show_failure()
        self._draw()

    def dispose(self) -> None:
        """End children and subscriptions."""
        self._end_tick()
        self.racing.dispose()
        self.preparing.dispose()

    def _build(self) -> None:
        column = self.body.column
        column.addWidget(self.banner)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.prompt, 3)
        row.addWidget(self.choice, 1)
        column.addLayout(row)
        panel = Card()
        state = QHBoxLayout()
        state.setSpacing(Space.M)
        state.addWidget(self.state_badge, 0, Qt.AlignmentFlag.AlignVCenter)
        state.addWidget(self._state_text, 1)
        panel.body.addLayout(state)
        panel.body.addWidget(self._progress)
        panel.body.addWidget(self.chart)
        column.addWidget(panel)
        lanes = QHBoxLayout()
        lanes.setSpacing(Space.L)
        for lane in self.lanes:
            lanes.addWidget(lane, 1)
            lane.clear()
        column.addLayout(lanes, 1)
        self._progress.hide()

    def _scan(self) -> None:
        places_ = library.folders(self.context.store.value)
        self.context.bridge.call(partial(library.scan, places_), self._take_scan, self._show_error)

    def _take_scan(self, found: tuple[EngineInfo, ...]) -> None:
        before = self.field
        runners = [
            Runner(one.path, one.spec, one.config)
            for one in found
            if one.ready and one.tokenizer and one.spec is not None and one.config is not None
        ]
        self.fields, self._scanned = fields(runners), True
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems([field.name for field in self.fields])
        again = next((i for i, field in enumerate(self.fields) if before and field.name == before.name), 0)
        self.choice.setCurrentIndex(again if self.fields else -1)
        self.choice.blockSignals(False)
        self.refresh()

    def _on_untrusted(self, engine: str) -> None:
        ask = partial(self.context.ask_for_trust, engine, partial(self._start_trusting, engine))
        self.context.booth.as_operator(ask)

    def _start_trusting(self, engine: str) -> None:
        self.racing.trust(Path(engine))
        self.start()

    def _on_choice(self) -> None:
        self.racing.forget()
        for lane in self.lanes:
            lane.clear()
        self.refresh()

    def _say_state(self, missing: bool) -> None:
        racing, prep = self.racing, self.preparing
        if prep.running:
            self.state_badge.set(self.tr("compiling"), "accent")
            what = self.tr("Compiling {0} …").format(prep.name) if prep.name else self.tr("Converting the model …")
            self._state_text.setText(what)
        elif racing.state == "running" and racing.parallel:
            self.state_badge.set(self.tr("live"), "ok")
            self._state_text.setText(self.tr("All three run at the same time, with a third of the threads each."))
        elif racing.state == "running":
            self.state_badge.set(self.tr("lane {0} of {1}").format(racing.running_lane, len(racing.tracks)), "accent")
            self._state_text.setText(
                self.tr("One after another, each with the whole machine; the race itself is replayed afterwards.")
            )
        elif racing.replayed:
            self.state_badge.set(self.tr("replayed"), "warn")
            self._state_text.setText(
                self.tr("The lanes ran one after another; here their own times are shown side by side.")
            )
        elif racing.state == "over":
            self.state_badge.set(self.tr("finished"), "ok")
            self._state_text.setText(self.tr("All three ran at the same time."))
        else:
            self.state_badge.set(self.tr("ready"), "neutral")
            self._state_text.setText(self._missing_text() if missing else self.tr("Greedy answers, one token a step."))

    def _missing_text(self) -> str:
        field = self.field
        names = ", ".join(NAMES[one] for one in (field.missing if field else ORDER))
        return self.tr("No engine for {0} yet. The demo model's take a few minutes, once.").format(names)

    def _show_preparing(self) -> None:
        self._progress.setVisible(self.preparing.running)
        self._progress.set_segments((Segment(self.preparing.share, self.context.theme.colours.accent),))
        text = self.tr("Compiling for the race") if self.preparing.running else ""
        self.context.show_job("show", text)
        self.refresh()

    def _on_prepared(self, error: C10Error | None) -> None:
        self._progress.hide()
        if error is not None:
            self._show_error(error)
        self._scan()

    def _show_failure(self) -> None:
        failure = next((track.failure for track in self.racing.tracks if track.failure), None)
        if failure is not None:
            self._show_error(failure.error())

    def _show_error(self, error: C10Error) -> None:
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))

    def _tick(self) -> None:
        self._ticks += 1
        if self.racing.busy and self._ticks % _EVERY_TICKS == 0:
            self.racing.tick()
            if self.isVisible():
                self._draw()

    def _draw(self) -> None:
        tracks = self.racing.tracks
        self.chart.show_curves([curve(track, self._shown_until(track)) for track in tracks])
        ranks = places(tracks) if self.racing.state == "over" else {}
        for lane, track in zip(self.lanes, tracks, strict=False):
            until = self._shown_until(track)
            lane.show_lane(track, tracks[0], until, MOST_TOKENS)
            self._show_lane_badge(lane, track, until, ranks.get(track.name, 0))

    def _shown_until(self, track: Track) -> float:
        until = self.racing.now(track)
        last = track.steps[-1].at if track.steps else 0.0
        return min(until, max(last, track.finished_at or 0.0))

    def _show_lane_badge(self, lane: LaneCard, track: Track, until: float, place: int) -> None:
        if track.failure is not None:
            lane.show_badge(self.tr("failed"), "bad")
        elif place:
            lane.show_badge(self.tr("place {0}").format(place), "ok" if place == 1 else "neutral")
        elif track.finished_at is not None and until >= track.finished_at:
            lane.show_badge(self.tr("finished"), "ok")
        elif track.started is None:
            waits = self.tr("loading …") if lane is self.lanes[self.racing.running_lane - 1] else self.tr("waiting")
            lane.show_badge(waits, "neutral")
        else:
            lane.show_badge(self.tr("running"), "accent")
