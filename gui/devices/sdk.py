"""Where the C10 SDK is: what the settings say, and the panel in which the operator says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from core import fsio
from core.c10.description import description_path, is_foreign
from core.c10.sdk import COMPILE_SCRIPT, DEFAULT_PYTHON, Sdk
from core.devices import Devices
from core.errors import FileError
from core.planner import STRATEGIES
from gui.compile.fit import card_limits
from gui.design import Space
from gui.settings import Settings
from gui.widgets import Badge, Button, Label
from gui.widgets import Card as Panel
from gui.widgets.files import open_folder


def sdk_of(settings: Settings) -> Sdk:
    """Return the SDK that the settings name; what they leave open is the environment's."""
    known = Sdk.from_environment()
    return Sdk(
        home=Path(settings.c10_home) if settings.c10_home else known.home,
        python=settings.c10_python or known.python,
        container=settings.c10_container or known.container,
    )


def is_configured(settings: Settings) -> bool:
    """Return whether anything says where the SDK is."""
    return sdk_of(settings) != Sdk()


def can_compile(settings: Settings) -> bool:
    """Return whether the vendor's compile script is there, or in a container that can't be looked into."""
    sdk = sdk_of(settings)
    return sdk.home is not None and (bool(sdk.container) or fsio.is_file(sdk.home / COMPILE_SCRIPT))


def card_options(engine: str, devices: Devices | None, settings: Settings) -> dict[str, Any]:
    """Return how to load an engine of the vendor's (`core.c10.engine.CardOptions` as JSON); empty for others."""
    from core.c10.engine import CardOptions

    path = Path(engine)
    try:
        foreign = is_foreign(path)
    except FileError:
        return {}
    if not foreign or not (is_configured(settings) or fsio.is_file(description_path(path))):
        return {}
    real = {card.index for card in devices.cards if not card.simulated} if devices else set()
    limits = [limit for limit in card_limits(devices, settings.card_limits_gib) if limit[0] in real]
    told = len(limits) > 1 or any(str(index) in settings.card_limits_gib for index, _ in limits)
    sdk = sdk_of(settings)
    strategies: tuple[str, ...] = STRATEGIES
    return CardOptions(
        devices=tuple(index for index, _ in limits) or (0,),
        limits=tuple(limit for _, limit in limits) if told else (),
        strategy=strategies.index(settings.split_strategy),
        python=sdk.python,
        container=sdk.container,
    ).to_json()


class SdkPanel(Panel):
    """Three fields; `changed` carries what was typed or chosen, by the names of the settings."""

    changed = Signal(dict)
    container_asked = Signal()
    """The container is to be set up."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._badge = Badge()
        self.header.addWidget(self._badge)
        self._intro = Label("", "muted", wrap=True)
        self.body.addWidget(self._intro)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.home, self.python, self.container = QLineEdit(), QLineEdit(), QLineEdit()
        self.browse, self.set_up = Button("", "folder"), Button("", "package")
        self._labels: list[Label] = []
        fields = (("c10_home", self.home), ("c10_python", self.python), ("c10_container", self.container))
        for row, (name, field) in enumerate(fields):
            label = Label("", "body")
            label.setBuddy(field)
            self._labels.append(label)
            field.setText(str(getattr(settings, name)))
            field.editingFinished.connect(
                lambda name=name, field=field: self.changed.emit({name: field.text().strip()})
            )
            grid.addWidget(label, row, 0)
            button = {"c10_home": self.browse, "c10_container": self.set_up}.get(name)
            grid.addWidget(_beside(field, button), row, 1)
        self.problem = Label("", "muted", wrap=True)
        self.body.addWidget(self.problem)
        self.browse.clicked.connect(self._choose)
        self.set_up.clicked.connect(self.container_asked)

    def show_found(self, devices: Devices | None, settings: Settings) -> None:
        """Set the texts, and show what the SDK said."""
        self.set_title(self.tr("C10 SDK"))
        self._intro.setText(
            self.tr("The vendor's SDK runs in an interpreter of its own, on this machine or in its docker container. ")
            + self.tr("No card was ever used with this program: see C10.md for what its first owner should try.")
        )
        names = (
            self.tr("Folder of the vendor's ChatGLM2-6B sample"),
            self.tr("Python interpreter"),
            self.tr("Docker container"),
        )
        for label, field, name in zip(self._labels, (self.home, self.python, self.container), names, strict=True):
            label.setText(name)
            field.setAccessibleName(name)
        known = Sdk.from_environment()
        self.home.setPlaceholderText(str(known.home or self.tr("not needed to answer, only to compile for the card")))
        self.python.setPlaceholderText(known.python or DEFAULT_PYTHON)
        self.container.setPlaceholderText(known.container or self.tr("none: the SDK is on this machine"))
        self.browse.setText(self.tr("Choose"))
        self.browse.setAccessibleName(self.tr("Choose the folder of the vendor's sample"))
        self.set_up.setText(self.tr("Set up"))
        self.set_up.setAccessibleName(self.tr("Set up the SDK's container"))
        self._show_state(devices, settings)

    def use_container(self, name: str) -> None:
        """Take the container that was set up."""
        self.container.setText(name)
        self.changed.emit({"c10_container": name})

    def _show_state(self, devices: Devices | None, settings: Settings) -> None:
        from gui.sentences import translated

        found = next((look.found for look in devices.looked if look.subject == "sdk"), "") if devices else ""
        configured = is_configured(settings)
        if found:
            self._badge.set(self.tr("answers"), "ok")
        elif configured and devices is not None:
            self._badge.set(self.tr("doesn't answer"), "bad")
        else:
            self._badge.set(self.tr("not set up"), "neutral")
        problem = devices.problem if devices else None
        self.problem.setText(f"{translated(problem.message)} {translated(problem.hint)}" if problem else found)
        self.problem.setVisible(bool(self.problem.text()))

    def _choose(self) -> None:
        folder = Path(self.home.text()) if self.home.text() else None
        open_folder(self, self.browse.accessibleName(), self._use_home, folder)

    def _use_home(self, path: Path) -> None:
        self.home.setText(str(path))
        self.changed.emit({"c10_home": str(path)})


def _beside(field: QLineEdit, button: Button | None) -> QWidget:
    """Return a row with the field, and the button where there is one."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(Space.M)
    row.addWidget(field, 1)
    if button is not None:
        row.addWidget(button)
    return holder
