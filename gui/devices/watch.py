"""Keeps an eye on the devices for the whole window, on background threads; pages and the strip listen to `changed`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core import devices
from core.c10.sdk import Sdk
from core.devices import Devices
from gui.bridge import Bridge

TICKS = 30
"""Ticks of the bridge between two short looks: one second."""
FULL_S = 10.0
"""Seconds between two full looks (vendor's tool, SDK) while somebody watches."""


class DeviceWatch(QObject):
    """Looks at the driver nodes and the memory every second, and at everything when a node came or went."""

    changed = Signal()

    def __init__(self, bridge: Bridge, simulate: int, dev: Path = Path("/dev"), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._simulate, self._dev = bridge, simulate, dev
        self._ticks = 0
        self._busy = self._again = False
        self._full_at = 0.0
        self.sdk: Callable[[], Sdk | None] = lambda: None
        """Says which SDK to ask, None: none is set up."""
        self.busy: Callable[[], bool] = lambda: False
        """Says whether the processors have better things to do: then nobody looks, unless a page shows the values."""
        self.watched = False
        """Whether a page shows the values now."""
        self.seen: float | None = None
        """When the last look ended (time.monotonic), None before the first."""
        self.devices: Devices | None = None
        bridge.after_drain(self._tick)

    def refresh(self) -> None:
        """Look at everything anew."""
        self._again = self._busy
        if not self._busy:
            self._busy = True
            self._full_at = time.monotonic()
            sdk = self.sdk()
            self._bridge.call(lambda: devices.probe(simulate=self._simulate, sdk=sdk, dev=self._dev), self._take)

    def _tick(self) -> None:
        self._ticks += 1
        if self._busy or self._ticks % TICKS or (self.busy() and not self.watched):
            return
        if self.devices is None or (self.watched and time.monotonic() - self._full_at > FULL_S):
            self.refresh()
            return
        self._busy = True
        self._bridge.call(lambda: (devices.driver_nodes(self._dev), devices.cpu()), self._take_short)

    def _take_short(self, answer: tuple[list[Path], devices.Cpu]) -> None:
        nodes, cpu = answer
        self._busy = False
        known = self.devices
        if known is None or [str(node) for node in nodes] != [card.node for card in known.cards if not card.simulated]:
            self.refresh()
        else:
            self._take(replace(known, cpu=cpu))

    def _take(self, found: Devices) -> None:
        self._busy = False
        self.devices = found
        self.seen = time.monotonic()
        self.changed.emit()
        if self._again:
            self.refresh()
