"""Question files: the built-in ones and the vendor's, in both kinds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from core.errors import FileError, UsageError

QuestionKind = Literal["json", "lines"]
"""json: an object with a list "question" (as the vendor's c.txt); lines: one question a line (its question.txt)."""

_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "questions"
_MAX_BYTES = 16 << 20


def builtin_file(kind: QuestionKind) -> Path:
    """Return the path of the questions that come with the program."""
    return _FOLDER / ("c.txt" if kind == "json" else "question.txt")


def read_questions(path: Path, kind: QuestionKind | None = None) -> list[str]:
    """Return the questions in `path`, without empty ones; `kind` None: tell from the content. Raises FileError."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FileError(f"{path} is larger than {_MAX_BYTES >> 20} MiB.", "Choose a question file.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror or error}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    if kind is None:
        kind = "json" if text.lstrip().startswith("{") else "lines"
    found = _from_json(path, text) if kind == "json" else text.splitlines()
    questions = [question for question in found if question.strip()]
    if not questions:
        raise FileError(f"{path} has no question.", "Add one.")
    return questions


def take(questions: Sequence[str], index: int, count: int) -> list[str]:
    """Return `count` questions from `index` on, going on at the first after the last; raises UsageError."""
    if not 0 <= index < len(questions):
        raise UsageError(
            f"The question index is {index}, but there are {len(questions)} questions (0 to {len(questions) - 1}).",
            "Choose another --question-index.",
        )
    return [questions[(index + i) % len(questions)] for i in range(count)]


def _from_json(path: Path, text: str) -> list[str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{path} is not valid JSON: {error}.", "Use --question-from 2 for one question a line."
        ) from error
    questions = data.get("question") if isinstance(data, dict) else None
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions):
        raise FileError(f'{path} has no list of texts called "question".', "Add one.")
    return questions
