"""A loud notice that can't be closed: what a picture of the screen must say, too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.design import Space
from gui.widgets import IconLabel, Label
from gui.widgets.banner import Tone
from gui.widgets.text import repolish

_ICONS = {"info": ("info", "accent"), "ok": ("ok", "ok"), "warn": ("warning", "warn"), "bad": ("error", "bad")}


class Notice(QFrame):
    """A heading and a sentence in the colours of a banner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        layout.setSpacing(Space.L)
        self._icon = IconLabel("warning", "warn", 40)
        self._heading, self._text = Label("", "heading"), Label("", "body", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._heading)
        texts.addWidget(self._text)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(texts, 1)

    def say(self, tone: Tone, heading: str, text: str) -> None:
        """Show a heading and a sentence."""
        self._icon.set_icon(*_ICONS[tone])
        self.setProperty("banner", tone)
        repolish(self)
        self._heading.setText(heading)
        self._heading.set_tone("" if tone == "info" else tone)
        self._text.setText(text)
        self.setAccessibleName(f"{heading} {text}")

    def heading(self) -> str:
        """Return the heading that is shown."""
        return self._heading.text()

    def text(self) -> str:
        """Return the sentence that is shown."""
        return self._text.text()
