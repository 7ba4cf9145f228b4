"""What each card holds and has done: counted by the card in memory that it shares, read at any time."""

from __future__ import annotations

import mmap
import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.planner import Placement

_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class CardFigures:
    """One card of a split engine; sizes in bytes, times in seconds."""

    card: int
    pid: int
    first_layer: int
    num_layers: int
    embedding: bool
    output: bool
    limit_bytes: int
    weight_bytes: int
    kv_bytes: int
    workspace_bytes: int
    works: int
    """Passes through the card: prefill rounds and decode steps."""
    busy_s: float
    """Time spent computing."""
    hand_over_s: float
    """Time between the end of the computing before (or the beginning of waiting) and having its result here."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)

    def since(self, before: CardFigures | None) -> dict[str, Any]:
        """Return the fields as JSON values, with what was done after `before`, earlier figures of the same card."""
        if before is None or before.pid != self.pid:
            return self.to_json()
        done = {name: getattr(self, name) - getattr(before, name) for name in ("works", "busy_s", "hand_over_s")}
        return self.to_json() | done


class Counters:
    """The numbers that a card counts up; it alone writes them."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor`: the shared memory, which belongs to the counters then."""
        self.descriptor = descriptor
        self._values = np.frombuffer(mmap.mmap(descriptor, mmap.PAGESIZE), np.float64, _NUMBERS)

    @classmethod
    def create(cls) -> Counters:
        """Make counters at zero."""
        descriptor = os.memfd_create("counters", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, mmap.PAGESIZE)
        return cls(descriptor)

    def passed(self, hand_over_s: float) -> None:
        """Count a pass that begins."""
        self._values[[0, 2]] += (1, hand_over_s)

    def computed(self, busy_s: float) -> None:
        """Count time spent computing."""
        self._values[1] += busy_s

    def read(self) -> tuple[int, float, float]:
        """Return passes, seconds of computing and seconds of handing over."""
        works, busy_s, hand_over_s = self._values
        return int(works), float(busy_s), float(hand_over_s)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.descriptor)


def figures_of(placement: Placement, pid: int, held: tuple[int, int, int], counters: Counters) -> CardFigures:
    """Return a card's figures; `held`: bytes of weights, KV cache and workspace that its allocator gave."""
    works, busy_s, hand_over_s = counters.read()
    return CardFigures(
        card=placement.card,
        pid=pid,
        first_layer=placement.first_layer,
        num_layers=placement.num_layers,
        embedding=placement.embedding,
        output=placement.output,
        limit_bytes=placement.limit_bytes,
        weight_bytes=held[0],
        kv_bytes=held[1],
        workspace_bytes=held[2],
        works=works,
        busy_s=busy_s,
        hand_over_s=hand_over_s,
    )
