"""Design tokens: the one place where colours, spacing, radii and the type scale are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["light", "dark"]
ThemeChoice = Literal["system", "light", "dark"]
THEME_CHOICES: tuple[ThemeChoice, ...] = ("system", "light", "dark")

SCALES = (100, 110, 125, 150, 175, 200, 225, 250)
"""Text scales in percent that the window offers."""

FONT_FAMILIES = (
    "Noto Sans", "Segoe UI", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "WenQuanYi Micro Hei",
)  # fmt: skip
MONO_FAMILIES = ("Noto Sans Mono", "JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "monospace")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one mode as #RRGGBB. Text colours reach a contrast of 4.5 against the surfaces they lie on."""

    window: str
    """Behind everything."""
    surface: str
    """Cards and panels."""
    raised: str
    """Fields, table heads and hovered rows on a surface."""
    sunken: str
    """Tracks of meters, code blocks."""
    border: str
    border_strong: str
    text: str
    muted: str
    rail: str
    rail_hover: str
    rail_checked: str
    rail_text: str
    rail_muted: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    on_bad: str
    bad_hover: str
    focus: str
    series: tuple[str, ...]
    """Colours of graph curves and of cards in pictures, told apart also by people with red-green blindness."""


LIGHT = Palette(
    window="#F3F5F9", surface="#FFFFFF", raised="#F0F3F8", sunken="#E4E9F1", border="#D9E0EA", border_strong="#76839A",
    text="#121A28", muted="#526075", rail="#0F1A2E", rail_hover="#1B2A47", rail_checked="#22406F", rail_text="#F4F7FC",
    rail_muted="#A6B5CC", accent="#1D5FD1", accent_hover="#174FB0", accent_pressed="#123F8E", on_accent="#FFFFFF",
    accent_soft="#E3EDFC", ok="#157347", ok_soft="#DDF3E6", warn="#8A5A00", warn_soft="#FCEFD2", bad="#BE2A3C",
    bad_soft="#FBE3E5", on_bad="#FFFFFF", bad_hover="#9E1F30", focus="#1D5FD1",
    series=("#1D5FD1", "#D9750B", "#0E8A7C", "#A03AA8", "#6B7A10", "#C2334F", "#0A7EB5", "#6E56CF"),
)  # fmt: skip
DARK = Palette(
    window="#0B111B", surface="#141D2B", raised="#1C2738", sunken="#243146", border="#2A384E", border_strong="#6F809B",
    text="#EAF0F9", muted="#9FB0C8", rail="#101927", rail_hover="#1B2A40", rail_checked="#1E3A68", rail_text="#F4F7FC",
    rail_muted="#93A4BE", accent="#5B9DFF", accent_hover="#7DB1FF", accent_pressed="#468AF0", on_accent="#06152B",
    accent_soft="#162C4E", ok="#4CD38A", ok_soft="#12321F", warn="#F5B942", warn_soft="#392A0B", bad="#FF7183",
    bad_soft="#3F171E", on_bad="#2A060B", bad_hover="#FF8F9D", focus="#7DB1FF",
    series=("#5B9DFF", "#FFA63D", "#3CCFBD", "#D88AE0", "#B8CC4A", "#FF7F95", "#4FC3F7", "#A99BFF"),
)  # fmt: skip


def palette(mode: Mode) -> Palette:
    """Return the colours of `mode`."""
    return DARK if mode == "dark" else LIGHT


class Space:
    """Distances in pixels (logical, before the screen's own scale)."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class Radius:
    """Corner radii in pixels."""

    S = 6
    M = 10
    L = 14


TOUCH = 44
"""Least height of anything that can be pressed, in pixels."""

CONTENT_WIDTH = 1440
"""Pages of cards don't grow wider than this, in pixels at 100 % text."""


@dataclass(frozen=True, slots=True)
class Type:
    """Font sizes in pixels at one text scale."""

    caption: int
    body: int
    strong: int
    title: int
    heading: int
    display: int
    hero: int

    @classmethod
    def at(cls, percent: int) -> Type:
        """Return the type scale at `percent` of the normal size."""
        sizes = (13, 15, 16, 19, 27, 40, 96)
        return cls(*(round(size * percent / 100) for size in sizes))


def nearest_scale(percent: int) -> int:
    """Return the offered scale that is nearest to `percent`."""
    return min(SCALES, key=lambda step: abs(step - percent))


def next_scale(percent: int, direction: int) -> int:
    """Return the next larger (`direction` 1) or smaller (-1) scale, the same one at the end."""
    index = SCALES.index(nearest_scale(percent)) + direction
    return SCALES[max(0, min(len(SCALES) - 1, index))]
