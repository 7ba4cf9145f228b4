"""How long a compile job takes: estimated from a sample before it starts, and again from its pace while it runs."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from core.compiler.weights import WeightReader, packed_blocks
from core.events import Event, StepFinished, StepProgress, StepStarted, TimeLeft
from core.spec import EngineConfig, ModelSpec
from core.worker.priority import BACKGROUND_NICENESS

_PACKED, _SAMPLE_BLOCKS = "0.gate_up", 8
"""The weight of which the first blocks are packed to see how fast that goes here and now."""
_READ, _SAMPLE_ROWS = "embed", 2048
"""The weight of which some rows are read twice, to see what the disk takes."""
_REFERENCE_S = 15e-9
"""Seconds for each weight of such a sample (as int8) where the two times below were taken."""
_CHECK_S = 3e-9
"""Seconds for each weight to check the numbers of all layers."""
_BUILD_S = 8.0
"""Seconds to build one part's code, whatever the model's size."""
_PACKING = {"fp32": 0.6, "bf16": 0.8, "int8": 1.0, "int4": 1.25}
"""Time to read and pack a weight beside int8's; int4 with the search that is compiled only when the job runs."""
_SURE_S = 10.0
"""The expected times count as much as this many seconds of the job itself."""
_SHOW_S = 1.0
"""Least time between two reports of the time left, in seconds."""


def step_seconds(
    spec: ModelSpec, config: EngineConfig, readers: Mapping[str, WeightReader] | None = None
) -> dict[str, float]:
    """Return the seconds that each step of a job is expected to take on this machine, with what else runs on it now.

    `readers` of the model's weights: samples of them are read and packed, which takes about a second; without them the
    times are those of the machine on which the constants here were measured.
    """
    packing = _as_the_job(partial(_packing, spec, config, readers)) if readers else _REFERENCE_S
    reading = _reading(spec, readers) if readers else 0.0
    slower = packing / _REFERENCE_S
    count = sum(math.prod(shape) for shape in spec.weight_shapes().values())
    return {
        "import": _CHECK_S * slower * count,
        "base": _BUILD_S * slower,
        "incremental": _BUILD_S * slower,
        "write": (_PACKING[config.linear_format] * packing + reading) * count,
    }


def _as_the_job(sample: Callable[[], float]) -> float:
    """Return what `sample` measures on a thread of the priority that a compile job has."""

    def step_back() -> None:
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            niceness = max(BACKGROUND_NICENESS, os.getpriority(os.PRIO_PROCESS, thread))
            os.setpriority(os.PRIO_PROCESS, thread, niceness)  # on Linux of one thread, and those that it starts

    with ThreadPoolExecutor(1, "sample", initializer=step_back) as pool:
        return pool.submit(sample).result()


def _packing(spec: ModelSpec, config: EngineConfig, readers: Mapping[str, WeightReader]) -> float:
    """Return the seconds for each weight to be converted and packed as int8, by all threads together."""
    as_int8, seconds = replace(config, quantisation="int8"), 0.0
    for _ in range(2):  # the first time brings it from the disk
        begun = time.perf_counter()
        blocks = packed_blocks(readers, spec, as_int8, names=(_PACKED,))
        count = sum(block.source_bytes // 4 for block in itertools.islice(blocks, _SAMPLE_BLOCKS))
        seconds = time.perf_counter() - begun
        blocks.close()
    return seconds / count


def _reading(spec: ModelSpec, readers: Mapping[str, WeightReader]) -> float:
    """Return the seconds that the disk takes for each weight; 0 if what is read is in memory."""
    first = spec.vocab_size // 2
    rows = min(_SAMPLE_ROWS, spec.vocab_size - first)
    moments = [time.perf_counter()]
    for _ in range(2):
        readers[_READ].read_rows(first, first + rows)
        moments.append(time.perf_counter())
    start, cold, warm = moments
    return max(0.0, (cold - start) - (warm - cold)) / (rows * spec.hidden_size)


class Pace:
    """Says again and again how long a job still takes: what was expected, corrected by how it goes.

    A step that tells how much of it is done counts by that, the more the further it is. Steps to come count as they
    were expected, times how much longer the ones so far took.
    """

    def __init__(self, expected: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        """`expected`: seconds by step, in order."""
        self._expected = dict(expected)
        self._clock = clock
        self._taken = self._planned = 0.0
        self._step, self._begun, self._share = "", clock(), 0.0
        self._shown = -math.inf

    def follow(self, event: Event) -> TimeLeft | None:
        """Take note of an event of the job; return what to report, if it is time to."""
        if isinstance(event, StepStarted):
            self._step, self._begun, self._share = event.step, self._clock(), 0.0
        elif isinstance(event, StepProgress):
            self._share = event.done / event.total if event.total else 0.0
        elif isinstance(event, StepFinished):
            self._taken += event.seconds
            self._planned += self._expected.pop(event.step, 0.0)
            self._step = ""
        else:
            return None
        now = self._clock()
        if not self._expected or now - self._shown < _SHOW_S:
            return None
        self._shown = now
        return TimeLeft(round(self.left(), 1))

    def left(self) -> float:
        """Return the seconds that the job still takes."""
        slower = (self._taken + _SURE_S) / (self._planned + _SURE_S)
        expected = {step: seconds * slower for step, seconds in self._expected.items()}
        if self._step not in expected:
            return sum(expected.values())
        spent, whole = self._clock() - self._begun, expected.pop(self._step)
        if self._share > 0.0:
            trust = min(1.0, 4 * self._share)
            pace = spent / self._share / whole if whole else 1.0
            factor = trust * pace + (1 - trust)
            whole, expected = whole * factor, {step: seconds * factor for step, seconds in expected.items()}
        return max(0.0, whole - spent) + sum(expected.values())
