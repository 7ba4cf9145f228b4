"""Let file operations fail, the nth one once or all from the nth on: the old file stays or the new one is there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core import fsio, trust
from core.errors import C10Error, FileError, ResourceError
from core.ngf.combine import combine
from gui.settings import Store
from tests.core.ngf.sample import write_sample
from tests.faults.small import files_of, over, own_home

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
OLD, NEW = b"old" * 5000, b"new" * 7000
Save = Callable[[Path], object]


class Faults:
    """Let the nth file operation of a block fail, counted over all of them; `for_ever`: those after it as well."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int, code: int, *, for_ever: bool = False) -> None:
        self.count, self.fail_at, self.code, self.for_ever = 0, fail_at, code, for_ever
        for name in ("open", "fsync", "posix_fallocate", "pwrite"):
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name)))
        for name in ("replace", "mkdir"):
            monkeypatch.setattr(Path, name, self.wrap(getattr(Path, name)))

    def wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self.fail_at or (self.for_ever and self.count > self.fail_at):
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **kwargs)

        return operation


def save_file(folder: Path) -> None:
    with fsio.publish(folder / "file.bin", len(NEW)) as file:
        fsio.write_at(file.fileno(), NEW[:1000], 0)
        fsio.write_at(file.fileno(), NEW[1000:], 1000)


def save_engine(folder: Path) -> None:
    write_sample(folder / "file.bin", seed=1)


def save_folder(folder: Path) -> None:
    with fsio.publish_folder(folder / "export") as part:
        (part / "inner").mkdir()
        (part / "inner" / "a").write_bytes(NEW)


def save_combined(folder: Path) -> None:
    combine(folder / "parts" / "base.ngf", folder / "parts" / "inc.ngf", folder / "file.bin")


def save_settings(folder: Path) -> None:
    """The window goes on with a sentence where settings can't be saved; the change holds until it closes."""
    store = Store(folder / "settings.json")
    store.update(text_percent=150)
    if store.problem is not None:
        raise FileError(f"{folder}: {store.problem.kind}", "It is shown above the page.")


@contextmanager
def _trust_in(folder: Path) -> Iterator[None]:
    """Keep the list of trusted engines in `folder` meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(trust.STORE_VARIABLE, str(folder / "trust.json"))
        yield


def save_trust(folder: Path) -> None:
    with _trust_in(folder):
        trust.remember("2" * 64, (), Path("x.ngf"), "built")


SAVES: dict[str, Save] = {
    save.__name__.removeprefix("save_"): save
    for save in (save_file, save_engine, save_folder, save_combined, save_settings, save_trust)
}


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Let each operation of each of SAVES fail with each of CODES, once and for ever; return how many failures."""
    del count, seed  # every case there is
    done: dict[str, object] = {}
    with own_home() as folder:
        for name, save in SAVES.items():
            if over(deadline):
                break
            for code in CODES:
                for for_ever in (False, True):
                    place = Path(folder, f"{name}-{code}-{for_ever}")
                    place.mkdir()
                    done[name] = int(str(done.get(name, 0))) + fail_everywhere(save, place, code, for_ever=for_ever)
    return {"failures": sum(int(str(n)) for n in done.values()), **done}


def fail_everywhere(save: Save, folder: Path, code: int, *, for_ever: bool = False) -> int:
    """Let each operation of `save` fail in turn; return how many there were. Raises AssertionError."""
    done = _prepared(folder / "done")
    old = _state(done)
    save(done)
    new = _state(done)
    assert old != new
    for fail_at in range(1, 1000):
        place = _prepared(folder / str(fail_at))
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, fail_at, code, for_ever=for_ever)
            error = _outcome(save, place)
        if error is not None:
            assert isinstance(error, FileError | ResourceError), error
            assert error.hint
        left = _state(place)
        if for_ever:  # what can't be removed either waits for the next start's sweep
            left = {name: data for name, data in left.items() if ".part" not in name}
        case = f"{save.__name__}, operation {fail_at}, {errno.errorcode[code]}{' for ever' if for_ever else ''}"
        assert left in (old, new), f"{case}: left {sorted(left)}"
        if faults.count < fail_at:
            assert error is None
            assert left == new
            return fail_at - 1
    raise AssertionError("it never came to an end")


def _prepared(folder: Path) -> Path:
    """Return a folder with the old state of everything that is saved."""
    parts = folder / "parts"
    parts.mkdir(parents=True)
    write_sample(parts / "base.ngf")
    write_sample(parts / "inc.ngf", "incremental")
    (folder / "file.bin").write_bytes(OLD)
    Store(folder / "settings.json").update(text_percent=125)
    with _trust_in(folder):
        trust.remember("1" * 64, (), Path("x.ngf"), "built")
    return folder


def _state(folder: Path) -> dict[str, bytes]:
    """Return the files there; of the list of trusted engines, only which ones it holds (it tells the time, too)."""
    state = {name: data for name, data in files_of(folder).items() if not name.endswith(".lock")}
    state["trust.json"] = b" ".join(sorted(data for data in (b"1" * 64, b"2" * 64) if data in state["trust.json"]))
    return state


def _outcome(save: Save, folder: Path) -> C10Error | None:
    try:
        save(folder)
    except C10Error as error:
        return error
    return None
