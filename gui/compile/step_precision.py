"""Third step of the wizard: how weights and KV cache are stored, with what each way costs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.compile import words
from gui.compile.cache_choice import CacheChoice
from gui.compile.choices import PRECISIONS, Precision
from gui.compile.fit import Cost, Machine, Verdict, verdict
from gui.compile.parts import Breakdown, ChoiceCard, Portion
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import Badge, Banner, Card, FlowLayout, Label, not_available, size_text
from gui.widgets.cards import BadgeTone

_LEAST_CARD = 360
_LEAST_BESIDE = 480
TONES: dict[Verdict, BadgeTone] = {"fits": "ok", "tight": "warn", "too_large": "bad"}


class PrecisionStep(QWidget):
    """`changed` fires when another way was chosen; the costs come in one after the other."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self._intro = Label("", "muted", wrap=True)
        layout.addWidget(self._intro)
        self.banner = Banner()
        layout.addWidget(self.banner)
        holder = QWidget()
        self._flow = FlowLayout(_LEAST_CARD, Space.M)
        holder.setLayout(self._flow)
        self._group = QButtonGroup(self)
        self.cards: dict[Precision, PrecisionCard] = {}
        for precision in PRECISIONS:
            card = PrecisionCard()
            self._group.addButton(card.radio)
            card.chosen.connect(self.changed)
            self._flow.addWidget(card)
            self.cards[precision] = card
        layout.addWidget(holder)
        self._head_card = Card()
        self.head = QCheckBox()
        self._head_text = Label("", "muted", wrap=True)
        self._head_card.body.addWidget(self.head)
        self._head_card.body.addWidget(self._head_text)
        self._head_card.body.addStretch(1)
        self.cache = CacheChoice()
        beside = QWidget()
        self._beside = FlowLayout(_LEAST_BESIDE, Space.M)
        beside.setLayout(self._beside)
        self._beside.addWidget(self._head_card)
        self._beside.addWidget(self.cache)
        layout.addWidget(beside)
        layout.addStretch(1)
        self.head.toggled.connect(lambda _on: self.changed.emit())
        self.cache.changed.connect(self.changed)

    def show_choice(self, precision: Precision, *, quant_lm_head: bool) -> None:
        """Mark a choice without telling anybody."""
        for part in (self.head, *(card.radio for card in self.cards.values())):
            part.blockSignals(True)
        self.head.setChecked(quant_lm_head)
        self.cards[precision].radio.setChecked(True)
        for one, card in self.cards.items():
            card.set_marked(marked=one == precision)
        for part in (self.head, *(card.radio for card in self.cards.values())):
            part.blockSignals(False)

    def choice(self) -> Precision:
        """Return the way that is chosen."""
        return next(precision for precision, card in self.cards.items() if card.radio.isChecked())

    def show_costs(self, costs: dict[Precision, Cost], machine: Machine | None) -> None:
        """Show what is known of each way's cost; the others are still being computed."""
        for precision, card in self.cards.items():
            card.show_cost(costs.get(precision), machine)

    def show_failure(self, error: C10Error | None) -> None:
        """Say why the costs can't be computed."""
        if error is None:
            self.banner.hide()
        else:
            self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))

    def retranslate(self) -> None:
        """Set the texts."""
        self._intro.setText(
            self.tr("Smaller weights answer faster: every token reads all of them once. Computed before compiling.")
        )
        for precision, card in self.cards.items():
            card.set_texts(words.precision_title(precision), words.precision_meaning(precision))
            card.retranslate()
        self.cache.retranslate()
        self.head.setText(self.tr("Quantise the output layer to int8 as well"))
        self._head_text.setText(
            self.tr(
                "The vendor leaves it unquantised. Quantised it is smaller and faster; the answers change a little."
            )
        )

    def restyle(self) -> None:
        """Give the cards room for the text scale."""
        self._flow.set_least(current().size(_LEAST_CARD))
        self._beside.set_least(current().size(_LEAST_BESIDE))


class PrecisionCard(ChoiceCard):
    """One way, its file size, its memory against the machine's."""

    def __init__(self) -> None:
        super().__init__()
        self._file, self._memory = Label("", "strong"), Label("", "strong")
        self._file_caption, self._memory_caption = Label("", "caption"), Label("", "caption")
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for column, parts in enumerate(((self._file_caption, self._file), (self._memory_caption, self._memory))):
            for row, part in enumerate(parts):
                grid.addWidget(part, row, column)
        self.body.addLayout(grid)
        self.breakdown = Breakdown(14)
        self.body.addWidget(self.breakdown)
        self.cards_badge = Badge()
        self.cards_badge.hide()
        self.body.addWidget(self.cards_badge)
        self.body.addStretch(1)
        self._cost: Cost | None = None
        self._machine: Machine | None = None

    def show_cost(self, cost: Cost | None, machine: Machine | None) -> None:
        """Show the cost; None: not computed yet."""
        self._cost, self._machine = cost, machine
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        cost, machine = self._cost, self._machine
        self._file_caption.setText(self.tr("File"))
        self._memory_caption.setText(self.tr("Memory while answering / built in"))
        self.badge.setVisible(cost is not None and machine is not None)
        self.cards_badge.setVisible(cost is not None and cost.cards is not None)
        if cost is None or machine is None:
            self._file.setText(self.tr("being computed …") if cost is None else not_available())
            self._memory.setText(not_available())
            self.breakdown.show_portions(memory_portions(None), None)
            return
        self._file.setText(size_text(cost.engine_bytes))
        self._memory.setText(f"{size_text(cost.run_bytes)} / {size_text(machine.memory_total)}")
        self.breakdown.show_portions(memory_portions(cost), machine.memory_total)
        judged = verdict(cost.run_bytes, machine.memory_total, machine.memory_free)
        self.badge.set(words.verdict(judged), TONES[judged])
        if cost.cards is not None:
            text = words.cards_badge(len(machine.cards), simulated=machine.simulated, fits=cost.cards)
            self.cards_badge.set(text, "ok" if cost.cards else "bad")


def memory_portions(cost: Cost | None) -> tuple[Portion, ...]:
    """Return the parts of the memory while answering, empty ones for None."""
    sizes = (cost.weight_bytes, cost.kv_bytes, cost.workspace_bytes, cost.runtime_bytes) if cost else (0, 0, 0, 0)
    names = words.memory_parts()
    return tuple(Portion(name, size) for name, size in zip(names, sizes, strict=True))
