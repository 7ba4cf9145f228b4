from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core import trust
from core.c10.description import Description, write_description
from core.compiler.arguments import ABI_VERSION
from core.errors import FileError, MismatchError
from core.ngf.reader import NgfFile
from core.spec import EngineConfig
from gui.compile.library import check_parts, combined_path, counterpart, remove, scan
from tests.core.ngf.sample import HEADER, write_sample


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "glm").mkdir()
    write_sample(tmp_path / "glm" / "glm_multi.ngf", "multi")
    write_sample(tmp_path / "part.ngf", "base")
    write_sample(tmp_path / "part_inc.ngf", "incremental")
    (tmp_path / "vendor.ngf").write_bytes(b"HXENGINE" + bytes(4000))
    (tmp_path / "cut_multi.ngf").write_bytes((tmp_path / "part.ngf").read_bytes()[:700])
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


def test_engines_parts_foreign_and_damaged_files_are_told_apart(folder: Path) -> None:
    found = {engine.name: engine for engine in scan((folder, folder / "glm", folder / "absent"))}
    assert sorted(found) == ["cut_multi", "glm_multi", "part", "part_inc", "vendor"]
    assert found["glm_multi"].ready
    assert not found["part"].ready
    assert found["part_inc"].role == "incremental"
    assert found["vendor"].kind == "foreign"
    assert found["cut_multi"].kind == "damaged"
    assert "700" in found["cut_multi"].problem.message
    assert found["glm_multi"].run_bytes > 0
    assert found["glm_multi"].prompt_format == "chat_template"


def test_an_engine_that_this_program_can_not_call_is_not_offered(folder: Path) -> None:
    old = replace(HEADER, config=EngineConfig(pre_len=2048, total_len=4096))
    newer = replace(HEADER, target=replace(HEADER.target, abi_version=ABI_VERSION + 1))
    write_sample(folder / "old_multi.ngf", "multi", old)
    write_sample(folder / "newer_multi.ngf", "multi", newer)
    found = {engine.name: engine for engine in scan((folder,))}
    assert found["glm_multi"].refusal is None
    for name, hint in (("old_multi", "Compile the model again"), ("newer_multi", "Update this program")):
        assert found[name].kind == "engine"
        assert not found[name].ready
        assert found[name].refusal.hint.startswith(hint)


def test_what_can_not_be_used_comes_last(folder: Path) -> None:
    kinds = [engine.kind for engine in scan((folder,))]
    assert kinds[:3] == ["engine"] * 3
    assert set(kinds[3:]) == {"foreign", "damaged"}


def test_a_header_is_read_again_only_when_the_file_changed(folder: Path) -> None:
    known: dict = {}
    scan((folder,), known)
    before = dict(known)
    scan((folder,), known)
    assert known == before
    write_sample(folder / "part.ngf", "multi")
    assert any(engine.ready and engine.name == "part" for engine in scan((folder,), known))


def test_removing_an_engine_takes_its_empty_folder_along(folder: Path) -> None:
    remove(folder / "glm" / "glm_multi.ngf")
    assert not (folder / "glm").exists()
    remove(folder / "part.ngf")
    assert (folder / "part_inc.ngf").exists()
    remove(folder / "part.ngf")


def test_a_file_that_can_not_be_removed_is_an_error_for_people(folder: Path) -> None:
    with pytest.raises(FileError):
        remove(folder / "glm")


def test_parts_of_one_job_belong_together_in_either_order(folder: Path) -> None:
    base, incremental = folder / "part.ngf", folder / "part_inc.ngf"
    assert [header.role for header in check_parts(incremental, base)] == ["base", "incremental"]
    assert combined_path(base, incremental) == combined_path(incremental, base) == folder / "part_multi.ngf"
    assert counterpart(base) == incremental
    assert counterpart(incremental) == base


def test_parts_that_differ_are_refused_with_the_field(folder: Path) -> None:
    other = folder / "other_inc.ngf"
    write_sample(other, "incremental", replace(HEADER, config=EngineConfig(batch=8, pre_len=16, total_len=64)))
    with pytest.raises(MismatchError, match=r"config\.batch: 1 and 8"):
        check_parts(folder / "part.ngf", other)
    with pytest.raises(MismatchError, match="role base"):
        check_parts(folder / "part.ngf", folder / "part.ngf")
    with pytest.raises(MismatchError, match="already"):
        check_parts(folder / "part.ngf", folder / "glm" / "glm_multi.ngf")


@pytest.mark.usefixtures("own_trust")
def test_an_engine_is_a_strangers_until_it_was_built_here_or_approved(folder: Path) -> None:
    with NgfFile.open(folder / "part.ngf") as file:
        trust.note_built(file.digest, (), file.path)
    known: dict = {}

    def strangers() -> set[str]:
        return {engine.name for engine in scan((folder,), known) if engine.stranger}

    assert strangers() == {"glm_multi", "part_inc"}  # what can't be run needs no question
    with NgfFile.open(folder / "glm" / "glm_multi.ngf") as file:
        trust.approve(file.digest, (), file.path)
    assert strangers() == {"part_inc"}


@pytest.mark.usefixtures("own_trust")
def test_a_vendors_engine_is_a_strangers_until_it_was_noted(folder: Path) -> None:
    write_description(folder / "vendor.ngf", Description(assumed=False))

    def vendors() -> bool:
        return next(engine.stranger for engine in scan((folder,)) if engine.name == "vendor")

    assert vendors()
    trust.note_vendor_built(folder / "vendor.ngf")
    assert not vendors()
