"""This machine's roofline, measured once and kept with its date; and where a decode step lies under it.

The roofline model (Williams, Waterman and Patterson 2009): a kernel with an intensity of I operations for each byte
from memory does at most min(peak, I * bandwidth) operations a second.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from core import fsio, strictjson
from core.devices import cpu
from core.errors import FormatError
from core.spec import EngineConfig, ModelSpec
from core.system import cpu_threads, data_dir

_MAX_BYTES = 1 << 16
_WHAT = "file with this machine's limits"


@dataclass(frozen=True, slots=True)
class Limits:
    """Medians of one measurement. GB are 10**9 bytes; a multiplication and an addition count as two operations."""

    bandwidth_gb_per_s: float
    f32_gflop_per_s: float
    int8_gop_per_s: float
    processor: str
    threads: int
    date: str
    """ISO date and time, local."""

    def peak(self, config: EngineConfig) -> float:
        """Return the arithmetic peak that bounds products with this engine's weights, in 10**9 operations/s."""
        return self.int8_gop_per_s if config.quantisation != "none" else self.f32_gflop_per_s

    def roof(self, intensity: float, peak: float) -> float:
        """Return the most that `intensity` (operations a byte) allows, in 10**9 operations/s."""
        return min(peak, intensity * self.bandwidth_gb_per_s)


def of_roofline(found: dict[str, Any]) -> Limits:
    """Return the limits of a `roofline` measurement just made (the metrics of its Benchmarked event)."""
    return Limits(
        float(found["bandwidth_gb_per_s"]), float(found["f32_gflop_per_s"]), float(found["int8_gop_per_s"]), cpu().name,
        cpu_threads(), datetime.now().isoformat(timespec="minutes"),
    )  # fmt: skip


def path() -> Path:
    """Return where the limits are kept."""
    return data_dir() / "limits.json"


def save(limits: Limits) -> None:
    """Keep the limits; raises FileError and ResourceError."""
    fsio.make_folder(path().parent)
    fsio.write_text(path(), json.dumps(asdict(limits), indent=1, ensure_ascii=False) + "\n")


def load() -> Limits | None:
    """Return the limits that were kept for this processor and as many threads, None where there are none.

    Raises FormatError where the file is damaged.
    """
    try:
        data = path().read_bytes()
    except OSError:
        return None
    values = strictjson.as_object(
        strictjson.loads(data, max_bytes=_MAX_BYTES, what=_WHAT), [field.name for field in fields(Limits)], _WHAT
    )
    found = Limits(
        bandwidth_gb_per_s=_positive(values["bandwidth_gb_per_s"]),
        f32_gflop_per_s=_positive(values["f32_gflop_per_s"]),
        int8_gop_per_s=_positive(values["int8_gop_per_s"]),
        processor=strictjson.as_str(values["processor"], _WHAT),
        threads=strictjson.as_int(values["threads"], _WHAT, low=1),
        date=strictjson.as_str(values["date"], _WHAT, max_chars=64),
    )
    return found if (found.processor, found.threads) == (cpu().name, cpu_threads()) else None


def _positive(value: object) -> float:
    number = strictjson.as_float(value, _WHAT)
    if not 0 < number < 1e9:
        raise FormatError(f"The {_WHAT} has the number {number}, which no machine reaches.")
    return number


@dataclass(frozen=True, slots=True)
class Work:
    """What one pass through the model takes."""

    read_bytes: int
    """Bytes from memory: every weight once (of the embedding only rows), and the KV cache in use."""
    operations: int

    @property
    def intensity(self) -> float:
        """Operations for each byte from memory."""
        return self.operations / self.read_bytes


@dataclass(frozen=True, slots=True)
class Point:
    """Where something lies under the roofline."""

    intensity: float
    """Operations for each byte."""
    gop_per_s: float
    gb_per_s: float
    bandwidth_share: float
    """Of the memory bandwidth; 1 is all of it."""


def work(spec: ModelSpec, config: EngineConfig, *, tokens: int, context: int) -> Work:
    """Return the work of one pass with `tokens` tokens (of all rows together) and `context` positions in the cache."""
    from core.compiler.arguments import cache_arguments, weight_arguments

    weights = sum(argument.nbytes for name, argument in weight_arguments(spec, config).items() if name != "embed")
    cache = sum(argument.nbytes for argument in cache_arguments(spec, config))
    position = cache / (config.batch * config.total_len)
    matrices = sum(
        math.prod(shape) for name, shape in spec.weight_shapes().items() if len(shape) == 2 and name != "embed"
    )
    attention = 4 * context * spec.query_size * spec.num_layers
    return Work(round(weights + position * context), tokens * (2 * matrices + attention))


def point(one: Work, passes_per_s: float, limits: Limits) -> Point:
    """Return where `passes_per_s` passes of that work lie."""
    gb_per_s = one.read_bytes * passes_per_s / 1e9
    return Point(one.intensity, one.operations * passes_per_s / 1e9, gb_per_s, gb_per_s / limits.bandwidth_gb_per_s)
