"""The vendor's published figures of one C10, and a run of ours counted the same way.

The vendor's sample prints these for ChatGLM2-6B with bf16 and int8 on one card: a prompt of 534 tokens in rounds of
256, then one token a step. Its "tokens" are rounds and steps (see `core.runtime.figures.vendor_figures`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.errors import UsageError
from core.events import Generated
from core.spec import EngineConfig, ModelSpec, precision_name
from core.worker.protocol import Generate

PROMPT_TOKENS = 534
BASE_LENGTH = 256
NEW_TOKENS = 242
"""Three rounds and 241 steps are the 244 "tokens" of the published run; the first token comes from the last round."""

DeviceKind = Literal["c10", "simulated", "cpu"]
"""What computed: a real card, simulated cards (the CPU in their place), or the CPU."""

TIMES = ("base infer time", "incremental infer time", "infer time")
RATES = ("base throughput", "incremental throughput", "average throughput")
NAMES = (
    "base infer time", "base throughput", "incremental infer time", "incremental throughput", "infer time",
    "infer tokens", "average throughput",
)  # fmt: skip
"""The vendor's names in its order: times in seconds, base throughput in rounds/s, the others in tokens/s."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One run's figures under the vendor's names, and what they were measured with."""

    kind: DeviceKind
    device: str
    model: str
    weights: int
    """Weights of the model (embedding and output layer each counted); 0: not known."""
    precision: str
    prompt_tokens: int
    base_length: int
    date: str
    """ISO date; empty: not published."""
    figures: dict[str, float]


VENDOR = Sheet(
    kind="c10",
    device="Hexaflake Compass C10",
    model="ChatGLM2-6B",
    weights=6_243_584_000,
    precision="bf16 + int8",
    prompt_tokens=PROMPT_TOKENS,
    base_length=BASE_LENGTH,
    date="",
    figures={
        "base infer time": 0.413,
        "base throughput": 7.268,
        "incremental infer time": 6.684,
        "incremental throughput": 36.356,
        "infer time": 0.413 + 6.684,
        "infer tokens": 244,
        "average throughput": 34.382,
    },
)


def command(config: EngineConfig, spec: ModelSpec, job: str) -> Generate:
    """Return the published run for an engine: as many prompt tokens (of a fixed seed), rounds and steps.

    Raises UsageError where the engine's context is too short for it.
    """
    import numpy as np

    needed = PROMPT_TOKENS + NEW_TOKENS
    if config.total_len < needed:
        raise UsageError(
            f"The vendor's run needs {needed} tokens of context, but this engine has {config.total_len}.",
            "Compile it with a total length of 1024 or more.",
        )
    low = min(100, spec.vocab_size // 2)
    drawn = np.random.default_rng(0).integers(low, spec.vocab_size, PROMPT_TOKENS)
    return Generate(
        job=job,
        input_ids=[[int(token) for token in drawn]],
        base_length=min(BASE_LENGTH, config.pre_len),
        max_new_tokens=NEW_TOKENS,
        constant_output=True,
        lookup=False,
    )


def sheet(
    answer: Generated, engine: str, spec: dict[str, Any], config: dict[str, Any], kind: DeviceKind, device: str,
    when: float,
) -> Sheet:  # fmt: skip
    """Return the figures of a finished run; `spec` and `config` are ModelSpec and EngineConfig as JSON.

    `when`: seconds since 1970.
    """
    return Sheet(
        kind, device, engine, weight_count(spec), precision_name(config), answer.metrics.prompt_tokens,
        min(BASE_LENGTH, int(config.get("pre_len", BASE_LENGTH))), datetime.fromtimestamp(when).date().isoformat(),
        dict(answer.metrics.vendor),
    )  # fmt: skip


def weight_count(spec: dict[str, Any]) -> int:
    """Return the weights of a model whose spec is given as JSON, 0 where it is none."""
    if not spec:
        return 0
    return sum(math.prod(shape) for shape in ModelSpec.from_json(spec).weight_shapes().values())


def speedup(name: str, own: Sheet) -> float | None:
    """Return how many times as fast `own` is as the vendor's run in the figure `name`; None where it has none."""
    value = own.figures.get(name, 0.0)
    if name not in TIMES + RATES or not value:
        return None
    return VENDOR.figures[name] / value if name in TIMES else value / VENDOR.figures[name]


def same_work(own: Sheet) -> bool:
    """Return whether `own` did the published run's work: as long a prompt, as many rounds and steps."""
    return own.prompt_tokens == PROMPT_TOKENS and own.figures.get("infer tokens") == VENDOR.figures["infer tokens"]
