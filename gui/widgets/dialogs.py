"""The dialog for errors: one sentence, one next step, and the log for those who want more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.design import Space
from gui.paths import log_dir
from gui.sentences import translated
from gui.theme import current
from gui.widgets.buttons import PrimaryButton, QuietButton
from gui.widgets.cards import IconLabel
from gui.widgets.scroll import RoomyArea
from gui.widgets.text import Label

_SHARE_OF_WINDOW = 0.94
_SENTENCES = 560
"""Width of a dialog of sentences, in pixels at 100 % text."""
_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX


class _Sentences(QDialog):
    """An icon beside sentences, and a row of buttons below that is always in sight: long sentences scroll."""

    def lay_out(self, icon: QWidget, *texts: QWidget) -> QHBoxLayout:
        """Put icon and texts into the dialog; return the row below them, for its buttons."""
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addWidget(icon)
        column = QVBoxLayout()
        for text in texts:
            column.addWidget(text)
        row.addLayout(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        self._area = RoomyArea(inner)
        layout.addWidget(self._area)
        buttons = QHBoxLayout()
        layout.addLayout(buttons)
        return buttons

    def showEvent(self, event: QShowEvent) -> None:
        """Be as tall as the texts at this width and in this script, as far as the window has room for it."""
        super().showEvent(event)
        layout, most = self.layout(), room_of(self)
        if layout is None:
            return
        width = min(max(current().size(_SENTENCES), layout.totalMinimumSize().width()), most.width())
        self._area.updateGeometry()  # the texts have just got their fonts, of which the area is told later
        self.resize(width, min(layout.heightForWidth(width), most.height()))


class ErrorDialog(_Sentences):
    """Shows an error of core; never a traceback."""

    def __init__(self, message: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.message = Label(message, "strong", wrap=True)
        self.hint = Label(hint, "muted", wrap=True)
        self.hint.setVisible(bool(hint))
        buttons = self.lay_out(IconLabel("error", "bad", 40), self.message, self.hint)
        self.log_button = QuietButton(self.tr("Open log"), "log")
        self.close_button = PrimaryButton(self.tr("Close"))
        self.log_button.clicked.connect(open_log)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        buttons.addWidget(self.log_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        self.setAccessibleName(f"{message} {hint}".strip())

    @classmethod
    def of(cls, error: C10Error, parent: QWidget | None = None) -> ErrorDialog:
        """Return the dialog for an error, in the window's language."""
        return cls(translated(error.message), translated(error.hint), parent)


class TrustDialog(_Sentences):
    """Asks whether a stranger's engine may run; accepted: yes. Until it is answered, nothing of the engine runs."""

    def __init__(self, engine: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Run an engine from elsewhere?"))
        name = Path(engine).name
        self.message = Label(self.tr("{0} was not built on this computer.").format(name), "strong", wrap=True)
        self.hint = Label(
            self.tr(
                "An engine holds a program. If you run it, that program can do whatever you can do on this computer: "
                "read your files, change them, send them away. It can be looked at and combined without running it."
            ),
            wrap=True,
        )
        self.advice = Label(
            self.tr("Run it only if you know who made it. You are asked once for each engine."), wrap=True
        )
        self.place = Label(engine, "muted", wrap=True)
        buttons = self.lay_out(IconLabel("warning", "warn", 40), self.message, self.hint, self.advice, self.place)
        self.run_button = QuietButton(self.tr("I trust it: run it"))
        self.leave_button = PrimaryButton(self.tr("Don't run it"))
        self.run_button.clicked.connect(self.accept)
        self.leave_button.clicked.connect(self.reject)
        self.run_button.setAutoDefault(False)
        self.leave_button.setDefault(True)
        buttons.addWidget(self.run_button)
        buttons.addStretch(1)
        buttons.addWidget(self.leave_button)
        self.leave_button.setFocus()
        self.setAccessibleName(self.message.text())


def set_size(dialog: QDialog, width: int, height: int) -> None:
    """Give a dialog a size in pixels at 100 % text; it grows with the text scale, but not beyond its window."""
    theme = current()
    dialog.resize(QSize(theme.size(width), theme.size(height)).boundedTo(room_of(dialog)))


def room_of(dialog: QDialog) -> QSize:
    """Return the most that a dialog may take of the window that it belongs to, over dialogs between them."""
    window = dialog.parentWidget()
    while window is not None and (above := window.window().parentWidget()) is not None:
        window = above
    return window.window().size() * _SHARE_OF_WINDOW if window is not None else QSize(_NO_LIMIT, _NO_LIMIT)


def open_log() -> None:
    """Open the folder of the log files in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_dir())))
