"""Measure the matrix kernels: python -m tests.bench.kernels [--class vnni] [--formats int4,int8] [--decode].

Prints medians of interleaved runs. Decode: GB/s of weights, beside what a plain read of the same memory reaches.
Prefill: GOP/s (two for each multiply and add). Every shape goes through as many copies of its weights as make up
`--megabytes`, so that small shapes meet the caches a whole model of that size would leave them. Two threads, unless
TVM_NUM_THREADS says otherwise; with one it counts processor time, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.isa import CpuTarget, host_target
from core.kernels.linear import linear
from core.kernels.product import Epilogue
from core.spec import WeightFormat

Shape = tuple[int, int, Epilogue]

SMALL: list[Shape] = [
    (960, 576, "store"),
    (576, 576, "add"),
    (1536, 576, "swiglu"),
    (576, 1536, "add"),
    (49152, 576, "store"),
]
"""Matrices of SmolLM2-135M: rows, columns, and what happens to the result."""

LARGE: list[Shape] = [(4608, 4096, "store"), (4096, 4096, "add"), (13696, 4096, "swiglu"), (4096, 13696, "add")]
"""Matrices of ChatGLM2-6B."""

THREADS = "TVM_NUM_THREADS"


def clock() -> float:
    """Return seconds of the clock that this run goes by."""
    return time.thread_time() if os.environ[THREADS] == "1" else time.perf_counter()


@dataclass
class Case:
    """One kernel with its buffers, and the times of its runs in seconds."""

    label: str
    run: Any
    buffers: list[list[Any]]
    size: float
    unit: str
    seconds: list[float]

    def once(self, turn: int) -> None:
        arguments = self.buffers[turn % len(self.buffers)]
        start = clock()
        self.run(*arguments)
        self.seconds.append(clock() - start)

    def line(self) -> str:
        median = float(np.median(self.seconds))
        best = min(self.seconds)
        rate = f"{self.size / median / 1e9:7.1f} {self.unit} (best {self.size / best / 1e9:7.1f})"
        return f"{self.label:44s} {rate}  {median * 1e6:9.1f} us  n={len(self.seconds)}"


def tensor(array: Any) -> Any:
    import tvm

    return tvm.runtime.tensor(np.ascontiguousarray(array))


def product(
    fmt: WeightFormat,
    n: int,
    k: int,
    epilogue: Epilogue,
    rows: int,
    target: CpuTarget,
    megabytes: int,
    *,
    dynamic: bool,
) -> Case:
    import tvm

    rng = np.random.default_rng(0)
    function = linear("f", fmt, rows, n, k, dynamic=dynamic, epilogue=epilogue, bias=False, target=target)
    module = tvm.compile(function, target=target.to_tvm())
    halves = 2 if epilogue == "swiglu" else 1
    shape, dtype = layout.packed_shape(fmt, n, k)
    shape = (shape[0] * halves, *shape[1:])
    one = layout.pack(fmt, rng.standard_normal((64, k), dtype=np.float32) * np.float32(0.02))
    packed = np.resize(one, shape).astype(dtype)
    width, out = layout.padded_in(k), layout.padded_out(n)
    x = rng.standard_normal((rows, width), dtype=np.float32)
    inputs = [x]
    if fmt in ("int8", "int4"):
        shapes = [np.zeros(*form) for form in layout.activation_args(fmt, rows, width).values()]
        shapes[0][...] = rng.integers(-127, 128, shapes[0].shape, dtype=np.int8)
        shapes[1][...] = 0.02
        inputs = shapes
    common = [tensor(part) for part in inputs]
    copies = 1 if dynamic else max(1, min(64, int(megabytes * 1e6 / packed.nbytes)))
    count, y = tensor(np.array([rows], np.int32)), tensor(np.zeros((rows, out), np.float32))
    buffers = [[count, *common, tensor(packed), y] for _ in range(copies)]
    size = 2.0 * rows * halves * n * k if dynamic else float(packed.nbytes)
    kind = "prefill" if dynamic else "decode"
    label = f"{kind} {fmt} {rows}x{n}x{k} {epilogue}"
    return Case(label, module["f"], buffers, size, "GOP/s" if dynamic else "GB/s", [])


def plain_read(target: CpuTarget, megabytes: int) -> Case:
    """Read 16 MiB pieces and add them up: what the memory gives."""
    import tvm
    from tvm import tirx

    tasks, lines = 64, 2048

    def body(T: Any, data: Any, out: Any) -> None:
        with T.parallel(tasks) as task:
            sums = [v.local(T, v.LANES, "int32") for _ in range(4)]
            for part in sums:
                v.store(T, part, [0], T.broadcast(tirx.const(0, "int32"), 8))
            with T.serial(lines) as line:
                for i, part in enumerate(sums):
                    both = data.vload([task, line, 8 * i], "int32x8") + part.vload([0], "int32x8")
                    v.store(T, part, [0], both)
            total = sums[0].vload([0], "int32x8")
            for part in sums[1:]:
                total = total + part.vload([0], "int32x8")
            v.store(T, out, [task, 0], total)

    args: v.Args = {"data": ((tasks, lines, 32), "int32"), "out": ((tasks, 8), "int32")}
    module = tvm.compile(v.prim_func("f", args, body), target=target.to_tvm())
    out = tensor(np.zeros((tasks, 8), np.int32))
    size = tasks * lines * 128
    data = np.ones((tasks, lines, 32), np.int32)
    buffers = [[tensor(data), out] for _ in range(max(1, int(megabytes * 1e6 / size)))]
    return Case(f"plain read, {megabytes} MB", module["f"], buffers, float(size), "GB/s", [])


def measure(cases: list[Case], seconds: float) -> None:
    """Run the cases in turn, so that a disturbance meets all of them."""
    end = time.perf_counter() + seconds * len(cases)
    turn = 0
    while turn < 3 or time.perf_counter() < end:
        for case in cases:
            repeat = 3 if case.size < 1e7 else 1
            for i in range(repeat):
                case.once(turn * repeat + i)
        turn += 1
    for case in cases:
        print(case.line(), flush=True)  # noqa: T201 -- a program's output


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the matrix kernels.")
    parser.add_argument("--class", dest="kernel_class", choices=("generic", "avx2", "vnni"))
    parser.add_argument("--formats", default="fp32,bf16,int8,int4")
    parser.add_argument("--rows", default="1", help="rows decoded together")
    parser.add_argument("--decode", action="store_true")
    parser.add_argument("--prefill", action="store_true")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each case")
    parser.add_argument("--megabytes", type=int, default=300, help="weights that take turns in a decode case")
    options = parser.parse_args()
    os.environ.setdefault(THREADS, "2")
    target = CpuTarget.for_class(options.kernel_class) if options.kernel_class else host_target()
    formats: list[Any] = options.formats.split(",")
    both = not options.decode and not options.prefill
    print(target.kernel_class, target.features)  # noqa: T201 -- a program's output
    if options.decode or both:
        for rows in (int(text) for text in options.rows.split(",")):
            for shapes, megabytes in ((SMALL, min(options.megabytes, 90)), (LARGE, options.megabytes)):
                cases = [plain_read(target, megabytes)]
                cases += [
                    product(fmt, n, k, epilogue, rows, target, megabytes, dynamic=False)
                    for n, k, epilogue in shapes
                    for fmt in formats
                ]
                measure(cases, options.seconds)
    if options.prefill or both:
        for n, k, epilogue in [SMALL[2], *LARGE[1:]]:
            measure([product(fmt, n, k, epilogue, 256, target, 0, dynamic=True) for fmt in formats], options.seconds)


if __name__ == "__main__":
    main()
