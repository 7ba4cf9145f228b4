"""The Health page."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core import fsio
from core.errors import C10Error
from core.events import Exited, Failed, Generated, Loaded
from core.system import data_dir
from gui.design import Space
from gui.devices.container import ContainerDialog
from gui.health.checks import Check, Facts, Light, TokenTest, run_checks
from gui.health.greeting import Greeting, is_first_start
from gui.health.report import describe, write_report
from gui.pages import Context, Page
from gui.paths import log_dir
from gui.widgets import Banner, Button, Card, IconLabel, Label, PageBody
from gui.widgets.files import save_file

TEST_JOB = "one-token-test"
TEST_TOKEN = 1
"""Any token will do; 1 is in every vocabulary."""
_ICONS: dict[Light, tuple[str, str]] = {
    "ok": ("ok", "ok"), "warn": ("warning", "warn"), "bad": ("error", "bad"), "unknown": ("unknown", "muted"),
}  # fmt: skip


class HealthPage(Page):
    """A light for each thing that answering needs, with what to do about it."""

    page_id = "health"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._body = PageBody()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._body)
        self._again, self._save = Button("", "refresh"), Button("", "package")
        self._body.tools.addWidget(self._again)
        self._body.tools.addWidget(self._save)
        self.banner = Banner()
        self._body.column.addWidget(self.banner)
        self.greeting = Greeting()
        self.greeting.hide()
        self.greeting.button.clicked.connect(self._try_now)
        self._body.column.addWidget(self.greeting)
        panel = Card()
        panel.body.setSpacing(Space.S)
        self._panel = panel
        self._body.column.addWidget(panel)
        self._body.column.addStretch(1)
        self.rows: dict[str, LightRow] = {}
        self._disk_free: int | None = None
        self._test: TokenTest | None = None
        self._asked_at = 0.0
        self._again.clicked.connect(self.look_again)
        self._save.clicked.connect(self._choose_report)
        context.devices.changed.connect(self.show_checks)
        context.session.changed.connect(self.show_checks)
        context.booth.screen_changed.connect(self.show_checks)
        bridge = context.bridge
        self._ends = [
            bridge.subscribe(Loaded, lambda _event: self._forget_test()),
            bridge.subscribe(Generated, self._on_generated),
            bridge.subscribe(Failed, self._on_failed),
            bridge.subscribe(Exited, lambda _event: self._forget_test()),
        ]

    def activate(self) -> None:
        """Look at everything, have one token if that wasn't tried yet, and greet those who start for the first time."""
        self.greeting.setVisible(is_first_start(self.context.store))
        self.look_again()
        session = self.context.session
        if session.loaded is not None and self._test is None and not session.answering:
            self.run_test()

    def look(self) -> None:
        """Gather the facts, for the dot in the rail."""
        self.look_again()

    def set_locked(self, locked: bool) -> None:
        """Keep files and folders from visitors."""
        self._save.setVisible(not locked)

    def retranslate(self) -> None:
        """Set every text."""
        self._body.set_heading(
            self.tr("Health"), self.tr("What answering needs. Every red light has a button that helps.")
        )
        self.greeting.retranslate()
        self._again.setText(self.tr("Check again"))
        self._save.setText(self.tr("Save report"))
        self._save.setToolTip(self.tr("A ZIP with logs and versions, without any conversation"))
        self.show_checks()

    def dispose(self) -> None:
        """End the subscriptions."""
        for end in self._ends:
            end()

    def look_again(self) -> None:
        """Gather the facts anew, in the background."""
        self.context.devices.refresh()
        self.context.bridge.call(partial(fsio.free_bytes, data_dir()), self._take_disk, lambda _error: None)

    def checks(self) -> list[Check]:
        """Return the lights as they are now."""
        session = self.context.session
        return run_checks(
            Facts(
                devices=self.context.devices.devices,
                loaded=session.loaded,
                loading=bool(session.loading),
                failure=session.failure,
                last_engine=self.context.store.value.last_engine,
                disk_free=self._disk_free,
                data_folder=str(data_dir()),
                test=self._test,
                screen=self.context.booth.screen.state,
            )
        )

    def show_checks(self) -> None:
        """Draw the lights."""
        checks = self.checks()
        for check in checks:
            if check.check_id not in self.rows:
                row = LightRow()
                row.acted.connect(self._act)
                if self.rows:
                    line = QFrame()
                    line.setProperty("role", "line")
                    self._panel.body.addWidget(line)
                self.rows[check.check_id] = row
                self._panel.body.addWidget(row)
            self.rows[check.check_id].show_check(check)
        summary = self._summary(checks)
        self._panel.set_title(summary)
        self.context.mark(self.page_id, summary if any(check.light == "bad" for check in checks) else "")

    def save_report(self, path: Path) -> None:
        """Write the report to `path`, in the background."""
        description = describe(
            self.context.devices.devices, self.checks(), self.context.store.value, self.context.session.limits
        )
        self.context.bridge.call(
            partial(write_report, path, description, log_dir()), self._report_saved, self.context.show_error
        )

    def run_test(self) -> None:
        """Ask the engine for one token."""
        from core.worker.protocol import Generate

        self._test = TokenTest()
        self._asked_at = time.monotonic()
        self.context.session.runtime.generate(Generate(TEST_JOB, input_ids=[[TEST_TOKEN]], max_new_tokens=1))
        self.show_checks()

    def _summary(self, checks: list[Check]) -> str:
        bad = sum(check.light == "bad" for check in checks)
        if bad:
            return self.tr("To be done before answering works: {0}").format(bad)
        if any(check.light == "unknown" for check in checks):
            return self.tr("Being checked …")
        return self.tr("Everything that is needed is there")

    def _try_now(self) -> None:
        """Begin: get an engine if need be, and let it answer."""
        self.context.store.update(greeted=True)
        self.greeting.hide()
        page = self.context.page("demo")
        self.context.go_to("demo")
        page.try_now()  # type: ignore[attr-defined]  # the Demo page

    def _act(self, action: str) -> None:
        if action in ("devices", "compile"):
            self.context.go_to(action)
        elif action in ("container", "folder") and self.context.booth.lock.locked:
            self.context.go_to("devices")  # which asks for the PIN: these reach out of the program
        elif action == "container":
            self.set_up_container()
        elif action == "load":
            self.context.session.load(self.context.store.value.last_engine)
        elif action == "test":
            self.run_test()
        elif action == "folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(data_dir())))

    def set_up_container(self) -> ContainerDialog:
        """Open the dialog that loads the SDK's image and starts its container."""
        dialog = ContainerDialog(self.context.bridge, self.context.store.value, self)
        dialog.settled.connect(self._use_container)
        dialog.open()
        return dialog

    def _use_container(self, name: str) -> None:
        self.context.store.update(c10_container=name)
        self.context.devices.refresh()

    def _choose_report(self) -> None:
        name = f"c10-panel-report-{time.strftime('%Y%m%d-%H%M')}.zip"
        save_file(self, self.tr("Save report"), name, self.save_report, self.tr("ZIP archives (*.zip)"))

    def _report_saved(self, path: Path) -> None:
        self.banner.show_message(self.tr("The report is saved as {0}.").format(path), "ok")

    def _take_disk(self, free: int) -> None:
        self._disk_free = free
        self.show_checks()

    def _forget_test(self) -> None:
        self._test = None
        self.show_checks()

    def _on_generated(self, event: Generated) -> None:
        if event.job == TEST_JOB:
            self._test = TokenTest(seconds=event.metrics.ttft_s or time.monotonic() - self._asked_at)
            self.show_checks()

    def _on_failed(self, event: Failed) -> None:
        if event.job == TEST_JOB:
            self._test = TokenTest(failure=C10Error(event.message, event.hint).message)
            self.show_checks()


class LightRow(QWidget):
    """One light with its sentence and, where it helps, a button."""

    acted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, Space.XS, 0, Space.XS)
        layout.setSpacing(Space.L)
        self._icon = IconLabel("unknown", "muted", 30)
        self._title = Label("", "strong")
        self._sentence = Label("", "muted", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._sentence)
        self.button = Button()
        layout.addWidget(self._icon)
        layout.addLayout(texts, 1)
        layout.addWidget(self.button)
        self._action = ""
        self.light: Light = "unknown"
        self.button.clicked.connect(lambda: self.acted.emit(self._action))

    def show_check(self, check: Check) -> None:
        """Show a light."""
        self.light = check.light
        self._icon.set_icon(*_ICONS[check.light])
        self._title.setText(check.title)
        self._sentence.setText(check.sentence)
        self._action = check.action
        self.button.setText(check.button)
        self.button.setVisible(bool(check.action))
        self.button.set_kind("primary" if check.light == "bad" else "")
        self.setMinimumHeight(self.button.sizeHint().height() + Space.S)
        self.setAccessibleName(f"{check.title}: {check.sentence}")
