"""Whether something fits: memory of the machine, DRAM of the cards, space on the disk. Runs on background threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core import fsio, system
from core.errors import C10Error
from core.spec import EngineConfig, ModelSpec

if TYPE_CHECKING:
    from core.devices import Devices
    from core.planner import CardLimit
    from gui.session import Session

GIB = 1 << 30
DEFAULT_LIMIT_GIB = 8.0
"""What a card is taken to have where neither the card nor the user says."""

Verdict = Literal["fits", "tight", "too_large"]
"""fits: free now; tight: only after other programs are closed; too_large: more than the machine has."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is, in bytes."""

    memory_total: int
    memory_free: int
    """Available now, with what unloading the loaded engine gives back."""
    cards: tuple[tuple[int, int], ...] = ()
    """(index, limit in bytes) of each card."""
    simulated: bool = False
    """Some of the cards are only pretended."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one configuration takes, all in bytes but `seconds`; `cards` None: there is no card."""

    name: str
    outputs: tuple[str, ...]
    engine_bytes: int
    disk_bytes: int
    weight_bytes: int
    kv_bytes: int
    workspace_bytes: int
    run_bytes: int
    compile_bytes: int
    seconds: float
    cards: bool | None
    cards_error: C10Error | None = None

    @property
    def runtime_bytes(self) -> int:
        """Interpreter, TVM runtime and tokenizer while answering."""
        return max(0, self.run_bytes - self.weight_bytes - self.kv_bytes - self.workspace_bytes)


@dataclass(frozen=True, slots=True)
class Disk:
    """Space in the output folder, bytes; `existing` are outputs that would be replaced."""

    free: int
    existing: tuple[str, ...]


def look(cards: tuple[tuple[int, int], ...], *, simulated: bool, loaded_bytes: int) -> Machine:
    """Return what the machine has now; `loaded_bytes` are what the loaded engine would give back."""
    now = system.memory()
    return Machine(now.total, min(now.total, now.available + loaded_bytes), cards, simulated)


def verdict(needed: int, total: int, free: int) -> Verdict:
    """Return how `needed` bytes go into a memory of `total` bytes with `free` of them free."""
    return "fits" if needed <= free else "tight" if needed <= total else "too_large"


def cost_of(report: dict[str, Any], cards: tuple[tuple[int, int], ...]) -> Cost:
    """Return the cost that a plan's report states, with whether the model fits on the cards."""
    found: bool | None = None
    error: C10Error | None = None
    if cards:
        found, error = on_cards(ModelSpec.from_json(report["spec"]), EngineConfig.from_json(report["config"]), cards)
    return Cost(
        name=str(report["name"]),
        outputs=tuple(report["outputs"]),
        engine_bytes=report["engine_bytes"],
        disk_bytes=report["disk_bytes"],
        weight_bytes=report["weight_bytes"],
        kv_bytes=report["kv_cache_bytes"],
        workspace_bytes=report["workspace_bytes"],
        run_bytes=report["run_memory_bytes"],
        compile_bytes=report["compile_memory_bytes"],
        seconds=float(report["seconds"]),
        cards=found,
        cards_error=error,
    )


def on_cards(spec: ModelSpec, config: EngineConfig, cards: tuple[tuple[int, int], ...]) -> tuple[bool, C10Error | None]:
    """Return whether the model finds a place on the cards, and the error that says why not."""
    from core.planner import CardLimit, plan_layers

    limits: list[CardLimit] = [CardLimit(index, limit) for index, limit in cards]
    try:
        plan_layers(spec, config, limits, "greedy")
    except C10Error as error:
        return False, error
    return True, None


def kv_bytes(spec: ModelSpec, config: EngineConfig) -> int:
    """Return the size of the KV cache in bytes."""
    from core.compiler.arguments import cache_arguments
    from core.compiler.plan import total_bytes

    return total_bytes(cache_arguments(spec, config))


def disk_of(outputs: tuple[str, ...], folder: Path) -> Disk:
    """Return the free space for `folder` and which outputs are there already. Raises FileError."""
    return Disk(fsio.free_bytes(folder), tuple(path for path in outputs if fsio.is_file(Path(path))))


def card_limits(devices: Devices | None, limits_gib: dict[str, float]) -> tuple[tuple[int, int], ...]:
    """Return (index, limit in bytes) of each card: the user's limit, else its whole DRAM, else 8 GiB."""
    if devices is None:
        return ()
    return tuple(
        (card.index, _limit(limits_gib.get(str(card.index)), card.reading.memory_total)) for card in devices.cards
    )


def _limit(chosen_gib: float | None, total: int | None) -> int:
    if chosen_gib is not None:
        return int(chosen_gib * GIB)
    return total or int(DEFAULT_LIMIT_GIB * GIB)


def loaded_bytes(session: Session) -> int:
    """Return the memory that unloading the loaded engine gives back, in bytes."""
    return session.loaded.weight_bytes + session.loaded.kv_bytes if session.loaded else 0
