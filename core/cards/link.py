"""What passes from card to card: a ring of slots in shared memory, with an event counter for each direction.

The counters live in the kernel, so no order of memory accesses has to be argued about: a sender takes a free slot,
fills it and counts it as ready; the receiver copies it and counts it as free. A receiver asks a few times before it
sleeps, as the next slot often is only microseconds away.
"""

from __future__ import annotations

import mmap
import os
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from core.compiler.arguments import Entry
from core.spec import round_up

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

ENTRIES: tuple[Entry, ...] = get_args(Entry)
SPIN_S = 40e-6
"""How long a receiver asks again before it sleeps, in seconds."""

_HEADER = 64
_FLAGS = os.EFD_NONBLOCK | os.EFD_SEMAPHORE | os.EFD_CLOEXEC


@dataclass(frozen=True, slots=True)
class Work:
    """One pass through the model: tokens, their slots of the batch and their positions, each int32 (n,).

    `entry` is the code to run; score: base, then the logits of all tokens. `lane` chooses the KV cache.
    """

    entry: Entry
    lane: int
    ids: Ints
    slots: Ints
    positions: Ints


@dataclass(frozen=True, slots=True)
class LinkShape:
    """Sizes of a link: slots, most tokens of one work, and rows and width of what passes on (float32)."""

    depth: int
    tokens: int
    rows: int
    width: int

    @property
    def control_bytes(self) -> int:
        """Bytes of a slot's header and tokens."""
        return round_up(_HEADER + 3 * 4 * self.tokens, 64)

    @property
    def slot_bytes(self) -> int:
        """Bytes of one slot."""
        return round_up(self.control_bytes + 4 * self.rows * self.width, mmap.PAGESIZE)


class Link:
    """One end of a link. One process sends and one receives; works arrive in the order in which they were sent."""

    def __init__(self, shape: LinkShape, descriptors: Sequence[int]) -> None:
        """`descriptors`: the memory, and the counters of ready and of free slots; they belong to the link then."""
        self.shape = shape
        self.descriptors = tuple(descriptors)
        memory, self._ready, self._free = descriptors
        self._map = mmap.mmap(memory, shape.depth * shape.slot_bytes)
        self._slots = [_Slot(self._map, shape, index) for index in range(shape.depth)]
        self._sent = self._received = 0
        self._idle_since = 0.0
        """When the receiver began to wait (time.monotonic)."""

    @classmethod
    def create(cls, shape: LinkShape) -> Link:
        """Make a link with all slots free."""
        memory = os.memfd_create("link", os.MFD_CLOEXEC)
        os.ftruncate(memory, shape.depth * shape.slot_bytes)
        return cls(shape, (memory, os.eventfd(0, _FLAGS), os.eventfd(shape.depth, _FLAGS)))

    def send(self, work: Work, rows: Floats | None = None) -> None:
        """Pass work on with rows (n, w) of hidden states or logits; waits while no slot is free."""
        finished = time.monotonic()
        while not _take(self._free):
            _wait(self._free)
        slot = self._slots[self._sent % self.shape.depth]
        self._sent += 1
        slot.write(work, rows, finished)
        os.eventfd_write(self._ready, 1)

    def ready(self) -> bool:
        """Take the next filled slot, if there is one within moments; then `work` and `rows` may be read."""
        end = time.monotonic() + SPIN_S
        while not _take(self._ready):
            if time.monotonic() > end:
                return False
            os.sched_yield()
        return True

    def wait(self) -> None:
        """Take the next filled slot, sleeping until there is one."""
        self._idle_since = time.monotonic()
        while not self.ready():
            _wait(self._ready)

    def fileno(self) -> int:
        """Return the descriptor that can be read while a filled slot waits."""
        return self._ready

    def work(self) -> Work:
        """Return a copy of the taken slot's work."""
        return self._slots[self._received % self.shape.depth].work()

    def rows(self) -> Floats:
        """Return a view of the taken slot's rows (n, width); it holds until `release`."""
        return self._slots[self._received % self.shape.depth].rows()

    def release(self) -> float:
        """Give the taken slot back; return the seconds that handing over took the receiver.

        Counted from the end of the sender's computing, or from when the receiver began to wait if that is later.
        """
        slot = self._slots[self._received % self.shape.depth]
        seconds = time.monotonic() - max(slot.finished, self._idle_since)
        self._received += 1
        os.eventfd_write(self._free, 1)
        return seconds

    def close(self) -> None:
        """Close the descriptors; the memory goes with the last view of it."""
        self._slots.clear()
        for descriptor in self.descriptors:
            os.close(descriptor)


class _Slot:
    """Views of one slot: entry, lane, tokens, rows and width; the moment of sending; the tokens; the rows."""

    def __init__(self, memory: mmap.mmap, shape: LinkShape, index: int) -> None:
        start = index * shape.slot_bytes
        self._head = np.frombuffer(memory, np.int32, 5, start)
        self._moment = np.frombuffer(memory, np.float64, 1, start + 32)
        self._tokens = np.frombuffer(memory, np.int32, 3 * shape.tokens, start + _HEADER).reshape(3, -1)
        self._rows = np.frombuffer(memory, np.float32, shape.rows * shape.width, start + shape.control_bytes)
        self._width = shape.width

    @property
    def finished(self) -> float:
        """When the sender had done its part (time.monotonic, which all processes share)."""
        return float(self._moment[0])

    def write(self, work: Work, rows: Floats | None, finished: float) -> None:
        """Fill the slot."""
        count = len(work.ids)
        height = 0 if rows is None else len(rows)
        self._head[:] = (ENTRIES.index(work.entry), work.lane, count, height, self._width)
        self._moment[0] = finished
        for target, source in zip(self._tokens, (work.ids, work.slots, work.positions), strict=True):
            target[:count] = source
        if rows is not None:
            self._rows[: height * self._width].reshape(height, self._width)[:] = rows[:, : self._width]

    def work(self) -> Work:
        """Return a copy of the work."""
        entry, lane, count = (int(value) for value in self._head[:3])
        ids, slots, positions = (row[:count].copy() for row in self._tokens)
        return Work(ENTRIES[entry], lane, ids, slots, positions)

    def rows(self) -> Floats:
        """Return a view of the rows."""
        height = int(self._head[3])
        view: Floats = self._rows[: height * self._width].reshape(height, self._width)
        return view


def _take(counter: int) -> bool:
    try:
        os.eventfd_read(counter)
    except BlockingIOError:
        return False
    return True


def _wait(counter: int) -> None:
    poll: Any = select.poll()
    poll.register(counter, select.POLLIN)
    poll.poll()
