"""The style sheet of messages, set once on what holds them: a sheet for each widget would cost time for each."""

from __future__ import annotations

from gui.design import Palette, Radius


def message_style(colours: Palette) -> str:
    """Return the style of texts, bubbles and code blocks."""
    return f"""
TextBlock, TextBlock:focus {{ background: transparent; border: none; padding: 0; }}
QFrame#bubble {{ background: {colours.accent_soft}; border: none; border-radius: {Radius.L}px; }}
QFrame#codeBlock {{ background: {colours.raised}; border: 1px solid {colours.border}; border-radius: {Radius.M}px; }}
"""
