"""Third step of the wizard, below the weights: how the KV cache is stored, with the memory that each way takes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout

from core.spec import EngineConfig, KvCache, ModelSpec, default_kv_cache
from gui.compile import words
from gui.compile.fit import kv_bytes
from gui.design import Space
from gui.widgets import Card, Label, size_text

CHOICES: tuple[KvCache | None, ...] = (None, "f16", "int8")
"""None stands for what goes with the weights."""


class CacheChoice(Card):
    """`changed` fires when another way was chosen."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._spec: ModelSpec | None = None
        self._config = EngineConfig()
        self._label, self._text = Label("", "strong"), Label("", "muted", wrap=True)
        self.box = QComboBox()
        self.box.addItems([""] * len(CHOICES))
        self._label.setBuddy(self.box)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._label)
        row.addWidget(self.box, 1)
        self.body.addLayout(row)
        self.body.addWidget(self._text)
        self.body.addStretch(1)
        self.box.activated.connect(lambda _index: self.changed.emit())

    def show_choice(self, chosen: KvCache | None, spec: ModelSpec, config: EngineConfig) -> None:
        """Mark a choice without telling anybody, and show what each takes for a model and the rest of its config."""
        self._spec, self._config = spec, config
        self.box.setCurrentIndex(CHOICES.index(chosen))
        self.retranslate()

    def choice(self) -> KvCache | None:
        """Return the way that is chosen."""
        return CHOICES[self.box.currentIndex()]

    def retranslate(self) -> None:
        """Set the texts."""
        self._label.setText(self.tr("KV cache"))
        self.box.setAccessibleName(self._label.text())
        texts = (self.tr("{0} as usual with these weights · {1}"), "{0} · {1}", "{0} · {1}")
        for index, (chosen, text) in enumerate(zip(CHOICES, texts, strict=True)):
            config = replace(self._config, kv_cache=chosen or default_kv_cache(self._config.quantisation))
            size = size_text(kv_bytes(self._spec, config) if self._spec else None)
            self.box.setItemText(index, text.format(config.kv_format, size))
        self._text.setText(
            self.tr(
                "Keys and values of {0} tokens. int8 takes about half the memory of float16 and is faster after a long "
                "context; the answers change a little."
            ).format(words.number(self._config.batch * self._config.total_len))
        )
