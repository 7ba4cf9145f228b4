"""Pages whose content is still being made: a sentence in place of an empty screen."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from gui.pages import Context, Page
from gui.widgets import EmptyState


class ChatPlaceholder(Page):
    """Stands where the conversation will be."""

    page_id = "chat"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._empty = EmptyState("chat")
        self._empty.button.clicked.connect(lambda: context.go_to("compile"))
        QVBoxLayout(self).addWidget(self._empty)

    def retranslate(self) -> None:
        """Set the texts."""
        self._empty.set_texts(
            self.tr("No engine is loaded"),
            self.tr("Compile a model or pick an engine that is already there, then ask it something."),
            self.tr("Go to Compile"),
        )


class CompilePlaceholder(Page):
    """Stands where the engine library will be."""

    page_id = "compile"
    guarded = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._empty = EmptyState("compile")
        QVBoxLayout(self).addWidget(self._empty)

    def retranslate(self) -> None:
        """Set the texts."""
        self._empty.set_texts(
            self.tr("No engines yet"),
            self.tr("Engines are compiled from an ONNX model: choose the model, the shape and the precision."),
        )
