"""The operator's guide, opened inside the program: the files in resources/guide, in the window's language."""

from __future__ import annotations

import html
import re
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from gui.chat.markdown import style, to_html
from gui.design import MONO_FAMILIES, Space
from gui.paths import guide_path
from gui.settings import Language
from gui.theme import current
from gui.widgets import PrimaryButton

_PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)]+)\)$", re.MULTILINE)
_WIDTH = 760
"""Of the pictures, in pixels at text scale 100 %."""


class GuideDialog(QDialog):
    """Shows the guide beside the window; it can stay open while the program is used."""

    def __init__(self, language: Language, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Operator's guide"))
        theme = current()
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.windowTitle())
        self.text.document().setDocumentMargin(Space.XL)
        self.text.document().setDefaultStyleSheet(style(theme.colours, theme.size(16), MONO_FAMILIES))
        path = guide_path(language)
        self.text.setHtml(guide_html(path.read_text(encoding="utf-8"), path.parent, theme.size(_WIDTH)))
        self.close_button = PrimaryButton(self.tr("Close"))
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        layout.addWidget(self.text, 1)
        layout.addLayout(row)
        height = parent.height() - 2 * Space.XL if parent is not None else _WIDTH
        self.resize(theme.size(_WIDTH) + 6 * Space.XL, min(theme.size(900), height))


def guide_html(source: str, folder: Path, width: int) -> str:
    """Return the guide's HTML; each picture, a line of its own in `source`, lies beside `folder` and gets `width`."""
    parts = _PICTURE.split(source)
    shown = [to_html(parts[0])]
    for text, name, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        address = QUrl.fromLocalFile(str((folder / name).resolve())).toString()
        shown.append(f'<p><img src="{html.escape(address)}" width="{width}" alt="{html.escape(text)}"></p>')
        shown.append(to_html(after))
    return "".join(shown)
