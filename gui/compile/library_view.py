"""The engine library: a card for each engine file."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from gui import icons
from gui.compile import words
from gui.compile.fit import Machine, verdict
from gui.compile.library import EngineInfo
from gui.compile.step_precision import TONES
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import Badge, Button, Card, FlowLayout, IconButton, IconLabel, Label, PrimaryButton, size_text

_LEAST_CARD = 400


class LibraryView(QWidget):
    """`acted` carries what to do with which engine: "try", "details", "verify", "folder", "remove" or "combine"."""

    acted = Signal(str, object)
    demo_asked = Signal()
    new_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self.empty = _EmptyCard()
        self.empty.new_button.clicked.connect(self.new_asked)
        self.empty.demo_button.clicked.connect(self.demo_asked)
        layout.addWidget(self.empty)
        holder = QWidget()
        self._flow = FlowLayout(_LEAST_CARD, Space.L)
        holder.setLayout(self._flow)
        layout.addWidget(holder)
        self._demo = _DemoRow()
        self._demo.button.clicked.connect(self.demo_asked)
        layout.addWidget(self._demo)
        layout.addStretch(1)
        self.cards: list[EngineCard] = []
        self._known: bool = False
        self._demo.hide()
        self.empty.hide()

    def show_engines(self, engines: tuple[EngineInfo, ...], machine: Machine | None, loaded: str) -> None:
        """Show the engines; `loaded` is the path of the one that answers now."""
        self._known = True
        if [card.engine for card in self.cards] != list(engines):
            self._rebuild(engines)
        for card in self.cards:
            card.show_state(machine, loaded=str(card.engine.path) == loaded)
        self.empty.setVisible(not engines)
        self._demo.setVisible(bool(engines))

    def retranslate(self) -> None:
        """Set the texts."""
        self.empty.retranslate()
        self._demo.retranslate()
        for card in self.cards:
            card.retranslate()

    def restyle(self) -> None:
        """Give the cards room for the text scale."""
        self._flow.set_least(current().size(_LEAST_CARD))
        for card in self.cards:
            card.restyle()

    def _rebuild(self, engines: tuple[EngineInfo, ...]) -> None:
        """Bring the cards in order; those of engines that are as they were stay."""
        known = {card.engine.path: card for card in self.cards if card.engine in engines}
        for card in self.cards:
            self._flow.removeWidget(card)
            if known.get(card.engine.path) is not card:
                card.hide()
                card.deleteLater()
        self.cards = [known.get(engine.path) or self._make(engine) for engine in engines]
        for card in self.cards:
            self._flow.addWidget(card)

    def _make(self, engine: EngineInfo) -> EngineCard:
        card = EngineCard(engine)
        card.acted.connect(lambda action: self.acted.emit(action, engine))
        card.retranslate()
        return card


class EngineCard(Card):
    """One engine file; `acted` carries what to do with it."""

    acted = Signal(str)

    def __init__(self, engine: EngineInfo) -> None:
        super().__init__()
        self.engine = engine
        self._machine: Machine | None = None
        self._loaded = False
        kind_icon = {"engine": "engine", "card": "devices", "foreign": "lock", "damaged": "warning"}[engine.kind]
        colour = {"engine": "accent", "card": "accent", "foreign": "muted", "damaged": "bad"}[engine.kind]
        self.header.insertWidget(0, IconLabel(kind_icon, colour, 26))
        self._name = Label(engine.name.replace("_", "_\u200b"), "title", wrap=True)  # may break after each "_"
        self.header.insertWidget(1, self._name, 1)
        self.header.setStretch(3, 0)
        self.loaded_badge = Badge()
        self.header.addWidget(self.loaded_badge, 0, Qt.AlignmentFlag.AlignTop)
        self._badges = QWidget()
        badges = QHBoxLayout(self._badges)
        badges.setContentsMargins(0, 0, 0, 0)
        badges.setSpacing(Space.S)
        self.kind_badge, self.quant_badge, self.fit_badge = Badge(), Badge(), Badge()
        self.stranger_badge = Badge()
        for badge in (self.kind_badge, self.quant_badge, self.stranger_badge):
            badges.addWidget(badge)
        badges.addStretch(1)
        self.body.addWidget(self._badges)
        self.figures = Label("", "body", wrap=True)
        self.more_figures = Label("", "muted", wrap=True)
        self.body.addWidget(self.figures)
        self.body.addWidget(self.more_figures)
        self.needs = Label("", "muted", wrap=True)
        fit = QHBoxLayout()
        fit.setSpacing(Space.S)
        fit.addWidget(self.needs, 1)
        fit.addWidget(self.fit_badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(fit)
        self.body.addStretch(1)
        self.try_button, self.details_button = PrimaryButton("", "chat"), Button("", "info")
        self.menu_button = IconButton("more")
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.try_button)
        row.addWidget(self.details_button)
        row.addStretch(1)
        row.addWidget(self.menu_button)
        self.body.addLayout(row)
        self._actions: dict[str, QAction] = {}
        self._make_menu()
        self.try_button.clicked.connect(lambda: self.acted.emit("try" if engine.ready else "combine"))
        self.details_button.clicked.connect(lambda: self.acted.emit("details"))
        self.try_button.setVisible(engine.runs_here or engine.ready)
        self.try_button.set_kind("primary" if engine.ready else "")
        self.details_button.setVisible(engine.kind == "engine")
        self.needs.setVisible(engine.runs_here)

    def show_state(self, machine: Machine | None, *, loaded: bool) -> None:
        """Show whether it fits, and whether it is the one that answers."""
        self._machine, self._loaded = machine, loaded
        self.set_active(loaded)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        engine = self.engine
        self.setAccessibleName(engine.name)
        self.loaded_badge.set(self.tr("loaded"), "ok")
        self.loaded_badge.setVisible(self._loaded)
        self.try_button.setText(self.tr("Try it") if engine.ready else self.tr("Combine"))
        self.try_button.set_icon("chat" if engine.ready else "combine")
        self.try_button.setAccessibleName(f"{self.try_button.text()}: {engine.name}")
        self.details_button.setText(self.tr("Details"))
        self.details_button.setAccessibleName(f"{self.details_button.text()}: {engine.name}")
        self.menu_button.set_name(self.tr("More actions for {0}").format(engine.name))
        for name, text in (
            ("verify", self.tr("Verify digests")),
            ("folder", self.tr("Show in folder")),
            ("remove", self.tr("Remove …")),
        ):
            self._actions[name].setText(text)
        self._actions["verify"].setVisible(engine.kind == "engine")
        self._show_badges()
        self._show_figures()

    def restyle(self) -> None:
        """Draw the menu's icons."""
        colours = current().colours
        for name, icon in (("verify", "check"), ("folder", "folder"), ("remove", "trash")):
            self._actions[name].setIcon(icons.icon(icon, colours.text))

    def _make_menu(self) -> None:
        menu = self.menu = QMenu(self.menu_button)
        for name in ("verify", "folder", "remove"):
            action = QAction(menu)
            action.triggered.connect(lambda _on=False, chosen=name: self.acted.emit(chosen))
            menu.addAction(action)
            self._actions[name] = action
        self.menu_button.clicked.connect(self._show_menu)
        self.restyle()

    def _show_menu(self) -> None:
        """Open the menu without a loop of its own: under that, this card could be deleted before its click returns."""
        self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _show_badges(self) -> None:
        engine, machine = self.engine, self._machine
        if engine.kind == "card":
            self.kind_badge.set(self.tr("For the C10 card"), "accent" if engine.ready else "neutral")
        elif engine.kind == "foreign":
            self.kind_badge.set(self.tr("Another program's format"), "warn")
        elif engine.kind == "damaged":
            self.kind_badge.set(self.tr("Damaged"), "bad")
        elif engine.refusal is not None:
            self.kind_badge.set(self.tr("Can't be run"), "bad")
        else:
            self.kind_badge.set(words.role(str(engine.role)), "accent" if engine.ready else "neutral")
        self.quant_badge.setVisible(engine.config is not None)
        if engine.config is not None:
            self.quant_badge.set(words.quantisation(engine.config), "neutral")
        self.stranger_badge.set(self.tr("From elsewhere"), "warn")
        self.stranger_badge.setToolTip(
            self.tr("It was not built on this computer and has not been approved: you are asked before it runs.")
        )
        self.stranger_badge.setVisible(engine.stranger and not self._loaded)  # one that is loaded was approved
        self.fit_badge.setVisible(engine.runs_here and machine is not None)
        if engine.runs_here and machine is not None:
            free = machine.memory_total if self._loaded else machine.memory_free
            judged = verdict(engine.run_bytes, machine.memory_total, free)
            self.fit_badge.set(words.verdict(judged), TONES[judged])

    def _show_figures(self) -> None:
        engine = self.engine
        moment = QDateTime.fromSecsSinceEpoch(int(engine.modified))
        date = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        if engine.config is None:
            problem = engine.problem
            self.figures.setText(translated(problem.message.removeprefix(f"{engine.path}: ")) if problem else "")
            self.more_figures.setText(self._dated(date, translated(problem.hint) if problem else ""))
            return
        config = engine.config
        self.figures.setText(
            self.tr("Batch {0} · total length {1} · pre length {2}").format(
                config.batch, words.number(config.total_len), words.number(config.pre_len)
            )
        )
        if engine.refusal is not None:
            told = engine.refusal.message.replace(str(engine.path), engine.path.name)
            self.more_figures.setText(self._dated(date, f"{translated(told)} {translated(engine.refusal.hint)}"))
            return
        self.needs.setText(self.tr("Needs {0} to answer").format(size_text(engine.run_bytes)))
        prompt = words.prompt_format(engine.prompt_format)
        if not engine.tokenizer:
            prompt = self.tr("no tokenizer, token ids only")
        self.more_figures.setText(self._dated(date, "\n".join(part for part in (prompt, self._quality()) if part)))

    def _quality(self) -> str:
        card = self.engine.quality
        if card is None:
            return ""
        return self.tr("Quality: perplexity {0}, {1} tokens like the original").format(
            f"{100 * card.perplexity_change:+.1f} %", card.tokens_alike
        )

    def _dated(self, date: str, rest: str) -> str:
        return "\n".join(part for part in (f"{size_text(self.engine.size)} · {date}", rest) if part)


class _EmptyCard(Card):
    """What the page shows before there is any engine."""

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(Space.XXL, Space.XXL * 2, Space.XXL, Space.XXL * 2)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.body.addWidget(IconLabel("engine", "accent", 64), 0, centre)
        self._title, self._text = Label("", "heading", wrap=True), Label("", "muted", wrap=True)
        for part in (self._title, self._text):
            part.setAlignment(centre)
            self.body.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.demo_button, self.new_button = PrimaryButton("", "bolt"), Button("", "plus")
        row.addStretch(1)
        row.addWidget(self.demo_button)
        row.addWidget(self.new_button)
        row.addStretch(1)
        self.body.addSpacing(Space.S)
        self.body.addLayout(row)

    def retranslate(self) -> None:
        """Set the texts."""
        self._title.setText(self.tr("No engines yet"))
        self._text.setText(
            self.tr("Compile an ONNX model, or try everything with the built-in small model: one click, a few minutes.")
        )
        self.demo_button.setText(self.tr("Try with the built-in demo model"))
        self.new_button.setText(self.tr("New engine"))


class _DemoRow(QWidget):
    """The demo model's button below the engines."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._text = Label("", "muted", wrap=True)
        self.button = Button("", "bolt")
        row.addWidget(self.button)
        row.addWidget(self._text, 1)

    def retranslate(self) -> None:
        """Set the texts."""
        self.button.setText(self.tr("Try with the built-in demo model"))
        self._text.setText(self.tr("SmolLM2-135M-Instruct with int4 weights; nothing is downloaded."))
