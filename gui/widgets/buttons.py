"""Buttons: large enough to touch, with icons that follow the theme."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from gui import icons
from gui.theme import current
from gui.widgets.text import repolish

Kind = Literal["", "primary", "danger", "quiet"]
_ICON, _LARGE_ICON = 20, 32
_GAP = 6
"""Pixels between icon and text, beside Qt's four."""


class Button(QPushButton):
    """A button with text and, if given, an icon by name."""

    def __init__(self, text: str = "", icon: str = "", kind: Kind = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon_name = icon
        self._icon_size = _ICON
        self.setProperty("kind", kind)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        current().changed.connect(self._draw)
        self._draw()

    def setText(self, text: str) -> None:
        """Set the text; the icon keeps its distance from it."""
        super().setText(text)
        self._draw()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self._draw()

    def enlarge(self) -> None:
        """Be as large as the one button of a stage."""
        self._icon_size = _LARGE_ICON
        self.setProperty("grade", "hero")
        self._draw()

    def set_kind(self, kind: Kind) -> None:
        """Change the look."""
        if self.property("kind") == kind:
            return
        self.setProperty("kind", kind)
        repolish(self)
        self._draw()

    def _draw(self) -> None:
        if not self._icon_name:
            return
        theme = current()
        colours = theme.colours
        ink = {"primary": colours.on_accent, "danger": colours.on_bad}.get(str(self.property("kind")), colours.text)
        self.setIcon(icons.icon(self._icon_name, ink, disabled=colours.muted))
        gap = _GAP if self.text() else 0
        self.setIconSize(QSize(theme.size(self._icon_size) + gap, theme.size(self._icon_size)))


class PrimaryButton(Button):
    """The one action that a page is about."""

    def __init__(self, text: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, icon, "primary", parent)


class DangerButton(Button):
    """Stops or destroys something; always labelled."""

    def __init__(self, text: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, icon, "danger", parent)


class QuietButton(Button):
    """A lesser action: no border until it is touched."""

    def __init__(self, text: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, icon, "quiet", parent)


class IconButton(QToolButton):
    """A button that is only an icon; `set_name` gives its tooltip and accessible name, which it must have."""

    def __init__(self, icon: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setProperty("iconOnly", True)
        self.setProperty("kind", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_name(name)
        current().changed.connect(self._draw)
        self._draw()

    def set_name(self, name: str) -> None:
        """Say what the button does, for the tooltip and for screen readers."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self._draw()

    def _draw(self) -> None:
        theme = current()
        colours = theme.colours
        self.setIcon(icons.icon(self._icon_name, colours.text, checked=colours.accent, disabled=colours.muted))
        self.setIconSize(QSize(theme.size(22), theme.size(22)))
