"""The figures beside the graph: first token, prefill and decode, context, memory."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.events import Metrics
from core.system import memory
from gui.chat import words
from gui.design import Space
from gui.theme import current
from gui.widgets import Label, LiveLabel, Meter, Segment, StackedBar, StatTile, not_available, of_limit


class Figures(QWidget):
    """Tiles, bars and gauges; unknown values are N/A."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metrics: Metrics | None = None
        self._split_seconds = (0.0, 0.0)
        """Of prefill and decode."""
        self._total_bytes = memory().total
        self.ttft, self.tokens, self.prefill, self.decode = StatTile(), StatTile(), StatTile(), StatTile()
        self._split_caption = Label("", "caption")
        self.split = StackedBar()
        self.split_texts = (LiveLabel("", "caption"), LiveLabel("", "caption"))
        self._split_marks = (Label("■", "caption"), Label("■", "caption"))
        self._context_caption, self.context_text = Label("", "caption"), LiveLabel("", "strong")
        self.context = Meter()
        self._context_note = Label("", "caption", wrap=True)
        self._memory_caption, self.memory_text = Label("", "caption"), LiveLabel("", "strong")
        self.memory = Meter()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        for number, tile in enumerate((self.ttft, self.tokens, self.prefill, self.decode)):
            grid.addWidget(tile, number // 2, number % 2)
        layout.addLayout(grid)
        for group in (
            (self._split_caption, self.split, self._legend()),
            (self._context_caption, self.context_text, self.context, self._context_note),
            (self._memory_caption, self.memory_text, self.memory),
        ):
            layout.addSpacing(Space.M)
            for part in group:
                layout.addWidget(part)

    def show_metrics(self, figures: Metrics | None) -> None:
        """Show the figures of an answer; None: there is none yet."""
        self._metrics = figures
        if figures is None:
            for tile in (self.ttft, self.tokens, self.prefill, self.decode):
                tile.set_value(not_available())
            self._split_seconds = (0.0, 0.0)
        else:
            self.ttft.set_value(words.duration(figures.ttft_s))
            self.tokens.set_value(QLocale().toString(figures.new_tokens))
            self.prefill.set_value(words.duration(figures.prefill_s), self._prefill_detail(figures))
            self.decode.set_value(words.duration(figures.decode_s), words.rate(figures.decode_tokens_per_s))
            self._split_seconds = (figures.prefill_s, figures.decode_s)
        self._show_split()

    def show_live(self, first_s: float, decode_s: float, tokens: int, speed: float) -> None:
        """Show what is known of a running answer: seconds to and since its first token, tokens so far, tokens/s."""
        self.ttft.set_value(words.duration(first_s))
        self.tokens.set_value(QLocale().toString(tokens))
        self.prefill.set_value(words.duration(first_s))
        self.decode.set_value(words.duration(decode_s), words.rate(speed))
        self._split_seconds = (first_s, decode_s)
        self._show_split()

    def show_context(self, used: int, size: int) -> None:
        """Show how many of `size` positions of the KV cache are in use; size 0: no engine."""
        if not size:
            self.context.set_value(None, None, self._context_caption.text())
            self.context_text.setText(not_available())
            return
        number = QLocale().toString
        self.context_text.setText(self.tr("{0} of {1} tokens").format(number(used), number(size)))
        self.context.set_value(used, size, self._context_caption.text())

    def show_memory(self, used: int | None) -> None:
        """Show the worker's resident memory in bytes, None if there is no worker."""
        self.memory_text.setText(of_limit(used, self._total_bytes))
        self.memory.set_value(used, self._total_bytes, self._memory_caption.text())

    def retranslate(self) -> None:
        """Set the texts."""
        self.ttft.set_caption(self.tr("Time to first token"))
        self.tokens.set_caption(self.tr("New tokens"))
        self.prefill.set_caption(self.tr("Prefill"))
        self.decode.set_caption(self.tr("Decode"))
        self._split_caption.setText(self.tr("Where the time went"))
        self._context_caption.setText(self.tr("Context (KV cache)"))
        self._context_note.setText(
            self.tr(
                "When it is full, the answer ends. Begin a new conversation, or compile with a larger total length."
            )
        )
        self._memory_caption.setText(self.tr("Memory of the worker"))
        self.show_metrics(self._metrics)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for mark, colour in zip(self._split_marks, current().colours.series, strict=False):
            mark.setStyleSheet(f"color: {colour};")
        self._show_split()

    def _legend(self) -> QWidget:
        legend = QWidget()
        row = QHBoxLayout(legend)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        for mark, text in zip(self._split_marks, self.split_texts, strict=True):
            row.addWidget(mark)
            row.addWidget(text)
            row.addSpacing(Space.M)
        row.addStretch(1)
        return legend

    def _prefill_detail(self, figures: Metrics) -> str:
        """Return the speed, or how much of the prompt was in the KV cache already: then a speed says little."""
        if not figures.cached_tokens:
            return words.rate(figures.prefill_tokens_per_s)
        number = QLocale().toString
        return self.tr("{0} of {1} reused").format(number(figures.cached_tokens), number(figures.prompt_tokens))

    def _show_split(self) -> None:
        colours = current().colours.series
        names = (self.tr("Prefill"), self.tr("Decode"))
        total = sum(self._split_seconds)
        if total <= 0:
            self.split.set_segments((), known=False)
            for text, name in zip(self.split_texts, names, strict=True):
                text.setText(f"{name} {not_available()}")
            return
        shares = tuple(seconds / total for seconds in self._split_seconds)
        self.split.set_segments(tuple(Segment(share, colours[i], names[i]) for i, share in enumerate(shares)))
        for text, name, share in zip(self.split_texts, names, shares, strict=True):
            text.setText(f"{name} {share:.0%}")
        self.split.setAccessibleName(", ".join(text.text() for text in self.split_texts))
