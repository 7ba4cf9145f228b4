from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import trust
from core.errors import Cancelled, ForeignEngineError, FormatError, MismatchError, UsageError
from core.ngf.combine import combine, combined_size, copy_with_role
from core.ngf.format import ChatInfo, PlannedSection, TargetInfo
from core.ngf.reader import NgfFile, read_header
from core.ngf.writer import NgfWriter
from tests.core.ngf.sample import HEADER, SPEC, content, plan_of, write_sample

pytestmark = pytest.mark.usefixtures("told")


@pytest.fixture
def parts(tmp_path):
    base, incremental = tmp_path / "m.ngf", tmp_path / "m_inc.ngf"
    write_sample(base)
    write_sample(incremental, "incremental")
    return base, incremental


def test_a_pair_becomes_one_engine_with_one_copy_of_the_weights(parts, tmp_path):
    header = combine(*parts, tmp_path / "m_multi.ngf")
    assert header.role == "multi"
    assert (tmp_path / "m_multi.ngf").stat().st_size <= 1.01 * parts[0].stat().st_size
    with NgfFile.open(tmp_path / "m_multi.ngf") as file:
        file.verify()
        assert file.header == header
        assert np.array_equal(file.tensor("0.qkv"), content()["0.qkv"])
        assert file.bytes_of("tokenizer.json") == content()["tokenizer.json"]


def test_the_order_of_the_parts_does_not_matter(parts, tmp_path):
    combine(parts[0], parts[1], tmp_path / "ab.ngf")
    combine(parts[1], parts[0], tmp_path / "ba.ngf")
    assert (tmp_path / "ab.ngf").read_bytes() == (tmp_path / "ba.ngf").read_bytes()


def test_progress_reaches_its_total(parts, tmp_path):
    seen = []
    combine(*parts, tmp_path / "multi.ngf", lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] == sum(s.length for s in read_header(parts[0]).sections)


@pytest.mark.parametrize("role", ["base", "incremental"])
def test_two_parts_of_the_same_role_are_refused(tmp_path, role):
    write_sample(tmp_path / "a.ngf", role)
    write_sample(tmp_path / "b.ngf", role)
    with pytest.raises(MismatchError, match=f"role {role}"):
        combine(tmp_path / "a.ngf", tmp_path / "b.ngf", tmp_path / "multi.ngf")
    assert not (tmp_path / "multi.ngf").exists()


def test_a_multi_engine_is_no_part(parts, tmp_path):
    combine(*parts, tmp_path / "multi.ngf")
    for pair in ((tmp_path / "multi.ngf", parts[1]), (parts[0], tmp_path / "multi.ngf")):
        with pytest.raises(MismatchError, match="combined"):
            combine(*pair, tmp_path / "again.ngf")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"spec": replace(SPEC, norm_eps=1e-6)}, r"spec.norm_eps: 1e-05 and 1e-06"),
        ({"config": replace(HEADER.config, batch=8)}, r"config.batch: 1 and 8"),
        ({"config": replace(HEADER.config, total_len=128)}, r"config.total_len: 64 and 128"),
        ({"config": replace(HEADER.config, quantisation="int4")}, r"config.quantisation: 'int8' and 'int4'"),
        ({"target": TargetInfo("x86_64-linux-gnu", "znver1", ("avx2", "fma"), "avx2")}, "target.mcpu"),
        ({"target": replace(HEADER.target, abi_version=2)}, "target.abi_version: 1 and 2"),
        ({"chat": ChatInfo("chat_template", (3,), 1)}, "chat.eos_token_ids: 2 and 3"),
        ({"tokenizer": "chatglm"}, "tokenizer: 'bpe' and 'chatglm'"),
    ],
)
def test_parts_that_differ_are_refused_with_the_field_and_both_values(tmp_path, change, word):
    write_sample(tmp_path / "a.ngf")
    write_sample(tmp_path / "b.ngf", "incremental", replace(HEADER, **change))
    with pytest.raises(MismatchError, match=word):
        combine(tmp_path / "a.ngf", tmp_path / "b.ngf", tmp_path / "multi.ngf")
    assert not (tmp_path / "multi.ngf").exists()


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("embed", np.zeros((12, 8), np.uint16), "weight embed's sha256"),
        ("0.qkv.scale", np.zeros((8, 1), np.float32), "weight 0.qkv.scale's shape: 4, 2 and 8, 1"),
        ("model.o", b"other code", "code model.o's sha256"),
        ("tokenizer.json", b"{}", "tokenizer tokenizer.json's sha256"),
        ("more.o", b"more", "the code sections' names: none and more.o"),
    ],
)
def test_parts_with_other_content_are_refused(tmp_path, name, data, word):
    write_sample(tmp_path / "a.ngf")
    changed = content() | {name: data}
    with NgfWriter(tmp_path / "b.ngf", replace(HEADER, role="incremental"), plan_of(changed)) as writer:
        for key, value in changed.items():
            writer.write(key, value)
    with pytest.raises(MismatchError, match=word):
        combine(tmp_path / "a.ngf", tmp_path / "b.ngf", tmp_path / "multi.ngf")


def test_a_damaged_part_is_not_turned_into_a_sound_looking_engine(parts, tmp_path):
    data = bytearray(parts[0].read_bytes())
    data[-1] ^= 1
    parts[0].write_bytes(data)
    with pytest.raises(FormatError, match=r"'0.qkv.scale' doesn't match"):
        combine(*parts, tmp_path / "multi.ngf")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["m.ngf", "m_inc.ngf"]


def test_the_output_can_not_be_one_of_the_parts(parts, tmp_path):
    before = parts[1].read_bytes()
    (tmp_path / "link.ngf").symlink_to(parts[1])
    for output in (parts[1], tmp_path / "link.ngf", tmp_path / "." / "m.ngf"):
        with pytest.raises(UsageError, match="one of the two parts"):
            combine(*parts, output)
    assert parts[1].read_bytes() == before


def test_a_vendor_file_is_named_as_such(parts, tmp_path):
    (tmp_path / "vendor.ngf").write_bytes(b"NGFF" + bytes(100))
    with pytest.raises(ForeignEngineError, match="vendor"):
        combine(parts[0], tmp_path / "vendor.ngf", tmp_path / "multi.ngf")


def test_cancelling_leaves_nothing(parts, tmp_path):
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        combine(*parts, tmp_path / "multi.ngf", cancelled=lambda: next(answers))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["m.ngf", "m_inc.ngf"]


def test_a_copy_under_another_role_equals_one_written_so(parts, tmp_path):
    with NgfFile.open(parts[0]) as file:
        copy_with_role(file, tmp_path / "copy.ngf", "incremental")
    assert (tmp_path / "copy.ngf").read_bytes() == parts[1].read_bytes()


def test_many_sections_whose_names_need_a_longer_header_stay_within_one_percent(tmp_path):
    planned = [PlannedSection(f"{i}.weight", "weight", 9000, "uint8", (90, 100)) for i in range(100)]
    for name, role in (("a.ngf", "base"), ("b.ngf", "incremental")):
        with NgfWriter(tmp_path / name, replace(HEADER, role=role), planned) as writer:
            for section in planned:
                writer.write(section.name, bytes(9000))
    combine(tmp_path / "a.ngf", tmp_path / "b.ngf", tmp_path / "multi.ngf")
    assert (tmp_path / "multi.ngf").stat().st_size <= 1.01 * (tmp_path / "a.ngf").stat().st_size


@pytest.mark.usefixtures("own_trust")
def test_a_copy_may_get_more_sections_and_stays_a_strangers(parts, tmp_path):
    extra = PlannedSection("code.more", "code", 5)
    with NgfFile.open(parts[0]) as file:
        header = copy_with_role(file, tmp_path / "copy.ngf", "base", added=[(extra, b"12345")])
        assert [section.name for section in header.sections][:-1] == [s.name for s in file.header.sections]
    with NgfFile.open(tmp_path / "copy.ngf") as copy:
        assert copy.bytes_of("code.more") == b"12345"
        assert trust.known(copy.digest) is None


def test_the_combined_file_is_never_larger_than_said_beforehand(parts, tmp_path):
    header = combine(*parts, tmp_path / "multi.ngf")
    assert header.file_size <= combined_size(read_header(parts[0])) <= header.file_size + 4096


@pytest.mark.usefixtures("own_trust")
def test_a_pair_that_was_built_here_gives_an_engine_that_was_built_here(parts, tmp_path):
    combine(*parts, tmp_path / "strangers.ngf")
    for part in parts:
        with NgfFile.open(part) as file:
            trust.note_built(file.digest, (), part)
    combine(*parts, tmp_path / "own.ngf", lambda *_: None)
    with NgfFile.open(tmp_path / "own.ngf") as file:
        assert trust.known(file.digest) == "built"
