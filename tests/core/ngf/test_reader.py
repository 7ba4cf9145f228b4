from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core import strictjson
from core.errors import Cancelled, FileError, ForeignEngineError, FormatError
from core.ngf.format import PlannedSection, Section, digest_of_weights
from core.ngf.layout import MAX_HEADER, PREFIX_SIZE, gaps, header_bytes, parse_prefix, plan, prefix_bytes
from core.ngf.reader import NgfFile, read_header
from tests.core.ngf.sample import HEADER, content, write_sample

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("told")


@pytest.fixture
def sample(tmp_path):
    write_sample(tmp_path / "a.ngf")
    return tmp_path / "a.ngf"


def verify(path: Path) -> None:
    with NgfFile.open(path) as file:
        file.verify()


def with_header(data: bytes, header: bytes, length: int | None = None) -> bytes:
    """Return the file `data` with another header in place of its own, digest and all made to fit."""
    old = struct.unpack_from("<Q", data, 16)[0]
    prefix = struct.pack(
        "<8sIIQ32s", data[:8], 1, 0, len(header) if length is None else length, hashlib.sha256(header).digest()
    )
    body = data[-(-(PREFIX_SIZE + old) // 4096) * 4096 :]
    return (prefix + header).ljust(-(-(PREFIX_SIZE + len(header)) // 4096) * 4096, b"\0") + body


def parsed(data: bytes) -> dict:
    length = struct.unpack_from("<Q", data, 16)[0]
    return json.loads(data[PREFIX_SIZE : PREFIX_SIZE + length])


def refused(path: Path, data: bytes, word: str) -> None:
    path.write_bytes(data)
    for read in (read_header, NgfFile.open):
        with pytest.raises(FormatError, match=word) as caught:
            read(path)
        assert caught.value.message.startswith(f"{path}: ")
        assert caught.value.hint.endswith(".")


def test_every_truncation_is_refused(sample):
    data = sample.read_bytes()
    for length in range(len(data)):
        sample.write_bytes(data[:length]) if length < 64 else os.truncate(sample, len(data) - (length - 63))
        with pytest.raises(FormatError):
            read_header(sample)


def test_every_change_of_a_byte_is_refused_or_found(sample):
    data = sample.read_bytes()
    rng = np.random.default_rng(1)
    with NgfFile.open(sample) as file:
        header_end = PREFIX_SIZE + struct.unpack_from("<Q", data, 16)[0]
        padding = {
            i for offset, length in gaps(file.header.sections, header_end) for i in range(offset, offset + length)
        }
    places = [
        i for i in range(len(data)) if i not in padding or i % 31 == 0 or i + 1 not in padding or i - 1 not in padding
    ]
    with sample.open("r+b", buffering=0) as file:
        for place in places:
            os.pwrite(file.fileno(), bytes([data[place] ^ int(rng.integers(1, 256))]), place)
            with pytest.raises(FormatError):
                verify(sample)
            os.pwrite(file.fileno(), data[place : place + 1], place)
    verify(sample)


def test_more_bytes_at_the_end_are_refused(sample):
    refused(sample, sample.read_bytes() + b"\0", "bytes, but its header describes")


@pytest.mark.parametrize(
    ("start", "error", "word"),
    [
        (b"", FormatError, "is empty. Copy or compile it again"),
        (b"\x8dNG", FormatError, "ends after 3 bytes"),
        (b"\x8dNGF\r\n\x1a\n\x01", FormatError, "ends after 9 bytes"),
        (b"\x8dNGF\n\x1a\n" + bytes(99), FormatError, "in text mode. Copy it again in binary mode."),
        (b"\x0dNGF\r\n\x1a\n" + bytes(99), FormatError, "text mode"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), ForeignEngineError, "89 48 44 46 .* vendor.* Use it with the c10 target"),
        (b"\x7fELF" + bytes(99), ForeignEngineError, "vendor"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path, start, error, word):
    (tmp_path / "a.ngf").write_bytes(start)
    with pytest.raises(error, match=word):
        read_header(tmp_path / "a.ngf")


def test_another_version_is_named_with_the_one_that_is_read(sample):
    data = bytearray(sample.read_bytes())
    data[8] = 7
    refused(sample, bytes(data), "version 7, but this program reads version 1. Compile the model again")


def test_unknown_flags_are_refused(sample):
    data = bytearray(sample.read_bytes())
    data[12] = 2
    refused(sample, bytes(data), "flags 0x2")


@pytest.mark.parametrize("length", [0, 1, MAX_HEADER + 1, 1 << 40, (1 << 64) - 1])
def test_a_header_length_is_checked_before_anything_is_allocated(sample, length):
    data = bytearray(sample.read_bytes())
    data[16:24] = struct.pack("<Q", length)
    refused(sample, bytes(data), f"claims {length} bytes")


def test_a_header_that_reaches_beyond_the_file_is_refused(sample):
    data = bytearray(sample.read_bytes())
    data[16:24] = struct.pack("<Q", len(data))
    refused(sample, bytes(data), "within its header")


def change_section(index: int, **values: object):
    def change(header: dict) -> None:
        header["sections"][index].update(values)

    return change


def change_last(length: int, shape: list[int]):
    """Change the last weight and the digest of the weights with it."""

    def change(header: dict) -> None:
        header["sections"][-1].update(length=length, shape=shape)
        header["weights_digest"] = digest_of_weights(Section.from_json(one) for one in header["sections"])

    return change


def change_header(**values: object):
    return lambda header: header.update(values)


HOSTILE_HEADERS = {
    "unknown field": (change_header(more=1), "unknown field 'more'"),
    "missing field": (lambda header: header.pop("role"), "lacks the field 'role'"),
    "role": (change_header(role="both"), "role is 'both'"),
    "role not a string": (change_header(role=["base"]), "role is a list"),
    "spec": (lambda header: header["spec"].update(num_layers=0), "num_layers is 0"),
    "bool as int": (lambda header: header["spec"].update(num_layers=True), "num_layers is True"),
    "float as int": (lambda header: header["spec"].update(num_layers=2.0), "num_layers is 2.0"),
    "config": (lambda header: header["config"].update(batch=0), "batch size is 0"),
    "target": (
        lambda header: header["target"].update(features="avx2"),
        "features is 'avx2', which is not a list|not a JSON",
    ),
    "tokenizer": (change_header(tokenizer="../x"), "tokenizer kind"),
    "prompt format": (lambda header: header["chat"].update(prompt_format="x"), "prompt format is 'x'"),
    "end tokens": (lambda header: header["chat"].update(eos_token_ids=[-1]), "end token is -1"),
    "no end tokens' list": (
        lambda header: header["chat"].update(eos_token_ids=2),
        "list of end tokens is not a JSON list",
    ),
    "too many end tokens": (lambda header: header["chat"].update(eos_token_ids=[1] * 65), "65 entries"),
    "huge end token": (lambda header: header["chat"].update(eos_token_ids=[(1 << 31) + 1]), "end token is 2147483649"),
    "first token": (lambda header: header["chat"].update(bos_token_id=-1), "first token is -1"),
    "huge first token": (lambda header: header["chat"].update(bos_token_id=(1 << 31) + 1), "first token is 2147483649"),
    "chat settings": (change_header(chat=[]), "The chat settings is not a JSON object"),
    "no target": (change_header(target=[]), "The target is not a JSON object"),
    "unknown field of the target": (lambda header: header["target"].update(abi=2), "unknown field 'abi'"),
    "target without a field": (
        lambda header: header.update(target={"abi_version": 2, "features": []}),
        "target lacks the field 'triple'",
    ),
    "the oldest convention by name": (
        lambda header: header["target"].update(abi_version=1),
        "target's abi_version is 1, outside 2 to 65536",
    ),
    "a huge convention": (
        lambda header: header["target"].update(abi_version=65537),
        "target's abi_version is 65537, outside 2 to 65536",
    ),
    "a convention that is no number": (
        lambda header: header["target"].update(abi_version=True),
        "target's abi_version is True, which is not an integer",
    ),
    "length": (change_section(0, length="1"), "section 'model.o''s length is '1'"),
    "long name": (change_section(0, name="n" * 129), "section's name has 129"),
    "long digest": (change_section(0, sha256="0" * 65), "section 'model.o''s digest has 65"),
    "dtype not a string": (change_section(4, dtype=1), "section '0.qkv.scale''s dtype is 1"),
    "shape not a list": (change_section(4, shape=8), "section '0.qkv.scale''s shape is not a JSON list"),
    "producer": (lambda header: header["producer"].update(program=1), "producer's program is 1"),
    "sections not a list": (change_header(sections={}), "not a JSON list"),
    "no sections": (change_header(sections=[]), "no sections"),
    "section not an object": (change_header(sections=[1]), "section is not a JSON object"),
    "two of one name": (change_section(1, name="model.o"), "two sections called 'model.o'"),
    "path as a name": (change_section(0, name="../../etc/passwd"), "isn't allowed"),
    "kind": (change_section(0, kind="script"), "kind is 'script'"),
    "negative offset": (change_section(0, offset=-4096), "offset is -4096"),
    "huge offset": (change_section(0, offset=1 << 62), "begins at byte"),
    "overlap": (change_section(1, offset=4096), "begins at byte 4096 instead of 8192"),
    "unaligned": (change_section(1, offset=8193), "begins at byte 8193 instead of 8192"),
    "hole": (change_section(1, offset=12288), "begins at byte 12288 instead of 8192"),
    "empty section": (change_section(0, length=0), "is empty"),
    "beyond the end": (change_section(0, length=5000), "begins at byte 8192 instead of 12288"),
    "last beyond the end": (change_last(64, [8, 2]), "its header describes"),
    "before the end": (change_last(16, [2, 2]), "its header describes"),
    "shape of another size": (change_section(4, shape=[4, 3]), "ask for 48"),
    "negative shape": (change_section(4, shape=[-4, -2]), "shape is -4"),
    "overflowing shape": (change_section(4, shape=[1 << 40, 1 << 40]), "ask for"),
    "many dimensions": (change_section(4, shape=[1] * 9), "9 entries"),
    "dtype": (change_section(4, dtype="object"), "dtype 'object'"),
    "code with a dtype": (change_section(0, dtype="int8"), "no weight"),
    "digest": (change_section(0, sha256="ABC"), "64 lower-case hex"),
    "weights digest": (change_header(weights_digest="0" * 64), "weights digest doesn't match"),
    "too many sections": (lambda header: header.update(sections=[0] * 8193), "8193 entries"),
}


@pytest.mark.parametrize("case", HOSTILE_HEADERS)
def test_a_header_that_breaks_a_rule_is_refused(sample, case):
    change, word = HOSTILE_HEADERS[case]
    data = sample.read_bytes()
    header = parsed(data)
    change(header)
    refused(sample, with_header(data, strictjson.dumps(header)), word)


HOSTILE_JSON = {
    "not json": (b"{]", "not valid JSON"),
    "not an object": (b"[]", "not a JSON object"),
    "not utf-8": (b'{"a":"\xff"}', "not valid UTF-8"),
    "duplicate key": (b'{"role":"base","role":"multi"}', "the key 'role' twice"),
    "nan": (b'{"a":NaN}', "NaN"),
    "infinity": (b'{"a":-Infinity}', "-Infinity"),
    "overflow": (b'{"a":1e999}', "too large"),
    "huge integer": (b'{"a":' + b"9" * 5000 + b"}", "beyond 63 bits"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "nested more than 8"),
    "a little too deep": (b"[" * 10 + b"]" * 10, "nested more than 8"),
    "many values": (b"[" + b"0," * 200_000 + b"0]", "more than the 120000 values"),
    "half a surrogate": (b'{"a":"\\ud800"}', "surrogate"),
    "trailing data": (b"{} {}", "not valid JSON"),
    "spaces": (b'{ "a":1}', "canonical"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not valid JSON"),
}


@pytest.mark.parametrize("case", HOSTILE_JSON)
def test_json_that_is_not_strict_is_refused(sample, case):
    header, word = HOSTILE_JSON[case]
    refused(sample, with_header(sample.read_bytes(), header), word)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.ngf")
    for path in (tmp_path / "pipe.ngf", tmp_path, Path("/dev/zero")):
        with pytest.raises(FormatError, match="not a regular file"):
            read_header(path)


@pytest.mark.parametrize(
    ("name", "word"),
    [("missing.ngf", "can't be opened"), ("nul\0.ngf", "is not a file name"), ("x" * 300, "can't be opened")],
)
def test_a_file_that_can_not_be_opened_is_a_file_error(tmp_path, name, word):
    with pytest.raises(FileError, match=word) as caught:
        read_header(tmp_path / name)
    assert str(tmp_path) in caught.value.message


def test_the_worst_headers_take_less_than_a_second_and_64_mib(tmp_path):
    write_sample(tmp_path / "a.ngf")
    data = (tmp_path / "a.ngf").read_bytes()
    worst = {
        "brackets": b"[" + b"[]," * 58_000 + b"0]",
        "objects": b"[" + b'{"":0},' * 58_000 + b"0]",
        "keys": b"{" + b",".join(b'"%d":0' % i for i in range(119_000)) + b"}",
        "escapes": b'["' + b"\\u4e2d" * 349_000 + b'"]',
        "wide": b'["' + "\U0001f600".encode() * 520_000 + b'"]',
        "quotes": b'"' + b'\\"' * 1_040_000,
        "digits": b"[" + b"1" * 2_090_000 + b"]",
    }
    header = parsed(data)
    header["sections"] = [header["sections"][0] | {"name": f"{i}.w"} for i in range(8192)]
    worst["sections"] = strictjson.dumps(header)
    for name, text in worst.items():
        assert len(text) <= MAX_HEADER, name
        (tmp_path / f"{name}.ngf").write_bytes(with_header(data, text))
    script = """
import resource, sys, time
from pathlib import Path
from core.errors import FormatError
from core.ngf.reader import read_header
from core.system import peak_rss_bytes
before = peak_rss_bytes()
for name in sys.argv[1:]:
    start = time.process_time()
    try:
        read_header(Path(name))
    except FormatError as error:
        print(Path(name).stem, round(time.process_time() - start, 3), peak_rss_bytes() - before, str(error)[:90])
"""
    for name in worst:
        command = [sys.executable, "-c", script, str(tmp_path / f"{name}.ngf")]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert result.stderr == ""
        _, seconds, peak = result.stdout.split()[:3]
        assert float(seconds) <= 1.0, result.stdout
        assert int(peak) <= 64 << 20, result.stdout


def test_tensors_are_views_of_the_file_and_writing_to_them_leaves_it_alone(sample):
    before = sample.read_bytes()
    with NgfFile.open(sample) as file:
        tensor = file.tensor("0.qkv")
        assert tensor.ctypes.data % 4096 == 0
        assert tensor.flags.writeable
        tensor[:] = 0
    assert not tensor.any()  # still there after closing
    assert sample.read_bytes() == before


def test_an_engine_larger_than_the_memory_opens(tmp_path):
    if Path("/proc/sys/vm/overcommit_memory").read_text().strip() == "2":
        pytest.skip("This system accounts for every page that is mapped.")
    size = 2 * psutil.virtual_memory().total
    planned = plan(HEADER, [PlannedSection("w", "weight", size, "uint8", (size,))])
    header = header_bytes(replace(planned, weights_digest=digest_of_weights(planned.sections)))
    path = tmp_path / "a.ngf"
    path.write_bytes(prefix_bytes(header) + header)
    os.truncate(path, planned.file_size)  # sparse: takes no space
    with NgfFile.open(path) as file:
        assert file.tensor("w")[-1] == 0


def test_bytes_with_another_digest_are_not_handed_out(sample):
    data = bytearray(sample.read_bytes())
    data[read_header(sample).section("model.o").offset] ^= 1
    sample.write_bytes(data)
    with NgfFile.open(sample) as file:
        for read in (lambda: file.bytes_of("model.o"), file.verify):
            with pytest.raises(FormatError, match=r"'model.o' doesn't match") as caught:
                read()
            assert caught.value.message.startswith(f"{sample}: ")


def test_asking_for_what_is_not_there_is_a_format_error(sample):
    with NgfFile.open(sample) as file:
        assert "embed" in file
        assert "1.qkv" not in file
        for ask in (file.tensor, file.bytes_of):
            with pytest.raises(FormatError, match=r"no section '1.qkv'"):
                ask("1.qkv")
        with pytest.raises(FormatError, match="not a weight"):
            file.tensor("model.o")


def test_a_file_cut_short_after_opening_is_noticed(sample):
    with NgfFile.open(sample) as file:
        os.truncate(sample, 5000)
        with pytest.raises(FormatError, match="changed its size"):
            file.tensor("embed")
        with pytest.raises(FormatError, match="too early"):
            file.verify()


def test_a_closed_file_says_so(sample):
    file = NgfFile.open(sample)
    file.close()
    file.close()
    with pytest.raises(FileError, match="closed"):
        file.tensor("embed")


def test_verifying_reports_progress_and_can_be_stopped(sample):
    seen = []
    with NgfFile.open(sample) as file:
        file.verify(lambda done, total: seen.append((done, total)))
        assert seen[-1] == (sum(map(_size, content().values())),) * 2
        with pytest.raises(Cancelled):
            file.verify(cancelled=lambda: True)


def _size(data: bytes | np.ndarray) -> int:
    return len(data) if isinstance(data, bytes) else data.nbytes


def test_a_section_is_found_by_its_name(sample):
    header = read_header(sample)
    assert header.section("embed").kind == "weight"
    with pytest.raises(FormatError, match="no section 'x'"):
        header.section("x")


def test_there_are_gaps_only_where_sections_do_not_touch():
    sections = [
        Section("a", "note", 4096, 4096, ""),
        Section("b", "note", 8192, 1, ""),
        Section("c", "note", 9000, 1, ""),
    ]
    assert gaps(sections, 100) == [(100, 3996), (8193, 807)]


def test_an_engine_with_too_many_sections_or_too_long_a_header_cannot_be_planned():
    many = [PlannedSection(f"s{number}", "note", 1) for number in range(8193)]
    with pytest.raises(FormatError, match="8193 sections"):
        plan(HEADER, many)
    assert len(plan(HEADER, many[1:]).sections) == 8192
    room = MAX_HEADER - len(header_bytes(replace(HEADER, tokenizer="")))
    assert len(header_bytes(replace(HEADER, tokenizer="x" * room))) == MAX_HEADER
    assert parse_prefix(prefix_bytes(bytes(MAX_HEADER)), PREFIX_SIZE + MAX_HEADER).header_length == MAX_HEADER
    with pytest.raises(FormatError, match=f"more than the {MAX_HEADER}"):
        header_bytes(replace(HEADER, tokenizer="x" * MAX_HEADER))


@pytest.mark.parametrize("operation", ["pread", "mmap"])
def test_a_disk_that_fails_while_reading_is_named(sample, monkeypatch, operation):
    def fail(*_args, **_kwargs):
        raise OSError(5, "Input/output error")

    with NgfFile.open(sample) as file:
        if operation == "pread":
            monkeypatch.setattr(os, "pread", fail)
        else:
            monkeypatch.setattr("core.ngf.reader.mmap.mmap", fail)
        said = f"{sample} can't be {'read' if operation == 'pread' else 'mapped'}: input/output error"
        with pytest.raises(FileError, match=re.escape(said)):
            file.read(0, 8) if operation == "pread" else file.tensor("embed")
    if operation == "pread":
        for read in (read_header, NgfFile.open):
            with pytest.raises(FileError, match=re.escape(said)):
                read(sample)


@pytest.mark.parametrize("missing", [1, 1000])
def test_a_file_that_gets_shorter_while_its_header_is_read_is_named(sample, monkeypatch, missing):
    whole = os.pread
    monkeypatch.setattr(os, "pread", lambda file, count, at: whole(file, count, at)[: max(0, missing - at)])
    for read in (read_header, NgfFile.open):
        with pytest.raises(FormatError, match=re.escape(f"{sample} ends at byte {missing}, ")):
            read(sample)


def test_a_tensor_can_have_a_map_of_its_own(sample):
    with NgfFile.open(sample) as file:
        for section in file.header.of_kind("weight"):
            alone = file.tensor(section.name, alone=True)
            assert np.array_equal(alone, file.tensor(section.name))
