"""What the tests of core share: a check that users can read, in both languages, what goes wrong."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.errors import C10Error, Cancelled

CATALOGUE = Path(__file__).parents[2] / "resources" / "i18n" / "core_sentences.json"
LEAST_LETTERS = 6
INNER = ("strictjson.py", "format.py", "layout.py", "spec.py", "writer.py")
"""Modules whose errors get path and next step from their caller."""
_SLOT = re.compile(r"\{\d+\}")
_BETWEEN = re.compile(r"(?<=\.) (?=[A-Z])")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which an error comes up that says nothing, no next step, or what was never translated."""
    made: list[tuple[C10Error, str]] = []
    init = C10Error.__init__

    def note(self: C10Error, message: str, hint: str = "") -> None:
        init(self, message, hint)
        made.append((self, Path(sys._getframe(1).f_code.co_filename).name))

    monkeypatch.setattr(C10Error, "__init__", note)
    yield
    for error, module in made:
        texts = [error.message, *([error.hint] if _needs_hint(error, module) else [])]
        untold = [text for text in texts if not _is_known(text)]
        assert not untold, f"{module} says what the catalogue of sentences doesn't know: {untold}"


def _needs_hint(error: C10Error, module: str) -> bool:
    return bool(error.hint) or not (isinstance(error, Cancelled) or module in INNER)


@cache
def _patterns() -> list[re.Pattern[str]]:
    templates = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    telling = [text for text in templates if len(_SLOT.sub("", text)) >= LEAST_LETTERS]
    return [re.compile("(.+?)".join(map(re.escape, _SLOT.split(text))), re.DOTALL) for text in telling]


def _is_known(text: Any) -> bool:
    """Return whether a text, after the path that may stand before it, is a sentence of the catalogue or several."""
    if not isinstance(text, str) or re.search(r"\bNone\b", text):
        return False
    whole = [text, *(text[place.end() :] for place in re.finditer(": ", text))]
    if any(pattern.fullmatch(one) for one in whole for pattern in _patterns()):
        return True
    parts = _BETWEEN.split(text)
    return len(parts) > 1 and all(_is_known(part) for part in parts)
