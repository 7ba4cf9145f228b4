"""Share of time by kernel: python -m tests.bench.profile ENGINE.ngf [--prefill 256] [--at 1500] [--steps 20].

Runs the kernels of a decode step, and of a prefill, one by one with the engine's own buffers, in the order in which the
engine calls them. Prints the best and the median time of each kernel's calls, GB/s of the weights it reads and GOP/s of
its products. Two threads, unless TVM_NUM_THREADS says otherwise; with one it counts processor time, which a busy
machine disturbs less. Every call from here costs one or two microseconds more than from the engine.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.compiler.arguments import Entry, entry_arguments
from core.compiler.module import emit
from core.kernels.isa import host_target
from core.runtime.engine import Engine
from tests.bench.kernels import THREADS, clock


@dataclass
class Line:
    """All calls of one kernel: their times by step, and what one step reads and computes."""

    seconds: list[float] = field(default_factory=list)
    calls: int = 0
    weights: float = 0.0
    operations: float = 0.0


@dataclass(frozen=True)
class Call:
    """One call of the entry: the kernel's name, the code, its buffers, weights' bytes and operations for a row."""

    kernel: str
    run: Any
    buffers: list[Any]
    weights: float
    operations: float


def calls_of(engine: Engine, entry: Entry) -> list[Call]:
    """Compile the kernels of `entry` for this machine and bind them to the engine's buffers."""
    import tvm

    module = emit((entry,), engine.spec, engine.config, host_target())
    kernels = {var.name_hint: f for var, f in module.functions.items() if var.name_hint != entry}
    named = {name: function.with_attr("global_symbol", name) for name, function in kernels.items()}
    library = tvm.compile(tvm.IRModule(named), target=host_target().to_tvm())
    function = module[entry]
    arguments = dict(zip(function.params, entry_arguments(entry, engine.spec, engine.config), strict=True))
    found = []
    for binding in function.body.blocks[0].bindings:
        call = binding.value
        if not hasattr(call, "op") or getattr(call.op, "name_hint", "") not in kernels:
            continue
        name, used = call.op.name_hint, [arguments[var] for var in call.args]
        weights = [a for a in used if a.kind == "weight" and len(a.shape) == 3]
        size = sum(a.nbytes for a in weights)
        found.append(Call(name, library[name], [engine._tensor(entry, a) for a in used], size, 2.0 * _count(weights)))
    return found


def _count(weights: list[Any]) -> float:
    """Return how many weights the packed matrices hold."""
    bits = {544: 8.5, 320: 5.0}
    return sum(a.nbytes * 8 / bits.get(a.shape[2], {"uint16": 16, "float32": 32}.get(a.dtype, 8)) for a in weights)


def profile(engine: Engine, entry: Entry, rows: int, steps: int) -> None:
    """Print the table of one entry; its control buffers are set already."""
    calls = calls_of(engine, entry)
    lines: dict[str, Line] = defaultdict(Line)
    for step in range(steps + 1):
        spent: dict[str, float] = defaultdict(float)
        for call in calls:
            start = clock()
            call.run(*call.buffers)
            spent[call.kernel] += clock() - start
        for name, seconds in spent.items() if step else ():
            lines[name].seconds.append(seconds)
    for call in calls:
        line = lines[call.kernel]
        line.calls += 1
        line.weights += call.weights
        line.operations += call.operations * (1 if call.kernel.startswith("head") else rows)
    total = sum(float(np.median(line.seconds)) for line in lines.values())
    print(f"{entry}, {rows} rows: {total * 1e3:.2f} ms, {rows / total:.1f} tokens/s")  # noqa: T201 -- a program's output
    for name, line in sorted(lines.items(), key=lambda item: -float(np.median(item[1].seconds))):
        median, best = float(np.median(line.seconds)), min(line.seconds)
        rates = f"{line.weights / median / 1e9:6.1f} GB/s {line.operations / median / 1e9:7.1f} GOP/s"
        print(  # noqa: T201 -- a program's output
            f"{name:32s} {median / total:6.1%} {median * 1e3:8.3f} ms (best {best * 1e3:8.3f})  "
            f"{line.calls:3d} x {median / line.calls * 1e6:8.1f} us  {rates if line.weights else ''}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Show the share of time by kernel.")
    parser.add_argument("engine", type=Path)
    parser.add_argument("--prefill", type=int, default=256, help="tokens of the prefill")
    parser.add_argument("--at", type=int, default=16, help="position of the decoded token")
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault(THREADS, "2")
    engine = Engine.open(options.engine)
    batch = engine.config.batch
    ids = np.arange(100, 101 + options.prefill, dtype=np.int32) % engine.spec.vocab_size
    if options.prefill:
        engine.prefill(0, ids[:-1], 0)
        profile(engine, "base", options.prefill, max(3, options.steps // 4))
    engine.decode(ids[:1].repeat(batch), np.full(batch, options.at, np.int32))
    profile(engine, "incremental", batch, options.steps)


if __name__ == "__main__":
    main()
