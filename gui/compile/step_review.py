"""Fourth step of the wizard: does it fit, where does it go, how long will it take."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import C10Error
from core.spec import Target
from gui.compile import words
from gui.compile.choices import Draft, clean_name
from gui.compile.fit import Cost, Disk, Machine, verdict
from gui.compile.parts import Breakdown, Portion
from gui.compile.step_precision import TONES, memory_portions
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import Badge, Banner, Button, Card, FlowLayout, Label, StatTile, not_available, size_text
from gui.widgets.files import open_folder

_LEAST_TILE, _LEAST_CARD = 220, 420


class ReviewStep(QWidget):
    """`named`, `moved`, `combined` and `targeted` carry name, folder, whether one file is wanted, and for what."""

    named = Signal(str)
    moved = Signal(str)
    combined = Signal(bool)
    targeted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = Draft()
        self._cost: Cost | None = None
        self._machine: Machine | None = None
        self._disk: Disk | None = None
        self._error: C10Error | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self.banner = Banner()
        layout.addWidget(self.banner)
        self._cost_card = Card()
        layout.addWidget(self._cost_card)
        self._tiles_flow = FlowLayout(_LEAST_TILE, Space.M)
        self.tiles = {name: StatTile() for name in ("file", "memory", "compile", "time")}
        for tile in self.tiles.values():
            self._tiles_flow.addWidget(tile)
        self._cost_card.body.addLayout(self._tiles_flow)
        self._memory_card, self._disk_card, self._output_card = Card(), Card(), Card()
        self._memory_badge, self._cards_badge, self._disk_badge = Badge(), Badge(), Badge()
        self.memory, self.disk = Breakdown(28), Breakdown(28)
        self._memory_card.header.addWidget(self._cards_badge)
        self._memory_card.header.addWidget(self._memory_badge)
        self._memory_card.body.addWidget(self.memory)
        self._cards_text = Label("", "muted", wrap=True)
        self._memory_card.body.addWidget(self._cards_text)
        self._disk_card.header.addWidget(self._disk_badge)
        self._disk_card.body.addWidget(self.disk)
        self._disk_text = Label("", "muted", wrap=True)
        self._disk_card.body.addWidget(self._disk_text)
        self._disk_card.body.addStretch(1)

        self._cards_flow = FlowLayout(_LEAST_CARD, Space.L)
        self._cards_flow.addWidget(self._memory_card)
        self._cards_flow.addWidget(self._disk_card)
        layout.addLayout(self._cards_flow)
        self._build_output()
        layout.addWidget(self._output_card)
        layout.addStretch(1)

    def show_draft(self, draft: Draft) -> None:
        """Show name, folder and form of the result."""
        self._draft = draft
        if clean_name(self.name.text()) != draft.name:
            self.name.setText(draft.name)
        self.folder.setText(str(draft.folder))
        self.combine.blockSignals(True)
        self.combine.setChecked(draft.combine)
        self.combine.blockSignals(False)
        for target, button in self.targets.items():
            button.blockSignals(True)
            button.setChecked(target == draft.target)
            button.blockSignals(False)

    def offer_card(self, *, offered: bool) -> None:
        """Let the user choose what to compile for; `offered`: the vendor's compiler is there."""
        for part in (self._labels[3], self._target_row):
            part.setVisible(offered)

    def show_fit(self, cost: Cost | None, machine: Machine | None, disk: Disk | None, error: C10Error | None) -> None:
        """Show what the job takes; None: not known yet."""
        self._cost, self._machine, self._disk, self._error = cost, machine, disk, error
        self.refresh()

    def obstacle(self) -> tuple[str, str] | None:
        """Return why the job can't start and the next step, None if it can."""
        cost, machine, disk = self._cost, self._machine, self._disk
        if self._error is not None:
            return translated(self._error.message), translated(self._error.hint)
        if not self._draft.name:
            return self.tr("The engine has no name."), self.tr("Type one below.")
        if cost is None or machine is None or disk is None:
            return None
        for_card = self._draft.target == "c10"
        if not for_card and cost.compile_bytes > machine.memory_free:
            return (
                self.tr("Compiling needs {0} of memory, but {1} are free.").format(
                    size_text(cost.compile_bytes), size_text(machine.memory_free)
                ),
                self.tr("Close other programs and try again."),
            )
        if not for_card and cost.run_bytes - cost.weight_bytes > machine.memory_total:
            return (
                self.tr("Answering needs {0} beside the weights, but the machine has {1}.").format(
                    size_text(cost.run_bytes - cost.weight_bytes), size_text(machine.memory_total)
                ),
                self.tr("Choose a shorter total length or a smaller batch."),
            )
        if cost.disk_bytes > disk.free:
            return (
                self.tr("The files need {0}, but {1} are free on that disk.").format(
                    size_text(cost.disk_bytes), size_text(disk.free)
                ),
                self.tr("Choose another folder, or smaller weights."),
            )
        return None

    @property
    def ready(self) -> bool:
        """Whether everything is known and nothing is in the way."""
        return None not in (self._cost, self._machine, self._disk) and self.obstacle() is None

    def retranslate(self) -> None:
        """Set the texts."""
        self._cost_card.set_title(self.tr("What it takes"))
        self._memory_card.set_title(self.tr("Memory while answering"))
        self._disk_card.set_title(self.tr("Space on the disk"))
        self._output_card.set_title(self.tr("Result"))
        names = (self.tr("Name"), self.tr("Folder"), self.tr("Files"), self.tr("Made for"))
        for label, text in zip(self._labels, names, strict=True):
            label.setText(text)
        self.targets["cpu"].setText(self.tr("The CPU of this machine"))
        self.targets["c10"].setText(self.tr("The C10 card, with the vendor's compiler"))
        self.name.setAccessibleName(self.tr("Name of the engine"))
        self.choose.setText(self.tr("Change"))
        self.choose.setAccessibleName(self.tr("Change the folder"))
        self.combine.setText(self.tr("One file with both parts (needed for chatting)"))
        self.combine.setToolTip(
            self.tr("Without it a prefill part and a decode part are written, which can be combined later")
        )
        self.refresh()

    def restyle(self) -> None:
        """Give tiles and cards room for the text scale."""
        self._tiles_flow.set_least(current().size(_LEAST_TILE))
        self._cards_flow.set_least(current().size(_LEAST_CARD))

    def refresh(self) -> None:
        """Show everything anew."""
        cost, machine = self._cost, self._machine
        unknown = self.tr("being computed …") if self._error is None else not_available()
        captions = {
            "file": self.tr("File"),
            "memory": self.tr("Memory while answering"),
            "compile": self.tr("Memory while compiling"),
            "time": self.tr("Time to expect"),
        }
        for name, caption in captions.items():
            self.tiles[name].set_caption(caption)
            self.tiles[name].set_value(unknown)
        if cost is not None:
            self.tiles["file"].set_value(size_text(cost.engine_bytes), words.quantisation(self._draft.config))
            self.tiles["time"].set_value(words.about(cost.seconds), self.tr("on this machine"))
            total, free = (machine.memory_total, machine.memory_free) if machine else (None, None)
            self.tiles["memory"].set_value(
                size_text(cost.run_bytes), self.tr("of {0} built in").format(size_text(total))
            )
            self.tiles["compile"].set_value(
                size_text(cost.compile_bytes), self.tr("of {0} free now").format(size_text(free))
            )
            if self._draft.target == "c10":
                self._show_vendors()
        self._show_memory()
        self._show_disk()
        self._show_files()
        self._show_obstacle()

    def _show_vendors(self) -> None:
        """Say what isn't known of the vendor's compiler, and that the sizes are estimates."""
        for name in ("compile", "time"):
            self.tiles[name].set_value(not_available(), self.tr("the vendor's compiler doesn't say"))
        for name in ("file", "memory"):
            self.tiles[name].set_value(self.tiles[name].value(), self.tr("an estimate"))

    def _build_output(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        self._labels = [Label("", "muted") for _ in range(4)]
        self.name = QLineEdit()
        self.name.setMaxLength(100)
        self.folder = Label("", "mono", wrap=True)
        self.choose = Button("", "folder")
        self.combine = QCheckBox()
        self.files = Label("", "mono", wrap=True)
        grid.addWidget(self._labels[0], 0, 0)
        grid.addWidget(self.name, 0, 1, 1, 2)
        grid.addWidget(self._labels[1], 1, 0)
        grid.addWidget(self.folder, 1, 1)
        grid.addWidget(self.choose, 1, 2)
        grid.addWidget(self.combine, 2, 1, 1, 2)
        grid.addWidget(self._labels[2], 3, 0)
        grid.addWidget(self.files, 3, 1, 1, 2)
        self.targets: dict[Target, QRadioButton] = {"cpu": QRadioButton(), "c10": QRadioButton()}
        self._target_row = QWidget()
        row = QHBoxLayout(self._target_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XL)
        for target, button in self.targets.items():
            button.toggled.connect(lambda on, chosen=target: self.targeted.emit(chosen) if on else None)
            row.addWidget(button)
        row.addStretch(1)
        grid.addWidget(self._labels[3], 4, 0)
        grid.addWidget(self._target_row, 4, 1, 1, 2)
        self.offer_card(offered=False)
        self._output_card.body.addLayout(grid)
        self._labels[0].setBuddy(self.name)
        self.name.textEdited.connect(lambda text: self.named.emit(clean_name(text)))
        self.choose.clicked.connect(self._choose)
        self.combine.toggled.connect(self.combined)

    def _choose(self) -> None:
        open_folder(self, self.tr("Folder for the engine"), lambda path: self.moved.emit(str(path)), self._draft.folder)

    def _show_memory(self) -> None:
        cost, machine = self._cost, self._machine
        known = cost is not None and machine is not None
        self.memory.show_portions(memory_portions(cost), machine.memory_total if known and machine else None)
        self._memory_badge.setVisible(known)
        self._cards_badge.setVisible(known and cost is not None and cost.cards is not None)
        self._cards_text.hide()
        if cost is None or machine is None:
            return
        judged = verdict(cost.run_bytes, machine.memory_total, machine.memory_free)
        self._memory_badge.set(words.verdict(judged), TONES[judged])
        if cost.cards is not None:
            text = words.cards_badge(len(machine.cards), simulated=machine.simulated, fits=cost.cards)
            self._cards_badge.set(text, "ok" if cost.cards else "bad")
        if cost.cards_error is not None:
            self._cards_text.setText(words.failure(cost.cards_error))
            self._cards_text.show()

    def _show_disk(self) -> None:
        cost, disk = self._cost, self._disk
        needed = cost.disk_bytes if cost else 0
        self.disk.show_portions((Portion(self.tr("This engine"), needed),), disk.free if disk and cost else None)
        self._disk_text.setText(
            self.tr("{0} of {1} that are free").format(size_text(needed), size_text(disk.free)) if cost and disk else ""
        )
        known = cost is not None and disk is not None
        self._disk_badge.setVisible(known)
        if cost is not None and disk is not None:
            enough = needed <= disk.free
            self._disk_badge.set(
                self.tr("Enough space") if enough else self.tr("Not enough space"), "ok" if enough else "bad"
            )

    def _show_files(self) -> None:
        outputs = self._cost.outputs if self._cost else ()
        self.files.setText("\n".join(Path(path).name for path in outputs) or not_available())

    def _show_obstacle(self) -> None:
        found = self.obstacle()
        if found is not None:
            self.banner.show_message(found[0], "bad", hint=found[1])
        elif self._disk is not None and self._disk.existing:
            self.banner.show_message(
                self.tr("An engine of this name is there already and will be replaced."),
                "warn",
                hint=self.tr("Give this one another name to keep both."),
            )
        else:
            self.banner.hide()
