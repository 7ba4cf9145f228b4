"""Cards and what lies on them: figures, badges, and what is shown where there is nothing yet."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui import icons
from gui.design import Space
from gui.theme import current
from gui.widgets.buttons import PrimaryButton
from gui.widgets.text import Label, LiveLabel, repolish

BadgeTone = Literal["neutral", "ok", "warn", "bad", "accent"]


class Card(QFrame):
    """A panel with rounded corners; put widgets into `body`. An empty title shows no title row."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.XL, Space.L + 2, Space.XL, Space.XL)
        self.body.setSpacing(Space.M)
        self.header = QHBoxLayout()
        self.header.setSpacing(Space.M)
        self._title = Label(title, "title")
        self.header.addWidget(self._title)
        self.header.addStretch(1)
        self.body.addLayout(self.header)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Set the title, which is also the card's accessible name."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_active(self, active: bool) -> None:
        """Draw the card's border in the accent colour."""
        self.setProperty("active", active)
        repolish(self)


class IconLabel(QLabel):
    """An icon of the theme in one of its colours."""

    def __init__(self, name: str, colour: str = "muted", size: int = 22, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._colour, self._size = name, colour, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current().changed.connect(self._draw)
        self._draw()

    def set_icon(self, name: str, colour: str) -> None:
        """Show another icon, in the palette's colour of that field name."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self._draw()

    def event(self, event: QEvent) -> bool:
        """Draw anew on a screen with another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw()
        return super().event(event)

    def _draw(self) -> None:
        theme = current()
        size = theme.size(self._size)
        self.setFixedSize(size, size)
        self.setPixmap(icons.pixmap(self._name, getattr(theme.colours, self._colour), size, self.devicePixelRatioF()))


class Badge(QLabel):
    """A short word in a pill."""

    def __init__(self, text: str = "", tone: BadgeTone = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.setProperty("badge", tone)

    def set(self, text: str, tone: BadgeTone) -> None:
        """Change word and colour."""
        self.setText(text)
        if self.property("badge") != tone:
            self.setProperty("badge", tone)
            repolish(self)


class StatTile(QFrame):
    """One figure: a caption over a large value, and a smaller line under it ("of 16.00 GiB")."""

    def __init__(self, caption: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "inset")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        layout.setSpacing(2)
        self._caption = Label(caption, "caption")
        self._value = LiveLabel("", "value")
        self._detail = LiveLabel("", "caption")
        for part in (self._caption, self._value, self._detail):
            layout.addWidget(part)
        layout.addStretch(1)  # beside a taller tile the figures stay on one line
        self._detail.hide()
        self.set_caption(caption)

    def set_caption(self, caption: str) -> None:
        """Name the figure."""
        self._caption.setText(caption)
        self._say()

    def set_value(self, value: str, detail: str = "") -> None:
        """Show a figure; give `not_available()` for an unknown one, never a zero."""
        if (value, detail) != (self._value.text(), self._detail.text()):
            self._value.setText(value)
            self._detail.setText(detail)
            self._detail.setVisible(bool(detail))
            self._say()

    def value(self) -> str:
        """Return the text of the figure."""
        return self._value.text()

    def _say(self) -> None:
        parts = (self._caption.text(), self._value.text(), self._detail.text())
        self.setAccessibleName(" ".join(part for part in parts if part))


class EmptyState(QWidget):
    """What a page shows where there is nothing yet: an icon, a sentence, and the action that changes it."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XXL, Space.XL, Space.XXL)
        layout.setSpacing(Space.M)
        layout.addStretch(1)
        layout.addWidget(IconLabel(icon, "accent", 64), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(Space.S)
        self._title = Label("", "heading", wrap=True)
        self._text = Label("", "muted", wrap=True)
        for part in (self._title, self._text):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(part)
        layout.addSpacing(Space.S)
        self.button = PrimaryButton()
        self.button.hide()
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def set_texts(self, title: str, text: str, action: str = "") -> None:
        """Set heading, sentence, and the label of `button` (hidden if empty)."""
        self._title.setText(title)
        self._text.setText(text)
        self.button.setText(action)
        self.button.setVisible(bool(action))
