"""What all fuzzers share: seeded cases, each within its limits, and progress to see where a run is."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from core.errors import C10Error
from core.system import peak_rss_bytes

LIMIT_S = 1.0
"""CPU seconds that one file may take, whatever it holds."""
LIMIT_BYTES = 64 << 20
"""Memory that one file may take, in bytes."""
PROGRESS_S = 10.0


class Fuzzer(Protocol):
    """What a module of this folder has."""

    def write(self, folder: Path) -> Path:
        """Write a sound file, and what belongs beside it, into an empty folder; return its path."""

    def mutate(self, data: bytes, rng: random.Random) -> bytes:
        """Return the file's bytes with random changes."""

    def check(self, path: Path) -> str:
        """Return what became of the file in a word; raises what breaks the promise."""


class Costs:
    """CPU time and memory of the dearest case so far."""

    def __init__(self) -> None:
        self.slowest_s, self.largest_bytes = 0.0, 0
        self._reset = os.open("/proc/self/clear_refs", os.O_WRONLY | os.O_CLOEXEC)

    @contextmanager
    def case(self) -> Iterator[None]:
        """Measure one case; raises AssertionError if it took more than it may."""
        os.write(self._reset, b"5")  # the peak of the resident memory begins anew
        before, start = peak_rss_bytes(), time.process_time()
        yield
        seconds, grown = time.process_time() - start, peak_rss_bytes() - before
        self.slowest_s, self.largest_bytes = max(self.slowest_s, seconds), max(self.largest_bytes, grown)
        assert seconds <= LIMIT_S, f"it took {seconds:.2f} s"
        assert grown <= LIMIT_BYTES, f"it took {grown >> 20} MiB"

    def close(self) -> None:
        os.close(self._reset)


def run(fuzzer: Fuzzer, count: int, seed: int, *, minutes: float = 0.0, progress: bool = False) -> dict[str, object]:
    """Try `count` mutations (or as many as `minutes` allow); return how they ended and what the dearest took.

    Raises AssertionError, naming the case, for the first that breaks a promise.
    """
    outcomes: Counter[str] = Counter()
    costs = Costs()
    begun = shown = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = fuzzer.write(Path(folder))
            original = path.read_bytes()
            fuzzer.check(path)  # imports and caches are no case's own
            for number in range(count):
                try:
                    path.write_bytes(fuzzer.mutate(original, random.Random(f"{seed}:{number}")))
                    with costs.case():
                        outcomes[fuzzer.check(path)] += 1
                except Exception as error:
                    kept = _keep(path, seed, number)
                    raise AssertionError(f"case {number} of seed {seed} ({kept}): {_shown(error)}") from error
                now = time.monotonic()
                if progress and now - shown > PROGRESS_S:
                    shown = now
                    sys.stderr.write(f"case {number} of seed {seed}: {dict(outcomes)}\n")
                if minutes and now - begun > 60 * minutes:
                    break
    finally:
        costs.close()
    return {
        "inputs": outcomes.total(),
        **outcomes,
        "slowest_s": round(costs.slowest_s, 3),
        "largest_mib": round(costs.largest_bytes / (1 << 20), 1),
    }


def _keep(path: Path, seed: int, number: int) -> Path:
    """Return where the file that broke a promise was put, to look at it."""
    kept = Path(tempfile.gettempdir(), f"fuzz-{seed}-{number}{path.suffix}")
    kept.write_bytes(path.read_bytes())
    return kept


def _shown(error: Exception) -> str:
    kind = f"{type(error).__name__}[{error.code}]" if isinstance(error, C10Error) else type(error).__name__
    return f"{kind}: {error}"


def change_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return `data` cut, with bytes put in, taken out, repeated or changed, wherever they lie."""
    at, length = rng.randrange(len(data) + 1), rng.choice((1, 2, 8, 100, 4096))
    change = rng.randrange(6)
    if change == 0:
        return data[:at]
    if change == 1:
        return data[:at] + rng.randbytes(length) + data[at:]
    if change == 2:
        return data[:at] + data[at + length :]
    if change == 3:
        return data + bytes(length)
    if change == 4:
        other = rng.randrange(len(data) + 1)
        return data[:at] + data[other : other + length] + data[at + length :]
    at = min(at, max(0, len(data) - 1)) if rng.random() < 0.5 else rng.randrange(min(len(data), 2000) or 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
