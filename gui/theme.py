"""The look of the running window: light or dark, and the text scale. Who draws by hand listens to `changed`."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gui.design import FONT_FAMILIES, Mode, Palette, ThemeChoice, Type, nearest_scale, palette
from gui.stylesheet import build

_PROPERTY = "c10_theme"


def current() -> Theme:
    """Return the application's theme, for widgets that draw themselves."""
    app = QApplication.instance()
    theme: Theme | None = app.property(_PROPERTY) if app is not None else None
    if theme is None:
        raise RuntimeError("Make a Theme before the first widget.")
    return theme


def system_is_dark(app: QApplication) -> bool:
    """Return whether the desktop asks for dark colours."""
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


class Theme(QObject):
    """Applies mode and text scale to the application; the system's mode is followed where that was chosen."""

    changed = Signal()
    """Colours or sizes are different now."""

    def __init__(self, app: QApplication, choice: ThemeChoice = "system", percent: int = 100) -> None:
        super().__init__(app)
        self._app = app
        self._choice: ThemeChoice = choice
        self._percent = nearest_scale(percent)
        self._applied: tuple[Mode, int] | None = None
        app.setProperty(_PROPERTY, self)
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self.apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the user chose: "system", "light" or "dark"."""
        return self._choice

    @property
    def mode(self) -> Mode:
        """What is shown: "light" or "dark"."""
        if self._choice != "system":
            return self._choice
        return "dark" if system_is_dark(self._app) else "light"

    @property
    def percent(self) -> int:
        """Text scale in percent."""
        return self._percent

    @property
    def colours(self) -> Palette:
        """Colours of the shown mode."""
        return palette(self.mode)

    @property
    def type(self) -> Type:
        """Font sizes in pixels at the text scale."""
        return Type.at(self._percent)

    def colour(self, name: str) -> QColor:
        """Return a colour of the palette by its field name."""
        return QColor(getattr(self.colours, name))

    def size(self, pixels: int) -> int:
        """Return `pixels` grown with the text scale (for icons and drawings beside text)."""
        return round(pixels * self._percent / 100)

    def set_choice(self, choice: ThemeChoice) -> None:
        """Choose light, dark or the system's mode."""
        self._choice = choice
        self.apply()

    def set_percent(self, percent: int) -> None:
        """Choose the text scale in percent; the nearest one offered is taken."""
        self._percent = nearest_scale(percent)
        self.apply()

    def apply(self) -> None:
        """Put mode and scale on the application, if they differ from what it has."""
        wanted = (self.mode, self._percent)
        if wanted == self._applied:
            return
        self._applied = wanted
        font = QFont()
        font.setFamilies(list(FONT_FAMILIES))
        font.setPixelSize(self.type.body)
        self._app.setStyleSheet("")  # replacing one sheet by another takes Qt more than twice as long as this detour
        self._app.setFont(font)
        self._app.setPalette(_qt_palette(self.colours))
        self._app.setStyleSheet(build(*wanted))
        self.changed.emit()

    def _on_system_changed(self) -> None:
        self.apply()


def _qt_palette(colours: Palette) -> QPalette:
    """Return the palette for what style sheets don't reach: links, placeholders, item views."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window, QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface, QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text, QPalette.ColorRole.Button: colours.surface,
        QPalette.ColorRole.ButtonText: colours.text, QPalette.ColorRole.BrightText: colours.bad,
        QPalette.ColorRole.Highlight: colours.accent, QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent, QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.PlaceholderText: colours.muted, QPalette.ColorRole.ToolTipBase: colours.text,
        QPalette.ColorRole.ToolTipText: colours.window, QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Accent: colours.accent,
    }  # fmt: skip
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
    return made
