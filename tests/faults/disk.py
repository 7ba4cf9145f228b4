"""The command line on small disks: it ends with the bytes needed and free, and nothing half-written stays."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.small import compile_words, ended_with_a_sentence, files_of, over, own_home, start, write_small

SMALLEST, LARGEST = 16 << 10, 8 << 20


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Compile and combine onto `count` disks from SMALLEST to LARGEST bytes; return how they ended."""
    del seed  # the sizes are spread evenly
    outcomes: Counter[str] = Counter()
    with own_home() as folder:
        small = write_small(folder)
        combine = ["combine", "--ngf-1", str(small.base), "--ngf-2", str(small.incremental), "--output"]
        for number in range(count):
            if over(deadline):
                break
            size = round(SMALLEST * (LARGEST / SMALLEST) ** (number / max(1, count - 1)))
            with _disk(folder / "disk", size) as disk:
                if disk is None:
                    return {"skipped": "no file system can be mounted here"}
                for name, words in (
                    ("combine", [*combine, str(disk / "a.ngf")]),
                    ("compile", compile_words(small, disk)),
                ):
                    before = files_of(disk)
                    code, err = ended_with_a_sentence(start(words))
                    outcomes[f"{name}_{'refused' if code else 'done'}"] += 1
                    if code:
                        case = f"{name} on {size} bytes"
                        assert "bytes are free" in err or "are free" in err, f"{case}: {err}"
                        assert files_of(disk) == before, f"{case} left something"
    return {**outcomes, "smallest_kib": SMALLEST >> 10, "largest_kib": LARGEST >> 10}


@contextmanager
def _disk(place: Path, size: int) -> Iterator[Path | None]:
    """Mount a file system of `size` bytes in memory; gives None where this user may not."""
    place.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "small", str(place)]
    mounted = sys.platform == "linux" and subprocess.run(words, check=False, capture_output=True).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
