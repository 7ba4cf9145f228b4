"""The running job: six steps with their real progress, the log, and what came of it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.bridge import Bridge
from gui.compile import words
from gui.compile.job import LOG_LINES, Job, JobRunner, Step, StepState
from gui.compile.parts import Stepper
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import (
    Badge,
    Banner,
    Card,
    DangerButton,
    IconLabel,
    Label,
    PrimaryButton,
    QuietButton,
    Segment,
    StackedBar,
    StatTile,
    size_text,
)

_ICONS: dict[StepState, tuple[str, str]] = {
    "waiting": ("dot", "border_strong"),
    "running": ("play", "accent"),
    "done": ("ok", "ok"),
    "skipped": ("minus", "muted"),
    "failed": ("error", "bad"),
}


class RunPanel(QWidget):
    """Shows the runner's job. `tried` carries the engine to chat with."""

    tried = Signal(str)

    def __init__(self, runner: JobRunner, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self._stepper = Stepper(5)
        self._stepper.set_current(4)
        layout.addWidget(self._stepper)
        layout.addSpacing(Space.S)
        self.outcome = _OutcomeCard()
        self.outcome.try_button.clicked.connect(self._try)
        self.outcome.again_button.clicked.connect(runner.again)
        layout.addWidget(self.outcome)
        self._card = Card()
        layout.addWidget(self._card)
        self._state = Badge()
        self._elapsed = Label("", "title")
        self.cancel_button = DangerButton("", "stop")
        self._card.header.addWidget(self._state)
        self._card.header.addWidget(self._elapsed)
        self._card.header.addWidget(self.cancel_button)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(Space.XS)
        self._card.body.addLayout(self._rows)
        line = QFrame()
        line.setProperty("role", "line")
        self._card.body.addWidget(line)
        foot = QHBoxLayout()
        self._last = Label("", "muted", wrap=True)
        self.log_button = QuietButton("", "chevron-right")
        self.log_button.setCheckable(True)
        foot.addWidget(self._last, 1)
        foot.addWidget(self.log_button)
        self._card.body.addLayout(foot)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LOG_LINES)
        self.log.setMinimumHeight(220)
        self.log.hide()
        self._card.body.addWidget(self.log)
        layout.addStretch(1)
        self.rows: list[StepRow] = []
        self._shown: Job | None = None
        self._written = 0
        self.cancel_button.clicked.connect(runner.cancel)
        self.log_button.toggled.connect(self._fold)
        runner.changed.connect(self.refresh)
        self._end_tick = bridge.after_drain(self._tick)

    def refresh(self) -> None:
        """Show the job as it is now."""
        job = self._runner.job
        if job is None:
            return
        if job is not self._shown:
            self._shown, self._written = job, 0
            self.log.clear()
            self._make_rows(job)
        self._card.set_title(job.title)
        self._stepper.setVisible(job.kind == "compile")
        for row, step in zip(self.rows, job.steps, strict=True):
            row.show_step(step)
        self.cancel_button.setVisible(job.running)
        self.cancel_button.setEnabled(job.state == "running")
        self._show_state(job)
        self._show_log(job)
        self._last.setText(job.log[-1] if job.log else "")
        self.outcome.show_job(job)
        self._tick()

    def retranslate(self) -> None:
        """Set the texts."""
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Ends the job within two seconds and leaves no file"))
        self.log.setAccessibleName(self.tr("Log of the job"))
        self.outcome.retranslate()
        self._stepper.set_names(words.wizard_steps())
        self._fold(self.log_button.isChecked())
        self.refresh()

    def dispose(self) -> None:
        """End the clock."""
        self._end_tick()

    def _make_rows(self, job: Job) -> None:
        for row in self.rows:
            self._rows.removeWidget(row)
            row.deleteLater()
        self.rows = []
        for number, _step in enumerate(job.steps, start=1):
            row = StepRow(number)
            self._rows.addWidget(row)
            self.rows.append(row)

    def _show_state(self, job: Job) -> None:
        texts = {
            "running": (self.tr("running"), "accent"),
            "cancelling": (self.tr("being cancelled …"), "warn"),
            "finished": (self.tr("finished"), "ok"),
            "failed": (self.tr("failed"), "bad"),
            "cancelled": (self.tr("cancelled"), "neutral"),
        }
        text, tone = texts[job.state]
        self._state.set(text, tone)  # type: ignore[arg-type]  # the tones above are BadgeTones

    def _show_log(self, job: Job) -> None:
        new = min(job.logged - self._written, len(job.log))
        if new > 0:
            self.log.appendPlainText("\n".join(list(job.log)[-new:]))
        self._written = job.logged

    def _fold(self, shown: bool) -> None:
        self.log.setVisible(shown)
        self.log_button.set_icon("chevron-down" if shown else "chevron-right")
        self.log_button.setText(self.tr("Hide the log") if shown else self.tr("Show the log"))

    def _tick(self) -> None:
        job = self._shown
        if job is None or not self.isVisible():
            return
        now = time.monotonic()
        text = words.elapsed(job.elapsed(now), job.left if job.running else None)
        if self._elapsed.text() != text:
            self._elapsed.setText(text)
            self._elapsed.setAccessibleName(self.tr("Elapsed: {0}").format(text))
            for row, step in zip(self.rows, job.steps, strict=True):
                if step.state == "running":
                    row.show_time(words.clock(now - step.started))

    def _try(self) -> None:
        if self._shown is not None and self._shown.engine:
            self.tried.emit(self._shown.engine)


class StepRow(QWidget):
    """A step: state, name, progress in its own unit, time."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, Space.XS, 0, Space.XS)
        layout.setSpacing(Space.XS)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self._icon = IconLabel("dot", "muted", 22)
        self._name = Label("", "body")
        self.progress = Label("", "muted")
        self._time = Label("", "muted")
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._icon)
        row.addWidget(self._name, 1)
        row.addWidget(self.progress)
        row.addWidget(self._time)
        layout.addLayout(row)
        self.bar = StackedBar(8)
        layout.addWidget(self.bar)
        self._state: StepState | None = None

    def show_step(self, step: Step) -> None:
        """Show the step as it is now."""
        if step.state != self._state:
            self._state = step.state
            self._icon.set_icon(*_ICONS[step.state])
            self._name.setProperty("role", "strong" if step.state == "running" else "body")
            self._name.style().unpolish(self._name)
            self._name.style().polish(self._name)
        self._time.setMinimumWidth(current().size(84))
        self._name.setText(f"{self._number}. {words.step_name(step.name)}")
        running = step.state == "running"
        self.bar.setVisible(running)
        shown = step.state in ("running", "done", "failed") and bool(step.unit)
        self.progress.setText(
            words.amount(step.done, step.total, step.unit, over=step.state == "done") if shown else ""
        )
        if running and step.total:
            share = min(1.0, step.done / step.total)
            self.bar.set_segments((Segment(share, current().colours.accent),))
        elif running:
            self.bar.set_segments((), known=False)
        if step.state == "skipped":
            self._time.setText(self.tr("skipped"))
        elif step.state == "done":
            self._time.setText(words.duration(step.seconds))
        elif not running:
            self._time.setText("")
        self.setAccessibleName(f"{self._name.text()}: {self.progress.text() or step.state}")

    def show_time(self, text: str) -> None:
        """Show how long the step has run."""
        self._time.setText(text)


class _OutcomeCard(Card):
    """What came of a job: the engine and its figures, or the reason and the next step."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("ok", "ok", 28)
        self.header.insertWidget(0, self._icon)
        self.try_button = PrimaryButton("", "chat")
        self.again_button = PrimaryButton("", "refresh")
        self.header.addWidget(self.try_button)
        self.header.addWidget(self.again_button)
        self.banner = Banner()
        self.body.addWidget(self.banner)
        self._path = Label("", "mono", wrap=True)
        self.body.addWidget(self._path)
        self._tiles_holder = QWidget()
        tiles = QHBoxLayout(self._tiles_holder)
        tiles.setContentsMargins(0, 0, 0, 0)
        tiles.setSpacing(Space.M)
        self.tiles = {name: StatTile() for name in ("test", "size", "predicted", "memory", "time")}
        for tile in self.tiles.values():
            tiles.addWidget(tile, 1)
        self.body.addWidget(self._tiles_holder)
        self.hide()

    def retranslate(self) -> None:
        """Set the fixed texts."""
        self.try_button.setText(self.tr("Try it"))
        self.again_button.setText(self.tr("Try again"))

    def show_job(self, job: Job) -> None:
        """Show the outcome of a job that is over; hidden before."""
        self.setVisible(not job.running)
        if job.running:
            return
        done = job.state == "finished"
        self._icon.set_icon(
            *(("ok", "ok") if done else ("info", "muted") if job.state == "cancelled" else ("error", "bad"))
        )
        titles = {
            "finished": self.tr("The engine is ready"),
            "failed": self.tr("The job failed"),
            "cancelled": self.tr("The job was cancelled"),
        }
        self.set_title(titles.get(job.state, ""))
        self.try_button.setVisible(done and bool(job.engine))
        self.again_button.setVisible(not done)
        self._tiles_holder.setVisible(done)
        self._path.setVisible(done)
        if done:
            self.banner.hide()
            self._show_figures(job)
        else:
            self._show_failure(job)

    def _show_failure(self, job: Job) -> None:
        error = job.failure or C10Error("")
        tone = "info" if job.state == "cancelled" else "bad"
        self.banner.show_message(translated(error.message), tone, hint=translated(error.hint))  # type: ignore[arg-type]  # both are tones

    def _show_figures(self, job: Job) -> None:
        result = job.result
        if result is None:
            return
        self._path.setText("\n".join(result.outputs))
        test = job.step("self_test")
        passed = test is not None and test.state == "done"
        self.tiles["test"].set_caption(self.tr("Self-test"))
        self.tiles["test"].set_value(
            self.tr("passed") if passed else self.tr("not run"),
            self.tr("one token in {0}").format(words.duration(test.seconds))
            if passed and test
            else self.tr("parts can't answer"),
        )
        size = max(result.sizes, default=0)
        self.tiles["size"].set_caption(self.tr("File"))
        self.tiles["size"].set_value(size_text(size), self.tr("on the disk"))
        self.tiles["predicted"].set_caption(self.tr("Predicted"))
        share = (size - result.predicted_bytes) / result.predicted_bytes if result.predicted_bytes else 0.0
        self.tiles["predicted"].set_value(
            size_text(result.predicted_bytes), self.tr("actual {0} %").format(f"{round(share * 100, 1) + 0.0:+.1f}")
        )
        self.tiles["memory"].set_caption(self.tr("Peak memory"))
        self.tiles["memory"].set_value(size_text(result.peak_memory_bytes), self.tr("of the compiler"))
        self.tiles["time"].set_caption(self.tr("Time"))
        self.tiles["time"].set_value(words.duration(job.seconds), self.tr("all steps"))
