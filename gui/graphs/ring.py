"""A ring buffer for samples: allocated once, read as one contiguous view without copying."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Ring:
    """The last `capacity` samples of `columns` values each. Every sample is stored twice, `capacity` apart."""

    def __init__(self, columns: int, capacity: int) -> None:
        self._data = np.zeros((columns, 2 * capacity))  # (columns, 2 x capacity)
        self._capacity = capacity
        self._next = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, *values: float) -> None:
        """Add one sample; the oldest goes when the ring is full."""
        self._data[:, self._next] = values
        self._data[:, self._next + self._capacity] = values
        self._next = (self._next + 1) % self._capacity
        self._count = min(self._count + 1, self._capacity)

    def column(self, index: int) -> Floats:
        """Return one column, oldest first, as a view (n,) that is valid until the next append."""
        start = self._next + self._capacity - self._count
        return self._data[index, start : start + self._count]

    def clear(self) -> None:
        """Forget all samples."""
        self._next = self._count = 0
