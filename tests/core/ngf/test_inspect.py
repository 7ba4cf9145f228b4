from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.compiler.arguments import ABI_VERSION
from core.errors import FormatError
from core.ngf.inspect import inspect_report
from tests.core.ngf.sample import HEADER, SPEC, content, write_sample

pytestmark = pytest.mark.usefixtures("told")


@pytest.mark.usefixtures("own_trust")
def test_the_report_is_json_and_tells_what_is_inside(tmp_path):
    path = tmp_path / "a.ngf"
    header = write_sample(path)
    report = inspect_report(path, verify=True)
    assert json.loads(json.dumps(report)) == report
    assert report["path"] == str(path)
    assert (report["kind"], report["role"], report["verified"], report["damage"]) == ("ngf", "base", True, "")
    assert report["spec"] == SPEC.to_json()
    assert report["sizes"]["code"] == len(content()["model.o"])
    assert report["trust"] == ""
    assert report["file_size"] == path.stat().st_size
    assert [section["sha256"] for section in report["sections"]] == [section.sha256 for section in header.sections]


def test_an_engine_that_this_program_can_not_call_is_told_with_both_conventions(tmp_path):
    path = tmp_path / "a.ngf"
    write_sample(path)
    assert (inspect_report(path)["abi_version"], inspect_report(path)["refusal"]) == (1, "")
    newer = replace(HEADER.target, abi_version=ABI_VERSION + 1)
    write_sample(path, header=replace(HEADER, target=newer))
    report = inspect_report(path)
    assert report["abi_version"] == report["target"]["abi_version"] == ABI_VERSION + 1
    assert (
        f"calling convention {ABI_VERSION + 1}, but this program calls code by convention {ABI_VERSION}. Up"
        in report["refusal"]
    )


def test_nothing_is_claimed_about_digests_that_were_not_checked(tmp_path):
    write_sample(tmp_path / "a.ngf")
    assert inspect_report(tmp_path / "a.ngf")["verified"] is None


def test_damage_in_a_section_is_reported_beside_the_header(tmp_path):
    header = write_sample(tmp_path / "a.ngf")
    data = bytearray((tmp_path / "a.ngf").read_bytes())
    data[header.section("embed").offset] ^= 255
    (tmp_path / "a.ngf").write_bytes(data)
    report = inspect_report(tmp_path / "a.ngf", verify=True)
    assert report["verified"] is False
    assert "'embed'" in report["damage"]


def test_a_bad_header_is_an_error(tmp_path):
    (tmp_path / "a.ngf").write_bytes(b"")
    with pytest.raises(FormatError, match="empty"):
        inspect_report(tmp_path / "a.ngf")
