"""The vendor's published figures beside the last run here."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.bench import vendor
from core.bench.vendor import NAMES, RATES, VENDOR, Sheet
from core.errors import C10Error
from core.events import Failed, Generated
from core.spec import EngineConfig, ModelSpec
from gui.design import Space
from gui.pages import Context
from gui.sentences import translated
from gui.show.notice import Notice
from gui.show.piece import Piece
from gui.show.run import date_text, device_name, sheet_of, translate, weights_text
from gui.theme import current
from gui.widgets import Badge, Banner, Card, DangerButton, Label, PrimaryButton, Segment, StackedBar, not_available

JOB = "vendor-run"
_BAR = 14


class VendorPiece(Piece):
    """Shows the last finished run of the session; a button does the published run here."""

    page_id = "vendor"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.run_button, self.stop_button = PrimaryButton("", "play"), DangerButton("", "stop")
        self.body.tools.insertWidget(0, self.run_button)
        self.body.tools.insertWidget(1, self.stop_button)
        self.banner, self.notice = Banner(), Notice()
        self.sheet: Sheet | None = None
        self.running = False
        self._heads = (_Head(), _Head())
        self._rows = {name: _Row(name) for name in NAMES}
        self.body.column.addWidget(self.banner)
        self.body.column.addWidget(self.notice)
        self.body.column.addWidget(self._table())
        self._note = Label("", "caption", wrap=True)
        self.body.column.addWidget(self._note)
        self.body.column.addStretch(1)
        self.run_button.clicked.connect(self.run)
        self.stop_button.clicked.connect(lambda: context.session.runtime.stop())
        context.session.changed.connect(self.refresh)
        context.devices.changed.connect(self._name_device)
        self._ends = [
            context.bridge.subscribe(Failed, self._on_failed),
            context.bridge.subscribe(Generated, self._on_generated),
        ]

    def run(self) -> None:
        """Do the published run with the loaded engine."""
        loaded = self.context.session.loaded
        if loaded is None or self.context.session.answering or self.running:
            return
        try:
            command = vendor.command(EngineConfig.from_json(loaded.config), ModelSpec.from_json(loaded.spec), JOB)
        except C10Error as error:
            self._show_error(error)
            return
        self.banner.hide()
        self.running = True
        self.context.session.runtime.generate(command)
        self.refresh()

    def busy(self) -> bool:
        """Whether the published run is being done."""
        return self.running

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Vendor's table against today"),
            self.tr("What the vendor published for one C10, and what this machine does now, counted the same way."),
        )
        self.run_button.setText(self.tr("Do the same run here"))
        self.run_button.setToolTip(self.tr("534 prompt tokens in rounds of 256, then 241 decode steps"))
        self.stop_button.setText(self.tr("Stop"))
        self._note.setText(
            self.tr(
                "The vendor counts prefill rounds and decode steps as tokens: base throughput is rounds per second. "
                "Its figures are those of its README; it gives no date."
            )
        )
        for name, row in self._rows.items():
            row.name.setText(self._caption(name))
        self.refresh()

    def restyle(self) -> None:
        """Draw the bars in the theme's colours."""
        self.refresh()

    def refresh(self) -> None:
        """Show the session's last run."""
        session = self.context.session
        self.running = self.running and session.loaded is not None
        self.run_button.setVisible(not self.running)
        self.run_button.setEnabled(session.loaded is not None and not session.answering)
        self.stop_button.setVisible(self.running)
        self.sheet = sheet_of(session.last, self.context.devices) if session.last else None
        self._heads[0].show_run(VENDOR.device, self._about(VENDOR), self.tr("Vendor's README, one card"), "C10", "ok")
        self._show_own()
        for row in self._rows.values():
            row.show(self.sheet)
        self._notice()

    def wipe(self) -> None:
        """Forget the run and the messages about it."""
        self.banner.hide()
        self.refresh()

    def dispose(self) -> None:
        """End the subscriptions."""
        for end in self._ends:
            end()

    def _table(self) -> Card:
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.M)
        for column, stretch in enumerate((5, 6, 6, 2)):
            grid.setColumnStretch(column, stretch)
        for column, head in enumerate(self._heads, start=1):
            grid.addWidget(head, 0, column)
        for number, row in enumerate(self._rows.values(), start=1):
            for column, widget in enumerate(row.widgets()):
                grid.addWidget(widget, number, column, Qt.AlignmentFlag.AlignVCenter)
        card.body.addLayout(grid)
        return card

    def _caption(self, name: str) -> str:
        return {
            "base infer time": self.tr("Prefill time (base)"),
            "base throughput": self.tr("Prefill rounds per second (base)"),
            "incremental infer time": self.tr("Decode time (incremental)"),
            "incremental throughput": self.tr("Decode speed (incremental)"),
            "infer time": self.tr("Both together"),
            "infer tokens": self.tr("Rounds and steps"),
            "average throughput": self.tr("Average speed"),
        }[name]

    def _about(self, run: Sheet) -> str:
        weights = weights_text(run.weights) if run.weights else ""
        prompt = self.tr("{0} prompt tokens").format(QLocale().toString(run.prompt_tokens))
        return " · ".join(part for part in (run.model, weights, run.precision, prompt) if part)

    def _show_own(self) -> None:
        own, last = self.sheet, self.context.session.last
        if own is None or last is None:
            about = self.tr("Measuring …") if self.running else self.tr("Ask something, or do the same run here.")
            self._heads[1].show_run(self.tr("This run"), about, "", self.tr("no run yet"), "neutral")
            return
        kind = {"c10": "C10", "simulated": self.tr("CPU, simulated cards"), "cpu": self.tr("CPU, not C10")}[own.kind]
        self._heads[1].show_run(
            own.device, self._about(own), date_text(last.when), kind, "ok" if own.kind == "c10" else "warn"
        )

    def _notice(self) -> None:
        own = self.sheet
        if own is None:
            kind = "simulated" if self.context.session.spread else "cpu"
            name = device_name("cpu", self.context.devices)
        else:
            kind, name = own.kind, own.device
        self.notice.setVisible(kind != "c10")
        parts = [self.tr("This machine computes with {0}.").format(name)]
        if own is not None and own.weights and own.weights != VENDOR.weights:
            parts.append(
                self.tr("The model differs, too: {0} here, {1} there.").format(
                    weights_text(own.weights), weights_text(VENDOR.weights)
                )
            )
        if own is not None and not vendor.same_work(own):
            parts.append(self.tr("The last run was another question; do the same run to compare the times."))
        self.notice.say("warn", self.tr("CPU, not C10"), " ".join(parts))

    def _name_device(self) -> None:
        if self.sheet is None or self.sheet.device != device_name(self.sheet.kind, self.context.devices):
            self.refresh()

    def _on_generated(self, event: Generated) -> None:
        if event.job == JOB:
            self.running = False
            self.refresh()

    def _on_failed(self, event: Failed) -> None:
        if event.job == JOB:
            self.running = False
            self._show_error(event.error())
            self.refresh()

    def _show_error(self, error: C10Error) -> None:
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))


class _Head(QWidget):
    """The head of a column: device, what it ran, when."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, Space.S)
        layout.setSpacing(2)
        self._badge = Badge()
        self._device, self._about = Label("", "title", wrap=True), Label("", "muted", wrap=True)
        self._when = Label("", "caption", wrap=True)
        row = QHBoxLayout()
        row.addWidget(self._badge)
        row.addStretch(1)
        layout.addLayout(row)
        for part in (self._device, self._about, self._when):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_run(self, device: str, about: str, when: str, kind: str, tone: str) -> None:
        """Set the texts."""
        self._badge.set(kind, "ok" if tone == "ok" else "warn" if tone == "warn" else "neutral")
        self._device.setText(device)
        self._about.setText(about)
        self._when.setText(when)


class _Row:
    """One figure: the vendor's, ours, and how many times as fast ours is."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.name = Label("", "strong" if key in RATES else "body", wrap=True)
        self._cells = (_Value(key in RATES), _Value(key in RATES))
        self.times = Badge()

    def widgets(self) -> tuple[QWidget, ...]:
        """Return the row's widgets in the order of the columns."""
        return (self.name, *self._cells, self.times)

    def show(self, own: Sheet | None) -> None:
        """Show both values; the longer bar is the larger one."""
        theirs, ours = VENDOR.figures[self._key], own.figures.get(self._key) if own else None
        top = max(theirs, ours or 0.0)
        colours = current().colours
        self._cells[0].show_value(_text(self._key, theirs), theirs / top, colours.muted)
        self._cells[1].show_value(_text(self._key, ours), (ours or 0.0) / top, colours.accent)
        times = vendor.speedup(self._key, own) if own else None
        self.times.setVisible(times is not None)
        if times is not None:
            self.times.set(f"× {QLocale().toString(times, 'f', 2)}", "ok" if times >= 1 else "neutral")


class _Value(QWidget):
    """A value, large with a bar for rates, else plain."""

    def __init__(self, large: bool) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        self.label = Label("", "value" if large else "strong")
        layout.addWidget(self.label)
        self._bar = StackedBar(_BAR) if large else None
        if self._bar is not None:
            layout.addWidget(self._bar)

    def show_value(self, text: str, share: float, colour: str) -> None:
        """Show a value and its share of the larger one."""
        self.label.setText(text)
        if self._bar is not None:
            self._bar.set_segments((Segment(share, colour),))


def _text(key: str, value: float | None) -> str:
    if value is None:
        return not_available()
    if key == "infer tokens":
        return QLocale().toString(int(value))
    number = QLocale().toString(value, "f", 3)
    if key.endswith("time"):
        return f"{number} s"
    unit = translate("ShowRun", "rounds/s") if key == "base throughput" else translate("ShowRun", "tok/s")
    return f"{number} {unit}"
