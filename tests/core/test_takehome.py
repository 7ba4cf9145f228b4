"""A conversation in QR codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from core.takehome import CUT, FRAME_BYTES, MAX_FRAMES, frames, modules, png, transcript
from tests.core.cli.conftest import Run
from tests.core.cli.conftest import run as run


def _joined(parts: tuple[str, ...]) -> str:
    return "".join(part.partition("\n")[2] for part in parts)


def test_a_short_text_is_one_code_without_a_number() -> None:
    assert frames("Hi", "C10") == ("C10\nHi",)
    assert frames("") == ()


@pytest.mark.parametrize("text", ["word " * 700, "天空为什么是蓝色的？" * 120, "a" * 2000, "é🙂" * 500])
def test_a_long_text_is_cut_between_characters_and_comes_back_whole(text: str) -> None:
    parts = frames(text, "C10 Panel")
    assert len(parts) > 1
    assert _joined(parts) == text
    assert all(len(part.encode()) <= FRAME_BYTES for part in parts)
    assert parts[0].startswith(f"C10 Panel 1/{len(parts)}\n")


def test_words_stay_whole_where_they_can() -> None:
    assert all(part.endswith(" ") for part in frames("word " * 700, "t")[:-1])


def test_more_than_anybody_photographs_is_cut_and_says_so() -> None:
    parts = frames("x" * FRAME_BYTES * (MAX_FRAMES + 5), "t")
    assert len(parts) == MAX_FRAMES
    assert parts[-1].endswith(CUT)


def test_every_frame_fits_a_code_with_a_quiet_zone() -> None:
    rows = modules(frames("天" * 1000, "C10 Panel")[0])
    assert len(rows) == len(rows[0]) < 120
    assert not any(any(row) for row in rows[:4])
    assert any(rows[4])
    assert png("Hi").startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="don't fit"):
        modules("x" * 4000)


def test_a_transcript_is_plain_text() -> None:
    text = transcript([("Q:", " Why? "), ("A:", "Because."), ("A:", "")], "model · 10 tok/s")
    assert text == "Q: Why?\n\nA: Because.\n\nmodel · 10 tok/s"
    assert transcript([], "footer") == ""


def test_the_command_writes_pictures(run: Run, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("word " * 400, encoding="utf-8")
    result = run("takehome", "--text", tmp_path / "talk.md", "--output", tmp_path / "out", "--json")
    assert result.code == 0
    assert len(result.last["files"]) == len(list((tmp_path / "out").glob("qr-*.png"))) == 4
    (tmp_path / "bad").write_bytes(b"\xff")
    assert "not UTF-8" in run("takehome", "--text", tmp_path / "bad", "--output", tmp_path).err
    assert run("takehome", "--text", tmp_path / "none", "--output", tmp_path).code == 2
