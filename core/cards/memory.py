"""A card's memory: every byte is counted, and none beyond the limit is given."""

from __future__ import annotations

from typing import Any, Literal

import numpy.typing as npt

from core.compiler.arguments import Argument
from core.errors import ResourceError
from core.runtime.engine import zeros
from core.system import format_bytes

Use = Literal["weights", "KV cache", "workspace"]


class CardMemory:
    """Hands out memory of one card up to `limit` bytes."""

    def __init__(self, card: int, limit: int) -> None:
        self.card, self.limit = card, limit
        self.used: dict[Use, int] = {"weights": 0, "KV cache": 0, "workspace": 0}

    @property
    def held(self) -> int:
        """Bytes given so far."""
        return sum(self.used.values())

    def take(self, use: Use, nbytes: int) -> None:
        """Count `nbytes`; raises ResourceError where they would exceed the limit."""
        left = self.limit - self.held
        if nbytes > left:
            raise ResourceError(
                f"Card {self.card} needs {format_bytes(nbytes)} ({nbytes} bytes) more for its {use}, but only "
                f"{format_bytes(left)} of its limit of {format_bytes(self.limit)} ({self.limit} bytes) are left.",
                "Raise its --multi-dev-dram-limit, or use another card as well.",
            )
        self.used[use] += nbytes

    def zeros(self, argument: Argument) -> npt.NDArray[Any]:
        """Return zeroed memory for a buffer; raises ResourceError as `take` does."""
        self.take("KV cache" if argument.kind == "cache" else "workspace", argument.nbytes)
        return zeros(argument)
