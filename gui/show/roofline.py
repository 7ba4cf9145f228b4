"""The roofline of this machine, and a dot that moves while the model decodes."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.bench import limits as bench
from core.bench.limits import Limits, Point
from core.errors import C10Error
from core.events import Benchmarked, Event, Failed, Generated, Prompted, Token
from core.spec import EngineConfig, ModelSpec
from gui.compile.errand import Errand
from gui.design import Space
from gui.pages import Context
from gui.sentences import translated
from gui.session import WINDOW_S
from gui.show.piece import Piece
from gui.show.roof_chart import Ceiling, RoofChart
from gui.widgets import Badge, Banner, Button, Card, DangerButton, Label, PrimaryButton, StatTile, not_available

JOB = "roofline-run"
NEW_TOKENS = 400
_PROMPT_TOKENS = 16
_EVERY_TICKS = 3
"""Of the bridge's 30 a second: the dot moves ten times a second."""
_MEASURE = "roofline"


class RooflinePiece(Piece):
    """Follows every answer of the session; a button lets the model decode without a question."""

    page_id = "roofline"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.limits: Limits | None = None
        self.point: Point | None = None
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self._ticks = 0
        self._shown = False
        self._rows, self._context_used, self._job = 1, 0, ""
        self._read_bytes = 1
        """Bytes that a decode step reads."""
        self._first: float | None = None
        """When the running answer's first token came (time.monotonic)."""
        self.run_button, self.stop_button = PrimaryButton("", "play"), DangerButton("", "stop")
        self.measure_button = Button("", "refresh")
        for number, button in enumerate((self.run_button, self.stop_button, self.measure_button)):
            self.body.tools.insertWidget(number, button)
        self.banner = Banner()
        self.body.column.addWidget(self.banner)
        self.chart = RoofChart()
        self._build()
        self.run_button.clicked.connect(self.run)
        self.stop_button.clicked.connect(lambda: context.session.runtime.stop())
        self.measure_button.clicked.connect(self.measure)
        context.session.changed.connect(self.refresh)
        bridge = context.bridge
        self._ends = [
            bridge.subscribe(Prompted, self._on_prompted),
            bridge.subscribe(Token, self._on_token),
            bridge.subscribe(Generated, self._on_generated),
            bridge.subscribe(Failed, self._on_failed),
            bridge.after_drain(self._tick),
        ]
        bridge.call(bench.load, self._take_kept, self._show_error)

    @property
    def measuring(self) -> bool:
        """Whether the machine is being measured."""
        return self._errand is not None

    def measure(self) -> None:
        """Measure this machine's limits in a child."""
        from core.worker.job import WorkerJob
        from core.worker.protocol import Bench

        if self._errand is None and not self.context.session.answering:
            self.banner.hide()
            self._errand = Errand(self.context.bridge, WorkerJob(Bench([_MEASURE], 2, 1)), self._take, self._gone)
            self.refresh()

    def run(self) -> None:
        """Decode, so that the dot moves; the answer itself says nothing."""
        from core.worker.protocol import Generate

        loaded = self.context.session.loaded
        if loaded is None or self.context.session.answering or self._job == JOB:
            return
        config, vocab = EngineConfig.from_json(loaded.config), ModelSpec.from_json(loaded.spec).vocab_size
        ids = [(100 + 37 * i) % vocab for i in range(_PROMPT_TOKENS)]
        new = max(1, min(NEW_TOKENS, config.total_len - _PROMPT_TOKENS))
        self._job = JOB
        self.context.session.runtime.generate(
            Generate(job=JOB, input_ids=[ids], max_new_tokens=new, constant_output=True, lookup=False)
        )
        self.refresh()

    def busy(self) -> bool:
        """Whether the model decodes for this piece."""
        return self._job == JOB

    def activate(self) -> None:
        """Draw while it can be seen."""
        self._shown = True

    def deactivate(self) -> None:
        """Draw nothing that nobody sees."""
        self._shown = False

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Roofline"),
            self.tr("How near decoding comes to what this machine's memory and arithmetic allow."),
        )
        self.run_button.setText(self.tr("Decode now"))
        self.stop_button.setText(self.tr("Stop"))
        self.measure_button.setText(self.tr("Measure this machine"))
        self.chart.setAccessibleName(self.tr("Roofline"))
        self._rate_tile.set_caption(self.tr("Read from memory"))
        self._speed_tile.set_caption(self.tr("Decode speed"))
        self._work_tile.set_caption(self.tr("Read for each step"))
        self._ratio_tile.set_caption(self.tr("Operations a byte"))
        self.refresh()

    def restyle(self) -> None:
        """Give the chart room for the text scale."""
        self.chart.setMinimumHeight(self.context.theme.size(520))

    def refresh(self) -> None:
        """Show limits, buttons and the dot."""
        session, known = self.context.session, self.limits
        running = self._job == JOB
        self.run_button.setVisible(not running)
        self.stop_button.setVisible(running)
        self.run_button.setEnabled(session.loaded is not None and not session.answering and known is not None)
        self.measure_button.setEnabled(not self.measuring and not session.answering)
        self.measure_button.set_kind("" if known else "primary")
        self.chart.set_names(
            self.tr("Operations for each byte from memory"), self.tr("10⁹ operations per second"), self._slope_name(),
            self.tr("prefill"),
        )  # fmt: skip
        ceilings: tuple[Ceiling, ...] = ()
        if known is not None:
            ceilings = (
                Ceiling(self.tr("int8 arithmetic: {0}").format(_giga(known.int8_gop_per_s)), known.int8_gop_per_s),
                Ceiling(self.tr("float32 arithmetic: {0}").format(_giga(known.f32_gflop_per_s)), known.f32_gflop_per_s),
            )
        self.chart.show_limits(known, ceilings)
        self._say_limits()
        self._say_point()

    def wipe(self) -> None:
        """Take the dots of the last visitor away."""
        self.point = None
        self.chart.move_dot(None)
        self.chart.show_prefill(None)
        self.banner.hide()
        self.refresh()

    def dispose(self) -> None:
        """End subscriptions and the measurement."""
        for end in self._ends:
            end()
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None

    def _build(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(Space.L)
        card = Card()
        card.body.addWidget(self.chart)
        columns.addWidget(card, 5)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        panel = Card()
        self.share = Label("", "count")
        self.sentence = Label("", "strong", wrap=True)
        self._why = Label("", "muted", wrap=True)
        for part in (self.share, self.sentence, self._why):
            part.setAlignment(Qt.AlignmentFlag.AlignLeft)
            panel.body.addWidget(part)
        column.addWidget(panel)
        self._rate_tile, self._speed_tile, self._work_tile, self._ratio_tile = (StatTile() for _ in range(4))
        figures = Card()
        for tile in (self._rate_tile, self._speed_tile, self._work_tile, self._ratio_tile):
            figures.body.addWidget(tile)
        column.addWidget(figures)
        limits = Card()
        self._kept = Badge()
        self._kept_text = Label("", "muted", wrap=True)
        limits.body.addWidget(self._kept)
        limits.body.addWidget(self._kept_text)
        column.addWidget(limits)
        column.addStretch(1)
        columns.addWidget(side, 2)
        self.body.column.addLayout(columns)
        self.body.column.addStretch(1)

    def _slope_name(self) -> str:
        if self.limits is None:
            return ""
        return self.tr("memory: {0} GB/s").format(QLocale().toString(self.limits.bandwidth_gb_per_s, "f", 1))

    def _say_limits(self) -> None:
        known, devices = self.limits, self.context.devices.devices
        if self.measuring:
            self._kept.set(self.tr("measuring …"), "accent")
            text = self.tr("Memory is read and numbers are multiplied with all threads, for a few seconds.")
        elif known is None:
            self._kept.set(self.tr("not measured yet"), "warn")
            text = self.tr("Measure this machine once; the result is kept with its date.")
        else:
            self._kept.set(self.tr("measured here"), "ok")
            moment = known.date.replace("T", " ")
            text = self.tr("{0} · {1} threads · {2}").format(known.processor, known.threads, moment)
        if devices is not None and devices.real:
            text += "\n" + self.tr("No limits of the C10 are published, so no roofline is drawn for the card.")
        self._kept_text.setText(text)

    def _say_point(self) -> None:
        now, unknown = self.point, not_available()
        number = QLocale().toString
        self.share.setText(unknown if now is None else f"{100 * now.bandwidth_share:.0f} %")
        tiles = (self._rate_tile, self._speed_tile, self._work_tile, self._ratio_tile)
        if now is None or self.limits is None:
            self.sentence.setText(self.tr("Nothing is being decoded."))
            self._why.setText("")
            for tile in tiles:
                tile.set_value(unknown)
            return
        self.sentence.setText(
            self.tr("You are at {0} % of the memory bandwidth.").format(f"{100 * now.bandwidth_share:.0f}")
        )
        if now.bandwidth_share > 1.02:
            self._why.setText(self.tr("More than memory allows: prompt lookup checks several tokens with one reading."))
        else:
            self._why.setText(self.tr("Each token reads every weight once: memory sets the pace, not arithmetic."))
        passes = now.gb_per_s * 1e9 / self._read_bytes
        self._rate_tile.set_value(
            f"{number(now.gb_per_s, 'f', 1)} GB/s", self.tr("of {0}").format(_rate(self.limits.bandwidth_gb_per_s))
        )
        self._speed_tile.set_value(self.tr("{0} tok/s").format(number(passes * self._rows, "f", 1)))
        self._work_tile.set_value(f"{number(self._read_bytes / 1e6, 'f', 1)} MB")
        self._ratio_tile.set_value(number(now.intensity, "f", 2))

    def _place(self, tokens_per_s: float) -> None:
        """Move the dot to a speed (tokens/s of all rows)."""
        loaded, known = self.context.session.loaded, self.limits
        if loaded is None or known is None or not tokens_per_s:
            return
        spec, config = ModelSpec.from_json(loaded.spec), EngineConfig.from_json(loaded.config)
        work = bench.work(spec, config, tokens=self._rows, context=self._rows * self._context_used)
        self._read_bytes = work.read_bytes
        self.point = bench.point(work, tokens_per_s / self._rows, known)
        self.chart.move_dot(self.point, self.tr("decode: {0} %").format(f"{100 * self.point.bandwidth_share:.0f}"))
        self._say_point()

    def _tick(self) -> None:
        self._ticks += 1
        session = self.context.session
        if self._shown and session.answering and self._ticks % _EVERY_TICKS == 0 and self.isVisible():
            now = time.monotonic()
            if self._first is not None and now - self._first >= WINDOW_S:
                self._place(session.rate.at(now))

    def _on_prompted(self, event: Prompted) -> None:
        self._rows = max(1, len(event.tokens))
        self._context_used = max(event.tokens, default=0)
        self._first = None

    def _on_token(self, event: Token) -> None:
        if self._first is None:
            self._first = time.monotonic()
        if event.row == 0:
            self._context_used += 1

    def _on_generated(self, event: Generated) -> None:
        figures = event.metrics
        loaded, known = self.context.session.loaded, self.limits
        if self._job == event.job:
            self._job = ""
        saved = figures.accepted_tokens / max(1, figures.new_tokens)
        self._place(figures.decode_tokens_per_s * (1 - saved))
        if loaded is not None and known is not None and figures.prefill_tokens_per_s:
            spec, config = ModelSpec.from_json(loaded.spec), EngineConfig.from_json(loaded.config)
            tokens = max(1, min(config.pre_len, figures.prompt_tokens - figures.cached_tokens))
            work = bench.work(spec, config, tokens=tokens, context=tokens)
            self.chart.show_prefill(bench.point(work, figures.prefill_tokens_per_s / tokens, known))
        self.refresh()

    def _on_failed(self, event: Failed) -> None:
        if event.job == self._job and self._job:
            self._job = ""
            self._show_error(event.error())
            self.refresh()

    def _take(self, event: Event) -> None:
        if isinstance(event, Benchmarked | Failed):
            self._answer = event

    def _gone(self) -> None:
        answer, self._answer, self._errand = self._answer, None, None
        if isinstance(answer, Benchmarked):
            found = bench.of_roofline(answer.metrics)
            self._take_limits(found)
            self.context.bridge.call(partial(bench.save, found), lambda _none: None, self._show_error)
        elif isinstance(answer, Failed):
            self._show_error(answer.error())
        self.refresh()

    def _take_kept(self, found: Limits | None) -> None:
        if self.limits is None:
            self._take_limits(found)

    def _take_limits(self, found: Limits | None) -> None:
        self.limits = found
        self.refresh()

    def _show_error(self, error: C10Error) -> None:
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))


def _rate(gb_per_s: float) -> str:
    return f"{QLocale().toString(gb_per_s, 'f', 1)} GB/s"


def _giga(value: float) -> str:
    return f"{QLocale().toString(round(value))} GOP/s"
