"""What the first start says: welcome, and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import icons
from gui.design import Space
from gui.settings import Store
from gui.theme import current
from gui.widgets import Card, Label, PrimaryButton

_LOGO = 72


def is_first_start(store: Store) -> bool:
    """Return whether nobody has tried anything here yet: no engine was ever loaded, the greeting not answered."""
    value = store.value
    return store.kept and not value.greeted and not value.last_engine and not value.visitor_mode


class Greeting(Card):
    """`button` is "Try it now"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.set_active(True)
        self._logo = QLabel()
        self.heading, self.sentence = Label("", "display", wrap=True), Label("", "lead", wrap=True)
        self.button = PrimaryButton("", "play")
        self.button.enlarge()
        texts = QVBoxLayout()
        texts.setSpacing(Space.XS)
        texts.addWidget(self.heading)
        texts.addWidget(self.sentence)
        row = QHBoxLayout()
        row.setSpacing(Space.XL)
        row.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(texts, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        current().changed.connect(self._draw)
        self._draw()

    def retranslate(self) -> None:
        """Set the texts."""
        self.heading.setText(self.tr("Welcome"))
        self.sentence.setText(
            self.tr(
                "Below is what this machine has. The included demo model answers without network and without a card."
            )
        )
        self.button.setText(self.tr("Try it now"))

    def _draw(self) -> None:
        size = current().size(_LOGO)
        self._logo.setPixmap(icons.pixmap("c10-panel", "#000", size, self.devicePixelRatioF()))
        self._logo.setFixedSize(size, size)
