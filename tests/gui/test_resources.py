"""Translations, icons and colours: complete and up to date."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtSvg import QSvgRenderer

from gui.design import DARK, LIGHT, Palette, Type
from gui.pages import PAGES
from gui.sentences import translated
from gui.widgets.meter import Segment
from tests.gui.conftest import MakePanel

ROOT = Path(__file__).resolve().parents[2]
ICONS = ROOT / "resources" / "icons"


def script(path: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader(path.parent.name + "_update", str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_string_has_its_chinese_and_the_compiled_file_is_up_to_date() -> None:
    """If this fails: run resources/i18n/update, which says what to do."""
    assert script(ROOT / "resources" / "i18n" / "update").problems() == []


def test_sentences_of_core_are_translated_with_their_numbers(make_panel: MakePanel) -> None:
    panel = make_panel(lang="zh")
    sentence = "The pre length (4096) must be smaller than the total length (2048)."
    assert "4096" in translated(sentence)
    assert re.search("[\u4e00-\u9fff]", translated(sentence))
    two = "The worker process has ended. Try again."
    assert translated(two) == f"{translated('The worker process has ended.')} {translated('Try again.')}"
    assert not re.search("[a-z]", translated(two))
    hint = "It fits with 4 more cards of 1.00 GiB. It fits with a limit of 2.00 GiB on each card."
    assert "fits" not in translated(hint), "a slot must not swallow the next sentence"
    assert "1.00 GiB" in translated(hint)
    assert "2.00 GiB" in translated(hint)
    panel.window.set_language("en")
    assert translated(sentence) == sentence
    assert translated("A sentence that nobody knows.") == "A sentence that nobody knows."


def test_the_coloured_icons_are_up_to_date() -> None:
    control = ICONS / "control"
    for name, text in script(control / "update").files().items():
        assert (control / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_icons_can_be_drawn_and_take_the_themes_colour(path: Path, qapp: object) -> None:
    del qapp
    assert QSvgRenderer(str(path)).isValid()
    if path.stem not in ("c10-panel", "engine-file"):  # these two are coloured
        assert "#000" in path.read_text(encoding="utf-8")


def test_every_page_has_an_icon() -> None:
    assert all((ICONS / f"{entry.icon}.svg").exists() for entry in PAGES)


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_what_it_lies_on(palette: Palette) -> None:
    pairs = {
        "text": ("window", "surface", "raised", "accent_soft", "ok_soft", "warn_soft", "bad_soft"),
        "muted": ("window", "surface", "raised"), "on_accent": ("accent", "accent_hover", "accent_pressed"),
        "accent": ("accent_soft", "surface"), "ok": ("ok_soft", "surface"), "warn": ("warn_soft", "surface"),
        "bad": ("bad_soft", "surface"), "on_bad": ("bad", "bad_hover"), "rail_text": ("rail", "rail_checked"),
        "rail_muted": ("rail", "rail_hover"),
    }  # fmt: skip
    for front, backs in pairs.items():
        for back in backs:
            assert contrast(getattr(palette, front), getattr(palette, back)) >= 4.5, (front, back)
    for line in ("border_strong", "focus"):
        assert contrast(getattr(palette, line), palette.surface) >= 3, line


def test_type_grows_with_the_scale() -> None:
    assert Type.at(250).body == pytest.approx(2.5 * Type.at(100).body, abs=1)
    assert Segment(0.5, "#000000").name == ""
