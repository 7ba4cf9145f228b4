"""Markdown to the HTML that Qt's text documents draw, and code to coloured spans. Qt isn't needed here.

HTML in the source is shown as text, images become links, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from gui.design import Palette

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Ink = Literal["keyword", "string", "comment", "number", "function", "type", "constant", "operator"]
MAX_HIGHLIGHTED = 60_000
"""Longer code stays in one colour."""

LINE_HEIGHT = 132
"""Of prose, in percent of the font's."""

_LINKS = ("http://", "https://", "mailto:")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `start` + `length` of the code, counted in UTF-16 units as Qt does."""

    start: int
    length: int
    ink: Ink


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    made.disable(["image", "html_block", "html_inline"])
    made.validateLink = lambda url: url.strip().lower().startswith(_LINKS)  # type: ignore[method-assign]  # its documented hook
    return made


def to_html(source: str) -> str:
    """Return the HTML of Markdown `source`; only links to the web and to mail addresses stay links."""
    html: str = _parser().render(source).strip()
    for wrong, right in (
        ("<table>", '<table cellspacing="0" cellpadding="8" border="1">'),
        ("<pre>", '<pre class="code">'),
        ("<s>", "<span class='s'>"),
        ("</s>", "</span>"),
        ("<blockquote>", '<table cellspacing="0" cellpadding="6" class="quote"><tr><td>'),
        ("</blockquote>", "</td></tr></table>"),
    ):
        html = html.replace(wrong, right)
    return html


def style(colours: Palette, body: int, families: tuple[str, ...]) -> str:
    """Return the style sheet of rendered prose for a body size in pixels and the monospace families."""
    mono = ", ".join(f"'{name}'" for name in families)
    quote = f"color: {colours.muted}; border-left: 3px solid {colours.border_strong};"
    return f"""
p, li {{ line-height: {LINE_HEIGHT}%; }}
p {{ margin-top: 0; margin-bottom: {round(body * 0.65)}px; }}
ul, ol {{ margin-top: 0; margin-bottom: {round(body * 0.65)}px; -qt-list-indent: 1; }}
li {{ margin-bottom: {round(body * 0.2)}px; }}
h1 {{ font-size: {round(body * 1.5)}px; font-weight: 600; margin-top: {body}px; margin-bottom: {body // 2}px; }}
h2 {{ font-size: {round(body * 1.3)}px; font-weight: 600; margin-top: {body}px; margin-bottom: {body // 2}px; }}
h3, h4, h5, h6 {{ font-size: {round(body * 1.1)}px; font-weight: 600; margin-top: {body // 2}px;
    margin-bottom: {body // 3}px; }}
code {{ font-family: {mono}; background-color: {colours.raised}; color: {colours.text};
    font-size: {round(body * 0.92)}px; }}
pre {{ font-family: {mono}; background-color: {colours.raised}; font-size: {round(body * 0.92)}px; }}
a {{ color: {colours.accent}; text-decoration: underline; }}
table {{ border-color: {colours.border}; border-style: solid; border-collapse: collapse; margin-bottom: {body}px; }}
th {{ background-color: {colours.raised}; font-weight: 600; }}
table.quote {{ border-style: none; margin-left: 4px; }}
table.quote td {{ {quote} }}
.s {{ text-decoration: line-through; }}
"""


def spans(language: str, code: str) -> Iterator[Span]:
    """Yield the coloured parts of `code` one by one (so that the work can be spread); none for unknown languages."""
    if not language or len(code) > MAX_HIGHLIGHTED:
        return
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return
    plain = code.isascii() or max(code) <= "\uffff"
    at = units = 0
    for start, kind, value in lexer.get_tokens_unprocessed(code):
        ink = _ink(str(kind))
        if not plain:
            units += _units(code[at:start])
            at = start
        if ink is not None and value.strip():
            yield Span(start if plain else units, len(value) if plain else _units(value), ink)


_INKS: tuple[tuple[str, Ink], ...] = (
    ("Token.Comment", "comment"),
    ("Token.Keyword.Constant", "constant"),
    ("Token.Keyword.Type", "type"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Name.Function", "function"),
    ("Token.Name.Class", "type"),
    ("Token.Name.Builtin", "type"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Name.Attribute", "function"),
    ("Token.Name.Decorator", "function"),
    ("Token.Operator", "operator"),
)


@lru_cache(maxsize=512)
def _ink(kind: str) -> Ink | None:
    return next((ink for prefix, ink in _INKS if kind.startswith(prefix)), None)


def ink_colour(ink: Ink, colours: Palette) -> str:
    """Return the colour (#RRGGBB) of a kind of code."""
    table: dict[Ink, str] = {
        "keyword": colours.accent, "string": colours.ok, "comment": colours.muted, "number": colours.warn,
        "function": colours.series[3], "type": colours.series[2], "constant": colours.bad, "operator": colours.muted,
    }  # fmt: skip
    return table[ink]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
