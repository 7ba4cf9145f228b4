"""The panel beside the conversation: live graph, the figures of the last answer, context and memory."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from core import fsio
from core.events import Exited, Metrics, Ready
from gui.bridge import Bridge
from gui.chat import words
from gui.chat.answering import Answering, Outcome
from gui.design import Space
from gui.graphs.figures import Figures
from gui.graphs.runs import RunStore, to_csv
from gui.pace import Pace
from gui.pictures import png
from gui.session import Session
from gui.theme import current
from gui.widgets import (
    Button,
    IconButton,
    Label,
    LiveLabel,
    not_available,
    size_text,
)
from gui.widgets.files import save_file

if TYPE_CHECKING:
    from gui.graphs.plot import Plot
    from gui.graphs.samples import Samples

INTERVAL_MS = 250
KINDS = ("speed", "answers", "context", "memory")
BARS = 20
LEAST_DRAW_S, MOST_DRAW_S = 0.2, 1.0
"""Shortest and longest time between two pictures, in seconds."""
_MEMORY_EVERY = 4  # samples: memory changes slowly
_WIDTH = 372
_MIB = float(1 << 20)


class GraphPanel(QScrollArea):
    """Follows `answering`: with each of its texts, so that the window is painted once for both, else by one timer."""

    def __init__(self, bridge: Bridge, session: Session, answering: Answering, runs: RunStore) -> None:
        super().__init__()
        self._session, self._answering, self.runs = session, answering, runs
        self._plot: Plot | None = None
        self._samples: Samples | None = None
        self._pid = 0
        self._worker_bytes: int | None = None
        self._ticks = 0
        self._speed = 0.0
        self._metrics: Metrics | None = None
        self._stale = False
        self._pace = Pace(LEAST_DRAW_S, MOST_DRAW_S)
        self.timer = QTimer(self)
        self.timer.setInterval(INTERVAL_MS)
        self.timer.timeout.connect(self.sample)
        self._build()
        answering.started.connect(self._on_started)
        answering.flushed.connect(self.sample)
        answering.finished.connect(self._on_finished)
        session.changed.connect(self._show_figures)
        runs.changed.connect(self._on_runs)
        self._endings = [bridge.subscribe(Ready, self._on_ready), bridge.subscribe(Exited, self._on_exited)]
        bridge.call(_load_plot, self._on_plot)

    def dispose(self) -> None:
        """End timer and subscriptions."""
        self.timer.stop()
        if self._plot is not None:
            self._plot.dispose()
        for end in self._endings:
            end()

    def sample(self) -> None:
        """Take one sample of the running answer and draw it; called with new text, or by the timer where none comes."""
        if self.timer.isActive():
            self.timer.start()
        live = self._answering.live
        self._ticks += 1
        if self._ticks % _MEMORY_EVERY == 0:
            self._worker_bytes = _resident(self._pid)
        if self._samples is not None:
            elapsed = time.monotonic() - live.begun
            speed = self._samples.add(elapsed, live.new_tokens, live.context_used, self._worker_bytes)
            self._speed = speed
        if not self.isVisible():
            self._stale = True
        elif self._pace.due():
            self._draw_live()

    @property
    def plot(self) -> Plot | None:
        """The plot, None until pyqtgraph is there."""
        return self._plot

    @property
    def samples(self) -> Samples | None:
        """The samples of the running or last answer."""
        return self._samples

    def show_kind(self, kind: str) -> None:
        """Show the graph of this kind (one of KINDS)."""
        self.kind.setCurrentIndex(KINDS.index(kind))

    def set_paused(self, paused: bool) -> None:
        """Stop drawing (samples are still taken) and let the mouse zoom, or go on."""
        self.pause_button.set_icon("play" if paused else "pause")
        self.pause_button.set_name(self.tr("Go on drawing") if paused else self.tr("Pause the graph"))
        if self._plot is not None:
            self._plot.set_zoomable(paused)
        if not paused:
            self._draw()

    def export_png(self, path: Path) -> None:
        """Write the graph as a picture."""
        if self._plot is not None:
            fsio.write_bytes(path, png(self._plot.grab()))

    def export_csv(self, path: Path) -> None:
        """Write the samples of the last answer as a table, or the runs where those are shown."""
        kind = KINDS[self.kind.currentIndex()]
        samples = self._samples.to_csv() if self._samples is not None else ""
        fsio.write_text(path, to_csv(self.runs.runs) if kind == "answers" else samples)

    def wipe(self) -> None:
        """Forget the samples and figures of the last answer; the table of runs holds no text and stays."""
        if self._samples is not None:
            self._samples.begin()
        self._metrics = None
        self._draw()
        self._show_figures()

    def set_locked(self, locked: bool) -> None:
        """Withhold what writes files."""
        self.more_button.setVisible(not locked)
        self.runs_button.setVisible(not locked)

    def show_runs(self) -> None:
        """Open the table of past answers."""
        from gui.graphs.runs_dialog import RunsDialog

        RunsDialog(self.runs, self).open()

    def retranslate(self) -> None:
        """Set the texts."""
        self.setAccessibleName(self.tr("Live figures"))
        names = (self.tr("Speed"), self.tr("Answers"), self.tr("KV cache"), self.tr("Memory"))
        for index, name in enumerate(names):
            self.kind.setItemText(index, name)
        self.kind.setAccessibleName(self.tr("Graph"))
        self.set_paused(self.pause_button.isChecked())
        self.more_button.set_name(self.tr("Export the graph"))
        self._png.setText(self.tr("Picture (PNG) …"))
        self._csv.setText(self.tr("Table (CSV) …"))
        self._speed_caption.setText(self.tr("Decode speed"))
        self.figures.retranslate()
        self.runs_button.setText(self.tr("Compare runs"))
        self._set_axes()
        self._show_figures()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        theme = current()
        self.setFixedWidth(theme.size(_WIDTH))
        self._inner.setStyleSheet(f"QWidget#graphPanel {{ background: {theme.colours.surface}; }}")
        self.setStyleSheet(f"GraphPanel {{ border: none; border-left: 1px solid {theme.colours.border}; }}")
        self._place.setFixedHeight(theme.size(230))
        if self._plot is not None:
            self._plot.restyle()
            self._set_axes()
            self._draw()
        self.figures.restyle()

    def showEvent(self, event: Any) -> None:
        """Draw what came while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self._draw()
            self.figures.show_context(self._answering.live.context_used, self._context_size())

    def _draw_live(self) -> None:
        live = self._answering.live
        if live.first:
            self.speed.setText(words.rate(self._speed))
            decoding = time.monotonic() - live.first
            self.figures.show_live(live.first - live.begun, decoding, live.new_tokens, self._speed)
        self._draw()
        self.figures.show_context(live.context_used, self._context_size())
        self.figures.show_memory(self._worker_bytes)

    def _build(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inner = QWidget()
        self._inner.setObjectName("graphPanel")
        self._speed_caption = Label("", "caption")
        self.speed = LiveLabel(not_available(), "display")
        self.kind = QComboBox()
        self.kind.addItems(KINDS)
        self.pause_button = IconButton("pause")
        self.pause_button.setCheckable(True)
        self.more_button = IconButton("export")
        menu = QMenu(self)
        self._png = QAction(menu)
        self._csv = QAction(menu)
        menu.addActions([self._png, self._csv])
        self.more_button.setMenu(menu)
        self.more_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self._place = QWidget()
        self._place_layout = QVBoxLayout(self._place)
        self._place_layout.setContentsMargins(0, 0, 0, 0)
        self.hover = Label("", "caption")
        self.figures = Figures()
        self.runs_button = Button("", "table")
        self._lay_out()
        self.setWidget(self._inner)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.pause_button.toggled.connect(self.set_paused)
        self._png.triggered.connect(lambda: save_file(self, self.tr("Export the graph"), "graph.png", self.export_png))
        self._csv.triggered.connect(lambda: save_file(self, self.tr("Export the graph"), "graph.csv", self.export_csv))
        self.runs_button.clicked.connect(self.show_runs)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self._inner)
        layout.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._speed_caption)
        layout.addWidget(self.speed)
        tools = QHBoxLayout()
        tools.setSpacing(Space.XS)
        tools.addWidget(self.kind, 1)
        tools.addWidget(self.pause_button)
        tools.addWidget(self.more_button)
        layout.addLayout(tools)
        layout.addWidget(self._place)
        layout.addWidget(self.hover)
        layout.addSpacing(Space.S)
        layout.addWidget(self.figures)
        layout.addSpacing(Space.L)
        layout.addWidget(self.runs_button)
        layout.addStretch(1)

    def _on_plot(self, module: Any) -> None:
        from gui.graphs.samples import Samples

        self._samples = Samples()
        plot: Plot = module.Plot()
        self._plot = plot
        self._place_layout.addWidget(plot)
        plot.hovered.connect(self._on_hover)
        plot.left.connect(lambda: self.hover.setText(""))
        self._set_axes()
        self._draw()

    def _on_ready(self, event: Ready) -> None:
        self._pid = event.pid
        self._worker_bytes = _resident(event.pid)
        self.figures.show_memory(self._worker_bytes)

    def _on_exited(self, _event: Exited) -> None:
        self._pid, self._worker_bytes = 0, None
        self.figures.show_memory(self._worker_bytes)

    def _on_started(self) -> None:
        self._ticks = 0
        self._metrics = None
        if self._samples is not None:
            self._samples.begin()
        self.timer.start()
        self._show_figures()

    def _on_finished(self, outcome: Outcome) -> None:
        self.timer.stop()
        self.sample()
        self._metrics = outcome.metrics
        self._worker_bytes = _resident(self._pid)
        self._draw()
        self._show_figures()

    def _on_runs(self) -> None:
        if KINDS[self.kind.currentIndex()] == "answers":
            self._draw()

    def _on_kind(self) -> None:
        self._set_axes()
        self._draw()

    def _on_hover(self, x: float, values: list[float]) -> None:
        kind = KINDS[self.kind.currentIndex()]
        at = QLocale().toString(x, "f", 1)
        if kind == "answers":
            text = self.tr("Answer {0}: prefill {1}, decode {2}").format(
                round(x), words.duration(values[0]), words.duration(values[1])
            )
        elif kind == "speed":
            text = self.tr("After {0} s: {1}").format(at, words.rate(values[0]))
        elif kind == "context":
            text = self.tr("After {0} s: {1}").format(at, words.tokens(round(values[0])))
        else:
            text = self.tr("After {0} s: {1}").format(at, size_text(round(values[0] * _MIB)))
        self.hover.setText(text)

    def _set_axes(self) -> None:
        if self._plot is None:
            return
        seconds = (self.tr("time since the question"), self.tr("s"))
        axes = {
            "speed": (seconds, (self.tr("decode"), self.tr("tokens/s"))),
            "answers": ((self.tr("answer"), self.tr("number")), (self.tr("prefill + decode"), self.tr("s"))),
            "context": (seconds, (self.tr("KV cache"), self.tr("tokens"))),
            "memory": (seconds, (self.tr("worker"), "MiB")),
        }
        self._plot.set_axes(*axes[KINDS[self.kind.currentIndex()]])

    def _draw(self) -> None:
        if self._plot is None or self._samples is None or self.pause_button.isChecked():
            return
        from gui.graphs import samples

        kind = KINDS[self.kind.currentIndex()]
        if kind == "answers":
            self._draw_answers()
            return
        columns = {"speed": samples.SPEED, "context": samples.CONTEXT, "memory": samples.MEMORY}
        values = self._samples.column(columns[kind])
        if kind == "memory":
            values = values / _MIB
        limit = float(self._context_size()) if kind == "context" and self._context_size() else None
        self._plot.show_curve(self._samples.column(samples.TIME), values, limit)

    def _draw_answers(self) -> None:
        import numpy as np

        shown = self.runs.runs[-BARS:]
        stacks = [np.array([run.prefill_s for run in shown]), np.array([run.decode_s for run in shown])]
        if self._plot is not None:
            self._plot.show_bars(stacks, len(self.runs.runs) - len(shown) + 1)

    def _context_size(self) -> int:
        return int(self._session.loaded.config.get("total_len", 0)) if self._session.loaded else 0

    def _show_figures(self) -> None:
        figures = self._metrics
        self.figures.show_metrics(figures)
        if figures is not None and figures.decode_tokens_per_s:
            self.speed.setText(words.rate(figures.decode_tokens_per_s))
        elif figures is not None or not self._answering.busy:
            self.speed.setText(not_available())
        used = figures.context_used if figures else self._answering.live.context_used
        self.figures.show_context(used, self._context_size())
        self.figures.show_memory(self._worker_bytes)


def _load_plot() -> Any:
    return importlib.import_module("gui.graphs.plot")


def _resident(pid: int) -> int | None:
    """Return a process's resident memory in bytes, None if it is gone."""
    if not pid:
        return None
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None
