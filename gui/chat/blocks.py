"""Cutting Markdown into blocks while it arrives, so that each is rendered once and rendering never gets slower.

A block is complete when nothing that follows can change it: at a blank line before a line that starts at the margin
(and doesn't go on with a list), or at the end of a code fence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PROSE = 4000
"""Prose without a boundary is cut after this many characters, at a line end or a space if there is one."""
MAX_CODE = 12_000
"""A code block is cut after this many characters, at a line end if there is one."""

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_LIST = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown without fenced code."""

    source: str


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a code fence, and the language that it names (may be empty)."""

    language: str
    text: str
    goes_on: bool = False
    """Whether the next block is the rest of the same fence."""


Block = Prose | Code


class Splitter:
    """Takes text as it arrives; `feed` returns the blocks that are complete, `tail` what isn't yet."""

    def __init__(self) -> None:
        self._pending = ""
        self._fence = ""
        """The marks that opened the code block we are in; empty outside of one."""
        self._language = ""

    def feed(self, text: str) -> list[Block]:
        """Add text; return the blocks that it completed."""
        self._pending += text
        done: list[Block] = []
        while (block := self._next()) is not None:
            done.append(block)
        return [block for block in done if not (isinstance(block, Prose) and not block.source.strip())]

    def tail(self) -> Block:
        """Return the block in the making, as far as it is there."""
        if self._fence:
            return Code(self._language, self._pending)
        return Prose(self._pending)

    def finish(self) -> list[Block]:
        """Return the rest as a block; the splitter is empty then."""
        rest = self.tail()
        if isinstance(rest, Code):
            lines = rest.text.splitlines(keepends=True)
            if lines and self._closes(lines[-1].rstrip("\n")):
                lines.pop()
            rest = Code(rest.language, "".join(lines).rstrip("\n"))
        self._pending = self._fence = self._language = ""
        return [rest] if isinstance(rest, Code) or rest.source.strip() else []

    def _next(self) -> Block | None:
        return self._next_code() if self._fence else self._next_prose()

    def _next_code(self) -> Block | None:
        at = 0
        while (end := self._pending.find("\n", at)) >= 0:
            if self._closes(self._pending[at:end]):
                block = Code(self._language, self._pending[:at].rstrip("\n"))
                self._pending, self._fence, self._language = self._pending[end + 1 :], "", ""
                return block
            at = end + 1
        if len(self._pending) > MAX_CODE:
            cut = self._pending.rfind("\n", 0, MAX_CODE) + 1 or MAX_CODE
            block = Code(self._language, self._pending[:cut].rstrip("\n"), goes_on=True)
            self._pending = self._pending[cut:]
            return block
        return None

    def _closes(self, line: str) -> bool:
        mark = line.strip()
        return bool(mark) and mark[0] == self._fence[0] and set(mark) == {mark[0]} and len(mark) >= len(self._fence)

    def _next_prose(self) -> Block | None:
        in_list = bool(_LIST.match(self._pending.lstrip("\n")))
        at, blank = 0, False
        while (end := self._pending.find("\n", at)) >= 0:
            line = self._pending[at:end]
            fence = _FENCE.match(line)
            if fence and not (in_list and line.startswith(" ")):
                block = Prose(self._pending[:at])
                self._fence, self._language = fence[1], fence[2].strip().partition(" ")[0]
                self._pending = self._pending[end + 1 :]
                return block
            if blank and at and _starts_block(line, in_list):
                return self._cut(at)
            blank = not line.strip()
            at = end + 1
        if blank and at and self._sure(self._pending[at:], in_list):
            return self._cut(at)
        if len(self._pending) > MAX_PROSE:
            return self._cut(_soft_cut(self._pending))
        return None

    def _sure(self, partial: str, in_list: bool) -> bool:
        """Return whether a line's beginning tells already that it starts a block."""
        return bool(partial) and not partial[0].isspace() and (not in_list or partial[0].isalpha() or partial[0] == "#")

    def _cut(self, at: int) -> Prose:
        block, self._pending = Prose(self._pending[:at]), self._pending[at:]
        return block


def split(text: str) -> list[Block]:
    """Return all blocks of a whole text."""
    splitter = Splitter()
    return [*splitter.feed(text), *splitter.finish()]


def _starts_block(line: str, in_list: bool) -> bool:
    return bool(line) and not line[0].isspace() and not (in_list and _LIST.match(line))


def _soft_cut(text: str) -> int:
    for mark in ("\n", "。", ". ", " "):
        found = text.rfind(mark, MAX_PROSE // 2, MAX_PROSE)
        if found >= 0:
            return found + len(mark)
    return MAX_PROSE
