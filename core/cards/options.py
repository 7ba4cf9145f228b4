"""Which cards an engine is spread over, and how."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.devices import SIMULATED_BYTES
from core.errors import UsageError
from core.planner import STRATEGIES, CardLimit, Strategy

MAX_LANES = 64


@dataclass(frozen=True, slots=True)
class CardsOptions:
    """The cards' numbers, their limits in bytes (empty: what a simulated card pretends to have), and the rest."""

    devices: tuple[int, ...]
    limits: tuple[int, ...] = ()
    strategy: int = 0
    """0 greedy, 1 equal, 2 loose."""
    lanes: int = 1
    """Jobs that may be in flight at once; each has a KV cache of its own on every card."""
    threads: int = 0
    """Threads of each card; 0: the processor's cores, shared between the cards."""

    @property
    def strategy_name(self) -> Strategy:
        """The planner's name of the strategy."""
        return STRATEGIES[self.strategy]

    def cards(self) -> list[CardLimit]:
        """Return the cards as the planner takes them."""
        limits = self.limits or (SIMULATED_BYTES,) * len(self.devices)
        return [CardLimit(index, limit) for index, limit in zip(self.devices, limits, strict=True)]

    def without(self, card: int) -> CardsOptions:
        """Return the options for what is left when a card is gone."""
        left = [one for one in self.cards() if one.index != card]
        return CardsOptions(
            tuple(one.index for one in left),
            tuple(one.limit_bytes for one in left),
            self.strategy,
            self.lanes,
            self.threads,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self) | {"devices": list(self.devices), "limits": list(self.limits)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CardsOptions:
        """Build it from parsed JSON; raises UsageError on an unknown or mistyped field or impossible numbers."""
        lists = {name: tuple(data[name]) for name in ("devices", "limits") if isinstance(data.get(name), list)}
        try:
            options = cls(**(data | lists))
        except TypeError as error:
            raise UsageError("The options for the cards have an unknown field or lack one.", "Start again.") from error
        options.check()
        return options

    def check(self) -> None:
        """Raise UsageError where the options can't be used."""
        numbers = (*self.devices, *self.limits, self.strategy, self.lanes, self.threads)
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise UsageError("The options for the cards hold something that is no whole number.", "Start again.")
        if not self.devices or len(set(self.devices)) != len(self.devices):
            raise UsageError("No card, or one card twice, was asked for.", "Use --device 0,1.")
        if self.limits and len(self.limits) != len(self.devices):
            raise UsageError(
                f"{len(self.limits)} limits were given for {len(self.devices)} cards.", "Give one limit for each card."
            )
        if self.strategy >= len(STRATEGIES) or not 1 <= self.lanes <= MAX_LANES:
            raise UsageError(
                f"The split strategy is {self.strategy} and {self.lanes} jobs are to be in flight.",
                f"Use strategy 0, 1 or 2, and 1 to {MAX_LANES} jobs.",
            )
