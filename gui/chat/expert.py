"""The Expert panel: how the next token is chosen and how long an answer may get."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from gui.chat.presets import Options
from gui.design import Space
from gui.widgets import FlowLayout, Label
from gui.widgets.edit import PlainEdit
from gui.widgets.fields import DecimalField, IntegerField


class ExpertPanel(QFrame):
    """Edits `Options`; `changed` fires at each change by the user."""

    changed = Signal()
    system_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.setProperty("role", "inset")
        self.do_sample = QCheckBox()
        self.constant_output = QCheckBox()
        self.temperature = DecimalField(0.0, 5.0, 0.85, 0.05)
        self.top_p = DecimalField(0.01, 1.0, 1.0, 0.05)
        self.top_k = IntegerField(0, 1000, 0)
        self.repetition_penalty = DecimalField(0.1, 5.0, 1.0, 0.05)
        self.max_new_tokens = IntegerField(1, 1 << 20, 2048)
        self.seed = IntegerField(-1, (1 << 31) - 1, -1)
        self._labels = {
            name: Label("", "caption")
            for name in ("temperature", "top_p", "top_k", "repetition_penalty", "max_new_tokens", "seed")
        }
        flow = FlowLayout(least=150, spacing=Space.M)
        for name, label in self._labels.items():
            flow.addWidget(_cell(label, getattr(self, name)))
        checks = QHBoxLayout()
        checks.setSpacing(Space.L)
        checks.addWidget(self.do_sample)
        checks.addWidget(self.constant_output)
        checks.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        outer.setSpacing(Space.S)
        self.system = PlainEdit()
        self.system.setTabChangesFocus(True)
        self.system.setFixedHeight(72)
        self._system_label = Label("", "caption")
        outer.addLayout(checks)
        outer.addLayout(flow)
        outer.addWidget(self._system_label)
        outer.addWidget(self.system)
        self.system.textChanged.connect(self._tell_system)
        for box in (self.temperature, self.top_p, self.repetition_penalty):
            box.valueChanged.connect(self._tell)
        for spin in (self.top_k, self.max_new_tokens, self.seed):
            spin.valueChanged.connect(self._tell)
        for check in (self.do_sample, self.constant_output):
            check.toggled.connect(self._tell)
        self.max_new_tokens.setSingleStep(64)
        self.set_options(Options())

    def options(self) -> Options:
        """Return what is set."""
        return Options(
            do_sample=self.do_sample.isChecked(),
            temperature=round(self.temperature.value(), 3),
            top_p=round(self.top_p.value(), 3),
            top_k=self.top_k.value(),
            repetition_penalty=round(self.repetition_penalty.value(), 3),
            max_new_tokens=self.max_new_tokens.value(),
            constant_output=self.constant_output.isChecked(),
            seed=self.seed.value(),
        )

    def set_options(self, options: Options) -> None:
        """Show these options; `changed` doesn't fire."""
        self._quiet = True
        self.do_sample.setChecked(options.do_sample)
        self.constant_output.setChecked(options.constant_output)
        self.temperature.setValue(options.temperature)
        self.top_p.setValue(options.top_p)
        self.top_k.setValue(options.top_k)
        self.repetition_penalty.setValue(options.repetition_penalty)
        self.max_new_tokens.setValue(options.max_new_tokens)
        self.seed.setValue(options.seed)
        self._quiet = False
        self._enable()

    def set_system(self, system: str) -> None:
        """Show this system prompt; `system_changed` doesn't fire."""
        if system != self.system.toPlainText():
            self._quiet = True
            self.system.setPlainText(system)
            self._quiet = False

    def retranslate(self) -> None:
        """Set the texts."""
        self.setAccessibleName(self.tr("Expert settings"))
        self.do_sample.setText(self.tr("Sample"))
        self.do_sample.setToolTip(self.tr("Draw the next token at random by its probability instead of the likeliest"))
        self.constant_output.setText(self.tr("Constant output"))
        self.constant_output.setToolTip(self.tr("Go on after the model's end, until the limit of new tokens"))
        texts = {
            "temperature": (self.tr("Temperature"), self.tr("Higher is more surprising; 0 takes the likeliest token")),
            "top_p": (self.tr("Top-p"), self.tr("Keep the likeliest tokens that together reach this probability")),
            "top_k": (self.tr("Top-k"), self.tr("Keep this many of the likeliest tokens")),
            "repetition_penalty": (self.tr("Repetition penalty"), self.tr("Above 1 makes repeating less likely")),
            "max_new_tokens": (self.tr("Most new tokens"), self.tr("The answer ends after this many tokens")),
            "seed": (self.tr("Seed"), self.tr("The same seed gives the same answer")),
        }
        for name, (label, tip) in texts.items():
            box = getattr(self, name)
            self._labels[name].setText(label)
            box.setAccessibleName(label)
            box.setToolTip(tip)
        self._system_label.setText(self.tr("System prompt"))
        self.system.setAccessibleName(self.tr("System prompt"))
        self.system.setPlaceholderText(
            self.tr("What the model should know or how it should behave, before the first question")
        )
        self.top_k.setSpecialValueText(self.tr("All"))
        self.seed.setSpecialValueText(self.tr("Random"))

    def _tell_system(self) -> None:
        if not self._quiet:
            self.system_changed.emit(self.system.toPlainText())

    def _tell(self) -> None:
        if not self._quiet:
            self._enable()
            self.changed.emit()

    def _enable(self) -> None:
        for name in ("temperature", "top_p", "top_k", "seed"):
            getattr(self, name).setEnabled(self.do_sample.isChecked())


def _cell(label: Label, box: QWidget) -> QWidget:
    cell = QWidget()
    layout = QVBoxLayout(cell)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(label)
    layout.addWidget(box)
    return cell
