"""Question files of both kinds, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FileError, UsageError
from core.text.questions import QuestionKind, builtin_file, read_questions, take


@pytest.mark.parametrize("kind", ["json", "lines"])
def test_the_built_in_questions_can_be_asked(kind: QuestionKind) -> None:
    assert len(read_questions(builtin_file(kind), kind)) >= 8
    assert read_questions(builtin_file(kind)) == read_questions(builtin_file(kind), kind)


def test_questions_wrap_round() -> None:
    assert take(["a", "b", "c"], 2, 4) == ["c", "a", "b", "c"]
    with pytest.raises(UsageError, match="3 questions"):
        take(["a", "b", "c"], 3, 1)


@pytest.mark.parametrize("text", ["", "\n \n", '{"question": 3}', '{"question": [1]}', "{", '{"other": []}'])
def test_files_without_questions_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.txt"
    path.write_text(text)
    with pytest.raises(FileError):
        read_questions(path)


def test_other_encodings_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_bytes("你好".encode("gbk"))
    with pytest.raises(FileError, match="UTF-8"):
        read_questions(path)
    with pytest.raises(FileError):
        read_questions(tmp_path / "none.txt")
