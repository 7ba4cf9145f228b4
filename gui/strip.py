"""The status strip: devices, engine and speed, always in view, and language, colours and text size in reach."""

from __future__ import annotations

import time
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from gui import icons
from gui.design import SCALES, Space, ThemeChoice
from gui.i18n import NAMES
from gui.session import Session
from gui.settings import LANGUAGES, Language
from gui.theme import current
from gui.widgets.buttons import Button, IconButton, QuietButton
from gui.widgets.cards import Badge, IconLabel
from gui.widgets.text import ElidedLabel, LiveLabel, not_available

_LEAST_NAME = 90
"""Room for the engine's name, in pixels at 100 % text."""
_EVERY_TICKS = 15  # of the bridge's 30 a second: a rate that is read by people needs no more
_THEMES: tuple[tuple[ThemeChoice, str], ...] = (("system", "contrast"), ("light", "sun"), ("dark", "moon"))

K = TypeVar("K")


class Strip(QFrame):
    """Shows the session's state; `language_chosen`, `theme_chosen` and `scale_chosen` carry what the user picked."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    scale_chosen = Signal(int)
    full_screen_asked = Signal()
    job_opened = Signal(str)
    new_visitor_asked = Signal()
    operator_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._session = session
        self._cards = self._simulated = 0
        self._ticks = 0
        self.device = Badge("CPU", "accent")
        self._engine_icon = IconLabel("engine", "muted", 20)
        self.engine = ElidedLabel("", "strong")
        self.job = QuietButton("", "compile")
        self._job_page = ""
        self._operator_state = "off"
        self.rate = LiveLabel("", "strong")
        self.language = QToolButton()
        self.scale = IconButton("text-size")
        self.theme = IconButton("contrast")
        self.full = IconButton("fullscreen")
        self.visitor = Button("", "visitor")
        self.operator = IconButton("key")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XS, Space.M, Space.XS)
        layout.setSpacing(Space.M)
        layout.addWidget(self.device)
        layout.addSpacing(Space.S)
        layout.addWidget(self._engine_icon)
        layout.addWidget(self.engine, 1)
        layout.addWidget(self.job)
        self._bolt = IconLabel("bolt", "muted", 20)
        layout.addWidget(self._bolt)
        layout.addWidget(self.rate)
        layout.addSpacing(Space.S)
        for button in (self.visitor, self.language, self.scale, self.theme, self.full, self.operator):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            layout.addWidget(button)
        self.language.setProperty("kind", "quiet")
        self.language.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.language.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._language_actions = self._menu(self.language, {name: NAMES[name] for name in LANGUAGES})
        self._scale_actions = self._menu(self.scale, {percent: f"{percent} %" for percent in SCALES})
        self._theme_actions = self._menu(self.theme, {choice: "" for choice, _icon in _THEMES})
        for key, action in self._language_actions.items():
            action.triggered.connect(lambda _on=False, value=key: self.language_chosen.emit(value))
        for percent, action in self._scale_actions.items():
            action.triggered.connect(lambda _on=False, value=percent: self.scale_chosen.emit(value))
        for choice, action in self._theme_actions.items():
            action.triggered.connect(lambda _on=False, value=choice: self.theme_chosen.emit(value))
        self.job.hide()
        self.job.clicked.connect(lambda: self.job_opened.emit(self._job_page))
        self.full.clicked.connect(self.full_screen_asked)
        self.visitor.clicked.connect(self.new_visitor_asked)
        self.operator.clicked.connect(self.operator_asked)
        session.changed.connect(self.refresh)

    def set_devices(self, cards: int, simulated: int) -> None:
        """Show how many real and simulated cards there are; none: CPU."""
        if (cards, simulated) != (self._cards, self._simulated):
            self._cards, self._simulated = cards, simulated
            self._show_devices()

    def show_job(self, page_id: str, text: str) -> None:
        """Show what goes on in the background and the page that tells more; nothing: an empty text."""
        self._job_page = page_id
        self.job.setVisible(bool(text))
        if self.job.text() != text:
            self.job.setText(text)
            self._fit()

    def show_operator(self, state: str) -> None:
        """Show that visitor mode is "off", "locked", or that the operator is "in"."""
        self._operator_state = state
        names = {
            "off": self.tr("Operator: visitor mode, demo, PIN"),
            "locked": self.tr("Operator (PIN)"),
            "in": self.tr("Operator: visitor mode, demo, PIN"),
        }
        self.operator.set_icon("lock" if state == "locked" else "key")
        self.operator.set_name(names[state])

    def tick(self) -> None:
        """Refresh the rate now and then; called by the bridge."""
        self._ticks += 1
        if self._ticks % _EVERY_TICKS == 0 and self._session.answering:
            self._show_rate()

    def refresh(self) -> None:
        """Show the session's state."""
        self._show_devices()
        session = self._session
        if session.loading:
            self.engine.setText(self.tr("Loading {0} …").format(session.loading.rpartition("/")[2]))
        else:
            self.engine.setText(session.engine_name or self.tr("No engine loaded"))
        self._engine_icon.set_icon("engine", "ok" if session.loaded else "muted")
        self._show_rate()

    def show_choices(self, language: Language) -> None:
        """Check the menus' entries for language, theme and scale."""
        theme = current()
        self._language_actions[language].setChecked(True)
        self._theme_actions[theme.choice].setChecked(True)
        self._scale_actions[theme.percent].setChecked(True)
        self.theme.set_icon(dict(_THEMES)[theme.choice])
        self.language.setText(NAMES[language])

    def retranslate(self) -> None:
        """Set the texts anew."""
        self.setAccessibleName(self.tr("Status"))
        self.language.setToolTip(self.tr("Language"))
        self.language.setAccessibleName(self.tr("Language"))
        self.scale.set_name(self.tr("Text size (Ctrl + and Ctrl -)"))
        self.theme.set_name(self.tr("Colours: light, dark or the system's"))
        self.full.set_name(self.tr("Full screen (F11)"))
        self.visitor.setText(self.tr("New visitor"))
        self.visitor.setToolTip(self.tr("Wipe everything that was asked and answered"))
        self.show_operator(self._operator_state)
        self._theme_actions["system"].setText(self.tr("Like the system"))
        self._theme_actions["light"].setText(self.tr("Light"))
        self._theme_actions["dark"].setText(self.tr("Dark"))
        self.refresh()

    def restyle(self) -> None:
        """Draw the icons anew."""
        theme = current()
        colours = theme.colours
        self.language.setIcon(icons.icon("globe", colours.text))
        self.language.setIconSize(QSize(theme.size(20) + 6, theme.size(20)))
        for choice, name in _THEMES:
            self._theme_actions[choice].setIcon(icons.icon(name, colours.text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Do without the icons and the language's name where the window is too narrow for all of it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        decoration = (self._engine_icon, self._bolt)
        buttons = (self.visitor, self.scale, self.theme, self.full, self.operator)
        shown = [part for part in (self.device, self.rate, self.job, *buttons) if not part.isHidden()]
        text = self.language.fontMetrics().horizontalAdvance(self.language.text() or " ")
        needed = sum(part.sizeHint().width() + Space.M for part in (*shown, *decoration))
        needed += text + self.scale.sizeHint().width() + current().size(_LEAST_NAME) + Space.XL + 2 * Space.XL
        roomy = needed <= self.width()
        for part in decoration:
            part.setVisible(roomy)
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if roomy else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.language.setToolButtonStyle(style)

    def _show_devices(self) -> None:
        if self._cards:
            self.device.set(f"C10 ×{self._cards}", "ok")
        elif self._simulated:
            self.device.set(self.tr("C10 ×{0} simulated").format(self._simulated), "warn")
        else:
            self.device.set(self.tr("CPU"), "accent")

    def _show_rate(self) -> None:
        live = self._session.rate.at(time.monotonic()) if self._session.answering else None
        rate = live if live is not None else self._session.last_rate
        self.rate.setText(self.tr("{0} tok/s").format(not_available() if rate is None else f"{rate:.1f}"))

    def _menu(self, button: QToolButton, texts: dict[K, str]) -> dict[K, QAction]:
        menu = QMenu(button)
        group = QActionGroup(menu)
        actions: dict[K, QAction] = {}
        for key, text in texts.items():
            action = QAction(text, menu)
            action.setCheckable(True)
            group.addAction(action)
            menu.addAction(action)
            actions[key] = action
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return actions
