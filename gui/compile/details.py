"""What an engine file says of itself, and whether its digests are right: read in a child, shown in a dialog."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from core.errors import C10Error
from core.events import Event, Failed, Inspected
from core.spec import EngineConfig
from gui.bridge import Bridge
from gui.compile import words
from gui.compile.errand import Errand
from gui.compile.library import EngineInfo
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import (
    Banner,
    Button,
    Card,
    FlowLayout,
    IconLabel,
    Label,
    PrimaryButton,
    StackedBar,
    StatTile,
    size_text,
)
from gui.widgets.dialogs import set_size


class DetailsDialog(QDialog):
    """Shows the inspect report of one engine; `verify` starts checking its digests at once."""

    closed = Signal()

    def __init__(self, bridge: Bridge, engine: EngineInfo, *, verify: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._engine = bridge, engine
        self._errand: Errand | None = None
        self._answer: Event | None = None
        self.setWindowTitle(engine.name)
        self.setMinimumSize(720, 560)
        set_size(self, 1120, 820)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(IconLabel("engine", "accent", 32))
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(Label(engine.name, "title", wrap=True))
        titles.addWidget(Label(str(engine.path), "mono", wrap=True))
        head.addLayout(titles, 1)
        layout.addLayout(head)
        self.banner = Banner()
        layout.addWidget(self.banner)
        self._busy = StackedBar(8)
        self._busy.set_segments((), known=False)
        layout.addWidget(self._busy)
        panel = Card()
        self._flow = FlowLayout(least=current().size(190), spacing=Space.M)
        panel.body.addLayout(self._flow)
        layout.addWidget(panel)
        self.sections = QTableWidget(0, 4)
        self.sections.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.sections.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.sections.verticalHeader().hide()
        self.sections.setShowGrid(False)
        self.sections.setAlternatingRowColors(True)
        self.sections.setAccessibleName(self.tr("Sections of the file"))
        self.sections.setHorizontalHeaderLabels(
            [self.tr("Section"), self.tr("Kind"), self.tr("Size"), self.tr("SHA-256")]
        )
        layout.addWidget(self.sections, 1)
        row = QHBoxLayout()
        self.verify_button = Button(self.tr("Verify digests"), "check")
        self.close_button = PrimaryButton(self.tr("Close"))
        self.close_button.setDefault(True)
        row.addWidget(self.verify_button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        layout.addLayout(row)
        self.verify_button.clicked.connect(lambda: self.read(verify=True))
        self.close_button.clicked.connect(self.accept)
        self.read(verify=verify)

    def read(self, *, verify: bool) -> None:
        """Read the file's header in a child, with `verify` every byte of it."""
        from core.worker.job import WorkerJob
        from core.worker.protocol import Inspect

        self.drop()
        self._busy.show()
        self.verify_button.setEnabled(False)
        if verify:
            self.banner.show_message(self.tr("Every byte of the file is being checked …"), "info")
        job = WorkerJob(Inspect(str(self._engine.path), verify))
        self._errand = Errand(self._bridge, job, self._take, partial(self._read, verify))

    def drop(self, *, wait: bool = False) -> None:
        """End the child, if one runs."""
        if self._errand is not None:
            self._errand.drop(wait=wait)
            self._errand = None

    def done(self, result: int) -> None:
        """End the child with the dialog."""
        self.drop()
        super().done(result)
        self.closed.emit()

    def _take(self, event: Event) -> None:
        self._answer = event

    def _read(self, verify: bool) -> None:
        answer, self._answer, self._errand = self._answer, None, None
        self._busy.hide()
        self.verify_button.setEnabled(True)
        if isinstance(answer, Inspected):
            self._show_report(answer.report)
            if verify:
                self._show_verified(answer.report)
        elif isinstance(answer, Failed):
            error: C10Error = answer.error()
            self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))

    def _show_verified(self, report: dict[str, Any]) -> None:
        if report["verified"]:
            self.banner.show_message(self.tr("Every digest is right: the file is as it was written."), "ok")
        else:
            self.banner.show_message(
                translated(str(report["damage"])), "bad", hint=self.tr("Copy or compile the engine again.")
            )

    def _show_report(self, report: dict[str, Any]) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        config, spec, target = report["config"], report["spec"], report["target"]
        figures = (
            (self.tr("Holds"), words.role(report["role"]), size_text(report["file_size"])),
            (self.tr("Weights"), config["quantisation"] if config["quantisation"] != "none" else config["dtype"],
             size_text(report["sizes"]["weight"])),
            (self.tr("Batch"), str(config["batch"]),
             self.tr("total {0}, pre {1}").format(config["total_len"], config["pre_len"])),
            (self.tr("KV cache"), EngineConfig.from_json(config).kv_format,
             self.tr("keys and values of the context")),
            (self.tr("Layers"), str(spec["num_layers"]), self.tr("{0} features").format(spec["hidden_size"])),
            (self.tr("Prompt format"), words.prompt_format(report["chat"]["prompt_format"]),
             self.tr("tokenizer: {0}").format(words.tokenizer(report["tokenizer"]))),
            (self.tr("Made for"), target["kernel_class"],
             self.tr("by C10 Panel {0}, TVM {1}").format(report["producer"]["program"], report["producer"]["tvm"])),
        )  # fmt: skip
        for caption, value, detail in figures:
            tile = StatTile(caption)
            tile.set_value(value, detail)
            self._flow.addWidget(tile)
        rows = report["sections"]
        self.sections.setRowCount(len(rows))
        for number, section in enumerate(rows):
            texts = (section["name"], section["kind"], size_text(section["length"]), section["sha256"])
            for column, text in enumerate(texts):
                self.sections.setItem(number, column, QTableWidgetItem(f" {text} "))
        self.sections.resizeColumnsToContents()
        self.sections.horizontalHeader().setStretchLastSection(True)
