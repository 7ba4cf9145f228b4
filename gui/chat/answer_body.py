"""The text of an answer: streamed as plain text, each block rendered as Markdown when it is complete."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.chat.blocks import Block, Code, Prose, Splitter
from gui.chat.code_block import CodeBlock
from gui.chat.markdown import to_html
from gui.chat.slices import Slices
from gui.chat.text_block import TextBlock
from gui.design import Space

GROUP_CHARS = 1200
"""Paragraphs are put together into one selectable text up to about this many characters."""
RENDER_S = 2.0
"""Paragraphs that are complete stay plain for up to this long, in seconds: rendering takes time away from the model."""


class AnswerBody(QWidget):
    """A stack of text and code blocks, and the plain tail that is still being written."""

    copied = Signal(str)
    """A code block's text."""
    link_clicked = Signal(str)

    def __init__(self, slices: Slices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slices = slices
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.M)
        self._splitter = Splitter()
        self._pieces: list[TextBlock | CodeBlock] = []
        self._group_source = ""
        self._group: TextBlock | None = None
        self._tail: TextBlock | CodeBlock | None = None
        self._spare: TextBlock | None = None
        """The last plain tail, hidden, to be used again."""
        self._tail_shown = ""
        self._text: list[str] = []
        self._complete: list[Prose] = []
        """Complete paragraphs that aren't rendered yet; the tail shows them."""
        self._rendered = 0.0

    def text(self) -> str:
        """Return the whole text as it came."""
        return "".join(self._text)

    def feed(self, text: str) -> None:
        """Add text that has just been generated."""
        if not text:
            return
        self._text.append(text)
        for block in self._splitter.feed(text):
            if isinstance(block, Prose):
                self._complete.append(block)
            else:
                self._render_complete()
                self._place(block)
        tail = self._splitter.tail()
        if isinstance(tail, Code) or time.monotonic() - self._rendered >= RENDER_S:
            self._render_complete()
        self._show_tail(tail)

    def finish(self) -> None:
        """Render what is still plain; the answer is complete."""
        rest = self._splitter.finish()
        self._complete += [block for block in rest if isinstance(block, Prose)]
        self._render_complete()
        for block in rest:
            if isinstance(block, Code):
                self._place(block)
        self._drop_tail()
        if self._spare is not None:
            self._spare.deleteLater()
            self._spare = None

    def load(self, text: str) -> Iterator[None]:
        """Show a whole text, step by step."""
        self._text.append(text)
        splitter = Splitter()
        for block in [*splitter.feed(text), *splitter.finish()]:
            self._place(block)
            yield

    def restyle(self) -> None:
        """Take colours and sizes of the theme."""
        for piece in (*self._pieces, self._tail, self._spare):
            if piece is not None:
                piece.restyle()

    def retranslate(self) -> None:
        """Set the texts."""
        for piece in (*self._pieces, self._tail):
            if isinstance(piece, CodeBlock):
                piece.retranslate()

    def code_blocks(self) -> list[CodeBlock]:
        """Return the complete code blocks, in order."""
        return [piece for piece in self._pieces if isinstance(piece, CodeBlock)]

    def _render_complete(self) -> None:
        if self._complete:
            self._rendered = time.monotonic()
            joined = "\n".join(block.source.removesuffix("\n") for block in self._complete)
            self._complete.clear()
            self._place(Prose(joined))

    def _place(self, block: Block) -> None:
        if isinstance(block, Code):
            self._place_code(block)
        else:
            self._drop_tail()
            self._place_prose(block)

    def _place_code(self, block: Code) -> None:
        tail = self._tail
        if isinstance(tail, CodeBlock):
            self._tail, self._tail_shown = None, ""
            made = tail
            _growing(made, False)
        else:
            self._drop_tail()
            made = self._new_code(block.language)
        made.set_text(block.text)
        self._pieces.append(made)
        self._group = None
        self._slices.add(made.highlight(), made)

    def _place_prose(self, block: Prose) -> None:
        if self._group is None or len(self._group_source) + len(block.source) > GROUP_CHARS:
            self._group = self._new_text()
            self._pieces.append(self._group)
            self._group_source = ""
        self._group_source += block.source
        if not block.source.endswith("\n"):
            self._group_source += "\n"
        self._group.set_html(to_html(self._group_source))

    def _show_tail(self, tail: Block) -> None:
        text = tail.text if isinstance(tail, Code) else self._plain(tail)
        kind = CodeBlock if isinstance(tail, Code) else TextBlock
        if self._tail is not None and type(self._tail) is not kind:
            self._drop_tail()
        if not text and kind is TextBlock:
            self._drop_tail()
            return
        if self._tail is None:
            self._tail = self._new_code(tail.language) if isinstance(tail, Code) else self._plain_text()
            _growing(self._tail, True)
        added = text[len(self._tail_shown) :] if text.startswith(self._tail_shown) else None
        if isinstance(self._tail, CodeBlock):
            self._tail.set_text(text)
        elif added is None:
            self._tail.set_plain(text)
        elif added:
            self._tail.append_plain(added)
        self._tail_shown = text

    def _plain(self, tail: Prose) -> str:
        return "".join([*(block.source for block in self._complete), tail.source]).lstrip("\n")

    def _drop_tail(self) -> None:
        if self._tail is not None:
            self._layout.removeWidget(self._tail)
            self._tail.hide()
            if isinstance(self._tail, TextBlock):
                self._spare = self._tail
            else:
                self._tail.deleteLater()
        self._tail, self._tail_shown = None, ""

    def _plain_text(self) -> TextBlock:
        made, self._spare = self._spare, None
        if made is None:
            made = self._new_text()
        else:
            self._layout.addWidget(made)
            made.show()
        made.set_plain("")
        return made

    def _new_text(self) -> TextBlock:
        made = TextBlock(self)
        made.link_clicked.connect(self.link_clicked)
        self._layout.addWidget(made)
        return made

    def _new_code(self, language: str) -> CodeBlock:
        made = CodeBlock(language, self)
        made.copied.connect(self.copied)
        self._layout.addWidget(made)
        return made


def _growing(piece: TextBlock | CodeBlock, growing: bool) -> None:
    (piece.body if isinstance(piece, CodeBlock) else piece).set_growing(growing)
