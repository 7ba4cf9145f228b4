"""What a finished run was measured with, in words: device, precision, date."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from core.bench.vendor import DeviceKind, Sheet, sheet
from gui.devices.watch import DeviceWatch
from gui.session import Answered

translate = QCoreApplication.translate


def device_kind(cards: int) -> DeviceKind:
    """Return what computed; the window's worker never computes on a real card."""
    return "simulated" if cards else "cpu"


def device_name(kind: DeviceKind, watch: DeviceWatch) -> str:
    """Return the processor's name, and that cards are simulated where they are."""
    name = watch.devices.cpu.name if watch.devices else translate("ShowRun", "CPU")
    if kind == "simulated":
        return translate("ShowRun", "{0}, in place of simulated cards").format(name)
    return name


def sheet_of(answered: Answered, watch: DeviceWatch) -> Sheet:
    """Return the figures of a finished request under the vendor's names."""
    kind = device_kind(answered.cards)
    loaded = answered.loaded
    return sheet(
        answered.event, answered.name, loaded.spec, loaded.config, kind, device_name(kind, watch), answered.when
    )


def date_text(when: float) -> str:
    """Return a date (seconds since 1970) in the language's short form, with the time."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(when)), QLocale.FormatType.ShortFormat)


def weights_text(count: int) -> str:
    """Return a number of weights for people: "6.2 B weights"."""
    if count >= 10**9:
        return translate("ShowRun", "{0} B weights").format(QLocale().toString(count / 1e9, "f", 1))
    return translate("ShowRun", "{0} M weights").format(QLocale().toString(count / 1e6, "f", 0))
