"""Which engines race: one of each precision of the same model, built alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.compiler.plan import CompileRequest, run_memory_bytes
from core.spec import EngineConfig, ModelSpec, Quantisation, default_kv_cache

ORDER: tuple[Quantisation, ...] = ("none", "int8", "int4")
"""Lanes from top to bottom; "none" is the reference that the others are compared with."""
THREADS_EACH = 2
"""Least threads of a lane that runs beside others."""


@dataclass(frozen=True, slots=True)
class Runner:
    """An engine that could race."""

    path: Path
    spec: ModelSpec
    config: EngineConfig

    @property
    def name(self) -> str:
        """What the lane is called: "bf16", "int8" or "int4" (or "fp32")."""
        return self.config.linear_format

    @property
    def family(self) -> str:
        """Name of the engine without precision and role, so that engines of one model share it."""
        stem, suffix = self.path.stem.removesuffix("_multi"), self.config.suffix()
        return stem.removesuffix(suffix) if stem.endswith(suffix) else ""


@dataclass(frozen=True, slots=True)
class Field:
    """The engines of one model, in the order of ORDER; `missing` lists the precisions that none has."""

    name: str
    runners: tuple[Runner, ...]

    @property
    def missing(self) -> tuple[Quantisation, ...]:
        """Precisions without an engine."""
        found = {runner.config.quantisation for runner in self.runners}
        return tuple(one for one in ORDER if one not in found)


def fields(runners: Iterable[Runner]) -> tuple[Field, ...]:
    """Group engines (the newest first) by model and shape; complete groups come first."""
    groups: dict[tuple[object, ...], dict[Quantisation, Runner]] = {}
    for runner in runners:
        config = runner.config
        key = (runner.family, runner.spec, config.batch, config.pre_len, config.total_len, config.dtype)
        groups.setdefault(key, {}).setdefault(config.quantisation, runner)
    found = [
        Field(str(key[0]) or next(iter(group.values())).path.stem, tuple(group[one] for one in ORDER if one in group))
        for key, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda field: len(field.missing)))


def together(runners: Iterable[Runner], threads: int, free_bytes: int) -> bool:
    """Return whether all lanes can run at once: each with THREADS_EACH threads, and all in the free memory."""
    lanes = list(runners)
    needed = sum(run_memory_bytes(runner.spec, runner.config) for runner in lanes)
    return threads >= THREADS_EACH * len(lanes) and needed <= free_bytes


def demo_requests(base: CompileRequest) -> dict[Quantisation, CompileRequest]:
    """Return the compile jobs of the built-in demo model for all lanes; `base` is the demo's own (int4)."""
    return {one: replace(base, config=_with(base.config, one)) for one in ORDER}


def _with(config: EngineConfig, quantisation: Quantisation) -> EngineConfig:
    head, cache = quantisation != "none", default_kv_cache(quantisation)
    return replace(config, quantisation=quantisation, quant_lm_head=head, kv_cache=cache)
