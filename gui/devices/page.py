"""The Devices page."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.devices import Card, Cpu, Looked
from core.errors import C10Error
from core.planner import STRATEGIES, CardLimit, Plan
from gui.design import Space
from gui.devices.cards import FRESH_S, GIB, CardPanel, CpuPanel
from gui.devices.container import ContainerDialog
from gui.devices.model import DeviceModel
from gui.devices.plan import PlanPanel, make_plan, planned_model
from gui.devices.sdk import SdkPanel
from gui.pages import Context, Page
from gui.widgets import Banner, Button, FlowLayout, IconLabel, Label, PageBody
from gui.widgets import Card as Panel

DEFAULT_LIMIT_GIB = 8.0
_LEAST_PANEL = 320


class DevicesPage(Page):
    """Cards like the slots of the chassis, the plan of the layers, and what was looked for."""

    page_id = "devices"
    guarded = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = DeviceModel(self)
        self.body = PageBody()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.body)
        self._refresh = Button("", "refresh")
        self.body.tools.addWidget(self._refresh)
        self.banner = Banner()
        self.body.column.addWidget(self.banner)
        holder = QWidget()
        self._slots = FlowLayout(_LEAST_PANEL, Space.L)
        holder.setLayout(self._slots)
        self.body.column.addWidget(holder)
        strategy = next((name for name in STRATEGIES if name == context.store.value.split_strategy), STRATEGIES[0])
        self.plan = PlanPanel(strategy)
        self.body.column.addWidget(self.plan)
        self.sdk = SdkPanel(context.store.value)
        self.looked = _LookedPanel()
        self.looked.hide()
        self.plan.hide()
        self.body.column.addWidget(self.sdk)
        self.body.column.addWidget(self.looked)
        self.body.column.addStretch(1)
        self._panels: list[CpuPanel | CardPanel] = []
        self._plan_number = 0
        self._result: Plan | C10Error | None = None
        self._refresh.clicked.connect(context.devices.refresh)
        self.plan.strategy_changed.connect(self._on_strategy)
        self.model.modelReset.connect(self._rebuild)
        self.model.dataChanged.connect(lambda first, last: self._show_rows(first.row(), last.row()))
        context.devices.changed.connect(self._take)
        context.session.changed.connect(self._replan)
        context.session.cards_changed.connect(self._show_states)
        self.plan.applied.connect(self._load_again)
        self.sdk.changed.connect(self._on_sdk)
        self.sdk.container_asked.connect(self.set_up_container)
        self._take()

    def activate(self) -> None:
        """Look at the devices anew."""
        self.context.devices.watched = True
        self.context.devices.refresh()

    def deactivate(self) -> None:
        """Look less often."""
        self.context.devices.watched = False

    def retranslate(self) -> None:
        """Set every text."""
        self.body.set_heading(
            self.tr("Devices"),
            self.tr("What computes here, how much memory it may use, and which card holds which layers."),
        )
        self._refresh.setText(self.tr("Look again"))
        self._show_rows(0, len(self._panels) - 1)
        spec, config = planned_model(self.context.session.loaded)
        self.plan.retranslate(spec, config, self.context.session.engine_name)
        self._show_looked()

    def restyle(self) -> None:
        """Give the panels room for the text scale."""
        self._slots.set_least(self.context.theme.size(_LEAST_PANEL))
        self.plan.show_result(self._result)

    def dispose(self) -> None:
        """Stop watching."""
        self.context.devices.watched = False

    def limit_gib(self, card: Card) -> float:
        """Return a card's DRAM limit in GiB: the remembered one, else its whole DRAM, else 8."""
        known = self.context.store.value.card_limits_gib.get(str(card.index))
        if known is not None:
            return float(known)
        total = card.reading.memory_total
        return total / GIB if total else DEFAULT_LIMIT_GIB

    def _take(self) -> None:
        devices = self.context.devices.devices
        if devices is not None:
            self.model.update(devices)
            self._show_looked()

    def _rebuild(self) -> None:
        for panel in self._panels:
            self._slots.removeWidget(panel)
            panel.deleteLater()
        self._panels = []
        for row in self.model.rows():
            if isinstance(row, Cpu):
                self._panels.append(CpuPanel())
            else:
                panel = CardPanel(row, self.limit_gib(row))
                panel.limit_changed.connect(self._on_limit)
                self._panels.append(panel)
            self._slots.addWidget(self._panels[-1])
        self._show_rows(0, len(self._panels) - 1)
        self._show_states()
        self._replan()

    def _show_states(self) -> None:
        states = {state["card"]: state for state in self.context.session.card_states}
        cards = [row for row in self.model.rows() if isinstance(row, Card)]
        for card, panel in zip(cards, [p for p in self._panels if isinstance(p, CardPanel)], strict=True):
            if card.simulated:
                panel.show_state(states.get(card.index))

    def _load_again(self) -> None:
        loaded = self.context.session.loaded
        if loaded is not None:
            self.context.session.load(loaded.engine)

    def _show_rows(self, first: int, last: int) -> None:
        rows = self.model.rows()
        seen = self.context.devices.seen
        alive = seen is not None and time.monotonic() - seen < FRESH_S
        real = any(isinstance(row, Card) and not row.simulated for row in rows)
        for row, panel in list(zip(rows, self._panels, strict=True))[first : last + 1]:
            if isinstance(row, Cpu) and isinstance(panel, CpuPanel):
                panel.show_device(row, alive=alive, computes=not real)
            elif isinstance(row, Card) and isinstance(panel, CardPanel):
                panel.show_device(row, alive=alive)
        self._show_plan()

    def _on_limit(self, index: int, gib: float) -> None:
        limits = {**self.context.store.value.card_limits_gib, str(index): gib}
        self.context.store.update(card_limits_gib=limits)
        self._replan()

    def set_up_container(self) -> ContainerDialog:
        """Open the dialog that loads the SDK's image and starts its container."""
        dialog = ContainerDialog(self.context.bridge, self.context.store.value, self)
        dialog.settled.connect(self.sdk.use_container)
        dialog.open()
        return dialog

    def _on_sdk(self, changes: dict[str, str]) -> None:
        before = self.context.store.value
        self.context.store.update(**changes)
        if self.context.store.value != before:
            self.context.devices.refresh()

    def _on_strategy(self, strategy: str) -> None:
        self.context.store.update(split_strategy=strategy)
        self.retranslate()
        self._replan()

    def _replan(self) -> None:
        """Plan on a background thread; only the newest answer counts."""
        panels = [panel for panel in self._panels if isinstance(panel, CardPanel)]
        cards = [row for row in self.model.rows() if isinstance(row, Card)]
        self.plan.setVisible(bool(cards))
        self._plan_number += 1
        if not cards:
            return
        session = self.context.session
        self.plan.offer_to_apply(
            session.loaded is not None
            and not session.vendors(session.loaded.engine)
            and session.spread != session.cards()
        )
        limits = [
            CardLimit(card.index, int(panel.limit.value() * GIB)) for card, panel in zip(cards, panels, strict=True)
        ]
        spec, config = planned_model(self.context.session.loaded)
        self.plan.retranslate(spec, config, self.context.session.engine_name)
        self.context.bridge.call(
            partial(make_plan, spec, config, limits, self.plan.strategy), partial(self._planned, self._plan_number)
        )

    def _planned(self, number: int, result: Plan | C10Error) -> None:
        if number == self._plan_number:
            self._result = result
            self._show_plan()

    def _show_plan(self) -> None:
        self.plan.show_result(self._result)
        placements = (
            {placement.card: placement for placement in self._result.placements}
            if isinstance(self._result, Plan)
            else {}
        )
        cards = [row for row in self.model.rows() if isinstance(row, Card)]
        for card, panel in zip(cards, [p for p in self._panels if isinstance(p, CardPanel)], strict=True):
            panel.show_plan(placements.get(card.index))

    def _show_looked(self) -> None:
        devices = self.context.devices.devices
        self.sdk.show_found(devices, self.context.store.value)
        if devices is None:
            return
        self.looked.show_found(devices.looked)
        self.looked.show()
        if devices.real:
            self.banner.hide()
        else:
            self.banner.show_message(
                self.tr("No C10 card was found; the CPU computes."),
                "info",
                hint=self.tr("Below is what was looked for, and where."),
            )


class _LookedPanel(Panel):
    """A line for each thing that was looked for."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.M)
        grid.setColumnStretch(3, 1)
        self.body.addLayout(grid)
        self._lines = []
        for row in range(5):
            line = (IconLabel("unknown"), Label("", "strong"), Label("", "mono"), Label("", "muted", wrap=True))
            for column, widget in enumerate(line):
                grid.addWidget(widget, row, column)
            self._lines.append(line)

    def show_found(self, looked: tuple[Looked, ...]) -> None:
        """Show the answers."""
        self.set_title(self.tr("What was looked for"))
        names = {
            "driver_nodes": self.tr("Driver nodes"),
            "sdk": self.tr("SDK module"),
            "sdk_cards": self.tr("Cards that the SDK sees"),
            "sdk_library": self.tr("SDK library"),
            "tool": self.tr("Card monitor"),
        }
        for (icon, name, where, found), look in zip(self._lines, looked, strict=True):
            icon.set_icon("ok" if look.found else "error", "ok" if look.found else "muted")
            name.setText(names[look.subject])
            where.setText(look.where)
            found.setText(self.tr("found: {0}").format(look.found) if look.found else self.tr("not found"))
