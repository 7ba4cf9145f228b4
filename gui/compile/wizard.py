"""The wizard for a new engine: model, shape, precision, fit review; running it is the job's own matter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import C10Error
from core.events import Event, Failed, Inspected
from core.spec import ModelSpec, Target
from core.system import data_dir
from gui.compile import words
from gui.compile.choices import Draft, Model, Shape, add_recent
from gui.compile.errand import Errand
from gui.compile.estimates import Estimates
from gui.compile.fit import Cost, Disk, Machine, card_limits, disk_of, loaded_bytes, look
from gui.compile.parts import Stepper
from gui.compile.step_model import ModelStep
from gui.compile.step_precision import PrecisionStep
from gui.compile.step_review import ReviewStep
from gui.compile.step_shape import ShapeStep
from gui.design import CONTENT_WIDTH, Space
from gui.devices.sdk import can_compile
from gui.pages import Context
from gui.theme import current
from gui.widgets import Button, Label, PrimaryButton

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest

MODEL, SHAPE, PRECISION, REVIEW, RUN = range(5)
PAUSE_MS = 400
"""Wait after the last key before a new name is used."""


class Wizard(QWidget):
    """`started` carries the CompileRequest; `closed` fires when the user gives up or goes back to the library."""

    started = Signal(object)
    closed = Signal()
    moved = Signal()
    """Another step is shown."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.draft = Draft(folder=data_dir() / "engines")
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self._machine: Machine | None = None
        self._disk: Disk | None = None
        self._error: C10Error | None = None
        self._index = MODEL
        self.blocked = False
        """A job runs, so another one can't start."""
        self.estimates = Estimates(context.bridge, self)
        self.stepper = Stepper(5)
        self.model, self.shape, self.precision, self.review = ModelStep(), ShapeStep(), PrecisionStep(), ReviewStep()
        self._steps: tuple[QWidget, ...] = (self.model, self.shape, self.precision, self.review)
        self.footer = QFrame()
        self._inner = QWidget()
        self.back, self.next = Button("", "chevron-left"), PrimaryButton()
        self.close_button = Button("", "close", "quiet")
        self.reason = Label("", "muted", wrap=True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._build()
        self._connect()
        self.show_step(MODEL)

    def begin(self, path: str = "") -> None:
        """Start anew, with a model or without one."""
        self._drop_errand()
        self.draft = Draft(folder=self.draft.folder)
        self._error = None
        self.model.show_model(None)
        self.model.show_recent(self._recent())
        self.show_step(MODEL)
        if path:
            self.inspect(path)

    def inspect(self, path: str) -> None:
        """Look into an ONNX file in a child process."""
        from core.worker.job import WorkerJob
        from core.worker.protocol import Inspect

        self._drop_errand()
        self.estimates.forget()
        self.draft = replace(self.draft, model=None, name="")
        self.model.show_busy(path)
        self._answer = None
        self._errand = Errand(
            self._context.bridge, WorkerJob(Inspect(path)), self._take_inspection, partial(self._inspected, path)
        )
        self.show_step(MODEL)

    def show_step(self, index: int) -> None:
        """Go to a step."""
        self._index = index
        self.stepper.set_current(index)
        for number, step in enumerate(self._steps):
            step.setVisible(number == index)
        if self.draft.model is not None:
            self._enter(index)
        self.refresh()
        self.moved.emit()

    @property
    def index(self) -> int:
        """The step that is shown."""
        return self._index

    def go_next(self) -> None:
        """Go on, or start the job from the last step."""
        if not self._may_go_on():
            return
        if self._index < REVIEW:
            self.show_step(self._index + 1)
            return
        request = self._request()
        if request is not None:
            self._remember()
            self.started.emit(request)

    def go_back(self) -> None:
        """Go to the step before."""
        if self._index > MODEL:
            self.show_step(self._index - 1)

    def set_blocked(self, blocked: bool) -> None:
        """Say whether another job runs."""
        if blocked != self.blocked:
            self.blocked = blocked
            self.refresh()

    def refresh(self) -> None:
        """Show what is known and what can be done."""
        cards = self._cards()
        if self.draft.model is not None:
            self.precision.show_costs(self.estimates.costs(self.draft, cards), self._machine)
            self.precision.show_failure(self.estimates.failure)
            self.review.show_fit(self._cost(), self._machine, self._disk, self._error or self.estimates.failure)
        self.back.setEnabled(self._index > MODEL)
        self.next.setEnabled(self._may_go_on())
        last = self._index == REVIEW
        self.next.setText(self.tr("Compile") if last else self.tr("Next"))
        self.next.set_icon("compile" if last else "")
        self.reason.setText(self._why_not())

    def retranslate(self) -> None:
        """Set the texts."""
        self.stepper.set_names(words.wizard_steps())
        self.back.setText(self.tr("Back"))
        self.close_button.setText(self.tr("To the library"))
        for step in (self.model, self.shape, self.precision, self.review):
            step.retranslate()
        self.refresh()

    def restyle(self) -> None:
        """Take sizes of the theme."""
        self.model.restyle()
        self.shape.restyle()
        self.precision.restyle()
        self.review.restyle()
        self._inner.setMaximumWidth(current().size(CONTENT_WIDTH))

    def dispose(self) -> None:
        """End timers and children."""
        self._pause.stop()
        if self._errand is not None:
            self._errand.drop(wait=True)
        self.estimates.dispose()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XL)
        layout.addWidget(self.stepper)
        for step in self._steps:
            layout.addWidget(step, 1)
        self.footer.setProperty("role", "footer")
        centring = QHBoxLayout(self.footer)
        centring.setContentsMargins(Space.XXL, Space.S, Space.XXL, Space.S)
        centring.addWidget(self._inner, 1)
        row = QHBoxLayout(self._inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(self.close_button)
        row.addWidget(self.reason, 1)
        row.addWidget(self.back)
        row.addWidget(self.next)

    def _connect(self) -> None:
        self.model.picked.connect(self.inspect)
        self.model.stopped.connect(self._stop_inspecting)
        self.model.tokenizer_picked.connect(self._on_tokenizer)
        self.shape.changed.connect(self._on_shape)
        self.precision.changed.connect(self._on_precision)
        self.review.named.connect(self._on_name)
        self.review.moved.connect(self._on_folder)
        self.review.combined.connect(self._on_combine)
        self.review.targeted.connect(self._on_target)
        self.estimates.changed.connect(self._on_estimates)
        self.next.clicked.connect(self.go_next)
        self.back.clicked.connect(self.go_back)
        self.close_button.clicked.connect(self._close)
        self._pause.timeout.connect(self._ask)
        self._context.devices.changed.connect(self._on_devices)

    def _enter(self, index: int) -> None:
        model = self.draft.model
        if model is None:
            return
        if index == SHAPE:
            self.shape.show_shape(self.draft.shape, model.spec, self.draft.config)
        elif index == PRECISION:
            self.precision.show_choice(self.draft.precision, quant_lm_head=self.draft.config.quant_lm_head)
            self.precision.cache.show_choice(self.draft.kv_cache, model.spec, self.draft.config)
        elif index == REVIEW:
            self.review.offer_card(offered=can_compile(self._context.store.value))
            self.review.show_draft(self.draft)
        if index >= PRECISION:
            self._ask()

    def _ask(self) -> None:
        """Ask for everything that the last two steps show."""
        if self.draft.model is None or not self.draft.name:
            self.refresh()
            return
        session = self._context.session
        cards = self._cards()
        found = self._context.devices.devices
        simulated = found is not None and found.simulated > 0
        self._context.bridge.call(
            partial(look, cards, simulated=simulated, loaded_bytes=loaded_bytes(session)), self._take_machine
        )
        self.estimates.ask(self.draft, cards)
        self._ask_disk()
        self.refresh()

    def _ask_disk(self) -> None:
        try:
            outputs = tuple(str(path) for path in self.draft.request().outputs())
        except C10Error as error:
            self._error = error
            return
        self._error = None
        self._context.bridge.call(partial(disk_of, outputs, self.draft.folder), self._take_disk, self._take_disk_error)

    def _cost(self) -> Cost | None:
        return self.estimates.cost(self.draft, self._cards())

    def _cards(self) -> tuple[tuple[int, int], ...]:
        return card_limits(self._context.devices.devices, self._context.store.value.card_limits_gib)

    def _take_machine(self, machine: Machine) -> None:
        self._machine = machine
        self.refresh()

    def _take_disk(self, disk: Disk) -> None:
        self._disk = disk
        self.refresh()

    def _take_disk_error(self, error: C10Error) -> None:
        self._error = error
        self.refresh()

    def _take_inspection(self, event: Event) -> None:
        self._answer = event

    def _inspected(self, path: str) -> None:
        answer, self._answer = self._answer, None
        self._errand = None
        if isinstance(answer, Inspected):
            try:
                self._take_model(Model(Path(path), ModelSpec.from_json(answer.report["spec"]), answer.report))
            except C10Error as error:
                self.model.show_failure(path, error)
        elif isinstance(answer, Failed):
            self.model.show_failure(path, answer.error())
        self.refresh()

    def _take_model(self, model: Model) -> None:
        self.draft = replace(self.draft, model=model, name=model.suggested_name)
        self.model.show_model(model)
        recent = add_recent(self._recent(), str(model.path))
        self._context.store.update_page("compile", recent=recent)
        self.model.show_recent(recent)
        self._ask()

    def _stop_inspecting(self) -> None:
        self._drop_errand()
        self.model.show_model(None)
        self.refresh()

    def _on_shape(self, shape: Shape) -> None:
        self.draft = self.draft.with_shape(shape)
        self.refresh()

    def _on_precision(self) -> None:
        step, model = self.precision, self.draft.model
        draft = self.draft.with_kv_cache(step.cache.choice())
        self.draft = draft.with_precision(step.choice(), quant_lm_head=step.head.isChecked())
        if model is not None:
            step.cache.show_choice(self.draft.kv_cache, model.spec, self.draft.config)
        self._ask()

    def _on_tokenizer(self, path: str) -> None:
        self.draft = replace(self.draft, tokenizer=Path(path))
        self.estimates.forget()
        self._ask()

    def _on_name(self, name: str) -> None:
        self._change(replace(self.draft, name=name))
        self._pause.start()

    def _on_folder(self, folder: str) -> None:
        self._change(replace(self.draft, folder=Path(folder)))
        self._ask()

    def _on_combine(self, combine: bool) -> None:
        self._change(replace(self.draft, combine=combine))
        self._ask()

    def _on_target(self, target: Target) -> None:
        self._change(replace(self.draft, target=target))
        self._ask()

    def _change(self, draft: Draft) -> None:
        self.draft = draft
        self._disk = None
        self.review.show_draft(draft)
        self.refresh()

    def _on_estimates(self) -> None:
        self.refresh()

    def _on_devices(self) -> None:
        if self._index >= PRECISION and self.isVisible() and self.draft.model is not None:
            cards = self._cards()
            if self._machine is not None and self._machine.cards != cards:
                self._ask()

    def _may_go_on(self) -> bool:
        if self.draft.model is None:
            return False
        return self.review.ready and not self.blocked if self._index == REVIEW else True

    def _why_not(self) -> str:
        if self._index == MODEL and self.draft.model is None:
            return self.tr("Choose a model to go on.")
        if self._index == REVIEW and self.blocked:
            return self.tr("Another job runs; this one can start when it is over.")
        if self._index == REVIEW and self.review.obstacle() is None and not self.review.ready:
            return self.tr("Sizes and times are being computed …")
        return ""

    def _request(self) -> CompileRequest | None:
        try:
            return self.draft.request()
        except C10Error as error:
            self._error = error
            self.refresh()
            return None

    def _remember(self) -> None:
        store = self._context.store
        folder = str(self.draft.folder)
        if self.draft.folder != data_dir() / "engines" and folder not in store.value.engine_folders:
            store.update(engine_folders=[*store.value.engine_folders, folder])

    def _recent(self) -> list[str]:
        known = self._context.store.page("compile").get("recent", [])
        return [path for path in known if isinstance(path, str)] if isinstance(known, list) else []

    def _close(self) -> None:
        self._drop_errand()
        self.estimates.stop()
        self.closed.emit()

    def _drop_errand(self) -> None:
        if self._errand is not None:
            self._errand.drop()
            self._errand = None
