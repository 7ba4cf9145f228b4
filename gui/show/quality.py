"""The quality card of an engine: what it has kept of its model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QHBoxLayout

from core.errors import C10Error, UntrustedError
from core.quality.card import QualityCard
from core.quality.text import QUESTIONS
from gui.compile import library
from gui.compile.library import EngineInfo
from gui.compile.measuring import Measuring, is_demo
from gui.design import Space
from gui.pages import Context
from gui.sentences import translated
from gui.show.bar_chart import LayerChart
from gui.show.piece import Piece
from gui.widgets import (
    Banner,
    Card,
    EmptyState,
    Label,
    PrimaryButton,
    Segment,
    StackedBar,
    StatTile,
    size_text,
)
from gui.widgets.files import open_file


class QualityPiece(Piece):
    """Shows the card that is kept beside an engine, or offers to measure it."""

    page_id = "quality"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.engines: tuple[EngineInfo, ...] = ()
        self._scanned = False
        self._begun: tuple[Path, Path | None] | None = None
        """The engine and the model that are measured for this piece, not after a compile job."""
        self.banner, self.choice = Banner(), QComboBox()
        self.measure_button = PrimaryButton("", "refresh")
        self.body.tools.insertWidget(0, self.measure_button)
        self._progress, self._state = StackedBar(10), Label("", "muted", wrap=True)
        self.tiles = {name: StatTile() for name in ("size", "perplexity", "answers", "error")}
        self.chart, self.answers = LayerChart(), Label("", "body", wrap=True)
        self._figures, self._layers, self._answer_card = Card(), Card(), Card()
        self.empty = EmptyState("scale")
        self._build()
        self.choice.currentIndexChanged.connect(self.refresh)
        self.measure_button.clicked.connect(self.measure)
        self.empty.button.clicked.connect(self.measure)
        self.measuring.changed.connect(self.refresh)
        self.measuring.ended.connect(self._on_ended)

    @property
    def measuring(self) -> Measuring:
        """What measures engines; it is the Compile page's, which starts it after each compile job."""
        found = self.context.page("compile").measuring  # type: ignore[attr-defined]  # the Compile page
        assert isinstance(found, Measuring)  # noqa: S101 -- as it is made there
        return found

    @property
    def engine(self) -> EngineInfo | None:
        """The engine that is shown."""
        index = self.choice.currentIndex()
        return self.engines[index] if 0 <= index < len(self.engines) else None

    def activate(self) -> None:
        """Look for engines and cards."""
        self._scan()

    def measure(self) -> None:
        """Measure the engine that is shown; its ONNX model is asked for where it isn't the demo's."""
        if self.engine is not None and self.measuring.engine is None:
            self.context.booth.as_operator(self._measure)

    def retranslate(self) -> None:
        """Set the texts."""
        super().retranslate()
        self.body.set_heading(
            self.tr("Quality card"),
            self.tr("What an engine has kept of its model: layer by layer, in prediction, and in its answers."),
        )
        self.choice.setAccessibleName(self.tr("Engine"))
        self._figures.set_title(self.tr("Against the original"))
        self._layers.set_title(self.tr("Error of each layer's weights"))
        self._answer_card.set_title(self.tr("Answers"))
        self.chart.set_names(self.tr("layer"), "", self.tr("output"))
        self.chart.setAccessibleName(self.tr("Error of each layer's weights"))
        captions = {
            "size": self.tr("Size"), "perplexity": self.tr("Perplexity"),
            "answers": self.tr("Tokens until a difference"), "error": self.tr("Largest error of a layer"),
        }  # fmt: skip
        for name, caption in captions.items():
            self.tiles[name].set_caption(caption)
        self.refresh()

    def restyle(self) -> None:
        """Give the chart room for the text scale."""
        self.chart.setFixedHeight(self.context.theme.size(280))

    def refresh(self) -> None:
        """Show the card of the chosen engine."""
        engine, measuring = self.engine, self.measuring
        card = engine.quality if engine is not None else None
        busy = measuring.engine is not None
        for part in (self._figures, self._layers, self._answer_card):
            part.setVisible(card is not None)
        self.choice.setVisible(bool(self.engines))
        self.measure_button.setVisible(card is not None)
        self.measure_button.setEnabled(not busy)
        self.measure_button.setText(self.tr("Measure again"))
        self.empty.setVisible(self._scanned and card is None and not busy)
        self._say_empty()
        self._progress.setVisible(busy)
        self._state.setVisible(busy)
        if busy:
            share = measuring.done / measuring.total if measuring.total else 0.0
            self._progress.set_segments((Segment(share, self.context.theme.colours.accent),))
            self._state.setText(self._progress_text())
        if card is not None:
            self._show_card(card)

    def _build(self) -> None:
        column = self.body.column
        for part in (self.banner, self.choice, self._state, self._progress, self.empty):
            column.addWidget(part)
        tiles = QHBoxLayout()
        tiles.setSpacing(Space.M)
        for tile in self.tiles.values():
            tiles.addWidget(tile, 1)
        self._figures.body.addLayout(tiles)
        self._date = Label("", "caption", wrap=True)
        self._figures.body.addWidget(self._date)
        self._layers.body.addWidget(self.chart)
        self._answer_card.body.addWidget(self.answers)
        for card in (self._figures, self._layers, self._answer_card):
            column.addWidget(card)
        column.addStretch(1)
        self.empty.hide()
        self._progress.hide()
        self._state.hide()

    def _say_empty(self) -> None:
        if not self.engines:
            self.empty.set_texts(
                self.tr("No engine yet"), self.tr("Compile one; its quality is measured in the background afterwards.")
            )
            return
        self.empty.set_texts(
            self.tr("Not measured yet"),
            self.tr("The engine's answers and weights are compared with the model it was compiled from."),
            self.tr("Measure it now"),
        )

    def _progress_text(self) -> str:
        measuring = self.measuring
        name = measuring.engine.stem if measuring.engine else ""
        if not measuring.total:
            return self.tr("{0}: the engine answers …").format(name)
        return self.tr("{0}: {1} of {2} layers compared").format(name, measuring.done, measuring.total)

    def _show_card(self, card: QualityCard) -> None:
        number = QLocale().toString
        self.tiles["size"].set_value(size_text(card.engine_bytes), card.precision)
        change = f"{100 * card.perplexity_change:+.2f} %"
        self.tiles["perplexity"].set_value(
            number(card.perplexity, "f", 2),
            self.tr("{0} against {1} of the original").format(change, number(card.original_perplexity, "f", 2)),
        )
        alike = card.tokens_alike
        most = min(check.tokens for check in card.answers)
        self.tiles["answers"].set_value(
            self.tr("none in {0}").format(most) if alike >= most else number(alike),
            self.tr("the least of {0} answers").format(len(card.answers)),
        )
        worst = card.worst
        self.tiles["error"].set_value(
            f"{100 * worst.relative_error:.2f} %",
            self.tr("layer {0}, cosine {1}").format(worst.name, number(worst.cosine, "f", 5)),
        )
        self._date.setText(
            self.tr("Measured {0} in {1} s, on a text of {2} tokens, against the model's arithmetic in float32").format(
                card.date.replace("T", " "), number(card.seconds, "f", 0), number(card.text_tokens)
            )
        )
        self.chart.show_layers(card.layers)
        lines = []
        for check in card.answers:
            same = self.tr("{0} tokens, each as the original would choose").format(check.tokens)
            other = self.tr("{0} tokens, the first difference at token {1}").format(
                check.tokens, (check.first_difference or 0) + 1
            )
            lines.append("• " + (same if check.first_difference is None else other))
        self.answers.setText("\n".join(lines))

    def _measure(self) -> None:
        engine = self.engine
        if engine is None:
            return
        if is_demo(engine.path):
            self._begin(engine.path, None)
            return
        title, models = self.tr("The model it was compiled from"), self.tr("ONNX models (*.onnx)")
        open_file(self, title, models, lambda model: self._begin(engine.path, model), engine.path.parent)

    def _begin(self, engine: Path, model: Path | None, *, trust: bool = False) -> None:
        self.banner.hide()
        self._begun = engine, model
        self.measuring.start(engine, model, list(QUESTIONS), trust=trust)

    def _scan(self) -> None:
        folders = library.folders(self.context.store.value)
        self.context.bridge.call(partial(library.scan, folders), self._take_scan, self._show_error)

    def _take_scan(self, found: tuple[EngineInfo, ...]) -> None:
        before, loaded = self.engine, self.context.session.loaded
        wanted = str(before.path) if before else loaded.engine if loaded else ""
        self.engines, self._scanned = tuple(one for one in found if one.ready and one.tokenizer), True
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems([one.name for one in self.engines])
        self.choice.setCurrentIndex(next((i for i, one in enumerate(self.engines) if str(one.path) == wanted), 0))
        self.choice.blockSignals(False)
        self.refresh()

    def _on_ended(self, error: C10Error | None) -> None:
        if error is not None:
            self._show_error(error)
        if isinstance(error, UntrustedError) and self._begun is not None:
            engine, model = self._begun
            self.context.ask_for_trust(str(engine), partial(self._begin, engine, model, trust=True))
        self._begun = None
        self._scan()

    def _show_error(self, error: C10Error) -> None:
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))
