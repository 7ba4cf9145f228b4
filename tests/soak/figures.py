"""What must stay flat: memory, threads, file descriptors, widgets and other Qt objects of the window's process."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import psutil
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `rss`, `private` and `held` in MiB, the others counts.

    `private` is memory of no file (Linux calls it anonymous); the rest of `rss` are pages of files such as fonts, which
    the system takes back when it wants to. `held` is what the C library's allocator has given away and not got back:
    where `private` grows without it, there are holes between the blocks. Python's own small `blocks` are counted apart.
    """

    visitor: int
    rss: float
    private: float
    held: float
    blocks: int
    threads: int
    descriptors: int
    widgets: int
    objects: int


def sample(visitor: int, roots: Sequence[QObject]) -> Sample:
    """Look, after garbage has been collected. What is due to be deleted must have been, see `Show.spin`."""
    gc.collect()
    me = psutil.Process()
    return Sample(
        visitor,
        round(me.memory_info().rss / MIB, 1),
        round(_anonymous() / MIB, 1),
        round(_held() / MIB, 1),
        sys.getallocatedblocks(),
        me.num_threads(),
        me.num_fds(),
        len(QApplication.allWidgets()),
        sum(len(root.findChildren(QObject)) for root in roots),
    )


def _anonymous() -> int:
    """Return the bytes of this process's memory that belong to no file."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    return 0


_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Malloc(ctypes.Structure):
    """What glibc's mallinfo2 returns, in bytes; `ordblks`, `smblks` and `hblks` are counts."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _FIELDS)


def _held() -> int:
    """Return the bytes of the C library's blocks that are in use, 0 where it can't tell (glibc before 2.33, musl)."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return 0
    ask.restype = _Malloc
    found = ask()
    return int(found.uordblks + found.hblkhd)


def slope(samples: Sequence[Sample], name: str) -> float:
    """Return the growth of a figure in a hundred visitors, by least squares."""
    xs = [float(one.visitor) for one in samples]
    ys = [float(getattr(one, name)) for one in samples]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    return 100 * sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


def names() -> list[str]:
    """Return the names of the figures."""
    return [item.name for item in fields(Sample) if item.name != "visitor"]
