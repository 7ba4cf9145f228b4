"""Combining two engine parts that were compiled separately."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core import fsio
from core.errors import C10Error
from core.ngf.format import Header
from gui.bridge import Bridge
from gui.compile import words
from gui.compile.library import SUFFIX, check_parts, combined_path, counterpart
from gui.design import Space
from gui.sentences import translated
from gui.widgets import Banner, Button, Card, Label, PrimaryButton, size_text
from gui.widgets.files import open_file, save_file


class CombineView(QWidget):
    """`started` carries both parts and the output (paths); `closed` goes back to the library."""

    started = Signal(object, object, object)
    closed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.parts: list[Path | None] = [None, None]
        self.output: Path | None = None
        self.accepted = False
        self._number = 0
        self._blocked = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self._intro = Label("", "muted", wrap=True)
        layout.addWidget(self._intro)
        self.banner = Banner()
        layout.addWidget(self.banner)
        self._card = Card()
        layout.addWidget(self._card)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.M)
        grid.setColumnStretch(1, 1)
        self._captions = [Label("", "strong") for _ in range(3)]
        self._paths = [Label("", "mono", wrap=True) for _ in range(3)]
        self.buttons = [Button("", "folder") for _ in range(3)]
        for row in range(3):
            grid.addWidget(self._captions[row], row, 0)
            grid.addWidget(self._paths[row], row, 1)
            grid.addWidget(self.buttons[row], row, 2)
        self._card.body.addLayout(grid)
        self.buttons[0].clicked.connect(lambda: self._browse(0))
        self.buttons[1].clicked.connect(lambda: self._browse(1))
        self.buttons[2].clicked.connect(self._browse_output)
        row_layout = QHBoxLayout()
        self.close_button = Button("", "close", "quiet")
        self.start_button = PrimaryButton("", "combine")
        row_layout.addWidget(self.close_button)
        row_layout.addStretch(1)
        row_layout.addWidget(self.start_button)
        layout.addLayout(row_layout)
        layout.addStretch(1)
        self.close_button.clicked.connect(self.closed)
        self.start_button.clicked.connect(self._start)

    def begin(self, part: Path | None = None) -> None:
        """Start anew, with one part or none; its counterpart beside it is taken too."""
        other = counterpart(part) if part is not None else None
        self.output = None
        self.set_parts(part, other if other is not None and fsio.is_file(other) else None)

    def set_parts(self, one: Path | None, other: Path | None) -> None:
        """Take two files and check their headers in the background."""
        self.parts = [one, other]
        self.accepted = False
        self.banner.hide()
        self._number += 1
        if one is not None and other is not None:
            self.output = combined_path(one, other)
            number = self._number
            self._bridge.call(
                partial(check_parts, one, other), partial(self._accept, number), partial(self._refuse, number)
            )
        self._show()

    def set_blocked(self, blocked: bool) -> None:
        """Say whether another job runs."""
        if blocked != self._blocked:
            self._blocked = blocked
            self._show()

    def retranslate(self) -> None:
        """Set the texts."""
        self._intro.setText(
            self.tr(
                "A compile job may write a prefill part (NAME.ngf) and a decode part (NAME_inc.ngf). Combined they "
                "hold the weights once, and the engine can be asked."
            )
        )
        self._card.set_title(self.tr("Two parts of one model"))
        captions = (self.tr("First part"), self.tr("Second part"), self.tr("Result"))
        for caption, button, text in zip(self._captions, self.buttons, captions, strict=True):
            caption.setText(text)
            button.setText(self.tr("Choose"))
            button.setAccessibleName(self.tr("Choose: {0}").format(text))
        self.close_button.setText(self.tr("To the library"))
        self.start_button.setText(self.tr("Combine"))
        self._show()

    def _accept(self, number: int, headers: tuple[Header, Header]) -> None:
        if number != self._number:
            return
        base, _incremental = headers
        self.accepted = True
        self.banner.show_message(
            self.tr("The two parts belong together."),
            "ok",
            hint=self.tr("{0} · batch {1} · total length {2} · pre length {3} · {4}").format(
                words.quantisation(base.config), base.config.batch, base.config.total_len, base.config.pre_len,
                size_text(base.file_size),
            ),
        )  # fmt: skip
        self._show()

    def _refuse(self, number: int, error: C10Error) -> None:
        if number == self._number:
            self.banner.show_message(translated(error.message), "bad", hint=translated(error.hint))
            self._show()

    def _show(self) -> None:
        for label, path in zip(self._paths, (*self.parts, self.output), strict=True):
            label.setText(str(path) if path is not None else self.tr("not chosen yet"))
        self.buttons[2].setEnabled(self.output is not None)
        self.start_button.setEnabled(self.accepted and not self._blocked)

    def _browse(self, index: int) -> None:
        def take(path: Path) -> None:
            parts = list(self.parts)
            parts[index] = path
            self.set_parts(parts[0], parts[1])

        start = next((part.parent for part in self.parts if part is not None), Path.home())
        open_file(self, self.tr("Choose an engine part"), self.tr("Engine files (*.ngf)"), take, start)

    def _browse_output(self) -> None:
        def take(path: Path) -> None:
            self.output = path if path.suffix == SUFFIX else Path(f"{path}{SUFFIX}")
            self._show()

        if self.output is not None:
            save_file(self, self.tr("Combined engine"), self.output, take, self.tr("Engine files (*.ngf)"))

    def _start(self) -> None:
        if self.accepted and not self._blocked:
            self.started.emit(self.parts[0], self.parts[1], self.output)
