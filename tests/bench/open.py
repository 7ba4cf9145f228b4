"""From the start of a worker process to the first token: python -m tests.bench.open ENGINE.ngf [--runs N] [--json].

The page cache is warm after the first run, which isn't counted. Each run starts a process, opens the engine and asks
for one token after a prompt of one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from core.events import Generated, Loaded, Token
from core.worker.job import WorkerJob
from core.worker.protocol import Generate, Load


def once(engine: Path) -> dict[str, float]:
    """Return seconds to open, seconds from the process's start to the first token, and the peak memory in bytes."""
    begun = time.perf_counter()
    found: dict[str, float] = {}
    ask = Generate("open", input_ids=[[5]], max_new_tokens=1, constant_output=True)
    for event in WorkerJob(Load(str(engine.absolute())), ask).results():
        if isinstance(event, Loaded):
            found["open_s"] = event.seconds
        elif isinstance(event, Token):
            found["start_to_first_token_s"] = time.perf_counter() - begun
        elif isinstance(event, Generated):
            found["peak_memory_bytes"] = event.metrics.peak_memory_bytes
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    runs = [once(arguments.engine) for _ in range(arguments.runs + 1)][1:]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    if arguments.json:
        print(json.dumps(medians))  # noqa: T201 -- a program's output
        return
    print("| open s | start -> first token s | peak memory MiB |\n|---|---|---|")  # noqa: T201
    peak = medians["peak_memory_bytes"] / 2**20
    print(f"| {medians['open_s']:.2f} | {medians['start_to_first_token_s']:.2f} | {peak:.0f} |")  # noqa: T201


if __name__ == "__main__":
    main()
