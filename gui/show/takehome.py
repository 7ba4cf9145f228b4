"""Take-home: the last conversation as QR codes, and its performance card. Everything stays in memory."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from core import fsio, takehome
from core.spec import precision_name
from gui.design import Space
from gui.pages import Context
from gui.pictures import png
from gui.session import Turn
from gui.show import performance_card
from gui.show.performance_card import Facts
from gui.show.piece import Piece
from gui.show.qr_view import QrView
from gui.show.run import date_text, device_kind, device_name
from gui.widgets import Button, Card, IconButton, Label
from gui.widgets.files import save_file

STEP_MS = 3500
"""How long each code of several is shown."""
TITLE = "C10 Panel"


class TakeHomePiece(Piece):
    """Follows the session's last conversation; a new visitor finds nothing of it."""

    page_id = "takehome"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.frames: tuple[str, ...] = ()
        self.shown = 0
        self._turns: tuple[Turn, ...] = ()
        self._picture: QImage | None = None
        self.code, self.picture = QrView(), QLabel()
        self.previous_button, self.next_button = IconButton("chevron-left"), IconButton("chevron-right")
        self.pause_button = IconButton("pause")
        self.pause_button.setCheckable(True)
        self.save_button = Button("", "image")
        self._count, self._hint = Label("", "title"), Label("", "muted", wrap=True)
        self._code_card, self._picture_card = Card(), Card()
        self._build()
        self.timer = QTimer(self)
        self.timer.setInterval(STEP_MS)
        self.timer.timeout.connect(lambda: self.step(1))
        self.previous_button.clicked.connect(lambda: self._step_by_hand(-1))
        self.next_button.clicked.connect(lambda: self._step_by_hand(1))
        self.pause_button.toggled.connect(self._on_paused)
        self.save_button.clicked.connect(self._choose_file)
        context.session.changed.connect(self.refresh)

    def activate(self) -> None:
        """Show the codes in turn."""
        self.refresh()
        self._run_timer(on=True)

    def deactivate(self) -> None:
        """Stand still while nobody looks."""
        self._run_timer(on=False)

    def step(self, direction: int) -> None:
        """Show the next or the previous code, round and round."""
        if self.frames:
            self.shown = (self.shown + direction) % len(self.frames)
            self._show_code()

    def occupied(self) -> bool:
        """Whether a conversation is shown."""
        return bool(self.frames)

    def set_locked(self, locked: bool) -> None:
        """Let visitors photograph, but write no file."""
        self.save_button.setVisible(not locked)

    def wipe(self) -> None:
        """Forget conversation and picture."""
        self._turns, self.frames, self.shown, self._picture = (), (), 0, None
        self._run_timer(on=False)
        self._show_code()
        self._show_picture()

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Take it home"),
            self.tr("Your conversation and its speed, for your phone's camera. No network, and nothing is kept here."),
        )
        self._code_card.set_title(self.tr("Your conversation"))
        self._picture_card.set_title(self.tr("Performance card"))
        self.previous_button.set_name(self.tr("Previous code"))
        self.next_button.set_name(self.tr("Next code"))
        self.pause_button.set_name(self.tr("Hold this code"))
        self.save_button.setText(self.tr("Save the picture …"))
        self.picture.setAccessibleName(self.tr("Performance card"))
        self.refresh()

    def restyle(self) -> None:
        """Give code and picture room for the text scale."""
        self.code.setMinimumHeight(self.context.theme.size(620))
        self._show_picture()

    def refresh(self) -> None:
        """Make codes and card of what was asked last."""
        session = self.context.session
        labels = {"user": self.tr("Q:"), "assistant": self.tr("A:")}
        turns = [(labels.get(turn.role, ""), turn.text) for turn in session.transcript]
        found = takehome.frames(takehome.transcript(turns, self._footer()), TITLE)
        if found != self.frames:
            self.frames, self.shown = found, 0
        self._picture = self._paint()
        self._show_code()
        self._show_picture()
        self._run_timer(on=self.isVisible())

    def save_picture(self, path: Path) -> None:
        """Write the performance card as a PNG; raises FileError and ResourceError."""
        if self._picture is not None:
            fsio.write_bytes(path, png(QPixmap.fromImage(self._picture)))

    def dispose(self) -> None:
        """End the timer."""
        self.timer.stop()

    def _build(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(Space.L)
        self._code_card.body.addWidget(self.code, 1)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        for part in (self.previous_button, self._count, self.next_button, self.pause_button):
            row.addWidget(part)
        row.addStretch(1)
        self._code_card.body.addLayout(row)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._code_card.body.addWidget(self._hint)
        columns.addWidget(self._code_card, 1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._picture_card.body.addWidget(self.picture)
        self._picture_card.body.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._picture_card)
        column.addStretch(1)
        columns.addWidget(side, 1)
        self.body.column.addLayout(columns)
        self.body.column.addStretch(1)

    def resizeEvent(self, event: object) -> None:
        """Fit the picture into its card."""
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self._show_picture()

    def showEvent(self, event: object) -> None:
        """Fit the picture once the sizes are known."""
        super().showEvent(event)  # type: ignore[arg-type]  # Qt's own event
        QTimer.singleShot(0, self, self._show_picture)

    def _footer(self) -> str:
        last = self.context.session.last
        if last is None:
            return ""
        rate = QLocale().toString(last.event.metrics.decode_tokens_per_s, "f", 1)
        parts = (last.name, precision_name(last.loaded.config), self.tr("{0} tok/s").format(rate), date_text(last.when))
        return " · ".join(parts)

    def _paint(self) -> QImage | None:
        last = self.context.session.last
        if last is None:
            return None
        figures, kind = last.event.metrics, device_kind(last.cards)
        number = QLocale().toString
        rows = (
            (self.tr("Precision"), precision_name(last.loaded.config)),
            (self.tr("Computed by"), device_name(kind, self.context.devices)),
            (self.tr("First token"), self.tr("{0} ms").format(number(round(figures.ttft_s * 1000)))),
            (self.tr("New tokens"), number(figures.new_tokens)),
            (self.tr("Date"), date_text(last.when)),
        )
        warning = "" if kind == "c10" else self.tr("CPU, not C10")
        rate = number(figures.decode_tokens_per_s, "f", 1)
        return performance_card.paint(
            Facts(rate, self.tr("tok/s"), self.tr("decode speed, measured here"), last.name, rows, warning)
        )

    def _show_code(self) -> None:
        several = len(self.frames) > 1
        for part in (self.previous_button, self.next_button, self.pause_button):
            part.setVisible(several)
        self._count.setText(f"{self.shown + 1} / {len(self.frames)}" if several else "")
        if not self.frames:
            self.code.show_code(())
            self._hint.setText(self.tr("Ask something first; then its answer can be taken home from here."))
            self.code.setAccessibleName(self.tr("No code yet"))
            return
        self.code.show_code(takehome.modules(self.frames[self.shown]))
        self.code.setAccessibleName(self.tr("QR code {0} of {1}").format(self.shown + 1, len(self.frames)))
        self._hint.setText(
            self.tr("Photograph each code in turn: they change by themselves.")
            if several
            else self.tr("Point your phone's camera at the code: it holds the text itself, no link.")
        )

    def _show_picture(self) -> None:
        self._picture_card.setVisible(self._picture is not None)
        if self._picture is None:
            self.picture.clear()
            return
        width = max(200, self.picture.width())
        ratio = self.devicePixelRatioF()
        scaled = self._picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(scaled))
        self.picture.setFixedHeight(round(width * performance_card.HEIGHT / performance_card.WIDTH))

    def _step_by_hand(self, direction: int) -> None:
        self.pause_button.setChecked(True)
        self.step(direction)

    def _on_paused(self, paused: bool) -> None:
        self.pause_button.set_icon("play" if paused else "pause")
        self._run_timer(on=self.isVisible())

    def _run_timer(self, *, on: bool) -> None:
        if on and len(self.frames) > 1 and not self.pause_button.isChecked():
            if not self.timer.isActive():
                self.timer.start()
        else:
            self.timer.stop()

    def _choose_file(self) -> None:
        title, pictures = self.tr("Save the picture"), self.tr("Pictures (*.png)")
        save_file(self, title, "c10-panel.png", self.save_picture, pictures)
