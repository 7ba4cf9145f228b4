"""The picture of the layers over the cards."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QRadioButton, QWidget

from core.errors import C10Error
from core.planner import STRATEGIES, CardLimit, Placement, Plan, Strategy, plan_layers
from core.spec import EngineConfig, ModelSpec, default_config
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import Banner, Button, IconLabel, Label, Segment, StackedBar, size_text
from gui.widgets import Card as Panel

CHATGLM2_6B = ModelSpec(
    num_layers=28, hidden_size=4096, ffn_size=13696, num_heads=32, num_groups=2, head_dim=128, rotary_dim=64,
    rope_theta=10000.0, vocab_size=65024, norm_eps=1e-5, qkv_bias=True, max_positions=2048, source_dtype="float16",
)  # fmt: skip
"""What is planned as long as no engine is loaded."""


def planned_model(loaded: Any) -> tuple[ModelSpec, EngineConfig]:
    """Return spec and configuration of a Loaded event, ChatGLM2-6B with the defaults for None."""
    if loaded is None:
        return CHATGLM2_6B, default_config()
    return ModelSpec.from_json(loaded.spec), EngineConfig.from_json(loaded.config)


def make_plan(spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], strategy: Strategy) -> Plan | C10Error:
    """Return the plan, or the error that says why there is none."""
    try:
        return plan_layers(spec, config, cards, strategy)
    except C10Error as error:
        return error


class PlanPanel(Panel):
    """Strategy, and one bar for each card: weights, KV cache and workspace within its limit."""

    strategy_changed = Signal(str)
    applied = Signal()
    """The loaded engine is to be spread as planned."""

    def __init__(self, strategy: Strategy) -> None:
        super().__init__()
        self._model = Label("", "muted", wrap=True)
        self.body.addWidget(self._model)
        self._group = QButtonGroup(self)
        self._choices: dict[Strategy, QRadioButton] = {}
        choices = QHBoxLayout()
        choices.setSpacing(Space.XL)
        for name in STRATEGIES:
            button = QRadioButton()
            button.setChecked(name == strategy)
            button.toggled.connect(partial(self._on_toggled, name))
            self._group.addButton(button)
            self._choices[name] = button
            choices.addWidget(button)
        choices.addStretch(1)
        self.body.addLayout(choices)
        self._meaning = Label("", "muted", wrap=True)
        self.body.addWidget(self._meaning)
        self.banner = Banner()
        self.body.addWidget(self.banner)
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self._grid.setColumnStretch(1, 1)
        self.body.addWidget(holder)
        self._legend = QHBoxLayout()
        self._legend.setSpacing(Space.S)
        self._legend_labels: list[Label] = []
        for icon_colour in ("series0", "series1", "series2"):
            dot = _Dot(int(icon_colour[-1]))
            label = Label("", "caption")
            self._legend_labels.append(label)
            self._legend.addWidget(dot)
            self._legend.addWidget(label)
            self._legend.addSpacing(Space.M)
        self._legend.addStretch(1)
        self.body.addLayout(self._legend)
        self._rows: list[tuple[Label, StackedBar, Label]] = []
        self.apply_button = Button("", "refresh")
        self.apply_button.clicked.connect(self.applied)
        self.apply_button.hide()
        self.body.addWidget(self.apply_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._result: Plan | C10Error | None = None

    def _on_toggled(self, strategy: Strategy, on: bool) -> None:
        if on:
            self.strategy_changed.emit(strategy)

    def offer_to_apply(self, offered: bool) -> None:
        """Offer to load the engine again, because it is spread otherwise."""
        self.apply_button.setText(self.tr("Load the engine again with this plan"))
        self.apply_button.setVisible(offered)

    def choose(self, strategy: Strategy) -> None:
        """Choose a strategy as a click would."""
        self._choices[strategy].setChecked(True)

    @property
    def strategy(self) -> Strategy:
        """The chosen strategy."""
        return next(name for name, button in self._choices.items() if button.isChecked())

    def retranslate(self, spec: ModelSpec, config: EngineConfig, name: str) -> None:
        """Set the texts; `name` is the engine's, empty for the example."""
        self.set_title(self.tr("Layers over the cards"))
        texts = {
            "greedy": (self.tr("Greedy"), self.tr("Fills a card up to its limit, then goes on to the next.")),
            "equal": (self.tr("Equal"), self.tr("Gives every card the same number of bytes, in whole layers.")),
            "loose": (
                self.tr("Loose"),
                self.tr("Shares in proportion to the limits: each card keeps the same part free."),
            ),
        }
        for strategy, button in self._choices.items():
            button.setText(texts[strategy][0])
        self._meaning.setText(texts[self.strategy][1])
        what = name or self.tr("Example: ChatGLM2-6B (no engine is loaded)")
        self._model.setText(
            self.tr("{0} · {1} layers · {2} weights · {3} tokens of context").format(
                what, spec.num_layers, config.linear_format, config.total_len
            )
        )
        for label, text in zip(
            self._legend_labels, (self.tr("Weights"), self.tr("KV cache"), self.tr("Workspace")), strict=True
        ):
            label.setText(text)
        self.show_result(self._result)

    def show_result(self, result: Plan | C10Error | None) -> None:
        """Show a plan, or why there is none."""
        self._result = result
        if isinstance(result, C10Error):
            self.banner.show_message(translated(result.message), "bad", hint=translated(result.hint))
        else:
            self.banner.hide()
        placements = result.placements if isinstance(result, Plan) else ()
        self._set_rows(len(placements))
        for (name, bar, text), placement in zip(self._rows, placements, strict=True):
            name.setText(self.tr("Card {0}").format(placement.card))
            bar.set_segments(_segments(placement))
            words = f"{self._holds(placement)} · {size_text(placement.used_bytes)} / {size_text(placement.limit_bytes)}"
            text.setText(words)
            bar.setAccessibleName(f"{name.text()}: {words}")

    def _holds(self, placement: Placement) -> str:
        parts = []
        if placement.embedding:
            parts.append(self.tr("embedding"))
        if placement.num_layers:
            last = placement.first_layer + placement.num_layers - 1
            parts.append(self.tr("layers {0}–{1}").format(placement.first_layer, last))
        if placement.output:
            parts.append(self.tr("output"))
        return " + ".join(parts) or self.tr("nothing")

    def _set_rows(self, count: int) -> None:
        while len(self._rows) > count:
            for old in self._rows.pop():
                self._grid.removeWidget(old)
                old.deleteLater()
        while len(self._rows) < count:
            row = (Label("", "strong"), StackedBar(28), Label("", "body"))
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, len(self._rows), column)
            self._rows.append(row)


def _segments(placement: Placement) -> tuple[Segment, ...]:
    series = current().colours.series
    sizes = (placement.weight_bytes, placement.kv_bytes, placement.workspace_bytes)
    return tuple(
        Segment(size / placement.limit_bytes, colour) for size, colour in zip(sizes, series, strict=False) if size
    )


class _Dot(IconLabel):
    """A dot in one of the colours of the series."""

    def __init__(self, number: int) -> None:
        self._number = number
        super().__init__("dot", "accent", 18)

    def _draw(self) -> None:
        from gui import icons

        theme = current()
        size = theme.size(18)
        self.setFixedSize(size, size)
        self.setPixmap(icons.pixmap("dot", theme.colours.series[self._number], size, self.devicePixelRatioF()))
