"""Text as tall as its content, for a stack of blocks in one scroll area: plain while it streams, then rendered."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from gui.chat.markdown import LINE_HEIGHT, style
from gui.design import MONO_FAMILIES
from gui.theme import current

_SCROLL_KEYS = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
)
GROW_LINES, FAST_GROW_LINES = 4, 8
"""Lines by which text that arrives grows at once: each growth lays out and scrolls the whole thread."""
FAST_S = 0.3
"""Growths closer together than this, in seconds, are those of a fast answer."""
_UNLIMITED = 16_777_215  # QWIDGETSIZE_MAX


def mono_font(pixels: int) -> QFont:
    """Return the font of code at a size in pixels."""
    font = QFont()
    font.setFamilies(list(MONO_FAMILIES))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(pixels)
    return font


class TextBlock(QTextBrowser):
    """Selectable text without bars of its own. It loads nothing: a document's references find no resource.

    `link_clicked` carries the address of a link; nothing is opened here.
    """

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, wrap: bool = True) -> None:
        super().__init__(parent)
        self._wrap = wrap
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if wrap else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(bar)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        self.document().setUndoRedoEnabled(False)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if wrap else QTextOption.WrapMode.NoWrap)
        self.document().setDefaultTextOption(option)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.WidgetWidth if wrap else QTextBrowser.LineWrapMode.NoWrap)
        self.anchorClicked.connect(lambda url: self.link_clicked.emit(url.toString()))
        self._html = ""
        self._height = -1
        self._lines = 0
        """Of one growth; 0: no text arrives."""
        self._grown = 0.0
        self.restyle()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return a blank for every image and style sheet that a document refers to, so that none is read.

        Not nothing, and no bytes without an image: Qt takes these for "not found here" and reads the file itself.
        """
        del name
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return QByteArray(b" ")
        blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        blank.fill(Qt.GlobalColor.transparent)
        return blank

    def set_html(self, html: str) -> None:
        """Show rendered HTML (from gui.chat.markdown) in place of the content."""
        self._html = html
        self.setHtml(html)
        self.fit()

    def set_plain(self, text: str) -> None:
        """Show plain text in place of the content."""
        self._html = ""
        self.setPlainText(text)
        if self._wrap:  # as far apart as rendered lines, so that nothing moves when they are; what is added inherits it
            spaced = QTextBlockFormat()
            spaced.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor = QTextCursor(self.document())
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.mergeBlockFormat(spaced)
        self.fit()

    def append_plain(self, text: str) -> None:
        """Add text at the end; the selection stays."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        self.fit()

    def set_growing(self, growing: bool) -> None:
        """While text arrives, grow by several lines at once."""
        self._lines = GROW_LINES if growing else 0
        self.fit()

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        theme = current()
        font = self.font()
        if not self._wrap:
            self.setFont(mono_font(round(theme.type.body * 0.92)))
        self.document().setDefaultFont(self.font() if not self._wrap else font)
        self.document().setDefaultStyleSheet(style(theme.colours, theme.type.body, MONO_FAMILIES))
        if self._html:
            self.setHtml(self._html)
        self.fit()

    def fit(self) -> None:
        """Be exactly as tall as the text."""
        height = round(self.document().size().height()) + 1
        if not self._wrap and self._too_wide():
            height += self.horizontalScrollBar().sizeHint().height()
        if self._lines:
            if self._height - self._lines * self.fontMetrics().lineSpacing() < height <= self._height:
                return
            height = self._grow_to(height)
        if height != self._height:
            self._height = height
            self.setFixedHeight(min(height, _UNLIMITED))

    def sizeHint(self) -> QSize:
        """Return the size of the text in pixels."""
        return QSize(round(self.document().idealWidth()) + 2, max(self._height, 1))

    def minimumSizeHint(self) -> QSize:
        """Return a small width: the text wraps or scrolls."""
        return QSize(40, max(self._height, 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the height that the new width needs."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways here, up and down in the thread."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()) and not self._wrap:
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys that scroll to the thread."""
        if event.key() in _SCROLL_KEYS and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _grow_to(self, height: int) -> int:
        """Return a height of whole steps; the faster the text comes, the longer the step."""
        now = time.monotonic()
        self._lines = FAST_GROW_LINES if now - self._grown < FAST_S else GROW_LINES
        self._grown = now
        step = self._lines * self.fontMetrics().lineSpacing()
        return -(-height // step) * step

    def _too_wide(self) -> bool:
        return self.document().idealWidth() > self.viewport().width()
