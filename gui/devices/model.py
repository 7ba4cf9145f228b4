"""The devices as a list model: the CPU first, then the cards. Only rows that changed are announced."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.devices import Card, Cpu, Devices

DeviceRole = int(Qt.ItemDataRole.UserRole)
"""The row's Cpu or Card."""


class DeviceModel(QAbstractListModel):
    """Rows of core.devices values; `update` announces the difference to what it held."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Cpu | Card] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        """Return the number of devices."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = DeviceRole) -> Any:
        """Return the device for DeviceRole, its name for DisplayRole."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name if isinstance(row, Cpu) else f"C10 {row.index}"
        return row if role == DeviceRole else None

    def rows(self) -> list[Cpu | Card]:
        """Return all devices."""
        return list(self._rows)

    def update(self, devices: Devices) -> None:
        """Take the newest answer."""
        rows: list[Cpu | Card] = [devices.cpu, *devices.cards]
        if [_identity(row) for row in rows] != [_identity(row) for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        for number, row in enumerate(rows):
            if row != self._rows[number]:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number), self.index(number), [DeviceRole])


def _identity(row: Cpu | Card) -> tuple[object, ...]:
    return ("cpu", row.name) if isinstance(row, Cpu) else ("card", row.index, row.node, row.simulated)
