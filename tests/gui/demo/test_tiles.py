from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import FormatError
from gui.demo import tiles as files


def built_in() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files.built_in_file().read_text(encoding="utf-8"))
    return data


def test_the_built_in_tiles_have_both_languages() -> None:
    tiles = files.parse(files.built_in_file().read_bytes())
    assert 3 <= len(tiles) <= 4
    for tile in tiles:
        assert any(ord(letter) > 0x4E00 for letter in tile.prompt["zh"])
        assert tile.prompt["en"].isascii()
        assert tile.options.max_new_tokens == files.NEW_TOKENS


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    tiles = files.parse(files.built_in_file().read_bytes())
    changed = (replace(tiles[1], engine="/engines/a.ngf", options=replace(tiles[1].options, top_k=40)), tiles[0])
    files.save(changed, tmp_path / "config" / "tiles.json")
    assert files.load(tmp_path / "config" / "tiles.json") == files.Loaded(changed)
    files.restore(tmp_path / "config" / "tiles.json")
    assert files.load(tmp_path / "config" / "tiles.json").tiles == tiles


def _with(**changes: Any) -> bytes:
    data = built_in()
    data["tiles"][0].update(changes)
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"{", "JSON"),
        (b'{"version": 1, "version": 1, "tiles": []}', "twice"),
        (b'{"version": 2, "tiles": []}', "version"),
        (b'{"version": 1, "tiles": []}', "empty"),
        (json.dumps({**built_in(), "more": 1}).encode(), "more"),
        (json.dumps({"version": 1, "tiles": built_in()["tiles"] * 2}).encode(), "8 entries"),
        (_with(icon="skull"), "icon"),
        (_with(icon="../../etc/passwd"), "icon"),
        (_with(title={"en": "Hi"}), "zh"),
        (_with(title={"en": "Hi", "zh": " "}), "empty"),
        (_with(title={"en": "x" * 41, "zh": "好"}), "41"),
        (_with(prompt="Hi"), "prompt"),
        (_with(engine=None), "engine"),
        (_with(sampling={"temperature": True}), "temperature"),
        (_with(sampling={"temperature": 9.0}), "9.0"),
        (_with(sampling={"max_new_tokens": 1_000_000}), "1000000"),
        (_with(sampling={"magic": 1}), "magic"),
        (_with(sampling=[]), "sampling"),
    ],
)
def test_a_file_that_is_not_strict_is_refused_and_named(data: bytes, named: str) -> None:
    with pytest.raises(FormatError, match=named):
        files.parse(data)


def test_a_damaged_file_stays_and_the_built_in_tiles_are_shown(tmp_path: Path) -> None:
    own = tmp_path / "tiles.json"
    own.write_text("{", encoding="utf-8")
    loaded = files.load(own)
    assert loaded.tiles == files.parse(files.built_in_file().read_bytes())
    assert loaded.problem is not None
    assert str(own) in loaded.problem.hint
    assert own.read_text(encoding="utf-8") == "{"
