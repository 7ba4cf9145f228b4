"""What only the operator changes: visitor mode, PIN, idle time, the tiles, and how the program starts by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.design import Space
from gui.pages import Context
from gui.sentences import translated
from gui.service import autostart, unit
from gui.settings import IDLE_S
from gui.theme import current
from gui.visitor.pin_dialog import NewPinDialog
from gui.widgets import Button, IntegerField, Label, PrimaryButton

_DEFAULT_IDLE_S = 60


class OperatorDialog(QDialog):
    """Changes take effect at once; what is written to the system says where."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._lock = context.booth.lock
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Operator"))
        self.note = Label("", "muted", wrap=True)
        self.visitor_button = PrimaryButton("", "visitor")
        self.pin_button = Button("", "key")
        self.tiles_button = Button(self.tr("Edit the questions"), "edit")
        self.attract = QCheckBox(self.tr("Run the questions by themselves when nobody is there"))
        self.idle = IntegerField(*IDLE_S, _DEFAULT_IDLE_S)
        self.idle.setSuffix(self.tr(" s"))
        self.idle.setAccessibleName(self.tr("Idle time until then"))
        self.service_button, self.autostart_button = Button("", "refresh"), Button("", "play")
        self.close_button = Button(self.tr("Close"))
        self._build()
        self._connect()
        self._lock.changed.connect(self.show_state)
        self.show_state()
        self.resize(current().size(760), min(current().size(900), self._most_height()))

    def show_state(self) -> None:
        """Show what is set."""
        on = self._lock.visitor_mode
        self.visitor_button.setText(self.tr("End visitor mode") if on else self.tr("Begin visitor mode"))
        self.pin_button.setText(self.tr("Change the PIN") if self._lock.has_pin else self.tr("Set a PIN"))
        idle = self._context.store.value.idle_s
        self.attract.setChecked(idle > 0)
        self.idle.setEnabled(idle > 0)
        if idle:
            self.idle.setValue(idle)
        self.service_button.setText(
            self.tr("Remove the watchdog") if unit.is_installed() else self.tr("Install the watchdog")
        )
        self.autostart_button.setText(
            self.tr("Don't start at login") if autostart.is_installed() else self.tr("Start at login")
        )

    def toggle_visitor_mode(self) -> None:
        """Begin visitor mode, with a PIN, or end it."""
        if self._lock.visitor_mode:
            self._lock.set_visitor_mode(False)
        elif self._lock.has_pin:
            self._begin()
        else:
            self._new_pin(self._begin)

    def edit_tiles(self) -> None:
        """Open the editor of the questions."""
        from gui.demo.editor import TileEditor
        from gui.demo.page import DemoPage

        editor = TileEditor(self._context, self)
        page = self._context.page("demo")
        assert isinstance(page, DemoPage)  # noqa: S101 -- the page of that name
        editor.saved.connect(page.load_tiles)
        editor.open()

    def _begin(self) -> None:
        self.accept()
        self._lock.set_visitor_mode(True)
        self._context.booth.new_visitor()

    def _new_pin(self, then: Callable[[], None]) -> None:
        dialog = NewPinDialog(self._lock, self)
        dialog.entered.connect(then)
        dialog.open()

    def _set_idle(self) -> None:
        self._context.store.update(idle_s=self.idle.value() if self.attract.isChecked() else 0)
        self.idle.setEnabled(self.attract.isChecked())

    def _toggle_service(self) -> None:
        self._write(unit.remove if unit.is_installed() else unit.install)

    def _toggle_autostart(self) -> None:
        self._write(autostart.remove if autostart.is_installed() else autostart.install)

    def _write(self, work: Callable[[], list[str]]) -> None:
        self._context.bridge.call(work, self._written, self._failed)

    def _written(self, sentences: list[str]) -> None:
        self.note.set_tone("")
        self.note.setText("\n".join(sentences))
        self.show_state()

    def _failed(self, error: C10Error) -> None:
        self.note.set_tone("bad")
        self.note.setText(f"{translated(error.message)} {translated(error.hint)}")
        self.show_state()

    def _connect(self) -> None:
        self.visitor_button.clicked.connect(self.toggle_visitor_mode)
        self.pin_button.clicked.connect(partial(self._new_pin, self.show_state))
        self.tiles_button.clicked.connect(self.edit_tiles)
        self.attract.toggled.connect(self._set_idle)
        self.idle.valueChanged.connect(self._set_idle)
        self.service_button.clicked.connect(self._toggle_service)
        self.autostart_button.clicked.connect(self._toggle_autostart)
        self.close_button.clicked.connect(self.accept)

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.M)
        column.setSpacing(Space.L)
        column.addWidget(Label(self.tr("Operator"), "heading"))
        sections = (
            (
                self.tr("Visitor mode"),
                self.tr(
                    "The window fills the screen, Compile, Devices and Expert need the PIN, and nothing that visitors "
                    "type or read is written to the disk."
                ),
                (self.visitor_button, self.pin_button),
            ),
            (
                self.tr("Demo"),
                self.tr("Up to four questions, in both languages, each with its engine and sampling."),
                (self.tiles_button,),
            ),
            (
                self.tr("When nobody is there"),
                self.tr("An unfinished visit is wiped after a countdown of ten seconds, never during an answer."),
                (self.attract, self.idle),
            ),
            (
                self.tr("Unattended"),
                self.tr(
                    "The watchdog, a systemd user service, starts the program again if it ends or hangs. Start at "
                    "login begins with the desktop session."
                ),
                (self.service_button, self.autostart_button),
            ),
        )
        for number, (title, text, controls) in enumerate(sections):
            if number:
                line = QFrame()
                line.setProperty("role", "line")
                column.addWidget(line)
            column.addWidget(Label(title, "title"))
            column.addWidget(Label(text, "muted", wrap=True))
            row = QHBoxLayout()
            row.setSpacing(Space.M)
            for control in controls:
                row.addWidget(control)
            row.addStretch(1)
            column.addLayout(row)
        column.addWidget(self.note)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(page)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(Space.XL, 0, Space.XL, Space.L)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll, 1)
        layout.addLayout(bottom)

    def _most_height(self) -> int:
        parent = self.parentWidget()
        return parent.height() - 2 * Space.XL if parent is not None else 900
