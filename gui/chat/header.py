"""The line over the thread: what is open, and what can be done with it as a whole."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from gui.chat import conversation as tree
from gui.chat.conversation import Conversation
from gui.design import Space
from gui.widgets import Badge, ElidedLabel, IconButton


class Header(QWidget):
    """`export_asked` carries ".md" or ".json"; the other signals carry what was switched."""

    new_asked = Signal()
    keep_changed = Signal(bool)
    always_keep_changed = Signal(bool)
    export_asked = Signal(str)
    history_toggled = Signal(bool)
    graphs_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._conversation: Conversation | None = None
        self.history_button = IconButton("history")
        self.graphs_button = IconButton("graph")
        self.new_button = IconButton("plus")
        self.export_button = IconButton("export")
        self.keep_button = IconButton("no-save")
        self.title = ElidedLabel("", "strong")
        self.badge = Badge("", "warn")
        for button in (self.history_button, self.graphs_button):
            button.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.history_button)
        layout.addSpacing(Space.S)
        layout.addWidget(self.title, 1)
        layout.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.new_button, self.keep_button, self.export_button, self.graphs_button):
            layout.addWidget(button)
        exports = QMenu(self)
        self._markdown, self._json = QAction(exports), QAction(exports)
        exports.addActions([self._markdown, self._json])
        self.export_button.setMenu(exports)
        self.export_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        keeping = QMenu(self)
        self.keep_this, self.keep_all = QAction(keeping), QAction(keeping)
        for action in (self.keep_this, self.keep_all):
            action.setCheckable(True)
            action.setChecked(True)
            keeping.addAction(action)
        self.keep_button.setMenu(keeping)
        self.keep_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self._markdown.triggered.connect(lambda: self.export_asked.emit(".md"))
        self._json.triggered.connect(lambda: self.export_asked.emit(".json"))
        self.keep_this.triggered.connect(self.keep_changed)
        self.keep_all.triggered.connect(self.always_keep_changed)
        self.new_button.clicked.connect(self.new_asked)
        self.history_button.clicked.connect(self.history_toggled)
        self.graphs_button.clicked.connect(self.graphs_toggled)

    def show_conversation(self, conversation: Conversation) -> None:
        """Show the title and whether it is kept."""
        self._conversation = conversation
        self.title.setText(tree.title(conversation) or self.tr("New conversation"))
        self.badge.setVisible(not conversation.keep)
        self.keep_this.setChecked(conversation.keep)

    def show_always_keep(self, keep: bool) -> None:
        """Show the setting."""
        self.keep_all.setChecked(keep)

    def show_sides(self, history: bool, graphs: bool) -> None:
        """Show which side panels are open."""
        self.history_button.setChecked(history)
        self.graphs_button.setChecked(graphs)

    def set_locked(self, locked: bool) -> None:
        """Withhold earlier conversations and files."""
        for button in (self.history_button, self.keep_button, self.export_button):
            button.setVisible(not locked)

    def set_exportable(self, exportable: bool) -> None:
        """Offer or withhold the export."""
        self.export_button.setEnabled(exportable)

    def retranslate(self) -> None:
        """Set the texts."""
        self.history_button.set_name(self.tr("Earlier conversations"))
        self.graphs_button.set_name(self.tr("Live figures and graphs"))
        self.new_button.set_name(self.tr("New conversation"))
        self.export_button.set_name(self.tr("Export conversation"))
        self.keep_button.set_name(self.tr("Keep or don't keep"))
        self._markdown.setText(self.tr("Markdown …"))
        self._json.setText(self.tr("JSON …"))
        self.keep_this.setText(self.tr("Keep this conversation"))
        self.keep_all.setText(self.tr("Keep new conversations"))
        self.badge.setText(self.tr("Not kept"))
        if self._conversation is not None:
            self.show_conversation(self._conversation)
