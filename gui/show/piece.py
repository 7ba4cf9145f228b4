"""The contract of a show piece: a page inside the Show page, with a heading and a way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from gui.pages import Context, Page
from gui.widgets import Button, PageBody


class Piece(Page):
    """Put widgets into `body.column`; `closed` asks to go back to the overview."""

    closed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.body = PageBody()
        self.back_button = Button("", "chevron-left")
        self.back_button.clicked.connect(self.closed)
        self.body.tools.addWidget(self.back_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.body)

    def retranslate(self) -> None:
        """Set the texts that all pieces share; subclasses add theirs."""
        self.back_button.setText(self.tr("All show pieces"))
