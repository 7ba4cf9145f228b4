"""Question files of both kinds, and presets from settings that may hold anything."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import C10Error, FileError, FormatError
from gui.chat import presets
from gui.chat.presets import Options, Preset
from gui.chat.questions import built_in_files, parse, read


@pytest.mark.parametrize(
    "data",
    [b'{"question": ["one", "  two "]}', b"one\n\n two\r\n", "\ufeffone\ntwo".encode()],
)
def test_both_kinds_of_file_give_the_same_questions(data: bytes) -> None:
    assert parse(data, "file") == ("one", "two")


@pytest.mark.parametrize("data", [b"", b"{}", b'{"question": [1]}', b'{"question": []}', b"\xff\xfe", b"{"])
def test_files_without_questions_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        parse(data, "my-file.txt")
    assert "my-file.txt" in caught.value.message


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read(tmp_path / "none.txt")


def test_the_built_in_files_can_be_read() -> None:
    assert built_in_files()
    for path in built_in_files():
        assert read(path, built_in=True).questions


@given(st.binary(max_size=200))
def test_only_errors_of_the_program_escape(data: bytes) -> None:
    with contextlib.suppress(C10Error):
        assert parse(data, "x")


def test_presets_come_back_from_the_settings() -> None:
    kept = (Preset("Poet", "You are a poet.", Options(do_sample=True, temperature=1.1, seed=3)),)
    assert presets.presets_from_json(presets.presets_to_json(kept)) == kept
    assert presets.without_preset(presets.with_preset(kept, Preset("B")), "Poet") == (Preset("B"),)


def test_options_from_damaged_settings_are_usable() -> None:
    odd = {"temperature": 99, "top_k": "x", "seed": -7, "max_new_tokens": 0, "do_sample": 1, "more": []}
    options = presets.options_from_json(odd)
    assert options == Options(temperature=5.0, seed=-1, max_new_tokens=1)
    assert presets.presets_from_json([{"name": ""}, 3, {"name": "A", "system": 5}]) == (Preset("A"),)
