"""The operator's guide: both languages alike, its pictures there, its words those of the window, and opened by F1."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.app import Panel
from gui.guide import GuideDialog, guide_html
from gui.paths import guide_path, translations_dir
from gui.settings import LANGUAGES

HEADING = re.compile(r"^#+ ", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")


def shape(language: str) -> list[tuple[int, int, int, int]]:
    """Return of each section: its level, list items, table rows and pictures."""
    text = guide_path(language).read_text(encoding="utf-8")
    levels = [len(found[0]) - 1 for found in HEADING.finditer(text)]
    counts = [
        (len(re.findall(r"^(?:- |\d\. )", part, re.M)), len(re.findall(r"^\|", part, re.M)), len(PICTURE.findall(part)))
        for part in HEADING.split(text)[1:]
    ]
    return [(level, *count) for level, count in zip(levels, counts, strict=True)]


def test_both_languages_have_the_same_sections_with_the_same_steps() -> None:
    english, chinese = (shape(language) for language in ("en", "zh"))
    assert english == chinese
    assert len(english) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_there(language: str) -> None:
    path = guide_path(language)
    for name in PICTURE.findall(path.read_text(encoding="utf-8")):
        assert not QImage(str(path.parent / name)).isNull(), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_tells_to_press_is_called_so_in_the_window(language: str) -> None:
    texts = set()
    for message in ET.parse(translations_dir() / "c10-panel_zh.ts").iter("message"):  # noqa: S314 -- our own file
        texts.add(message.findtext("source" if language == "en" else "translation"))
    assert set(BOLD.findall(guide_path(language).read_text(encoding="utf-8"))) <= texts


def test_f1_opens_it_in_the_windows_language_and_only_once(panel: Panel, qtbot: QtBot) -> None:
    panel.window.set_language("zh")
    for _ in range(2):
        qtbot.keyClick(panel.window, Qt.Key.Key_F1)
    [dialog] = panel.window.findChildren(GuideDialog)
    assert "操作员指南" in dialog.text.toPlainText()
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.window.findChildren(GuideDialog) == [])


def test_pictures_are_shown_at_the_width_asked_for_and_nothing_else_is_fetched(tmp_path: Path) -> None:
    html = guide_html("Look:\n\n![A page](a%20b.png)\n\n![in text](no) stays text\n", tmp_path, 300)
    assert 'width="300" alt="A page"' in html
    assert html.count("<img") == 1
