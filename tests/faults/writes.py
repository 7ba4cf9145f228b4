"""Files fail at a random moment inside real jobs in their own processes: compile, combine, and download with unpacking.

What fails is the C library's call, in whichever process of the job it comes (`failing_disk.c`, preloaded). Half of the
jobs that make engines find older ones in their place.
"""

from __future__ import annotations

import errno
import random
import shutil
import struct
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.compiler.plan import CompileRequest
from core.download import ARCHIVE_NAME
from core.fsio import sweep_all
from core.ngf.reader import NgfFile
from tests.faults.kill import host, sha256
from tests.faults.small import (
    CONFIG,
    ROOT,
    Small,
    compile_words,
    ended_with_a_sentence,
    files_of,
    over,
    own_home,
    start,
    write_small,
)

JOBS = ("compile", "parts", "combine", "download")
"""`parts`: a compile into two files."""
CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
OLDER = b"an older engine"


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Run `count` jobs, of JOBS in turn, in each of which files begin to fail at a random operation; return the ends.

    Raises AssertionError for a job that ends without a sentence, or leaves something that isn't whole.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        return {"skipped": "there is no C compiler"}
    done: Counter[str] = Counter()
    with own_home() as folder:
        library = folder / "failing_disk.so"
        source = ROOT / "tests" / "faults" / "failing_disk.c"
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        small = write_small(folder)
        with _archive(folder, small) as (url, digest):
            jobs = _Jobs(library, folder / "target", small, url, digest)
            totals = {name: _whole(jobs, name) for name in JOBS}
            for number in range(count):
                if over(deadline):
                    break
                rng, name = random.Random(f"{seed}:{number}"), JOBS[number % len(JOBS)]
                at, code, for_ever = 1 + rng.randrange(totals[name]), rng.choice(CODES), rng.random() < 0.5
                older = name != "download" and rng.random() < 0.5
                how = f"{' for ever' * for_ever}{' over an older one' * older}"
                case = f"{name}, operation {at} of {totals[name]}, {errno.errorcode[code]}{how}"
                try:
                    ended, _ = jobs.run(name, at, code, for_ever=for_ever, older=older)
                except AssertionError as error:
                    raise AssertionError(f"case {number} of seed {seed} ({case}): {error}") from error
                done[f"{name}_{'refused' if ended else 'done'}"] += 1
                done["over_older_ones"] += older
    return {**done, **{f"{name}_operations": total for name, total in totals.items()}}


def _whole(jobs: _Jobs, name: str) -> int:
    """Run a job in which nothing fails; return how many operations it has."""
    ended, operations = jobs.run(name, 0, 0)
    assert not ended, f"{name} fails by itself"
    assert operations, f"no operation of {name} was seen"
    return operations


@contextmanager
def _archive(folder: Path, small: Small) -> Iterator[tuple[str, str]]:
    """Serve the model as the vendor's archive; give the host and the digest."""
    path = folder / ARCHIVE_NAME
    with tarfile.open(path, "w:gz") as archive:
        archive.add(small.model.parent, "model")
    data = path.read_bytes()
    with host(data) as url:
        yield url.rpartition("/")[0], sha256(data)


@dataclass(frozen=True)
class _Jobs:
    library: Path
    target: Path
    small: Small
    url: str
    digest: str

    def run(self, name: str, at: int, code: int, *, for_ever: bool = False, older: bool = False) -> tuple[int, int]:
        """Run a job whose operation `at` fails (0: none does); return its exit code and how many there were.

        `older`: each file that the job is to write is there already.
        """
        shutil.rmtree(self.target, ignore_errors=True)
        self.target.mkdir()
        found = self._files(name) if older else []
        for path in found:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(OLDER)
        counter = self.library.with_name("counter")
        counter.write_bytes(bytes(4))
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in {
                "LD_PRELOAD": self.library, "FAIL_COUNTER": counter, "FAIL_PREFIX": self.target, "FAIL_AT": at,
                "FAIL_CODE": code, "FAIL_FOR_EVER": int(for_ever),
            }.items():  # fmt: skip
                patch.setenv(variable, str(value))
            process = start(self._words(name))
        ended, _ = ended_with_a_sentence(process)
        self._check(name, ended, found)
        return ended, struct.unpack("i", counter.read_bytes())[0]

    def _words(self, name: str) -> Sequence[str]:
        if name in ("compile", "parts"):
            return compile_words(self.small, self.target, combine=name == "compile")
        if name == "combine":
            parts = ["--ngf-1", str(self.small.base), "--ngf-2", str(self.small.incremental)]
            return ["combine", *parts, "--output", str(self.target / "a.ngf")]
        return ["download", "--host", self.url, "--output", str(self.target), "--sha256", self.digest]

    def _files(self, name: str) -> list[Path]:
        """Return what a job that makes engines is to write."""
        if name == "combine":
            return [self.target / "a.ngf"]
        return list(CompileRequest(self.small.model, self.target, "x", CONFIG, combine=name == "compile").outputs())

    def _check(self, name: str, ended: int, older: Sequence[Path]) -> None:
        """Whole files only, debris swept; a download that was refused goes on at the next start.

        A job that was refused may leave a whole engine: after the rename only its name may still get lost.
        """
        if name != "download":
            self._check_engines(ended, self._files(name), older)
            return
        sweep_all([self.target])
        if ended and not self._models():
            again = start(self._words(name))
            assert ended_with_a_sentence(again)[0] == 0, "the next start doesn't go on"
        assert self._models() == [self.small.model.read_bytes()], "the model isn't whole"

    def _check_engines(self, ended: int, due: Sequence[Path], older: Sequence[Path]) -> None:
        """Each file is the older or the newer one, whole, and there is no other."""
        sweep_all([self.target, *(path.parent for path in due)])
        left = files_of(self.target)
        others = set(left) - {str(path.relative_to(self.target)) for path in due}
        assert not others, f"left: {sorted(others)}"
        for path in due:
            if not path.exists():
                assert ended, f"it says that it is done, but there is no {path.name}"
                assert path not in older, f"the older {path.name} is gone"
            elif path.read_bytes() == OLDER:
                assert ended, f"it says that it is done, but {path.name} is the older one"
            else:
                with NgfFile.open(path) as file:
                    file.verify()

    def _models(self) -> list[bytes]:
        """Return the content of each model that was unpacked."""
        return [path.read_bytes() for path in self.target.rglob("model.onnx")]
