"""What compiled code is called with, as text: `python -m tests.contracts.abi` writes that of the current ABI_VERSION.

Run it once after ABI_VERSION was raised, and commit the file with the change; the one before goes.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from core.compiler.arguments import (
    ABI_VERSION,
    STAGES,
    Argument,
    Entry,
    entry_arguments,
    stage_arguments,
    stage_function,
)
from core.compiler.build import ENTRIES
from core.export.synthetic import tiny_spec
from core.kernels.layout import pack
from core.runtime.code import KINDS, PARTS, section_name
from core.spec import EngineConfig, WeightFormat

PATH = Path(__file__).parent / f"abi_{ABI_VERSION}.txt"

SPEC = tiny_spec(num_layers=1)
CONFIGS = {
    "float32, two rows": EngineConfig(batch=2, pre_len=16, total_len=48, dtype="fp32", quantisation="none"),
    "bf16 with int8, long rounds": EngineConfig(pre_len=2048, total_len=4096),
    "bf16 with int4, all int8 beside": EngineConfig(
        pre_len=24, total_len=250, quantisation="int4", quant_lm_head=True, kv_cache="int8"
    ),
}


def lines() -> Iterator[str]:
    """Yield the sections of the code, every function with its arguments, and what packed weights look like."""
    for part in PARTS:
        yield f"{part}: {', '.join(ENTRIES[part])} in {', '.join(section_name(part, kind) for kind in KINDS)}"
    for title, config in CONFIGS.items():
        for entry in get_args(Entry):
            yield from _function(f"{title}: {entry}", entry_arguments(entry, SPEC, config))
            if entry != "score":
                for stage in STAGES:
                    names = [argument.name for argument in stage_arguments(entry, stage, SPEC, config)]
                    yield f"{title}: {stage_function(entry, stage)}: {' '.join(names)}"
    for fmt in get_args(WeightFormat):
        yield f"packed {fmt}: {hashlib.sha256(_packed(fmt)).hexdigest()}"


def _function(name: str, arguments: list[Argument]) -> Iterator[str]:
    yield name
    for one in arguments:
        yield f"    {one.kind} {one.name} {one.dtype} {' '.join(map(str, one.shape))}"


def _packed(fmt: WeightFormat) -> bytes:
    """Return packed numbers that every format holds exactly, so that a better search for scales changes nothing."""
    numbers = np.arange(16 * 64).reshape(16, 64) * 7 % 16  # each group of 32 has all of 0 to 15
    rows = (numbers - 8).astype(np.float32) if fmt != "int8" else (numbers * 254 // 15 - 127).astype(np.float32)
    return pack(fmt, rows).tobytes()


def text() -> str:
    """Return the file's content."""
    return "".join(f"{line}\n" for line in lines())


def main() -> int:
    PATH.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
