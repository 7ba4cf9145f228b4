"""A sentence on what happened, one on what to do next, and a button that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.design import Space
from gui.widgets.buttons import Button, IconButton
from gui.widgets.cards import IconLabel
from gui.widgets.text import Label, repolish

Tone = Literal["info", "ok", "warn", "bad"]
_ICONS = {"info": ("info", "accent"), "ok": ("ok", "ok"), "warn": ("warning", "warn"), "bad": ("error", "bad")}


class Banner(QFrame):
    """A coloured bar over a page; hidden until `show_message`."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.M)
        self._icon = IconLabel("info", "accent", 24)
        self._text = Label("", "strong", wrap=True)
        self._hint = Label("", "body", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._text)
        texts.addWidget(self._hint)
        self.button = Button()
        self._close = IconButton("close")
        self._action: Callable[[], None] | None = None
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(texts, 1)
        layout.addWidget(self.button)
        layout.addWidget(self._close)
        self.button.clicked.connect(self._act)
        self._close.clicked.connect(self.dismiss)
        self.hide()

    def show_message(
        self, text: str, tone: Tone = "info", *, hint: str = "", action: str = "", do: Callable[[], None] | None = None
    ) -> None:
        """Show a sentence; `action` labels a button that calls `do`."""
        icon, colour = _ICONS[tone]
        self.setProperty("banner", tone)
        repolish(self)
        self._icon.set_icon(icon, colour)
        self._text.setText(text)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self._action = do
        self._close.set_name(self.tr("Close this message"))
        self.setAccessibleName(f"{text} {hint}".strip())
        self.show()

    def text(self) -> str:
        """Return the sentence that is shown."""
        return self._text.text()

    def dismiss(self) -> None:
        """Hide the banner."""
        self.hide()
        self.closed.emit()

    def _act(self) -> None:
        if self._action is not None:
            self._action()
