"""Memory of an engine at work with a full KV cache: python -m tests.bench.full_cache ENGINE.ngf. A line of JSON.

The cache is filled with zeros instead of by prefilling, which would take hours at 32,768 tokens of a large model; then
one whole pass of prefill, a decode step and a checking pass run at the end of the context.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from core.compiler.arguments import prefill_rows
from core.runtime.engine import Engine


def resident(engine: Path) -> tuple[int, int]:
    """Return the resident bytes of this process: those of the map of `engine`, and all others."""
    of_engine = others = 0
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split(maxsplit=1)[0]
        if not first.endswith(":"):
            inside = line.endswith(str(engine))
        elif first == "Rss:":
            size = 1024 * int(line.split()[1])
            of_engine, others = (of_engine + size, others) if inside else (of_engine, others + size)
    return of_engine, others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", type=Path)
    path = parser.parse_args().engine.resolve()
    engine = Engine.open(path)
    config = engine.config
    for array in engine.cache_arrays():
        array.fill(0)
    last = config.total_len - 1
    rows = prefill_rows(config)
    engine.prefill(0, np.zeros(rows, np.int32), config.total_len - rows)
    engine.decode(np.zeros(config.batch, np.int32), np.full(config.batch, last, np.int32))
    if engine.verify_rows:
        engine.verify(0, np.zeros(engine.verify_rows, np.int32), config.total_len - engine.verify_rows)
    of_engine, others = resident(path)
    found = {"kv_bytes": engine.kv_bytes, "resident_weights_bytes": of_engine, "beside_weights_bytes": others}
    print(json.dumps(found))  # noqa: T201 -- a program's output


if __name__ == "__main__":
    main()
