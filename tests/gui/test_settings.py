from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FormatError
from gui.app import Panel
from gui.settings import VERSION, Settings, Store, parse
from tests.gui.conftest import MakePanel


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def banner(panel: Panel) -> str:
    return panel.window.banner.text()


def test_what_is_changed_is_there_at_the_next_start(file: Path) -> None:
    Store(file).update(language="zh", text_percent=150, card_limits_gib={"0": 7.5})
    again = Store(file)
    assert (again.value.language, again.value.text_percent, again.value.card_limits_gib) == ("zh", 150, {"0": 7.5})
    assert again.problem is None


def test_a_damaged_file_is_kept_and_the_window_says_so(file: Path, make_panel: MakePanel) -> None:
    write(file, '{"language": "zh", ')
    panel = make_panel(Store(file))
    kept = file.with_name("settings.json.damaged")
    assert kept.read_text(encoding="utf-8") == '{"language": "zh", '
    assert str(kept) in banner(panel)
    assert panel.window.banner.isVisible()
    panel.window.set_scale(125)
    assert parse(file.read_bytes()).text_percent == 125


@pytest.mark.parametrize("values", ['{"text_percent": 9}', '{"text_percent": "big"}', '{"theme": "pink"}', "[]", "\0"])
def test_values_that_cannot_be_give_the_defaults(file: Path, values: str) -> None:
    store = Store(write(file, values))
    assert store.value == Settings()
    assert store.problem is not None
    assert store.problem.kind == "damaged"


def test_a_file_of_a_newer_program_is_left_alone(file: Path, make_panel: MakePanel) -> None:
    text = json.dumps({"version": VERSION + 1, "holograms": True})
    panel = make_panel(Store(write(file, text)))
    panel.window.set_scale(125)
    assert file.read_text(encoding="utf-8") == text
    assert "newer version" in banner(panel)


def test_a_folder_that_cannot_be_written_does_not_stop_anything(tmp_path: Path) -> None:
    blocker = tmp_path / "config"
    blocker.write_text("a file where the folder should be", encoding="utf-8")
    store = Store(blocker / "settings.json")
    store.update(text_percent=200)
    assert store.value.text_percent == 200
    assert store.problem is not None
    assert store.problem.kind == "unwritable"


def test_pages_remember_values_of_their_own(file: Path) -> None:
    store = Store(file)
    store.update_page("chat", expert=True)
    store.update_page("chat", batch=4)
    assert Store(file).page("chat") == {"expert": True, "batch": 4}


@given(st.binary(max_size=200))
def test_any_bytes_give_settings_or_a_format_error(data: bytes) -> None:
    try:
        parse(data).check()
    except FormatError:
        return
