"""What must stay flat: memory, threads, file descriptors, widgets and other Qt objects of the window's process."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import psutil
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `rss` and `private` in MiB, the others counts.

    `private` is memory of no file (Linux calls it anonymous); the rest of `rss` are pages of files such as fonts, which
    the system takes back when it wants to.
    """

    visitor: int
    rss: float
    private: float
    threads: int
    descriptors: int
    widgets: int
    objects: int


def sample(visitor: int, roots: Sequence[QObject]) -> Sample:
    """Look, after what is due to be deleted has been."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    me = psutil.Process()
    return Sample(
        visitor,
        round(me.memory_info().rss / MIB, 1),
        round(_anonymous() / MIB, 1),
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
