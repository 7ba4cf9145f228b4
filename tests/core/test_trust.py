"""Promise 1b: what runs was built here or approved once."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import trust
from core.errors import FileError, UntrustedError
from core.ngf.combine import combine
from core.ngf.reader import NgfFile
from tests.core.ngf.sample import write_sample

DIGEST, OTHER = "1" * 64, "2" * 64


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's list lies; none is there yet."""
    monkeypatch.delenv(trust.STORE_VARIABLE, raising=False)
    return trust.store_path()


def digest_of(path: Path) -> str:
    with NgfFile.open(path) as file:
        return file.digest


def test_an_engine_that_nobody_knows_is_refused_with_a_next_step() -> None:
    with pytest.raises(UntrustedError, match=r"x\.ngf was not built on this computer") as caught:
        trust.require(DIGEST, Path("x.ngf"))
    assert "--trust" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("how", ["built", "approved"])
def test_what_is_remembered_may_run(how: trust.How, store: Path) -> None:
    trust.remember(DIGEST, (), Path("/somewhere/模型\n.ngf"), how)
    trust.require(DIGEST, Path("x.ngf"))
    assert trust.known(DIGEST) == how
    assert trust.known(OTHER) is None
    assert json.loads(store.read_bytes())["engines"][DIGEST]["name"] == "模型\n.ngf"


def test_an_approval_does_not_make_an_own_engine_a_strangers() -> None:
    trust.remember(DIGEST, (), Path("x.ngf"), "built")
    trust.remember(DIGEST, (), Path("x.ngf"), "approved")
    assert trust.known(DIGEST) == "built"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version":2,"engines":{}}', b'{"version":1,"engines":[]}', b'{"version":1,"engines":{"x":1}}',
     b'{"version":1,"engines":{"%s":{"how":"told","name":"","at":0,"stamp":[]}}}' % DIGEST.encode(),
     b'{"version":1,"engines":{"%s":{"how":"built","name":"","at":0,"stamp":[true]}}}' % DIGEST.encode()],
)  # fmt: skip
def test_a_list_that_cannot_be_read_lets_nothing_run_and_is_kept_aside(store: Path, content: bytes) -> None:
    store.parent.mkdir(parents=True)
    store.write_bytes(content)
    assert trust.known(DIGEST) is None
    trust.remember(OTHER, (), Path("x.ngf"), "built")
    assert trust.known(OTHER) == "built"
    assert store.with_name("trust.json.damaged").read_bytes() == content


def test_the_oldest_is_forgotten_beyond_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "MAX_ENGINES", 3)
    for number in range(5):
        monkeypatch.setattr(trust.time, "time", lambda number=number: 1000.0 + number)
        trust.remember(f"{number:064x}", (), Path("x.ngf"), "built")
    assert [trust.known(f"{number:064x}") for number in range(5)] == [None, None, "built", "built", "built"]


def test_a_list_that_cannot_be_written_lets_an_approved_engine_run_this_time_only(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.parent.parent.mkdir(parents=True)
    store.parent.write_text("a file in the way of the folder")
    monkeypatch.setenv(trust.APPROVED_VARIABLE, "")
    assert "holds only this time" in trust.approve(DIGEST, (), Path("x.ngf"))
    trust.require(DIGEST, Path("x.ngf"))
    assert "will need --trust" in trust.note_built(OTHER, (), Path("y.ngf"))
    monkeypatch.delenv(trust.APPROVED_VARIABLE)
    assert trust.known(DIGEST) is None


def test_several_processes_that_remember_at_once_lose_nothing(store: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core import trust\n"
        "for n in range(8): trust.remember(f'{int(sys.argv[1]) * 8 + n:064x}', (), Path('x.ngf'), 'built')"
    )
    root = Path(__file__).parents[2]
    children = [subprocess.Popen([sys.executable, "-c", code, str(n)], cwd=root, env=os.environ) for n in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert all(trust.known(f"{number:064x}") for number in range(24))


def test_parts_of_a_stranger_combine_to_a_strangers_engine(tmp_path: Path) -> None:
    base, incremental, multi = (tmp_path / f"{name}.ngf" for name in ("base", "inc", "multi"))
    write_sample(base)
    write_sample(incremental, "incremental")
    trust.remember(digest_of(incremental), (), incremental, "built")
    combine(base, incremental, multi)  # the code is the base part's
    assert trust.known(digest_of(multi)) is None
    trust.remember(digest_of(base), (), base, "approved")
    combine(base, incremental, multi)
    assert trust.known(digest_of(multi)) == "built"


def test_any_change_makes_another_engine(tmp_path: Path) -> None:
    write_sample(tmp_path / "a.ngf", seed=0)
    write_sample(tmp_path / "b.ngf", seed=1)
    assert digest_of(tmp_path / "a.ngf") != digest_of(tmp_path / "b.ngf")


def test_a_vendors_engine_is_known_by_all_of_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / "vendor.ngf"
    engine.write_bytes(b"vendor" * 1000)
    trust.remember(*trust.vendor_digest(engine), engine, "approved")
    with monkeypatch.context() as patch:
        patch.setattr(trust.os, "pread", lambda *_: pytest.fail("it was read again"))
        trust.require(trust.vendor_digest(engine)[0], engine)
    stamps = engine.stat()
    engine.write_bytes(b"Vendor" * 1000)
    os.utime(engine, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    with pytest.raises(UntrustedError):
        trust.require(trust.vendor_digest(engine)[0], engine)


def test_what_is_known_already_is_not_asked_for_again(store: Path) -> None:
    assert trust.approve(DIGEST, (), Path("x.ngf")) == ""
    before = store.read_bytes()
    assert trust.approve(DIGEST, (), Path("x.ngf")) == ""
    assert store.read_bytes() == before


def test_a_vendors_engine_that_was_built_here_may_run(tmp_path: Path) -> None:
    engine = tmp_path / "vendor.ngf"
    engine.write_bytes(b"vendor")
    assert trust.note_vendor_built(engine) == ""
    assert trust.known(trust.vendor_digest(engine)[0]) == "built"


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_vendors_engine_that_cannot_be_read_is_named(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=what):
        trust.vendor_digest(tmp_path / what)


def test_a_list_that_cannot_be_opened_is_named_on_writing(store: Path) -> None:
    store.mkdir(parents=True)
    assert trust.known(DIGEST) is None
    for change in (trust.require_store, lambda: trust.remember(DIGEST, (), Path("x.ngf"), "built")):
        with pytest.raises(FileError, match=r"trust\.json is a folder.* Let C10_PANEL_TRUST name a file"):
            change()


def test_a_list_that_cannot_be_read_is_named_before_anything_is_built(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.require_store()
    assert not store.exists()

    def refuse(*_: object) -> bytes:
        raise OSError(errno.EACCES, "Permission denied", str(store))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(FileError, match="can't be read: permission denied"):
        trust.require_store()


def test_an_engine_that_came_with_the_program_may_run_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "shipped_dir", lambda: tmp_path / "program")
    listed = {DIGEST: trust.Known("built", "demo.ngf", 0)}
    trust.shipped_list().parent.mkdir(parents=True)
    trust.shipped_list().write_bytes(trust.to_bytes(listed))
    assert trust.known(DIGEST) == "built"
    assert trust.known(OTHER) is None
    trust.remember(OTHER, (), Path("x.ngf"), "approved")
    assert set(json.loads(trust.store_path().read_bytes())["engines"]) == {OTHER}  # the program's own list stays apart


@pytest.mark.parametrize("moments", [(1e9, -5.0), (4e9, 1e9), (0.0, 1e12)], ids=["before 1970", "back", "far on"])
def test_a_clock_that_jumps_loses_no_engine(monkeypatch: pytest.MonkeyPatch, moments: tuple[float, float]) -> None:
    for digest, moment in zip((DIGEST, OTHER), moments, strict=True):
        monkeypatch.setattr(trust.time, "time", lambda moment=moment: moment)
        trust.remember(digest, (), Path("x.ngf"), "built")
    assert trust.known(DIGEST) == trust.known(OTHER) == "built"


def test_all_that_may_run_can_be_asked_for_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trust.all_known() == (frozenset(), frozenset())
    trust.remember(DIGEST, (), Path("x.ngf"), "built")
    trust.remember(OTHER, (1, 2, 3, 4), Path("vendor.ngf"), "approved")
    monkeypatch.setenv(trust.APPROVED_VARIABLE, "f" * 64)
    assert trust.all_known() == (frozenset({DIGEST, OTHER, "f" * 64}), frozenset({(1, 2, 3, 4)}))
