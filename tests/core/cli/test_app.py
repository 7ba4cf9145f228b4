"""The entry itself: help, versions, words for true and false, and errors nobody foresaw."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core import __version__, demo_model
from core.cli import app, cmd_combine, cmd_demo
from core.cli.arguments import boolean, number_rows
from core.ngf.reader import read_header
from core.spec import EngineConfig
from tests.core.cli.conftest import Built, Run


@pytest.mark.parametrize("command", ["", *app.COMMANDS])
def test_help_names_every_flag_with_its_default(run: Run, command: str) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.code == 0
    assert "usage: c10-panel" in result.out


def test_version(run: Run) -> None:
    assert run("--version").out == f"c10-panel {__version__}\n"


@pytest.mark.parametrize("words", [(), ("nothing",), ("infer",), ("infer", "--engine")])
def test_a_wrong_command_line_is_a_sentence(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert "--help" in result.err


@pytest.mark.parametrize("word", ["true", "True", "YES", "1", "on"])
def test_true_words(word: str) -> None:
    assert boolean(word) is True


@pytest.mark.parametrize("word", ["false", "False", "no", "0", "", "off"])
def test_false_words(word: str) -> None:
    assert boolean(word) is False


def test_other_words_are_neither() -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        boolean("maybe")


def test_id_lists() -> None:
    assert number_rows("1,2,3; 4,5;") == [[1, 2, 3], [4, 5]]


def test_a_bug_is_a_sentence_and_its_traceback_goes_to_the_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, panel_home: Path
) -> None:
    def broken(_: argparse.Namespace) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(cmd_combine, "run", broken)
    result = run("combine", "--ngf-1", "a", "--ngf-2", "b")
    assert result.code == 1
    assert "ZeroDivisionError" in result.err
    [log] = panel_home.rglob("command-line.log")
    assert str(log) in result.err
    assert "Traceback" in log.read_text()


def test_demo_asks_the_kept_engine_and_compiles_only_when_it_is_missing(
    built: Built, run: Run, monkeypatch: pytest.MonkeyPatch, panel_home: Path
) -> None:
    config: EngineConfig = read_header(built.multi).config
    monkeypatch.setattr(cmd_demo, "CONFIG", config)
    place = cmd_demo.demo_request(panel_home / "data").outputs()[0]
    builds = []

    def build(*_: object) -> None:
        builds.append(1)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(built.multi.read_bytes())

    monkeypatch.setattr(cmd_demo, "build", build)
    for _ in range(2):
        result = run("demo", "--max-new-tokens", 3, "--question", "Hi", "--json")
        assert result.code == 0
        assert result.last["event"] == "generated"
    assert builds == [1]
    place.write_bytes(b"broken")
    assert run("demo", "--max-new-tokens", 3).code == 0
    assert builds == [1, 1]


def test_demo_asks_the_engine_that_came_with_the_program(
    built: Built, run: Run, monkeypatch: pytest.MonkeyPatch, panel_home: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(cmd_demo, "CONFIG", read_header(built.multi).config)
    monkeypatch.setattr(cmd_demo, "build", None)
    monkeypatch.setattr(cmd_demo, "shipped_dir", lambda: tmp_path)
    place = cmd_demo.demo_request(tmp_path).outputs()[0]
    place.parent.mkdir(parents=True)
    place.write_bytes(built.multi.read_bytes())
    result = run("demo", "--max-new-tokens", 3, "--question", "Hi", "--json")
    assert result.last["event"] == "generated"
    assert not (panel_home / "data" / "engines").exists()


def test_demo_says_before_it_compiles_that_its_engine_could_not_be_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    monkeypatch.setenv("C10_PANEL_TRUST", str(folder))
    monkeypatch.setattr(demo_model, "find_demo_gguf", lambda: tmp_path / "model.gguf")
    monkeypatch.setattr(cmd_demo, "export", lambda *_: pytest.fail("the work has begun"))
    result = run("demo", "--max-new-tokens", 3)
    assert result.code == 2
    assert (
        f"{folder} is a folder, not the list of engines that may run.\nLet C10_PANEL_TRUST name a file." in result.err
    )
