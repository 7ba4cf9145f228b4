"""What only the operator changes."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from gui.pages import Context


class OperatorDialog(QDialog):
    """To come."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
