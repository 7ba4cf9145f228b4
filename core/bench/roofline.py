"""What the machine can do at most: memory bandwidth and arithmetic peaks, through small compiled kernels.

The roofline model (Williams, Waterman and Patterson 2009): decoding is bound by how fast weights come from memory,
prefill by how fast products are computed.
"""

from __future__ import annotations

import math
import mmap
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.kernels import vector as v
from core.kernels.isa import CpuTarget, host_target
from core.kernels.tir import Emitter
from core.system import memory

_MIN_BYTES, _MAX_BYTES = 256 << 20, 2 << 30
_TASKS = 16
"""Parts that the threads share out."""
_STREAMS = 8
"""Vectors that are read or computed with at a time, each with another start so that they can't be merged."""
_ROUNDS = 4096
"""Repetitions of the arithmetic kernels' inner loop."""
_SECONDS = 0.4
"""Time for each kernel."""


@dataclass(frozen=True, slots=True)
class Roofline:
    """Medians. GB are 10**9 bytes; a multiplication and an addition count as two operations."""

    bandwidth_gb_per_s: float
    buffer_bytes: int
    """Size of the buffer that was read, several times the last-level cache."""
    f32_gflop_per_s: float = 0.0
    int8_gop_per_s: float = 0.0


class Gauge:
    """Compiled kernels and their buffers; bandwidth can be measured again beside each run."""

    def __init__(self, *, arithmetic: bool = False) -> None:
        """`arithmetic`: measure the arithmetic peaks too, once."""
        target = host_target()
        self.buffer_bytes = _buffer_bytes()
        each = self.buffer_bytes // (4 * _TASKS * _STREAMS * v.LANES)
        self._source = _pages((_TASKS, each, _STREAMS * v.LANES), "float32")
        self._source.fill(1.0)
        self._read = _compiled("read", _read_args(self._source.shape), _read_body, [self._source])
        self._peaks = (_f32_peak(), _int8_peak(target)) if arithmetic else (0.0, 0.0)

    def bandwidth(self) -> float:
        """Return the median bandwidth of reading the buffer with all threads, in GB/s."""
        return self._source.nbytes / _median_s(self._read) / 1e9

    def roofline(self) -> Roofline:
        """Return all that has been and is now measured."""
        return Roofline(self.bandwidth(), self.buffer_bytes, *self._peaks)


def _buffer_bytes() -> int:
    caches = [path.read_text().strip() for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")]
    largest = max((int(size[:-1]) << {"K": 10, "M": 20}.get(size[-1], 0) for size in caches if size[:-1]), default=0)
    return max(_MIN_BYTES, min(4 * largest, _MAX_BYTES, memory().available // 4))


def _read_args(shape: tuple[int, ...]) -> v.Args:
    return {"X": (shape, "float32"), "Y": ((_TASKS, _STREAMS * v.LANES), "float32")}


def _read_body(T: Any, source: Any, out: Any) -> None:
    with T.parallel(_TASKS) as task:
        sums = v.local(T, _STREAMS * v.LANES)
        for i in range(_STREAMS):
            v.store(T, sums, [8 * i], v.splat(T, 0.0))
        with T.serial(int(source.shape[1])) as at:
            for i in range(_STREAMS):
                v.store(T, sums, [8 * i], v.load(sums, [8 * i]) + v.load(source, [task, at, 8 * i]))
        for i in range(_STREAMS):
            v.store(T, out, [task, 8 * i], v.load(sums, [8 * i]))


def _f32_peak() -> float:
    lanes = 16 if host_target().wide else 8

    def body(T: Any, factor: Any, out: Any) -> None:
        with T.parallel(_TASKS) as task:
            sums = v.local(T, _STREAMS * lanes)
            x = T.Bind(factor.vload([0], f"float32x{lanes}"))
            for i in range(_STREAMS):
                T.buffer_store(sums, T.broadcast(v.f32(float(i)), lanes), [T.ramp(lanes * i, 1, lanes)])
            with T.serial(_ROUNDS):
                for i in range(_STREAMS):
                    total = sums.vload([lanes * i], f"float32x{lanes}")
                    T.buffer_store(sums, total * x + x, [T.ramp(lanes * i, 1, lanes)])
            for i in range(_STREAMS):
                total = sums.vload([lanes * i], f"float32x{lanes}")
                T.buffer_store(out, total, [task, T.ramp(lanes * i, 1, lanes)])

    args: v.Args = {"X": ((lanes,), "float32"), "Y": ((_TASKS, _STREAMS * lanes), "float32")}
    run = _compiled("f32", args, body, [_filled(lanes, "float32", 0.5)])
    return 2 * lanes * _STREAMS * _ROUNDS * _TASKS / _median_s(run) / 1e9


def _int8_peak(target: CpuTarget) -> float:
    lanes = 16 if target.wide else 8

    def body(T: Any, weights: Any, inputs: Any, out: Any) -> None:
        emit = Emitter(T, target)
        with T.parallel(_TASKS) as task:
            sums = v.local(T, _STREAMS * lanes, "int32")
            weight = T.Bind(weights.vload([0], f"uint8x{4 * lanes}"))
            x = T.Bind(inputs.vload([0], f"int8x{4 * lanes}"))
            for i in range(_STREAMS):
                T.buffer_store(sums, emit.const(i, "int32", lanes), [T.ramp(lanes * i, 1, lanes)])
            with T.serial(_ROUNDS):
                for i in range(_STREAMS):
                    total = sums.vload([lanes * i], f"int32x{lanes}")
                    step = emit.dot_step("int8", total, weight, x, lanes)
                    T.buffer_store(sums, step, [T.ramp(lanes * i, 1, lanes)])
            for i in range(_STREAMS):
                total = sums.vload([lanes * i], f"int32x{lanes}")
                T.buffer_store(out, total, [task, T.ramp(lanes * i, 1, lanes)])

    args: v.Args = {
        "W": ((4 * lanes,), "uint8"), "X": ((4 * lanes,), "int8"), "Y": ((_TASKS, _STREAMS * lanes), "int32"),
    }  # fmt: skip
    inputs = [_filled(4 * lanes, "uint8", 1), _filled(4 * lanes, "int8", 1)]
    run = _compiled("int8", args, body, inputs)
    return 2 * 4 * lanes * _STREAMS * _ROUNDS * _TASKS / _median_s(run) / 1e9


def _compiled(
    name: str, args: v.Args, body: Callable[..., None], inputs: list[np.ndarray[Any, Any]]
) -> Callable[[], Any]:
    """Build a kernel and return it bound to `inputs` and to zeros for its last argument."""
    import tvm
    from tvm import relax
    from tvm_ffi import from_dlpack

    from core.compiler.build import objects
    from core.runtime.machine import Machine

    builder = relax.BlockBuilder()
    variables = [relax.Var(key.lower(), relax.TensorType(*form)) for key, form in args.items()]
    with builder.function("run", variables):
        kernel = builder.add_func(v.prim_func(name, args, body).without_attr("global_symbol"), name)
        builder.emit(relax.Call(kernel, variables, ty_args=[relax.TupleType([])]))
        builder.emit_func_output(relax.Tuple([]))
    with tvm.transform.PassContext(opt_level=3):
        code = objects(relax.build(builder.get(), host_target().to_tvm()).mod)
    shape, dtype = list(args.values())[-1]
    arrays = [*inputs, _pages(shape, dtype)]
    bound: Callable[[], Any] = Machine([code.library, code.bytecode]).bind("run", [from_dlpack(a) for a in arrays])
    return bound


def _filled(size: int, dtype: str, value: float) -> np.ndarray[Any, Any]:
    array = _pages((size,), dtype)
    array.fill(value)
    return array


def _pages(shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    """Return zeros that start at a page, as vector loads want; huge pages where there is much."""
    pages = mmap.mmap(-1, math.prod(shape) * np.dtype(dtype).itemsize)
    if len(pages) >= _MIN_BYTES and hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype).reshape(shape)


def _median_s(run: Callable[[], Any]) -> float:
    """Return the median seconds of one call, of at least five after a first."""
    run()
    times: list[float] = []
    while len(times) < 5 or sum(times) < _SECONDS:
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
