"""Sentences of core in the window's language: core speaks English, the translation is found by the sentence's pattern.

`resources/i18n/update` collects every message and hint that core raises as a template with {0}, {1} ... for what is
filled in; the templates are translated in the context "Core" of the .ts file like any other string.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from gui.paths import translations_dir

TEMPLATES = "core_sentences.json"
_SLOT = re.compile(r"\{\d+\}")
_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z])")


def translated(sentence: str) -> str:
    """Return what core says in the current language; an unknown sentence is returned as it is."""
    template, values = _match(sentence)
    parts = _BETWEEN.split(sentence)
    if len(parts) > 1 and any(map(_BETWEEN.search, values)) and all(map(_known, parts)):
        return " ".join(map(translated, parts))  # a slot has swallowed the next sentence
    if not values and template not in _templates():
        return " ".join(map(translated, parts)) if len(parts) > 1 else sentence
    text = QCoreApplication.translate("Core", template)
    for number, value in enumerate(values):
        text = text.replace(f"{{{number}}}", value)
    return text


def _known(sentence: str) -> bool:
    template, values = _match(sentence)
    return bool(values) or template in _templates()


@lru_cache(maxsize=512)
def _match(sentence: str) -> tuple[str, tuple[str, ...]]:
    for template, fixed in _patterns():
        if sentence.startswith(fixed[0]) and sentence.endswith(fixed[-1]):
            found = re.fullmatch("(.+?)".join(map(re.escape, fixed)), sentence, re.DOTALL)
            if found:
                return template, found.groups()
    return sentence, ()


@lru_cache(maxsize=1)
def _templates() -> frozenset[str]:
    return frozenset(template for template, _fixed in _patterns())


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, list[str]]]:
    """Return templates with the fixed text between their slots, the most particular (longest of it) first.

    Their expressions are compiled where they may fit: all hundreds of them take the window a third of a second.
    """
    try:
        templates = json.loads((translations_dir() / TEMPLATES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    ordered = sorted(templates, key=lambda text: -len(_SLOT.sub("", text)))
    return [(text, _SLOT.split(text)) for text in ordered]
