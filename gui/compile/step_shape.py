"""Second step of the wizard: batch and lengths."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from core.spec import MAX_BATCH, MAX_TOTAL_LEN, EngineConfig, ModelSpec, default_config
from gui.compile import words
from gui.compile.choices import LEAST_TOTAL, PRESETS, Shape, extended_to, fitting_pre, longest_pre, preset_of
from gui.compile.fit import kv_bytes
from gui.compile.parts import ChoiceCard
from gui.design import Space
from gui.theme import current
from gui.widgets import Banner, Card, FlowLayout, IntegerField, Label, StatTile, size_text

_LEAST_CARD, _LEAST_FIELD = 250, 220


class ShapeStep(QWidget):
    """`changed` carries a Shape; one that can't be compiled can't be entered."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: ModelSpec | None = None
        self._config = default_config()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self._intro = Label("", "muted", wrap=True)
        layout.addWidget(self._intro)
        holder = QWidget()
        self._flow = FlowLayout(_LEAST_CARD, Space.M)
        holder.setLayout(self._flow)
        self._group = QButtonGroup(self)
        self.presets: list[ChoiceCard] = []
        for shape in PRESETS:
            card = ChoiceCard()
            card.body.addStretch(1)
            self._group.addButton(card.radio)
            card.chosen.connect(lambda chosen=shape: self._take(chosen))
            self._flow.addWidget(card)
            self.presets.append(card)
        layout.addWidget(holder)
        self._own = Card()
        layout.addWidget(self._own)
        self._fields = FlowLayout(_LEAST_FIELD, Space.L)
        self.batch = IntegerField(1, MAX_BATCH, 1)
        self.total = IntegerField(LEAST_TOTAL, MAX_TOTAL_LEN, 2048)
        self.pre = IntegerField(1, longest_pre(2048), 256)
        self.total.setSingleStep(1024)
        self.pre.setSingleStep(128)
        self._labels = []
        self._hints = []
        for field in (self.batch, self.total, self.pre):
            label, hint = Label("", "strong"), Label("", "caption", wrap=True)
            label.setBuddy(field)
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(Space.XS)
            for part in (label, field, hint):
                column.addWidget(part)
            column.addStretch(1)
            self._fields.addWidget(cell)
            self._labels.append(label)
            self._hints.append(hint)
            field.valueChanged.connect(self._on_field)
        self.kv = StatTile()
        self._fields.addWidget(self.kv)
        self._own.body.addLayout(self._fields)
        self.banner = Banner()
        layout.addWidget(self.banner)
        layout.addStretch(1)

    def show_shape(self, shape: Shape, spec: ModelSpec, config: EngineConfig) -> None:
        """Show a shape for a model."""
        self._spec, self._config = spec, config
        for field, value in ((self.batch, shape.batch), (self.total, shape.total_len)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self.pre.blockSignals(True)
        self.pre.setMaximum(longest_pre(shape.total_len))
        self.pre.setValue(shape.pre_len)
        self.pre.blockSignals(False)
        self._check(preset_of(shape))
        self._explain()

    def shape(self) -> Shape:
        """Return what is entered."""
        return Shape(self.batch.value(), self.total.value(), self.pre.value())

    def retranslate(self) -> None:
        """Set the texts."""
        self._intro.setText(
            self.tr(
                "These numbers are fixed in the engine. The cards are the vendor's examples; below is room for others."
            )
        )
        titles = (
            self.tr("One chat"),
            self.tr("Long questions"),
            self.tr("Eight at once"),
            self.tr("Long documents"),
            self.tr("Very long chats"),
        )
        meanings = (
            self.tr("The default: one question at a time."),
            self.tr("Prompts of up to 1,024 tokens are read in one round."),
            self.tr("Answers eight questions side by side."),
            self.tr("Reads up to 2,048 tokens in one round, remembers 8,192."),
            self.tr("Remembers 32,768 tokens; needs a large KV cache."),
        )
        for card, shape, title, meaning in zip(self.presets, PRESETS, titles, meanings, strict=True):
            figures = self.tr("Batch {0} · total {1} · pre {2}").format(
                shape.batch, words.number(shape.total_len), words.number(shape.pre_len)
            )
            card.set_texts(title, f"{meaning}\n{words.unbroken(figures)}")
        self._own.set_title(self.tr("Batch and lengths"))
        captions = (self.tr("Static batch"), self.tr("Total length (tokens)"), self.tr("Pre length (tokens)"))
        for label, field, caption in zip(self._labels, (self.batch, self.total, self.pre), captions, strict=True):
            label.setText(caption)
            field.setAccessibleName(caption)
        self._hints[0].setText(self.tr("Questions that are answered together, 1 to {0}.").format(MAX_BATCH))
        self._hints[1].setText(self.tr("Question and answer together: places in the KV cache."))
        self._explain()

    def restyle(self) -> None:
        """Give cards and fields room for the text scale."""
        self._flow.set_least(current().size(_LEAST_CARD))
        self._fields.set_least(current().size(_LEAST_FIELD))

    def _take(self, shape: Shape) -> None:
        if self._spec is not None and shape != self.shape():
            self.show_shape(shape, self._spec, self._config)
            self.changed.emit(shape)

    def _on_field(self) -> None:
        total = self.total.value()
        self.pre.blockSignals(True)
        pre = fitting_pre(self.pre.value(), total)
        self.pre.setMaximum(longest_pre(total))
        self.pre.setValue(pre)
        self.pre.blockSignals(False)
        self._check(preset_of(self.shape()))
        self._explain()
        self.changed.emit(self.shape())

    def _check(self, index: int | None) -> None:
        self._group.setExclusive(False)
        for number, card in enumerate(self.presets):
            card.radio.blockSignals(True)
            card.radio.setChecked(number == index)
            card.radio.blockSignals(False)
            card.set_marked(marked=number == index)
        self._group.setExclusive(True)

    def _explain(self) -> None:
        shape = self.shape()
        self._hints[2].setText(
            self.tr("Prompt tokens that are read in one round; less than the total length, so at most {0}.").format(
                words.number(longest_pre(shape.total_len))
            )
        )
        self.kv.set_caption(self.tr("KV cache"))
        if self._spec is None:
            return
        config = replace(self._config, batch=shape.batch, total_len=shape.total_len, pre_len=shape.pre_len)
        self.kv.set_value(
            size_text(kv_bytes(self._spec, config)),
            self.tr("{0} × {1} tokens, {2}").format(shape.batch, words.number(shape.total_len), config.kv_format),
        )
        extended = extended_to(shape, self._spec)
        if extended:
            self.banner.show_message(
                self.tr("The rotary table is extended to {0} tokens.").format(words.number(extended)),
                "info",
                hint=self.tr(
                    "The model was traced for {0}; positions beyond that are computed by the same formula."
                ).format(words.number(self._spec.max_positions))
                if self._spec.max_positions
                else "",
            )
        else:
            self.banner.hide()
