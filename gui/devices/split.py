"""How an engine is spread over simulated cards: the limits and the strategy that the Devices page remembers."""

from __future__ import annotations

from typing import Any

from core.devices import SIMULATED_BYTES
from core.planner import STRATEGIES
from gui.settings import Settings

_GIB = 1 << 30


def load_options(simulated: int, settings: Settings) -> dict[str, Any]:
    """Return over which cards to spread an engine (`core.cards.options.CardsOptions` as JSON); empty: over none."""
    from core.cards.options import CardsOptions

    if not simulated:
        return {}
    known = settings.card_limits_gib
    limits = tuple(int(known.get(str(card), SIMULATED_BYTES / _GIB) * _GIB) for card in range(simulated))
    strategies: tuple[str, ...] = STRATEGIES
    return CardsOptions(tuple(range(simulated)), limits, strategies.index(settings.split_strategy)).to_json()
