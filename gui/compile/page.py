"""The Compile page: library, wizard, running job, combining."""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from core import fsio
from core.errors import C10Error
from core.quality.text import QUESTIONS
from core.system import data_dir
from gui.compile import library, words
from gui.compile.combine_view import CombineView
from gui.compile.demo import ready_engine
from gui.compile.engine_actions import EngineActions
from gui.compile.fit import Machine, card_limits, loaded_bytes, look
from gui.compile.job import Job, JobRunner
from gui.compile.job_card import JobCard
from gui.compile.library import SUFFIX, EngineInfo
from gui.compile.library_view import LibraryView
from gui.compile.measuring import Measuring
from gui.compile.run_panel import RunPanel
from gui.compile.wizard import Wizard
from gui.devices.sdk import is_configured, sdk_of
from gui.pages import Context, Page
from gui.sentences import translated
from gui.widgets import Banner, Button, PageBody, PrimaryButton
from gui.widgets.files import dropped_file, open_file

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest

WARM_MODULES = ("core.compiler.plan", "core.planner", "core.worker.job")
"""Imported on a background thread with the first look at the folders, so that no click waits for them."""
SUFFIXES = (".onnx", SUFFIX)
"""Of the files that may be dropped on the page."""
LIBRARY, WIZARD, JOB, COMBINE = "library", "wizard", "job", "combine"


class CompilePage(Page):
    """Shows one of four views; the running job belongs to none of them."""

    page_id = "compile"
    guarded = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.setAcceptDrops(True)
        self.runner = JobRunner(context.bridge, self)
        self.measuring = Measuring(context.bridge, self)
        self._model: Path | None = None
        """What the running job compiles."""
        self.view = LIBRARY
        self.engines: tuple[EngineInfo, ...] = ()
        self._known: library.Known = {}
        self._machine: Machine | None = None
        self._stale = False
        """The engines are to be shown as soon as no menu is open."""
        self._scanning = False
        self._scan_again = False
        self.engine_actions = EngineActions(context, self)
        self._body = PageBody()
        self.banner = Banner()
        self.job_card = JobCard(self.runner)
        self.library = LibraryView()
        self._wizard: Wizard | None = None
        self.panel = RunPanel(self.runner, context.bridge)
        self.combine = CombineView(context.bridge)
        self.new_button = PrimaryButton("", "plus")
        self.combine_button, self.open_button, self.back_button = (
            Button("", "combine"),
            Button("", "folder"),
            Button("", "engine"),
        )
        self._build()
        self._connect()
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(self.show_library)
        self._set_view(LIBRARY)

    def activate(self) -> None:
        """Look at the folders anew."""
        self.rescan()

    def retranslate(self) -> None:
        """Set every text."""
        self.new_button.setText(self.tr("New engine"))
        self.combine_button.setText(self.tr("Combine"))
        self.combine_button.setToolTip(self.tr("Combine a prefill part and a decode part"))
        self.open_button.setText(self.tr("Add an engine"))
        self.open_button.setToolTip(self.tr("Show engines of another folder too"))
        self.back_button.setText(self.tr("To the library"))
        for part in (self.library, self.panel, self.combine, self.job_card):
            part.retranslate()
        if self._wizard is not None:
            self._wizard.retranslate()
        self._set_heading()

    def restyle(self) -> None:
        """Take sizes of the theme."""
        self.library.restyle()
        if self._wizard is not None:
            self._wizard.restyle()

    def unfinished(self) -> str:
        """Say which job would end with the window."""
        job = self.runner.job
        if job is None or not job.running:
            return ""
        return self.tr("{0} is still being made. Closing the window ends it, and nothing of it is kept.").format(
            job.title
        )

    def dispose(self) -> None:
        """End the job, the children and the timers."""
        self.engine_actions.drop()
        self.panel.dispose()
        if self._wizard is not None:
            self._wizard.dispose()
        self.runner.dispose()
        self.measuring.dispose()
        self._end_tick()

    @property
    def wizard(self) -> Wizard:
        """The wizard, made at first use: the page itself has to come up at once."""
        if self._wizard is None:
            made = self._wizard = Wizard(self.context)
            made.hide()
            made.footer.hide()
            self._body.column.addWidget(made, 1)
            self._views[WIZARD] = (made, made.footer, self._line)
            layout = self.layout()
            if layout is not None:
                layout.addWidget(made.footer)
            made.started.connect(self._start_compile)
            made.closed.connect(self.show_library)
            made.set_blocked(self.runner.busy)
            made.retranslate()
            made.restyle()
        return self._wizard

    def rescan(self) -> None:
        """Read the folders on a background thread; a question while one runs is asked again afterwards."""
        if self._scanning:
            self._scan_again = True
            return
        self._scanning = True
        session, devices = self.context.session, self.context.devices.devices
        cards = card_limits(devices, self.context.store.value.card_limits_gib)
        simulated = devices is not None and devices.simulated > 0
        work = partial(look, cards, simulated=simulated, loaded_bytes=loaded_bytes(session))
        folders = self._folders()
        known = self._known
        sdk = is_configured(self.context.store.value)

        def read() -> tuple[tuple[EngineInfo, ...], Machine]:
            for module in WARM_MODULES:
                importlib.import_module(module)
            return library.scan(folders, known, sdk=sdk), work()

        self.context.bridge.call(read, self._take_scan, self._scan_failed)

    def show_library(self) -> None:
        """Go back to the engines."""
        self._set_view(LIBRARY)
        self.rescan()

    def show_wizard(self, path: str = "") -> None:
        """Begin a new engine, with a model or without one."""
        wizard = self.wizard
        self._set_view(WIZARD)
        wizard.begin(path)

    def show_job(self) -> None:
        """Show the running job, or the last one."""
        if self.runner.job is not None:
            self._set_view(JOB)
            self.panel.refresh()

    def start_demo(self) -> None:
        """Compile the built-in demo model, or chat with its engine where it is there already."""
        if self.runner.busy:
            self.show_job()
            return
        self.context.bridge.call(ready_engine, self._start_demo, self._show_error)

    def try_engine(self, path: str) -> None:
        """Load an engine and go to the chat."""
        self.context.store.update(last_engine=path)
        self.context.session.load(path)
        self.context.go_to("chat")

    def add_engine(self, path: Path) -> None:
        """Show the engines of the folder that `path` lies in."""
        folder = str(path if fsio.is_folder(path) else path.parent)
        folders = self.context.store.value.engine_folders
        if folder not in folders and Path(folder) not in self._folders():
            self.context.store.update(engine_folders=[*folders, folder])
        self.show_library()

    def open_file(self, path: str) -> None:
        """List an engine and show what it says of itself, or why it can't be used."""

        def show(engine: EngineInfo) -> None:
            self.add_engine(engine.path)
            self.engine_actions.show_details(engine, verify=False)

        self.context.bridge.call(partial(library.read, Path(path)), show, self._show_error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take ONNX and engine files."""
        if dropped_file(event, SUFFIXES):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Begin with a dropped model, or list a dropped engine."""
        path = dropped_file(event, SUFFIXES)
        if path is None:
            return
        event.acceptProposedAction()
        if path.suffix == SUFFIX:
            self.add_engine(path)
        else:
            self.show_wizard(str(path))

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._body, 1)
        self._line = QFrame()
        self._line.setProperty("role", "line")
        layout.addWidget(self._line)
        for button in (self.back_button, self.open_button, self.combine_button, self.new_button):
            self._body.tools.addWidget(button)
        column = self._body.column
        column.addWidget(self.banner)
        column.addWidget(self.job_card)
        self._views: dict[str, tuple[QWidget, ...]] = {
            LIBRARY: (self.library,),
            WIZARD: (self._line,),
            JOB: (self.panel,),
            COMBINE: (self.combine,),
        }
        for view in (self.library, self.panel, self.combine):
            column.addWidget(view, 1)

    def _connect(self) -> None:
        self.new_button.clicked.connect(lambda: self.show_wizard())
        self.combine_button.clicked.connect(lambda: self._show_combine(None))
        self.open_button.clicked.connect(self._browse)
        self.back_button.clicked.connect(self.show_library)
        self.library.acted.connect(self._act)
        self.library.demo_asked.connect(self.start_demo)
        self.library.new_asked.connect(lambda: self.show_wizard())
        self.panel.tried.connect(self.try_engine)
        self.engine_actions.failed.connect(self._show_error)
        self.engine_actions.removed.connect(self.rescan)
        self.combine.started.connect(self._start_combine)
        self.combine.closed.connect(self.show_library)
        self.job_card.opened.connect(self.show_job)
        self.runner.changed.connect(self._on_job)
        self.runner.ended.connect(self._on_ended)
        self.measuring.ended.connect(lambda _error: self.rescan())
        self.context.session.changed.connect(self._show_engines)
        self._end_tick = self.context.bridge.after_drain(self._tick)

    def _set_view(self, view: str) -> None:
        self.view = view
        for name, widgets in self._views.items():
            for widget in widgets:
                widget.setVisible(name == view)
        in_library = view == LIBRARY
        for button in (self.open_button, self.combine_button, self.new_button):
            button.setVisible(in_library)
        self.back_button.setVisible(view == JOB)
        self.banner.hide()
        self._body.verticalScrollBar().setValue(0)
        self._set_heading()
        self._on_job()

    def _set_heading(self) -> None:
        headings = {
            LIBRARY: (
                self.tr("Engines"),
                self.tr("What can be asked here. A new engine is compiled from an ONNX model."),
            ),
            WIZARD: (self.tr("New engine"), self.tr("From an ONNX model to an engine, in five steps.")),
            JOB: (self.tr("Compile job"), self.tr("It goes on when you leave this page.")),
            COMBINE: (self.tr("Combine"), self.tr("Make one engine of two parts.")),
        }
        self._body.set_heading(*headings[self.view])

    def _folders(self) -> tuple[Path, ...]:
        return library.folders(self.context.store.value)

    def _take_scan(self, found: tuple[tuple[EngineInfo, ...], Machine]) -> None:
        self.engines, self._machine = found
        self._end_scan()
        self._show_engines()

    def _tick(self) -> None:
        if self._stale:
            self._show_engines()

    def _scan_failed(self, error: C10Error) -> None:
        self._end_scan()
        self._show_error(error)

    def _end_scan(self) -> None:
        self._scanning = False
        if self._scan_again:
            self._scan_again = False
            self.rescan()

    def _show_engines(self) -> None:
        self._stale = QApplication.activePopupWidget() is not None
        if self._stale:  # a card whose menu is open must not be replaced under it
            return
        if self._machine is not None:
            loaded = self.context.session.loaded
            self.library.show_engines(self.engines, self._machine, loaded.engine if loaded else "")

    def _show_error(self, error: C10Error) -> None:
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))

    def _show_combine(self, part: Path | None) -> None:
        self._set_view(COMBINE)
        self.combine.begin(part)

    def _browse(self) -> None:
        open_file(self, self.tr("Choose an engine"), self.tr("Engine files (*.ngf)"), self.add_engine, data_dir())

    def _act(self, action: str, engine: EngineInfo) -> None:
        if action == "try":
            self.try_engine(str(engine.path))
        elif action == "combine":
            self._show_combine(engine.path)
        else:
            self.engine_actions.act(action, engine)

    def _start_compile(self, request: CompileRequest) -> None:
        variables = sdk_of(self.context.store.value).to_environment() if request.target == "c10" else None
        self._model = request.model_path if request.target == "cpu" else None
        self.runner.compile(request, variables)
        self.show_job()

    def _start_combine(self, one: Path, other: Path, output: Path) -> None:
        self.runner.combine(one, other, output)
        self.show_job()

    def _start_demo(self, engine: Path | None) -> None:
        if engine is not None:
            self.try_engine(str(engine))
            return
        self.runner.demo()
        self.show_job()

    def _on_job(self) -> None:
        busy = self.runner.busy
        if self._wizard is not None:
            self._wizard.set_blocked(busy)
        self.combine.set_blocked(busy)
        self.job_card.setVisible(busy and self.view != JOB)
        self.job_card.refresh()
        job = self.runner.job
        self.context.show_job(self.page_id, words.under_way(job.number, len(job.steps)) if job and job.running else "")

    def _measure(self, job: Job) -> None:
        """Measure a new engine's quality in the background; a failure only leaves it without a card."""
        model = self._model if job.kind == "compile" else None
        known = job.kind == "demo" or model is not None
        if job.state == "finished" and known and job.engine and fsio.is_file(Path(job.engine)):
            self.measuring.start(Path(job.engine), model, list(QUESTIONS))

    def _on_ended(self) -> None:
        self.rescan()
        job = self.runner.job
        if job is None or job.state == "cancelled":
            return
        self._measure(job)
        watching = self.view == JOB and self.isVisible()
        if job.kind == "demo" and job.engine and watching:
            self.try_engine(job.engine)
        elif not watching:
            if job.state == "finished":
                self.context.notify(self.tr("{0} is ready.").format(job.title), "ok")
            elif job.failure is not None:
                self.context.notify(words.failure(job.failure), "bad")
