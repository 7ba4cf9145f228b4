"""Choosing the decode kernels' sizes by trying them on this machine, as `compile --tune` asks."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.kernels.isa import CpuTarget
from core.kernels.linear import linear
from core.kernels.product import Product, Schedule
from core.ngf.format import PlannedSection
from core.spec import EngineConfig, ModelSpec
from core.system import physical_cores

SECTION = "tuning"
"""Name of the engine file's note with the result."""
BUDGET_S = 60.0
CANDIDATES = tuple(Schedule(blocks, ahead) for blocks in (4, 2) for ahead in (8, 16, 4))
"""What is tried; the first is what is taken without tuning."""
_MEASURE_S = 15.0
"""Part of the budget that goes into measuring; compiling the candidates must fit the rest."""
_BYTES = 128 << 20
"""Weights that pass by between two uses of the same, so that small matrices meet the caches as in a whole model."""

Run = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Tuned:
    """The chosen schedule and, for the user, the median seconds of each one tried."""

    schedule: Schedule
    seconds: tuple[tuple[Schedule, float], ...]

    @property
    def sentence(self) -> str:
        """Return what was found."""
        best = dict(self.seconds)[self.schedule]
        gain = self.seconds[0][1] / best - 1
        return (
            f"Tuned for this processor: {self.schedule.blocks} blocks together, {self.schedule.ahead} pieces ahead; "
            f"{gain:.1%} faster than untuned, of {len(self.seconds)} tried"
        )

    def note(self) -> tuple[PlannedSection, bytes]:
        """Return the section of the engine file that keeps the result."""
        tried = [{**asdict(schedule), "seconds": round(seconds, 9)} for schedule, seconds in self.seconds]
        data = json.dumps({"schedule": asdict(self.schedule), "tried": tried}).encode()
        return PlannedSection(SECTION, "note", len(data)), data


def tune(spec: ModelSpec, config: EngineConfig, target: CpuTarget) -> Tuned:
    """Return the fastest of CANDIDATES on the two largest products of a decode step, within BUDGET_S seconds.

    Runs are interleaved and medians compared; what isn't compiled in time isn't tried.
    """
    os.environ.setdefault("TVM_NUM_THREADS", str(physical_cores()))
    begun = time.monotonic()
    runs: list[tuple[Schedule, list[Run]]] = []
    for number, schedule in enumerate(CANDIDATES):
        elapsed = time.monotonic() - begun
        if number and elapsed * (number + 1) / number > BUDGET_S - _MEASURE_S:
            break
        runs.append((schedule, _runs(schedule, spec, config, target)))
    samples: list[list[float]] = [[] for _ in runs]
    until = time.monotonic() + min(_MEASURE_S, BUDGET_S - (time.monotonic() - begun))
    while time.monotonic() < until or not samples[0]:
        for taken, (_, candidate) in zip(samples, runs, strict=True):
            start = time.perf_counter()
            for run in candidate:
                run()
            taken.append(time.perf_counter() - start)
    medians = [(schedule, statistics.median(taken)) for (schedule, _), taken in zip(runs, samples, strict=True)]
    return Tuned(min(medians, key=lambda pair: pair[1])[0], tuple(medians))


def _runs(schedule: Schedule, spec: ModelSpec, config: EngineConfig, target: CpuTarget) -> list[Run]:
    fmt, rows = config.linear_format, config.batch
    products = (
        Product(fmt, rows, spec.ffn_size, spec.hidden_size, "swiglu", bias=False, schedule=schedule),
        Product(fmt, rows, spec.hidden_size, spec.ffn_size, "add", bias=False, schedule=schedule),
    )
    return [_run(product, target) for product in products]


def _run(product: Product, target: CpuTarget) -> Run:
    """Compile a product and return a call that goes through the next copy of its weights each time."""
    import tvm

    function = linear(
        "f", product.fmt, product.rows, product.n, product.k, dynamic=False, epilogue=product.epilogue, bias=False,
        target=target, schedule=product.schedule,
    )  # fmt: skip
    code = tvm.compile(function, target=target.to_tvm())["f"]
    buffers = {name: np.ones(shape, dtype) for name, (shape, dtype) in product.args().items()}
    copies = max(1, min(64, _BYTES // buffers["W"].nbytes))
    weights = [tvm.runtime.tensor(buffers["W"]) for _ in range(copies)]
    tensors: dict[str, Any] = {name: tvm.runtime.tensor(array) for name, array in buffers.items() if name != "W"}
    turn = 0

    def run() -> None:
        nonlocal turn
        turn = (turn + 1) % copies
        code(*(weights[turn] if name == "W" else tensors[name] for name in buffers))

    run()
    return run
