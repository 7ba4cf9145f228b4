import gzip
import io
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Cancelled, DownloadError, FileError, ModelError, ResourceError
from core.unpack import extract, find_model


def archive_of(path: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    return path


def entry(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


FOLDER = entry("chatglm2-6b-onnx", type=tarfile.DIRTYPE, mode=0o755)
MODEL = entry("chatglm2-6b-onnx/model.onnx", b"onnx" * 1000)
WEIGHTS = entry("chatglm2-6b-onnx/model.onnx.data", random.Random(1).randbytes(3_000_000))


def test_the_model_is_unpacked_into_a_new_folder(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", FOLDER, MODEL, WEIGHTS)
    seen: list[tuple[int, int | None]] = []
    folder = extract(archive, tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
    assert find_model(folder) == folder / "chatglm2-6b-onnx" / "model.onnx"
    assert find_model(folder).read_bytes() == MODEL[1]
    assert (folder / WEIGHTS[0].name).read_bytes() == WEIGHTS[1]
    assert seen[-1][1] == archive.stat().st_size


def test_a_folder_without_a_model_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="0 files"):
        find_model(tmp_path)


HOSTILE = {
    "absolute": entry("/etc/cron.d/x", b"x"),
    "up": entry("../x", b"x"),
    "up inside": entry("a/../../x", b"x"),
    "backslashes": entry("..\\x", b"x"),
    "symbolic link": entry("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "symbolic link inside": entry("link", type=tarfile.SYMTYPE, linkname="chatglm2-6b-onnx"),
    "hard link": entry("link", type=tarfile.LNKTYPE, linkname="chatglm2-6b-onnx/model.onnx"),
    "device": entry("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "fifo": entry("pipe", type=tarfile.FIFOTYPE),
    "twice": MODEL,
    "too large": entry("large", bytes(2_000_000)),
}


@pytest.mark.parametrize("bad", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_entry_is_refused_and_nothing_stays(tmp_path: Path, bad: tuple[tarfile.TarInfo, bytes]) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", FOLDER, MODEL, bad)
    with pytest.raises(DownloadError) as caught:
        extract(archive, tmp_path / "out", max_bytes=1_000_000)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def _forged_header(data: bytes) -> bytes:
    """Return an archive whose extended header claims 2 GiB, which tarfile would read at once."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 2 << 30
    return gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(1 << 20))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "no gzip": lambda data: b"hello" * 100,
    "no tar": lambda data: gzip.compress(b"hello" * 1000),
    "cut": lambda data: data[: len(data) // 2],
    "wrong checksum": lambda data: data[:-8] + bytes(8),
    "more behind the end": lambda data: data + gzip.compress(b"more"),
    "flipped": lambda data: data[:-2000] + bytes([data[-2000] ^ 255]) + data[-1999:],
    "forged header": _forged_header,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_archive_is_refused_and_nothing_stays(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", FOLDER, MODEL, WEIGHTS)
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(DownloadError):
        extract(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", FOLDER, MODEL, WEIGHTS)
    with pytest.raises(Cancelled):
        extract(archive, tmp_path / "out", cancelled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_too_little_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", WEIGHTS)
    monkeypatch.setattr("core.fsio.free_bytes", lambda folder: 1000)
    with pytest.raises(ResourceError, match="3000000 bytes"):
        extract(archive, tmp_path / "out")


def test_an_absent_archive_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        extract(tmp_path / "absent", tmp_path / "out")
