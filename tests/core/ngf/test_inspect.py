from __future__ import annotations

import json

import pytest

from core.errors import FormatError
from core.ngf.inspect import inspect_report
from tests.core.ngf.sample import SPEC, content, write_sample

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
