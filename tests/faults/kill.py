"""Kill -9 at random moments: what was being saved is the old or the new, and the next start is quick and sweeps up."""

from __future__ import annotations

import http.server
import itertools
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from core import trust
from core.download import download
from core.fsio import sweep
from core.ngf.reader import NgfFile
from core.worker.job import run_command
from core.worker.protocol import Generate, Inspect, Load
from gui import settings
from tests.core.ngf.sample import write_sample
from tests.faults.small import ROOT, Small, compile_words, files_of, left_of, over, own_home, start, write_small

KINDS = ("settings", "trust", "combine", "download", "compile")
LOOPS = {
    "settings": "store = Store(Path(sys.argv[1], 'settings.json'))\n"
    "for n in itertools.count(1): store.update(last_engine=f'/{n}' * 2000)",
    "trust": "for n in itertools.count(1): trust.remember(f'{n:064x}', (), Path('x.ngf'), 'built')",
    "combine": "for n in itertools.count(1):\n"
    "    combine(Path(sys.argv[2], f'{n % 2}.ngf'), Path(sys.argv[2], f'{n % 2}_inc.ngf'), Path(sys.argv[1], 'a.ngf'))",
    "download": "for n in itertools.count(1):\n"
    "    download([sys.argv[2]], Path(sys.argv[1], f'{n}.bin'), size=int(sys.argv[3]), sha256=sys.argv[4])",
}
"""What a child does over and over until it is killed."""
IMPORTS = {
    "settings": "from gui.settings import Store",
    "trust": "from core import trust",
    "combine": "from core.ngf.combine import combine",
    "download": "from core.download import download",
}
BODY = random.Random(3).randbytes(3 << 20)
RESTART_S = 3.0


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Kill `count` times, in turn while each of KINDS goes on; return the kills of each and how long restarts took."""
    kills: Counter[str] = Counter()
    restarts: list[float] = []
    swept = 0
    with own_home() as folder:
        cases = _Cases(folder)
        for number in range(count):
            if over(deadline):
                break
            rng, kind = random.Random(f"{seed}:{number}"), KINDS[number % len(KINDS)]
            try:
                swept += cases.kill(kind, rng)
                restarts.append(cases.restart(kind))
            except AssertionError as error:
                raise AssertionError(f"case {number} of seed {seed} ({kind}): {error}") from error
            kills[kind] += 1
    restarts.sort()
    median, slowest = restarts[len(restarts) // 2], restarts[-1]
    late = sum(seconds > RESTART_S for seconds in restarts)
    return {
        "kills": kills.total(), **kills, "debris_swept": swept, "restart_median_s": round(median, 2),
        "restart_slowest_s": round(slowest, 2), f"over_{RESTART_S:.0f}_s": late,
    }  # fmt: skip


class _Cases:
    """Folders and files that outlive one kill: what is there is what earlier writers left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._small: Small | None = None
        self._compile_s = 0.0
        self._numbers = itertools.count()
        self._parts = folder / "parts"
        self._parts.mkdir()
        for number in (0, 1):
            write_sample(self._parts / f"{number}.ngf", seed=number)
            write_sample(self._parts / f"{number}_inc.ngf", "incremental", seed=number)
            write_sample(self._parts / f"{number}_multi.ngf", "multi", seed=number)
        self._whole = {(self._parts / f"{number}_multi.ngf").read_bytes() for number in (0, 1)}

    def kill(self, kind: str, rng: random.Random) -> int:
        """Run `kind` until a random moment, kill it, check what it left; return the pieces of debris swept."""
        if kind == "compile":
            return self._kill_compile(rng)
        work = self.folder / kind
        work.mkdir(exist_ok=True)
        check: Callable[[Path], None] = getattr(self, f"_check_{kind}")
        if kind == "download":
            with host(BODY) as url:
                _kill_loop(kind, [str(work), url, str(len(BODY)), sha256(BODY)], rng)
                check(work)
                for part in sorted(work.glob("*.partial")):  # the next start goes on where it broke off
                    download([url], part.with_suffix(""), size=len(BODY), sha256=sha256(BODY))
                check(work)
                for path in work.iterdir():
                    path.unlink()
            return 0
        _kill_loop(kind, [str(work), str(self._parts)], rng)
        check(work)
        places = [work, trust.store_path().parent]
        swept = sum(len(sweep(place)) for place in places)
        assert not [path for place in places if place.exists() for path in place.iterdir() if path.suffix == ".part"]
        return swept

    def restart(self, kind: str) -> float:
        """Start a worker anew; return the seconds until it has described an engine, or (after a compile) run one."""
        sample = str(self._parts / "0_multi.ngf")
        begun = time.monotonic()
        if kind == "compile" and self._small:
            run_command(Load(str(self._small.multi)), Generate("again", input_ids=[[1, 2]], max_new_tokens=1))
        else:
            run_command(Inspect(sample))
        return time.monotonic() - begun

    def _kill_compile(self, rng: random.Random) -> int:
        small = self._small = self._small or write_small(self.folder)
        if not self._compile_s:
            begun = time.monotonic()
            start(compile_words(small, self.folder / "warm")).communicate()
            self._compile_s = time.monotonic() - begun
        target = self.folder / f"target-{next(self._numbers)}"
        process = start(compile_words(small, target))
        try:
            process.communicate(timeout=rng.random() * self._compile_s)
        except subprocess.TimeoutExpired:
            children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.communicate()
            assert left_of(children, 2.0) == [], "a worker outlived its parent"
        for path in target.rglob("*.ngf"):
            with NgfFile.open(path) as file:
                file.verify()
        swept = sum(len(sweep(place)) for place in [target, *target.glob("*/")])
        assert all(name.endswith(".ngf") for name in files_of(target))
        return swept

    def _check_settings(self, work: Path) -> None:
        path = work / "settings.json"
        if path.exists():
            settings.parse(path.read_bytes())

    def _check_trust(self, _: Path) -> None:
        assert not trust.store_path().with_name("trust.json.damaged").exists()
        if trust.store_path().exists():
            assert trust.known(f"{1:064x}") == "built"

    def _check_combine(self, work: Path) -> None:
        assert not (work / "a.ngf").exists() or (work / "a.ngf").read_bytes() in self._whole

    def _check_download(self, work: Path) -> None:
        assert all(path.read_bytes() == BODY for path in work.glob("*.bin"))


def _kill_loop(kind: str, arguments: list[str], rng: random.Random) -> None:
    code = (
        f"import itertools, sys\nfrom pathlib import Path\n{IMPORTS[kind]}\nprint('ready', flush=True)\n{LOOPS[kind]}"
    )
    with subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        try:
            child.wait(rng.random() * 0.1)
        except subprocess.TimeoutExpired:
            child.kill()
        else:
            raise AssertionError(f"it ended by itself with {child.returncode}")


def sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


@contextmanager
def host(body: bytes) -> Iterator[str]:
    """Serve `body`, also from any byte on; give its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begin = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(body) - begin))
            if begin:
                self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            self.wfile.write(body[begin:])

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a killed client is no news
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/file.bin"
        finally:
            server.shutdown()
            thread.join()
