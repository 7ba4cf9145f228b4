from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import fsio
from core.errors import FileError, ResourceError
from tests.core.ngf.sample import write_sample

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("told")
OLD, NEW = b"old" * 5000, b"new" * 7000


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_save_replaces_the_file_and_leaves_nothing_else(target):
    fsio.write_bytes(target, NEW)
    assert target.read_bytes() == NEW
    assert names(target.parent) == ["file.bin"]


def test_text_is_saved_as_utf_8(tmp_path):
    fsio.write_text(tmp_path / "文.txt", "你好\n")
    assert (tmp_path / "文.txt").read_bytes() == "你好\n".encode()


def test_the_old_content_stays_readable_until_the_end(target):
    with fsio.publish(target) as file:
        file.write(NEW)
        file.flush()
        assert target.read_bytes() == OLD
    assert target.read_bytes() == NEW


def _fail(path, error):
    with fsio.publish(path) as file:
        file.write(b"half")
        raise error


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), FileError("a sentence.")])
def test_an_exception_in_the_block_passes_and_leaves_the_old_file(target, error):
    with pytest.raises(type(error)):
        _fail(target, error)
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["file.bin"]


def test_another_file_that_fails_in_the_block_is_named(target):
    with pytest.raises(FileError, match=r"other.onnx can't be used: no such file"):
        _fail(target, FileNotFoundError(errno.ENOENT, "No such file or directory", "other.onnx"))


def test_new_files_get_the_mode_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        fsio.write_bytes(tmp_path / "a", b"")
        with fsio.publish_folder(tmp_path / "f") as folder:
            (folder / "x").write_bytes(b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o750


def test_a_name_as_long_as_the_file_system_allows_can_be_saved(tmp_path):
    fsio.write_bytes(tmp_path / ("x" * 255), b"1")
    fsio.write_bytes(tmp_path / ("文" * 85), b"1")
    assert len(names(tmp_path)) == 2


@pytest.mark.parametrize(
    ("name", "word"),
    [("x" * 256, "file name too long"), ("no/such/folder/a", "no such file"), ("file.bin/a", "not a directory")],
)
def test_a_place_that_can_not_be_written_is_named(target, name, word):
    with pytest.raises(FileError, match=word) as caught:
        fsio.write_bytes(target.parent / name, NEW)
    assert name in caught.value.message
    assert caught.value.hint


def test_a_folder_is_not_overwritten_with_a_file(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        fsio.write_bytes(tmp_path, NEW)


def test_a_write_that_the_system_cuts_off_leaves_the_old_file(target):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1, 4096, len(NEW) - 1):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(FileError, match="file too large"):
                fsio.write_bytes(target, NEW)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert target.read_bytes() == OLD
        assert names(target.parent) == ["file.bin"]


def test_space_is_asked_for_before_the_work(tmp_path):
    with pytest.raises(
        ResourceError, match=rf"\({1 << 60} bytes\) are needed in {tmp_path}, but only .* bytes\) are free"
    ):
        fsio.require_space(tmp_path, 1 << 60)
    fsio.require_space(tmp_path, 1)
    assert fsio.free_bytes(tmp_path / "not" / "yet" / "there") > 0


def test_space_is_reserved_at_the_start(tmp_path):
    with fsio.publish(tmp_path / "a", 1 << 20) as file:
        assert os.fstat(file.fileno()).st_size == 1 << 20


def test_a_file_system_that_can_not_reserve_is_no_obstacle(tmp_path, monkeypatch):
    def refuse(descriptor, offset, length):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with fsio.publish(tmp_path / "a", 4096):
        pass
    assert (tmp_path / "a").stat().st_size == 4096


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with fsio.publish_folder(tmp_path / "export") as part:
        (part / "a").write_bytes(NEW)
        assert not (tmp_path / "export").exists()
    assert (tmp_path / "export" / "a").read_bytes() == NEW
    with pytest.raises(FileError, match="not an empty folder"), fsio.publish_folder(tmp_path / "export"):
        pytest.fail("the block must not be entered")
    assert names(tmp_path) == ["export"]


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    def fail() -> None:
        with fsio.publish_folder(tmp_path / "export") as part:
            (part / "a").write_bytes(NEW)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- the very exception of the block
        fail()
    assert names(tmp_path) == []


def test_make_folder_names_what_is_in_the_way(target):
    with pytest.raises(FileError, match=r"file.bin"):
        fsio.make_folder(target)
    assert fsio.make_folder(target.parent / "a" / "b").is_dir()


def test_two_that_save_at_once_do_not_mix(target):
    barrier = threading.Barrier(4)

    def save(letter: bytes) -> None:
        for _ in range(10):
            barrier.wait()
            with fsio.publish(target) as file:
                for _ in range(100):
                    file.write(letter * 1000)
                    file.flush()

    threads = [threading.Thread(target=save, args=(letter,)) for letter in (b"a", b"b", b"c", b"d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = target.read_bytes()
    assert len(content) == 100_000
    assert len(set(content)) == 1
    assert names(target.parent) == ["file.bin"]


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_sweep_takes_debris_of_dead_processes_only(tmp_path):
    dead = dead_pid()
    debris = tmp_path / f".a.ngf.{dead}-0123456789ab.part"
    debris.write_bytes(OLD)
    debris_folder = tmp_path / f".export.{dead}-0123456789ab.part"
    debris_folder.mkdir()
    (debris_folder / "a").write_bytes(OLD)
    kept = [
        "a.ngf",
        f"a.{dead}-0123456789ab.part",
        f".a.{dead}-0123.part",
        ".part",
        f".a.ngf.{os.getpid()}-0123456789ab.part",
    ]
    for name in kept:
        (tmp_path / name).write_bytes(OLD)
    (tmp_path / f".link.{dead}-0123456789ab.part").symlink_to(tmp_path / "a.ngf")
    kept.append(f".link.{dead}-0123456789ab.part")
    assert sorted(fsio.sweep(tmp_path)) == sorted([debris, debris_folder])
    assert names(tmp_path) == sorted(kept)
    assert fsio.sweep(tmp_path / "missing") == []


def test_a_sweep_knows_a_process_id_that_is_used_again(tmp_path):
    debris = tmp_path / f".a.ngf.{os.getpid()}-0123456789ab.part"
    debris.write_bytes(OLD)
    os.utime(debris, (1e9, 1e9))  # before this process began
    assert fsio.sweep(tmp_path) == [debris]


def test_a_sweep_leaves_what_another_container_is_writing(tmp_path):
    part = tmp_path / f".a.ngf.{dead_pid()}-0123456789ab.part"
    with part.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert fsio.sweep(tmp_path) == []
    assert fsio.sweep(tmp_path) == [part]


def test_a_sweep_leaves_work_that_goes_on(tmp_path):
    with fsio.publish(tmp_path / "a") as file:
        file.write(NEW)
        assert fsio.sweep(tmp_path) == []
    assert (tmp_path / "a").read_bytes() == NEW


KILLED_WRITER = """
import sys
from pathlib import Path
from core.ngf.combine import combine
from tests.core.ngf.sample import write_sample
folder, kind = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
seed = 1
while True:
    seed = 3 - seed
    if kind == "combine":
        combine(folder.parent / f"{seed}.ngf", folder.parent / f"{seed}_inc.ngf", folder / "a.ngf")
    else:
        write_sample(folder / "a.ngf", "multi", seed=seed)
"""


def kill_writers(tmp_path: Path, kind: str, kills: int) -> None:
    for seed in (1, 2):
        write_sample(tmp_path / f"{seed}.ngf", seed=seed)
        write_sample(tmp_path / f"{seed}_inc.ngf", "incremental", seed=seed)
        write_sample(tmp_path / f"{seed}_multi.ngf", "multi", seed=seed)
    whole = {(tmp_path / f"{seed}_multi.ngf").read_bytes() for seed in (1, 2)}
    work = tmp_path / "work"
    work.mkdir()
    write_sample(work / "a.ngf", "multi", seed=1)
    rng = random.Random(kills)
    swept = 0
    for _ in range(kills):
        command = [sys.executable, "-c", KILLED_WRITER, str(work), kind]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(rng.random() * 0.05)
            child.kill()
        assert (work / "a.ngf").read_bytes() in whole
        swept += len(fsio.sweep(work))
        assert names(work) == ["a.ngf"]
    assert swept > 0


@pytest.mark.parametrize("kind", ["write", "combine"])
def test_a_writer_killed_at_any_point_leaves_an_old_or_a_new_file_and_debris_is_swept(tmp_path, kind):
    kill_writers(tmp_path, kind, 8)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_combine_killed_200_times_leaves_an_old_or_a_new_file(tmp_path):
    kill_writers(tmp_path, "combine", 200)


def test_what_another_program_wrote_is_adopted_and_the_rest_is_gone(target):
    with fsio.staging(target) as stage:
        assert names(target.parent) == [stage.name, "file.bin"]
        (stage / "made").write_bytes(NEW)
        (stage / "rest").write_bytes(NEW)
        fsio.adopt(stage / "made", target)
    assert target.read_bytes() == NEW
    assert names(target.parent) == ["file.bin"]


def test_a_link_is_not_adopted(target, tmp_path):
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(FileError):
        fsio.adopt(tmp_path / "link", target)
    assert target.read_bytes() == OLD


def test_staging_in_a_place_that_cannot_be_written_is_named(target):
    with pytest.raises(FileError, match="not a directory"), fsio.staging(target / "x"):
        pytest.fail("the block must not be entered")


def test_two_that_change_one_file_take_turns(tmp_path):
    path, inside, seen = tmp_path / "list", threading.Lock(), []

    def change() -> None:
        for _ in range(20):
            with fsio.exclusive(path):
                seen.append(inside.acquire(blocking=False))
                inside.release()

    threads = [threading.Thread(target=change) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 60


def test_a_lock_that_is_never_let_go_holds_nobody_up_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(fsio, "LOCK_S", 0.05)
    with fsio.exclusive(tmp_path / "list"), fsio.exclusive(tmp_path / "list"):
        pass
    with pytest.raises(FileError, match="no such file"), fsio.exclusive(tmp_path / "none" / "list"):
        pytest.fail("the block must not be entered")


def fail_with(code: int):
    def fail(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    return fail


def test_a_file_system_without_locks_or_syncing_of_folders_is_no_obstacle(target, monkeypatch):
    monkeypatch.setattr(fsio.fcntl, "flock", fail_with(errno.ENOLCK))
    with fsio.exclusive(target):
        fsio.write_bytes(target, NEW)
    real = os.fsync

    def sync(descriptor):
        return real(descriptor) if stat.S_ISREG(os.fstat(descriptor).st_mode) else fail_with(errno.EINVAL)()

    monkeypatch.setattr(os, "fsync", sync)
    fsio.write_bytes(target, OLD)
    assert target.read_bytes() == OLD


def test_space_that_cannot_be_reserved_for_another_reason_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "posix_fallocate", fail_with(errno.EIO))
    with pytest.raises(FileError, match="input/output error"), fsio.publish(tmp_path / "a", 4096):
        pytest.fail("the block must not be entered")
    assert names(tmp_path) == []


def test_the_sweep_of_several_folders_goes_one_level_deep(tmp_path):
    name = f".a.ngf.{dead_pid()}-0123456789ab.part"
    places = [tmp_path / "data", tmp_path / "data" / "engine", tmp_path / "data" / "engine" / "deeper"]
    places[-1].mkdir(parents=True)
    for place in places:
        (place / name).write_bytes(OLD)
    (tmp_path / "link").symlink_to(places[-1])
    assert fsio.sweep_all([tmp_path / "data", tmp_path / "missing"]) == [place / name for place in places[:2]]
    assert fsio.sweep_all([tmp_path]) == []
    assert (places[-1] / name).exists()


def test_a_folder_that_cannot_be_synced_is_an_error(target, monkeypatch):
    monkeypatch.setattr(os, "fsync", fail_with(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        fsio.sync_folder(target.parent)


def test_a_full_disk_gives_the_bytes_that_are_free(target, monkeypatch):
    monkeypatch.setattr(os, "posix_fallocate", fail_with(errno.ENOSPC))
    full = pytest.raises(ResourceError, match=r"couldn't be written \(\d+ bytes are free\)")
    with full as caught, fsio.publish(target, 4096):
        pytest.fail("the block must not be entered")
    assert caught.value.hint


def test_a_file_is_claimed_by_one_at_a_time_under_any_of_its_names(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    with fsio.claim(tmp_path / "a.ngf"):
        with pytest.raises(FileError, match="being written"), fsio.claim(tmp_path / "link" / "a.ngf"):
            pytest.fail("the block must not be entered")
        with fsio.claim(tmp_path / "b.ngf"):
            pass
    with fsio.claim(tmp_path / "a.ngf"):
        pass
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("C10_PANEL_HOME", str(tmp_path / "file"))
    with fsio.claim(tmp_path / "a.ngf"), fsio.claim(tmp_path / "a.ngf"):
        pass


def test_data_reaches_the_disk_piece_by_piece_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(fsio.os, "fdatasync", synced.append)
    with fsio.publish(tmp_path / "x") as file, fsio.Flusher(file.fileno(), piece=100) as flusher:
        for _ in range(5):
            flusher.wrote(60)
        number = file.fileno()
    assert synced == [number, number]


def test_a_disk_that_fails_while_it_is_synced_ends_the_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fsio.os, "fdatasync", fail)
    with (
        pytest.raises(FileError, match="input/output error"),
        fsio.publish(tmp_path / "x") as file,
        fsio.Flusher(file.fileno(), piece=1) as flusher,
    ):
        flusher.wrote(1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_already_is_fine(tmp_path):
    assert fsio.make_folder(tmp_path / "a") == fsio.make_folder(tmp_path / "a") == tmp_path / "a"


def test_debris_that_cannot_be_removed_is_passed_over(tmp_path, monkeypatch):
    stuck, loose = (tmp_path / f".{name}.{dead_pid()}-0123456789ab.part" for name in ("a", "b"))
    for path in (stuck, loose):
        path.write_bytes(OLD)
    real = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path: fail_with(errno.EACCES)() if path == stuck else real(path))
    assert fsio.sweep(tmp_path) == [loose]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "x"), FileError("x.")])
def test_a_full_disk_that_does_not_tell_what_is_free_is_an_error_all_the_same(target, monkeypatch, error):
    def fail(_folder):
        raise error

    monkeypatch.setattr(fsio, "free_bytes", fail)
    full = OSError(errno.ENOSPC, "No space left on device")
    assert fsio.file_error(full, target).message == f"The disk is full: {target} couldn't be written."


def test_a_published_folder_is_synced_from_the_inside_out(tmp_path, monkeypatch):
    synced = []
    real = os.fsync

    def sync(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    with fsio.publish_folder(tmp_path / "export") as part:
        (part / "inner").mkdir()
        (part / "inner" / "a").write_bytes(NEW)
    inner = str(part / "inner")
    assert synced == [f"{inner}/a", inner, str(part), str(tmp_path)]


def test_what_is_written_in_pieces_lands_where_it_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: whole(file, bytes(data)[:7], at))  # a disk may take less
    data = bytes(range(100))
    with fsio.publish(tmp_path / "a", 150) as file:
        fsio.write_at(file.fileno(), data, 50)
    assert (tmp_path / "a").read_bytes() == bytes(50) + data


def test_free_space_in_a_folder_that_cannot_be_looked_at_is_a_file_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "stat", fail)
    with pytest.raises(FileError, match="input/output error"):
        fsio.free_bytes(tmp_path)


def test_a_file_that_cannot_be_looked_at_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert fsio.is_file(tmp_path / "a")
    assert not fsio.is_file(tmp_path)
    assert not fsio.is_file(tmp_path / "nul\0")
    assert fsio.is_folder(tmp_path)
    assert not fsio.is_folder(tmp_path / "a")

    def fail(*_args: object, **_more: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", fail)
    assert not fsio.is_file(tmp_path / "a")
    assert not fsio.is_folder(tmp_path)


def test_files_below_a_folder_are_found_and_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/1.ngf", "2.ngf", "3.txt"):
        (tmp_path / name).write_bytes(b"")
    assert fsio.files_below(tmp_path, ".ngf") == [tmp_path / "2.ngf", tmp_path / "b" / "1.ngf"]
    assert fsio.files_below(tmp_path / "missing", ".ngf") == []
