from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from core.errors import FileError, FormatError, ResourceError
from core.ngf.format import PlannedSection
from core.ngf.layout import header_bytes
from core.ngf.reader import NgfFile, read_header
from core.ngf.writer import NgfWriter, planned_size
from tests.core.ngf.sample import HEADER, content, plan_of, write_sample

pytestmark = pytest.mark.usefixtures("told")


def test_what_was_written_is_read_back(tmp_path):
    written = write_sample(tmp_path / "a.ngf")
    assert read_header(tmp_path / "a.ngf") == written
    with NgfFile.open(tmp_path / "a.ngf") as file:
        assert file.header == written
        assert file.digest == hashlib.sha256(header_bytes(written)).hexdigest()
        for name, data in content().items():
            if isinstance(data, bytes):
                assert file.bytes_of(name) == data
            else:
                tensor = file.tensor(name)
                assert tensor.dtype == data.dtype
                assert np.array_equal(tensor, data)
        file.verify()


def test_the_size_is_known_before_writing(tmp_path):
    parts = content()
    write_sample(tmp_path / "a.ngf")
    assert planned_size(HEADER, plan_of(parts)) == (tmp_path / "a.ngf").stat().st_size


def test_sections_can_be_written_in_turns_and_pieces(tmp_path):
    write_sample(tmp_path / "whole.ngf")
    parts = content()
    blobs = {name: data if isinstance(data, bytes) else data.tobytes() for name, data in parts.items()}
    with NgfWriter(tmp_path / "pieces.ngf", HEADER, plan_of(parts)) as writer:
        for start in range(0, 400, 7):
            for name in reversed(list(blobs)):
                writer.write(name, blobs[name][start : start + 7])
    assert (tmp_path / "pieces.ngf").read_bytes() == (tmp_path / "whole.ngf").read_bytes()


def test_arrays_that_are_not_contiguous_are_written_in_c_order(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(4, 6).T
    with NgfWriter(tmp_path / "a.ngf", HEADER, [PlannedSection("w", "weight", 96, "float32", (6, 4))]) as writer:
        writer.write("w", array)
    with NgfFile.open(tmp_path / "a.ngf") as file:
        assert np.array_equal(file.tensor("w"), array)


def _write_parts(path, change):
    parts = {name: data if isinstance(data, bytes) else data.tobytes() for name, data in content().items()}
    planned = plan_of(content())
    change(parts)
    with NgfWriter(path, HEADER, planned) as writer:
        for name, data in parts.items():
            writer.write(name, data)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda parts: parts.pop("embed"), "lacks 192 bytes"),
        (lambda parts: parts.update(embed=parts["embed"] + b"x"), "1 bytes more"),
        (lambda parts: parts.update(extra=b"x"), "not planned"),
    ],
)
def test_a_section_that_is_not_as_planned_leaves_nothing(tmp_path, change, word):
    with pytest.raises(FormatError, match=word):
        _write_parts(tmp_path / "a.ngf", change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("planned", "word"),
    [
        ([], "no sections"),
        ([PlannedSection("a", "code", 1), PlannedSection("a", "note", 1)], "two sections called 'a'"),
        ([PlannedSection("a", "code", 0)], "empty"),
        ([PlannedSection("../a", "code", 1)], "isn't allowed"),
        ([PlannedSection("a", "weight", 4, "float64", (1,))], "float64"),
        ([PlannedSection("a", "weight", 4, "float32", (2,))], "ask for 8"),
        ([PlannedSection("a", "code", 4, "float32", (1,))], "no weight"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused_before_anything_is_written(tmp_path, planned, word):
    with pytest.raises(FormatError, match=word):
        NgfWriter(tmp_path / "a.ngf", HEADER, planned)
    assert list(tmp_path.iterdir()) == []


def test_an_engine_too_large_for_the_disk_is_refused_with_bytes_needed_and_free(tmp_path):
    huge = [PlannedSection("w", "weight", 1 << 60, "uint8", (1 << 60,))]
    with (
        pytest.raises(ResourceError, match=r"are needed in .* bytes\) are free"),
        NgfWriter(tmp_path / "a.ngf", HEADER, huge),
    ):
        pytest.fail("the block must not be entered")
    assert list(tmp_path.iterdir()) == []


def _write_and_fail(writer):
    writer.write("embed", b"12")
    raise KeyError


def test_an_exception_in_the_block_keeps_the_old_file(tmp_path):
    write_sample(tmp_path / "a.ngf")
    before = (tmp_path / "a.ngf").read_bytes()
    with pytest.raises(KeyError), NgfWriter(tmp_path / "a.ngf", HEADER, plan_of(content(1))) as writer:
        _write_and_fail(writer)
    assert (tmp_path / "a.ngf").read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.ngf"]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(FileError, match="missing"):
        write_sample(tmp_path / "missing" / "a.ngf")


def test_a_header_of_many_sections_keeps_its_places(tmp_path):
    planned = [PlannedSection(f"{i}.w", "weight", 1, "uint8", (1,)) for i in range(300)]
    with NgfWriter(tmp_path / "a.ngf", replace(HEADER, role="multi"), planned) as writer:
        for section in planned:
            writer.write(section.name, b"\x01")
    with NgfFile.open(tmp_path / "a.ngf") as file:
        file.verify()
        assert file.tensor("299.w").tolist() == [1]
        assert all(section.offset % 4096 == 0 for section in file.header.sections)
