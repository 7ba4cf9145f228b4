"""Getting the SDK's docker container going: each command is shown in full before it runs."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.c10 import container
from core.c10.container import Container
from core.errors import C10Error
from core.system import data_dir
from gui.bridge import Bridge
from gui.design import Space
from gui.sentences import translated
from gui.settings import Settings
from gui.widgets import Banner, Button, Card, Label, PrimaryButton
from gui.widgets.files import open_file, open_folder

DEFAULT_NAME = "c10-sdk"
VENDOR = "hexaflake"
"""Part of the name of the vendor's image."""
_WIDTH = 760


def look(name: str) -> tuple[Container, list[str]]:
    """Return the state of a container and the images that docker has. Raises DeviceError."""
    return container.look(name), container.images()


class ContainerDialog(QDialog):
    """`settled` carries the container's name once it runs."""

    settled = Signal(str)

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._found: Container | None = None
        self._busy = False
        self._over = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        self.setWindowTitle(self.tr("The SDK's container"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        intro = self.tr("The vendor offers the SDK as a docker image (hexaflake-R-latest.tar). Nothing runs unseen: ")
        intro += self.tr("the command below is what the button runs.")
        layout.addWidget(Label(intro, "muted", wrap=True))
        self.name = QLineEdit(settings.c10_container or DEFAULT_NAME)
        self.folder = QLineEdit(str(data_dir()))
        self.image = QComboBox()
        self.archive_button = Button(self.tr("Load from a file"), "folder")
        self.folder_button = Button(self.tr("Choose"), "folder")
        self.folder_button.setAccessibleName(self.tr("Choose the work folder"))
        layout.addLayout(self._fields())
        self.banner = Banner()
        layout.addWidget(self.banner)
        self.step = Label("", "strong", wrap=True)
        layout.addWidget(self.step)
        panel = Card()
        self.command_label = Label("", "mono", wrap=True)
        self.command_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        panel.body.addWidget(self.command_label)
        layout.addWidget(panel)
        buttons = QHBoxLayout()
        self.copy_button, self.close_button = Button(self.tr("Copy"), "copy"), Button(self.tr("Close"))
        self.run_button = PrimaryButton(self.tr("Run this command"))
        for button in (self.copy_button, self.close_button, self.run_button):
            buttons.addWidget(button)
        buttons.insertStretch(1)
        layout.addLayout(buttons)
        self._archive: Path | None = None
        self._connect()
        self._look()

    def command(self) -> list[str]:
        """Return what is to be done next as a command, empty if nothing is."""
        name = self.name.text().strip()
        if self._archive is not None:
            return container.load_command(self._archive)
        if self._found is None or not name or self._found.state == "running":
            return []
        if self._found.state == "stopped":
            return container.start_command(name)
        image = self.image.currentText()
        return container.create_command(name, image, Path(self.folder.text())) if image else []

    def use_archive(self, path: Path) -> None:
        """Propose to load the image in the file `path`."""
        self._archive = path
        self._show()

    def run(self) -> None:
        """Run the command that is shown."""
        command = self.command()
        if command and not self._busy:
            self._busy = True
            self._show()
            self._bridge.call(partial(container.execute, command), self._ran, self._failed)

    def done(self, result: int) -> None:
        """Close; what still runs is no longer listened to."""
        self._over = True
        super().done(result)

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            (self.tr("Container"), self.name, None),
            (self.tr("Image"), self.image, self.archive_button),
            (self.tr("Work folder"), self.folder, self.folder_button),
        )
        for row, (text, field, button) in enumerate(rows):
            label = Label(text, "body")
            label.setBuddy(field)
            field.setAccessibleName(text)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            if button is not None:
                grid.addWidget(button, row, 2)
        return grid

    def _connect(self) -> None:
        self.name.editingFinished.connect(self._look)
        self.folder.textChanged.connect(self._show)
        self.image.currentTextChanged.connect(self._show)
        self.archive_button.clicked.connect(self._choose_archive)
        self.folder_button.clicked.connect(self._choose_folder)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command_label.text()))
        self.close_button.clicked.connect(self.reject)
        self.run_button.clicked.connect(self.run)

    def _look(self) -> None:
        name = self.name.text().strip()
        if name:
            self._bridge.call(partial(look, name), self._take, self._failed)
        self._show()

    def _take(self, found: tuple[Container, list[str]]) -> None:
        if self._over:
            return
        before = self._found
        self._found, images = found
        chosen = self.image.currentText()
        self.image.blockSignals(True)
        self.image.clear()
        self.image.addItems(images)
        vendors = [image for image in images if VENDOR in image.lower()]
        self.image.setCurrentText(chosen if chosen in images and not vendors else (vendors or images or [""])[0])
        self.image.blockSignals(False)
        self._show()
        if self._found.state == "running" and (before is None or before.state != "running"):
            self.banner.show_message(self.tr("The container runs."), "ok", hint=self.tr("It is used from now on."))
            self.settled.emit(self.name.text().strip())

    def _ran(self, said: str) -> None:
        if self._over:
            return
        self._busy = False
        self._archive = None
        self.banner.show_message(said or self.tr("Done."), "ok")
        self._look()

    def _failed(self, error: C10Error) -> None:
        if self._over:
            return
        self._busy = False
        self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))
        self._show()

    def _show(self) -> None:
        command = self.command()
        self.command_label.setText(shlex.join(command) if command else "–")
        self.step.setText(self._next_step())
        self.run_button.setEnabled(bool(command) and not self._busy)
        self.run_button.setText(self.tr("Running …") if self._busy else self.tr("Run this command"))
        self.copy_button.setEnabled(bool(command))
        layout = self.layout()
        if layout is not None:  # the sentences may have become longer
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _next_step(self) -> str:
        if self._archive is not None:
            return self.tr("Next: load the image from the file.")
        if self._found is None:
            return self.tr("Looking for the container …") if not self.banner.isVisibleTo(self) else ""
        if self._found.state == "running":
            return self.tr("Nothing is left to do.")
        if self._found.state == "stopped":
            return self.tr("Next: start the container, which is there but doesn't run.")
        if not self.image.currentText():
            return self.tr("First load the vendor's image from the file that it offers.")
        return self.tr("Next: make the container from the image and start it.")

    def _choose_archive(self) -> None:
        kinds = self.tr("Docker images (*.tar *.tar.gz *.tgz)")
        open_file(self, self.archive_button.text(), kinds, self.use_archive, Path.home())

    def _choose_folder(self) -> None:
        folder = Path(self.folder.text())
        open_folder(self, self.folder_button.accessibleName(), lambda path: self.folder.setText(str(path)), folder)
