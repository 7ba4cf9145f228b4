"""One panel for each device, like the slots of the chassis."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.devices import Card, Cpu
from core.planner import Placement
from gui.design import Space
from gui.widgets import Badge, DecimalField, FlowLayout, IconLabel, Label, Meter, StatTile, not_available, of_limit
from gui.widgets import Card as Panel

GIB = 1 << 30
FRESH_S = 3.0
"""A device that was seen within this many seconds is alive."""


class CpuPanel(Panel):
    """The processor: threads, memory, instruction sets."""

    def __init__(self) -> None:
        super().__init__()
        self._beat = IconLabel("dot", "muted", 16)
        self._active = Badge("", "ok")
        self.header.insertWidget(0, self._beat)
        self.header.addWidget(self._active)
        self._name = Label("", "muted", wrap=True)
        self._memory_caption = Label("", "caption")
        self._memory = Label("", "strong")
        self._meter = Meter()
        for part in (self._name, self._memory_caption, self._memory, self._meter):
            self.body.addWidget(part)
        tiles = QHBoxLayout()
        tiles.setSpacing(Space.M)
        self._threads, self._sets = StatTile(), StatTile()
        tiles.addWidget(self._threads)
        tiles.addWidget(self._sets)
        self.body.addLayout(tiles)
        self._features = FlowLayout(least=84, spacing=Space.S)
        holder = QWidget()
        holder.setLayout(self._features)
        self.body.addWidget(holder)
        self.body.addStretch(1)
        self._shown_features: tuple[str, ...] = ()

    def show_device(self, cpu: Cpu, *, alive: bool, computes: bool) -> None:
        """Show the values; `computes`: no real card is there, so the CPU does the work."""
        self.set_title(self.tr("CPU"))
        self._active.set(self.tr("active") if computes else self.tr("standby"), "ok" if computes else "neutral")
        self.set_active(computes)
        self._name.setText(cpu.name)
        self._beat.set_icon("dot", "ok" if alive else "bad")
        self._beat.setAccessibleName(self.tr("alive") if alive else self.tr("not answering"))
        self._memory_caption.setText(self.tr("Memory, used / total"))
        self._memory.setText(of_limit(cpu.memory_used, cpu.memory_total))
        self._meter.set_value(cpu.memory_used, cpu.memory_total, self.tr("Memory"))
        self._threads.set_caption(self.tr("Threads"))
        self._threads.set_value(str(cpu.threads), self.tr("on {0} cores").format(cpu.cores))
        self._sets.set_caption(self.tr("Architecture"))
        self._sets.set_value(cpu.architecture, self.tr("{0} instruction sets").format(len(cpu.features)))
        if cpu.features != self._shown_features:
            self._shown_features = cpu.features
            while (item := self._features.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.deleteLater()
            for name in cpu.features:
                self._features.addWidget(Badge(name.upper()))


class CardPanel(Panel):
    """One C10: memory, load, temperature, and how much of its DRAM may be used."""

    limit_changed = Signal(int, float)
    """Card index, limit in GiB."""

    def __init__(self, card: Card, limit_gib: float) -> None:
        super().__init__()
        self._card = card
        self._beat = IconLabel("dot", "muted", 16)
        self._kind = Badge()
        self.header.insertWidget(0, self._beat)
        self.header.addWidget(self._kind)
        self._node = Label("", "muted", wrap=True)
        self._memory_caption, self._memory, self._meter = Label("", "caption"), Label("", "strong"), Meter()
        self._plan_caption, self._plan, self._plan_meter = Label("", "caption"), Label("", "strong"), Meter()
        for part in (
            self._node, self._memory_caption, self._memory, self._meter, self._plan_caption, self._plan,
            self._plan_meter,
        ):  # fmt: skip
            self.body.addWidget(part)
        tiles = QHBoxLayout()
        tiles.setSpacing(Space.M)
        self._load, self._temperature = StatTile(), StatTile()
        tiles.addWidget(self._load)
        tiles.addWidget(self._temperature)
        self.body.addLayout(tiles)
        self._work = Label("", "muted", wrap=True)
        self._work.hide()
        self.body.addWidget(self._work)
        self._state: dict[str, Any] | None = None
        self._seen = 0.0
        row = QHBoxLayout()
        self._limit_label = Label("", "body")
        self.limit = DecimalField(0.25, 4096, limit_gib, 0.5)
        self.limit.setSuffix(" GiB")
        self.limit.valueChanged.connect(lambda value: self.limit_changed.emit(card.index, value))
        self._limit_label.setBuddy(self.limit)
        row.addWidget(self._limit_label, 1)
        row.addWidget(self.limit, 0, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_device(self, card: Card, *, alive: bool) -> None:
        """Show the values; what isn't known is N/A."""
        self._card = card
        reading = card.reading
        self.set_title(self.tr("C10 card {0}").format(card.index))
        self._beat.set_icon("dot", "ok" if alive else "bad")
        self._beat.setAccessibleName(self.tr("alive") if alive else self.tr("not answering"))
        if card.simulated:
            self._kind.set(self.tr("simulated"), "warn")
            self._node.setText(self.tr("Simulated: nothing is plugged in, its work runs on the CPU."))
        elif card.node:
            self._kind.set(self.tr("driver node"), "ok")
            self._node.setText(card.node)
        else:
            self._kind.set(self.tr("no driver node"), "warn")
            self._node.setText(self.tr("Seen by the SDK; there is no driver node."))
        self._limit_label.setText(self.tr("DRAM limit"))
        self.limit.setAccessibleName(self.tr("DRAM limit of card {0} in GiB").format(card.index))
        self._load.set_caption(self.tr("Utilisation"))
        self._temperature.set_caption(self.tr("Temperature"))
        self._temperature.set_value(not_available() if reading.temperature is None else f"{reading.temperature:.0f} °C")
        if self._state is not None:
            return
        self._memory_caption.setText(self.tr("DRAM, used / total"))
        self._memory.setText(of_limit(reading.memory_used, reading.memory_total))
        self._meter.set_value(reading.memory_used, reading.memory_total, self.tr("DRAM"))
        self._load.set_value(not_available() if reading.utilisation is None else f"{reading.utilisation:.0f} %")

    def show_state(self, state: dict[str, Any] | None) -> None:
        """Show what a simulated card holds and does (`core.cards.figures.CardFigures` as JSON); None: nothing."""
        before, self._state = self._state, state
        passed, self._seen = time.monotonic() - self._seen, time.monotonic()
        self._work.setVisible(state is not None)
        if state is None:
            self.show_device(self._card, alive=True)
            return
        held = state["weight_bytes"] + state["kv_bytes"] + state["workspace_bytes"]
        self._memory_caption.setText(self.tr("DRAM, held / limit"))
        self._memory.setText(of_limit(held, state["limit_bytes"]))
        self._meter.set_value(held, state["limit_bytes"], self.tr("DRAM"))
        busy = state["busy_s"] - before["busy_s"] if before and before["pid"] == state["pid"] else 0.0
        self._load.set_value(f"{min(100.0, 100 * busy / passed):.0f} %")
        self._work.setText(
            self.tr("{0} passes, computed for {1} s, handed over in {2} s").format(
                QLocale().toString(state["works"]),
                QLocale().toString(state["busy_s"], "f", 2),
                QLocale().toString(state["hand_over_s"], "f", 2),
            )
        )

    def show_plan(self, placement: Placement | None) -> None:
        """Show what the plan puts on this card; None: there is no plan that fits."""
        self._plan_caption.setText(self.tr("Planned / limit"))
        limit = int(self.limit.value() * GIB)
        used = placement.used_bytes if placement else None
        self._plan.setText(of_limit(used, limit))
        self._plan_meter.set_value(used, limit, self.tr("Planned"))
