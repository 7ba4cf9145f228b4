"""Memory of answering with ChatGLM2-6B, planned and taken: python -m tests.bench.memory_plans --work DIR.

For each precision, batch and shape an engine with random weights is written (up to 12.5 GB), its KV cache filled and
all of its buffers used (`tests.bench.full_cache`), and the result compared with `infer --dry-run`. A line of JSON each.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import replace
from pathlib import Path

from core.c10.description import CHATGLM2_6B
from core.spec import EngineConfig, Quantisation
from tests.bench.make_6b import LENGTH
from tests.bench.random_engine import write
from tests.bench.real_size import memory_of

PRECISIONS: dict[str, Quantisation] = {"int4": "int4", "int8": "int8", "bf16": "none"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the engines, one at a time")
    parser.add_argument("--precision", choices=PRECISIONS, action="append", help="several times (default: all)")
    parser.add_argument("--batch", type=int, action="append", help="several times (default: 1 and 8)")
    parser.add_argument("--shape", nargs=2, type=int, default=(256, 2048), metavar=("PRE", "TOTAL"))
    words = parser.parse_args()
    spec = replace(CHATGLM2_6B, max_positions=LENGTH)
    for precision, batch in itertools.product(words.precision or PRECISIONS, words.batch or (1, 8)):
        config = EngineConfig(batch, *words.shape, quantisation=PRECISIONS[precision])
        engine = words.work / f"random{config.suffix()}_multi.ngf"
        try:
            write(engine, spec, config)
            found = memory_of(engine)
        finally:
            engine.unlink(missing_ok=True)
        print(json.dumps({"precision": precision, "batch": batch, "shape": words.shape, **found}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
