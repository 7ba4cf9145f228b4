"""The dialog for errors: one sentence, one next step, and the log for those who want more."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.design import Space
from gui.paths import log_dir
from gui.sentences import translated
from gui.widgets.buttons import PrimaryButton, QuietButton
from gui.widgets.cards import IconLabel
from gui.widgets.text import Label


class ErrorDialog(QDialog):
    """Shows an error of core; never a traceback."""

    def __init__(self, message: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setMinimumWidth(560)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(IconLabel("error", "bad", 40))
        texts = QVBoxLayout()
        self.message = Label(message, "strong", wrap=True)
        self.hint = Label(hint, "muted", wrap=True)
        self.hint.setVisible(bool(hint))
        texts.addWidget(self.message)
        texts.addWidget(self.hint)
        row.addLayout(texts, 1)
        layout.addLayout(row)
        buttons = QHBoxLayout()
        self.log_button = QuietButton(self.tr("Open log"), "log")
        self.close_button = PrimaryButton(self.tr("Close"))
        self.log_button.clicked.connect(open_log)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        buttons.addWidget(self.log_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout.addLayout(buttons)
        self.setAccessibleName(f"{message} {hint}".strip())

    @classmethod
    def of(cls, error: C10Error, parent: QWidget | None = None) -> ErrorDialog:
        """Return the dialog for an error, in the window's language."""
        return cls(translated(error.message), translated(error.hint), parent)


def open_log() -> None:
    """Open the folder of the log files in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_dir())))
