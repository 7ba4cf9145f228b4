"""The stage of the Demo page: where its parts lie, for every size of the window, and the backdrop behind them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QRadialGradient
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from core.devices import Devices
from gui import icons
from gui.chat.slices import Slices
from gui.demo.answer_card import AnswerCard
from gui.demo.hero import Hero
from gui.demo.invitation import Invitation
from gui.demo.tile_button import HEIGHT, TileButton
from gui.demo.tiles import MOST_TILES
from gui.design import Space
from gui.pages import visible_pages
from gui.session import Session
from gui.theme import current
from gui.widgets import Badge, ElidedLabel, Label, PrimaryButton, QuietButton
from gui.widgets.text import repolish

_NARROW, _LOW = 1000, 700
"""Below this width the answer lies under the figure, below this height the tiles lose their text (at 100 % text)."""


LINKED = ("chat", "show")
"""Pages that visitors may go to from here."""
translate = QCoreApplication.translate  # under this name the strings are found for translation


class Stage:
    """Makes and arranges the widgets; knows nothing of engines beyond what it is told to show."""

    def __init__(self, page: QWidget, slices: Slices) -> None:
        self._page = page
        self.logo = QLabel()
        self.name = Label("", "title")
        self.engine = ElidedLabel("", "muted")
        self.engine.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.device = Badge("", "accent")
        self.links = {
            entry.page_id: QuietButton("", entry.icon) for entry in visible_pages() if entry.page_id in LINKED
        }
        self.hero = Hero()
        self.caption = Label("", "muted", wrap=True)
        self.wall_place = QWidget()
        self._wall_layout = QVBoxLayout(self.wall_place)
        self._wall_layout.setContentsMargins(0, 0, 0, 0)
        self.answer = AnswerCard(slices)
        self.invitation = Invitation()
        self.side = QStackedWidget()
        self.side.addWidget(self.invitation)
        self.side.addWidget(self.answer)
        self.tile_buttons = [TileButton(number, page) for number in range(1, MOST_TILES + 1)]
        self.start_button = PrimaryButton("", "play")
        self.start_button.enlarge()
        self.start_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.hint = QLabel()
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._attract = self._busy = self._ready = False
        self._count = 0
        self._build()

    def set_wall(self, wall: QWidget) -> None:
        """Put the graph in its place."""
        self._wall_layout.addWidget(wall)

    def show_tiles(self, texts: list[tuple[str, str, str]]) -> None:
        """Show icon, title and prompt of each tile."""
        self._count = len(texts)
        for number, button in enumerate(self.tile_buttons):
            button.setVisible(number < len(texts))
            if number < len(texts):
                button.show_tile(*texts[number])
        self.arrange()

    def show_state(self, state: str, detail: str, *, busy: bool, answer: bool) -> None:
        """Show the state of the engine (see Invitation), whether an answer runs, and whether one is there to show."""
        self._busy, self._ready = busy, state == "ready"
        if (state, detail) != (self.invitation.state, self.invitation.detail):
            self.invitation.show_state(state, detail)
        shown = answer and state in ("ready", "loading", "broken")
        self.side.setCurrentWidget(self.answer if shown else self.invitation)
        self.left.setVisible(answer or self.hero.known)
        self.invitation.set_centred(not self.left.isVisibleTo(self._page))
        for button in self.tile_buttons:
            button.setEnabled(self._ready)
        self._show_start()

    def mark(self, index: int) -> None:
        """Mark the tile that runs or comes next."""
        for number, button in enumerate(self.tile_buttons):
            button.setChecked(number == index and self._ready)

    def show_engine(self, session: Session, devices: Devices | None) -> None:
        """Say which model answers, in which precision, and honestly on what."""
        loaded = session.loaded
        if loaded is None:
            self.engine.setText("")
            self.device.hide()
            return
        quantisation = str(loaded.config.get("quantisation", "none"))
        precision = str(loaded.config.get("dtype", "")) if quantisation == "none" else quantisation
        self.engine.setText(f"{session.engine_name}  ·  {precision}")
        self.device.show()
        if session.spread:
            self.device.set(translate("Stage", "Simulated cards: the CPU computes"), "warn")
        elif devices is not None and devices.real and loaded.spec.get("c10"):
            self.device.set("C10", "ok")
        else:
            self.device.set(translate("Stage", "On the CPU"), "accent")

    def set_attract(self, attract: bool) -> None:
        """Show that the page runs by itself, and how to take over."""
        self._attract = attract
        self._show_start()

    def set_brand(self, shown: bool) -> None:
        """Show the program's name and the way to other pages, where no rail does."""
        for part in (self.logo, self.name, *self.links.values()):
            part.setVisible(shown)

    def retranslate(self) -> None:
        """Set the texts."""
        self.name.setText(translate("Stage", "C10 Panel"))
        self.hero.set_unit(translate("Stage", "tok/s"))
        self.caption.setText(translate("Stage", "tokens each second, measured while it writes"))
        self.invitation.retranslate()
        for entry in visible_pages():
            if entry.page_id in self.links:
                self.links[entry.page_id].setText(entry.translated_title())
        self._show_start()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        theme = current()
        size = theme.size(40)
        self.logo.setPixmap(icons.pixmap("c10-panel", "#000", size, self._page.devicePixelRatioF()))
        self.logo.setFixedSize(size, size)
        self.hint.setMinimumHeight(theme.type.title + 2 * Space.M)
        self.answer.restyle()
        self.arrange()

    def arrange(self) -> None:
        """Fit the parts to the page's size."""
        theme = current()
        width, height = self._page.width(), self._page.height()
        low = height < theme.size(_LOW)
        narrow = width < theme.size(_NARROW)
        for button in self.tile_buttons:
            button.set_compact(low)
        columns = 2 if narrow and self._count > 2 else max(1, self._count)
        for number, button in enumerate(self.tile_buttons):
            self._tiles.addWidget(button, number // columns, number % columns)
        rows = -(-self._count // columns) if self._count else 1
        self.start_button.setFixedWidth(theme.size(190 if narrow else 220))
        self.start_button.setMaximumHeight(theme.size(HEIGHT) * rows + Space.M)
        self.wall_place.setVisible(height >= theme.size(560))
        self.caption.setVisible(not low)
        margin = Space.L if low or narrow else Space.XXL + Space.S
        self._outer.setContentsMargins(margin, Space.L if low else Space.XL, margin, Space.S)
        self._middle.setStretch(0, 5 if narrow else 6)

    def paint_backdrop(self, painter: QPainter) -> None:
        """Draw a quiet light behind the figure."""
        colours = current().colours
        area = QRectF(self._page.rect())
        base = QLinearGradient(area.topLeft(), area.bottomLeft())
        base.setColorAt(0, QColor(colours.window))
        base.setColorAt(1, QColor(colours.surface if current().mode == "light" else colours.window))
        painter.fillRect(area, base)
        if current().mode == "light":
            return  # a faint light on white shows the steps between its few shades
        glow = QRadialGradient(QPointF(area.width() * 0.28, area.height() * 0.42), area.width() * 0.55)
        colour = QColor(colours.accent)
        colour.setAlpha(34)
        glow.setColorAt(0, colour)
        colour.setAlpha(0)
        glow.setColorAt(1, colour)
        painter.fillRect(area, glow)

    def _show_start(self) -> None:
        self.start_button.setText(translate("Stage", "Stop") if self._busy else translate("Stage", "Start"))
        self.start_button.set_icon("stop" if self._busy else "play")
        self.start_button.set_kind("danger" if self._busy else "primary")
        self.start_button.setEnabled(self._ready)
        if self._attract:
            hint = translate("Stage", "Touch the screen or press any key")
        elif not self._ready:
            hint = ""
        elif self._busy:
            hint = translate("Stage", "Escape ends the answer")
        else:
            hint = translate("Stage", "Space starts the marked question, 1 to {0} start theirs").format(
                max(self._count, 1)
            )
        self.hint.setText(hint)
        if self.hint.property("attract") != self._attract:
            self.hint.setProperty("attract", self._attract)
            repolish(self.hint)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        top.addWidget(self.logo)
        top.addWidget(self.name)
        for link in self.links.values():
            top.addWidget(link)
        top.addWidget(self.engine, 1)
        top.addWidget(self.device, 0, Qt.AlignmentFlag.AlignVCenter)
        self.left = QWidget()
        left = QVBoxLayout(self.left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(Space.S)
        left.addWidget(self.hero, 5)
        left.addWidget(self.caption)
        left.addWidget(self.wall_place, 4)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(Space.XXL)
        self._middle.addWidget(self.left, 6)
        self._middle.addWidget(self.side, 5)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(Space.M)
        bottom = QHBoxLayout()
        bottom.setSpacing(Space.L)
        bottom.addLayout(self._tiles, 1)
        bottom.addWidget(self.start_button)
        self._outer = QVBoxLayout(self._page)
        self._outer.setSpacing(Space.L)
        self._outer.addLayout(top)
        self._outer.addLayout(self._middle, 1)
        self._outer.addLayout(bottom)
        self._outer.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hint.setObjectName("demoHint")
        for button in self.tile_buttons:
            button.hide()
