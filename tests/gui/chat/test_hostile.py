"""Hostile text in questions, answers and names: shown as it is, quick, and nothing is ever fetched for it."""

from __future__ import annotations

import logging
import socket
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage, QPixmap, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.events import Failed, Prompted
from gui.chat.markdown import to_html
from gui.chat.text_block import TextBlock
from gui.crash import CrashLog
from gui.widgets.edit import MAX_CHARS
from gui.widgets.text import ElidedLabel, Label, plain_tip
from tests.gui.chat.conftest import Chat

ODD = {
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "bidi": "abc \u202efdp.exe\u202c \u2066\u2067x\u2069 שלום עולם \u200f\u200e",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 \U0001f1e8\U0001f1f3 \u2764\ufe0f",
    "marks": "Z" + "\u0351" * 300,
    "not characters": "\ufffe\uffff \U0010ffff \ufeff",
    "line separators": "a\u2028b\u2029c\u0085d\u000bd\u000ce",
    "html": "<b>x</b><script>alert(1)</script><style>*{display:none}</style><!--",
    "deep": "> " * 200 + "x",
    "brackets": "[" * 3000,
    "stars": "*a " * 2000,
    "ticks": "`" * 501 + "\n~~~\n```\n" * 50,
    "table": "|a|b|\n|-|-|\n" + "|x|\n" * 200,
    "link": "[x](javascript:alert(1)) [y](file:///etc/passwd) <data:text/html,x>",
    "half entity": "&#0; &#x110000; &#xD800; &unknown; &",
}


SIDE = 5
"""Width and height of the picture that isn't to be loaded, in pixels."""


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A server that nobody is to call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def loaded(block: TextBlock, kind: QTextDocument.ResourceType, address: str) -> bool:
    """Return whether the document has, or would now get, what lies at `address`."""
    found = block.document().resource(int(kind.value), QUrl(address))
    if isinstance(found, QImage | QPixmap):
        return found.width() == SIDE
    return bytes(found) != b" "


def traps(canary: socket.socket, picture: Path) -> list[str]:
    """Return texts that would make a careless viewer fetch a picture, a style sheet or a page."""
    addresses = [f"http://127.0.0.1:{canary.getsockname()[1]}/x.png", picture.as_uri(), str(picture), "qrc:/x.png"]
    forms = (
        "![x]({0})", "[![x]({0})]({0})", "<img src='{0}'>", "<img srcset='{0} 1x'>", "<body background='{0}'>",
        "<link rel='stylesheet' href='{0}'>", "<style>@import url('{0}');</style>", "<iframe src='{0}'></iframe>",
        "<table background='{0}'><tr><td>x</table>", "<div style=\"background-image:url('{0}')\">x</div>",
        "![x][r]\n\n[r]: {0}", "<object data='{0}'></object>", "<svg><image href='{0}'/></svg>",
    )  # fmt: skip
    return [form.format(address) for form in forms for address in addresses]


def test_nothing_is_fetched_for_an_answer(chat: Chat, canary: socket.socket, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    QImage(SIDE, SIDE, QImage.Format.Format_RGB32).save(str(picture))
    job = chat.ask("Hi")
    chat.say(Prompted(job, ["Hi"], [3]))
    chat.tokens(job, "a")
    chat.finish(job, "\n\n".join(traps(canary, picture)))
    QApplication.processEvents()
    blocks = chat.page.findChildren(TextBlock)
    assert blocks
    for block in blocks:
        html = block.toHtml()
        assert "<img" not in html
        for address in (picture.as_uri(), str(picture), f"http://127.0.0.1:{canary.getsockname()[1]}/x.png"):
            for kind in (QTextDocument.ResourceType.ImageResource, QTextDocument.ResourceType.StyleSheetResource):
                assert not loaded(block, kind, address)
    assert not called(canary)


def test_even_raw_html_in_a_text_block_loads_nothing(chat: Chat, canary: socket.socket, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    QImage(SIDE, SIDE, QImage.Format.Format_RGB32).save(str(picture))
    block = TextBlock(chat.page)

    block.show()
    for text in traps(canary, picture):
        block.set_html(text)  # as if the renderer had let it through
        QApplication.processEvents()
        for address in (picture.as_uri(), str(picture)):
            assert not loaded(block, QTextDocument.ResourceType.ImageResource, address)
    assert not called(canary)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_is_asked_answered_and_kept_as_it_is(chat: Chat, text: str) -> None:
    job = chat.ask(f"x{text}x")
    asked = chat.command().conversations[0][-1]["content"]
    assert asked.replace("\n", "") == f"x{text}x".replace("\r", "").replace("\n", "").translate(_AS_QT)
    chat.say(Prompted(job, ["x"], [3]))
    for part in (text[: len(text) // 2], text[len(text) // 2 :]):
        chat.tokens(job, part)
    chat.finish(job, text)
    QApplication.processEvents()
    assert not chat.page.conduct.busy


_AS_QT = str.maketrans({"\u2028": "\n", "\u2029": "\n"}) | {0x2028: None, 0x2029: None}
"""A text field takes separators of lines and paragraphs for line breaks."""


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_markdown_of_any_shape_becomes_html_without_live_markup(text: str) -> None:
    html = to_html(text)
    for tag in ("<script", "<style", "<img", "<iframe", 'href="javascript', 'href="file', 'href="data'):
        assert tag not in html.lower()


def test_a_hundred_megabytes_pasted_are_cut_with_a_sentence(chat: Chat) -> None:
    edit = chat.page.composer.edit
    source = QMimeData()
    source.setText("0123456789" * 10_000_000)
    tracemalloc.start()
    edit.insertFromMimeData(source)
    QApplication.processEvents()
    tracemalloc.stop()
    assert len(edit.toPlainText()) == MAX_CHARS
    assert f"{100_000_000 - MAX_CHARS}" in chat.page.window().banner.text()  # type: ignore[attr-defined]
    edit.insertFromMimeData(source)
    assert len(edit.toPlainText()) == MAX_CHARS


def test_names_with_markup_are_shown_as_they_are(chat: Chat, qtbot: QtBot, canary: socket.socket) -> None:
    name = f"<img src='http://127.0.0.1:{canary.getsockname()[1]}/x.png'><b>engine</b>.ngf"
    assert chat.page.isVisible()
    for label in (Label(name), ElidedLabel(name)):
        qtbot.addWidget(label)
        label.resize(60, 20)
        label.show()
        QApplication.processEvents()
        assert "<img" not in label.toolTip()
    assert (
        plain_tip(name) == f"<span>{name.replace('<', '&lt;').replace('>', '&gt;').replace(chr(39), '&#x27;')}</span>"
    )
    assert plain_tip("a > b & c.ngf") == "a > b & c.ngf"
    assert not called(canary)


def test_no_word_of_a_conversation_reaches_the_logs(chat: Chat, tmp_path: Path) -> None:
    logs = CrashLog(tmp_path / "logs")
    try:
        job = chat.ask("a question about a heron")
        chat.say(Prompted(job, ["a question about a heron"], [3]))
        chat.tokens(job, "the heron ")
        chat.finish(job, "the heron stands")
        job = chat.ask("again the heron")
        chat.say(Failed("worker", "The worker process crashed.", "Try again.", job))
        QApplication.processEvents()
        logging.getLogger("gui").info("a line, so that there is a log")
    finally:
        logs.close()
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "logs").iterdir())
    assert "a line, so that there is a log" in written
    assert "heron" not in written
