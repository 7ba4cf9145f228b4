"""The fit preview: sliders for shape, precision, cards and limits, and the plan that `core.planner` makes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QRadioButton, QSlider

from core.errors import C10Error
from core.planner import STRATEGIES, CardLimit, Placement, Plan, Strategy
from core.spec import EngineConfig, Quantisation, default_kv_cache, precision_name
from gui.design import Space
from gui.devices.plan import make_plan, planned_model
from gui.pages import Context
from gui.sentences import translated
from gui.session import Session
from gui.show.fit_picture import FitPicture, scene_of
from gui.show.piece import Piece
from gui.theme import current
from gui.widgets import Banner, Card, Label, size_text

GIB = 1 << 30
LENGTHS = (512, 1024, 2048, 4096, 8192, 16384, 32768)
PRE_LENGTHS = (64, 128, 256, 512, 1024)
PRECISIONS: tuple[Quantisation, ...] = ("none", "int8", "int4")
_HUGE = 1 << 50
"""Limit of the one "card" that stands for the machine's own memory, in bytes."""


class FitPiece(Piece):
    """Starts with the loaded engine's model and shape, else with ChatGLM2-6B's."""

    page_id = "fit"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.plan: Plan | C10Error | None = None
        self._number = 0
        self._engine = ""
        self._spec, self._base = planned_model(None)
        self.sliders = {
            "batch": _slider(1, 32), "total": _slider(0, len(LENGTHS) - 1), "pre": _slider(0, len(PRE_LENGTHS) - 1),
            "cards": _slider(1, 8), "limit": _slider(1, 64),
        }  # fmt: skip
        self._names = {name: Label("", "muted") for name in self.sliders}
        self._values = {name: Label("", "strong") for name in self.sliders}
        self.precisions = {one: QRadioButton() for one in PRECISIONS}
        self.strategies: dict[Strategy, QRadioButton] = {one: QRadioButton() for one in STRATEGIES}
        self._groups = (QButtonGroup(self), QButtonGroup(self))
        self.banner, self.picture = Banner(), FitPicture()
        self._model, self._total = Label("", "muted", wrap=True), Label("", "title", wrap=True)
        self._legend = tuple((Label("■", "strong"), Label("", "caption")) for _ in range(3))
        self._controls, self._picture_card, self._actual_card = Card(), Card(), Card()
        self._actual, self._actual_note = QGridLayout(), Label("", "caption", wrap=True)
        self._cells: list[Label] = []
        self._build()
        self.sliders["cards"].setValue(2)
        self.sliders["limit"].setValue(16)
        self._take_engine()
        for slider in self.sliders.values():
            slider.valueChanged.connect(self.replan)
        for button in (*self.precisions.values(), *self.strategies.values()):
            button.toggled.connect(self._on_toggled)
        context.session.changed.connect(self._take_engine)
        context.session.cards_changed.connect(self._show_actual)

    def config(self) -> EngineConfig:
        """Return the configuration that the sliders say."""
        total, pre = LENGTHS[self.sliders["total"].value()], PRE_LENGTHS[self.sliders["pre"].value()]
        precision = next(one for one, button in self.precisions.items() if button.isChecked())
        return replace(
            self._base, batch=self.sliders["batch"].value(), total_len=total, pre_len=min(pre, total // 2),
            quantisation=precision,
            kv_cache=self._base.kv_cache if precision == self._base.quantisation else default_kv_cache(precision),
        )  # fmt: skip

    def cards(self) -> list[CardLimit]:
        """Return the cards that the sliders say."""
        limit = self.sliders["limit"].value() * GIB
        return [CardLimit(index, limit) for index in range(self.sliders["cards"].value())]

    @property
    def strategy(self) -> Strategy:
        """The chosen split strategy."""
        return next(one for one, button in self.strategies.items() if button.isChecked())

    def replan(self) -> None:
        """Plan on a background thread; only the newest answer counts."""
        self._number += 1
        self._say_values()
        work = partial(make_plan, self._spec, self.config(), self.cards(), self.strategy)
        self.context.bridge.call(work, partial(self._take_plan, self._number))

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Fit preview"),
            self.tr("What lands where: every layer is placed by the same plan that loads engines."),
        )
        names = {
            "batch": self.tr("Batch"), "total": self.tr("Total length"), "pre": self.tr("Pre length"),
            "cards": self.tr("Cards"), "limit": self.tr("DRAM limit of each"),
        }  # fmt: skip
        for name, text in names.items():
            self._names[name].setText(text)
            self.sliders[name].setAccessibleName(text)
        for one, button in self.precisions.items():
            button.setText("bf16" if one == "none" else one)
        strategies: dict[Strategy, str] = {
            "greedy": self.tr("Greedy"), "equal": self.tr("Equal"), "loose": self.tr("Loose"),
        }  # fmt: skip
        for strategy, text in strategies.items():
            self.strategies[strategy].setText(text)
        self.picture.set_names(self.tr("Card {0}"), self.tr("in"), self.tr("out"), self.tr("These find no place:"))
        self.picture.setAccessibleName(self.tr("Layers over the cards"))
        for (_mark, label), text in zip(
            self._legend, (self.tr("Weights"), self.tr("KV cache"), self.tr("Workspace")), strict=True
        ):
            label.setText(text)
        self._actual_card.set_title(self.tr("Predicted against actual"))
        self._say_values()
        self._show_plan()
        self._show_actual()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        self.picture.setMinimumHeight(self.context.theme.size(430))
        for (mark, _label), colour in zip(self._legend, current().colours.series, strict=False):
            mark.setStyleSheet(f"color: {colour};")

    def dispose(self) -> None:
        """End the movement."""
        self.picture.stop()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        for number, name in enumerate(self.sliders):
            row, column = number % 3, 3 * (number // 3)
            for offset, widget in enumerate((self._names[name], self.sliders[name], self._values[name])):
                grid.addWidget(widget, row, column + offset)
        choices = QHBoxLayout()
        for group, buttons in zip(self._groups, (self.precisions.values(), self.strategies.values()), strict=True):
            for button in buttons:
                group.addButton(button)
                choices.addWidget(button)
            choices.addSpacing(Space.XL)
        choices.addStretch(1)
        grid.addLayout(choices, 2, 3, 1, 3)
        self.strategies[STRATEGIES[0]].setChecked(True)
        self._controls.body.addWidget(self._model)
        self._controls.body.addLayout(grid)
        legend = QHBoxLayout()
        legend.setSpacing(Space.S)
        legend.addWidget(self._total, 1)
        for mark, label in self._legend:
            legend.addWidget(mark)
            legend.addWidget(label)
        self._picture_card.body.addLayout(legend)
        self._picture_card.body.addWidget(self.banner)
        self._picture_card.body.addWidget(self.picture, 1)
        self._actual.setHorizontalSpacing(Space.XL)
        self._actual.setColumnStretch(4, 1)
        self._actual_card.body.addLayout(self._actual)
        self._actual_card.body.addWidget(self._actual_note)
        for card in (self._controls, self._picture_card, self._actual_card):
            self.body.column.addWidget(card)
        self.body.column.addStretch(1)

    def _take_engine(self) -> None:
        """Start from the engine that is loaded; what the visitor set stays until another one is."""
        loaded = self.context.session.loaded
        path = loaded.engine if loaded else ""
        if path != self._engine or self.plan is None:
            self._engine = path
            self._spec, self._base = planned_model(loaded)
            for name, value in (
                ("batch", self._base.batch), ("total", _nearest(LENGTHS, self._base.total_len)),
                ("pre", _nearest(PRE_LENGTHS, self._base.pre_len)),
            ):  # fmt: skip
                self.sliders[name].setValue(value)
            self.precisions[self._base.quantisation].setChecked(True)
            self.replan()
        self._show_actual()

    def _on_toggled(self, on: bool) -> None:
        if on:
            self.replan()

    def _say_values(self) -> None:
        config, number = self.config(), QLocale().toString
        values = {
            "batch": number(config.batch), "total": number(config.total_len), "pre": number(config.pre_len),
            "cards": number(self.sliders["cards"].value()), "limit": f"{self.sliders['limit'].value()} GiB",
        }  # fmt: skip
        for name, text in values.items():
            self._values[name].setText(text)
        what = self.context.session.engine_name or self.tr("Example: ChatGLM2-6B (no engine is loaded)")
        self._model.setText(
            self.tr("{0} · {1} layers · {2}").format(what, self._spec.num_layers, precision_name(config.to_json()))
        )

    def _take_plan(self, number: int, plan: Plan | C10Error) -> None:
        if number == self._number:
            self.plan = plan
            self._show_plan()

    def _show_plan(self) -> None:
        plan = self.plan
        if plan is None:
            return
        limits = tuple((card.index, card.limit_bytes) for card in self.cards())
        found = plan if isinstance(plan, Plan) else None
        self.picture.show_scene(scene_of(found, limits, self._spec.num_layers))
        if isinstance(plan, C10Error):
            self.banner.show_message(translated(plan.message), "bad", hint=translated(plan.hint))
            self._total.setText(self.tr("It doesn't fit"))
            self._total.set_tone("bad")
            return
        self.banner.hide()
        allowed = sum(limit for _, limit in limits)
        self._total.setText(self.tr("It fits: {0} of {1}").format(size_text(plan.used_bytes), size_text(allowed)))
        self._total.set_tone("ok")

    def _show_actual(self) -> None:
        rows = compare(self.context.session)
        self._actual_card.setVisible(bool(rows))
        for cell in self._cells:
            self._actual.removeWidget(cell)
            cell.deleteLater()
        self._cells = []
        if not rows:
            return
        heads = ("", self.tr("Predicted"), self.tr("Actual"), self.tr("Difference"))
        table = [
            heads,
            *((self._row_name(name), size_text(p), size_text(a), f"{_off(p, a):+.2f} %") for name, p, a in rows),
        ]
        for row, texts in enumerate(table):
            for column, text in enumerate(texts):
                cell = Label(text, "caption" if row == 0 else "strong" if column == 0 else "body")
                self._actual.addWidget(cell, row, column, Qt.AlignmentFlag.AlignLeft)
                self._cells.append(cell)
        self._actual_note.setText(
            self.tr("Of the engine that is loaded now; predicted by the plan, actual as the workers report it.")
        )

    def _row_name(self, name: str) -> str:
        if name.isdigit():
            return self.tr("Card {0}").format(name)
        return {"weights": self.tr("Weights"), "kv": self.tr("KV cache")}[name]


def compare(session: Session) -> list[tuple[str, int, int]]:
    """Return (name, predicted bytes, actual bytes) for the loaded engine: a row a card, or weights and KV cache."""
    loaded = session.loaded
    if loaded is None or not loaded.spec:
        return []
    spec, config = planned_model(loaded)
    if not session.card_states:
        plan = make_plan(spec, config, [CardLimit(0, _HUGE)], "greedy")
        if not isinstance(plan, Plan):
            return []
        one = plan.placements[0]
        return [("weights", one.weight_bytes, loaded.weight_bytes), ("kv", one.kv_bytes, loaded.kv_bytes)]
    from core.cards.options import CardsOptions

    options = CardsOptions.from_json(session.spread)
    plan = make_plan(spec, config, options.cards(), options.strategy_name)
    if not isinstance(plan, Plan):
        return []
    placed: dict[int, Placement] = {place.card: place for place in plan.placements}
    return [
        (str(state["card"]), placed[state["card"]].used_bytes,
         state["weight_bytes"] + state["kv_bytes"] + state["workspace_bytes"])
        for state in session.card_states if state["card"] in placed
    ]  # fmt: skip


def _off(predicted: int, actual: int) -> float:
    return 100 * (actual / predicted - 1) if predicted else 0.0


def _nearest(choices: tuple[int, ...], value: int) -> int:
    return min(range(len(choices)), key=lambda index: abs(choices[index] - value))


def _slider(least: int, most: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(least, most)
    slider.setPageStep(1)
    return slider
