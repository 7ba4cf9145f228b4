"""What a simulated day at the stand gave."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.soak.figures import Sample


@dataclass(slots=True)
class Report:
    """What happened."""

    visitors: int = 0
    simulated_s: float = 0.0
    real_s: float = 0.0
    typed: int = 0
    answers: int = 0
    kills: int = 0
    recoveries: int = 0
    countdowns: int = 0
    attracts: int = 0
    pin_dialogs: int = 0
    refused_closes: int = 0
    operator_actions: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
