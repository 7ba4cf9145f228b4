"""Short words for the vector code that the attention and embedding kernels emit through TVM's IR builder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LANES = 8
"""Floats in one vector."""

PARALLEL_ROWS = 4
"""Rows from which on sharing them out among the threads gains more than it costs."""

EXP2_TERMS = (
    1.0,
    0.6931471805599453,
    0.24022650695910072,
    0.05550410866482158,
    0.009618129107628477,
    0.0013333558146428443,
    0.0001540353039338161,
)
"""Taylor terms of 2**x around 0: on [-0.5, 0.5] the error stays below 2e-7 of the value."""

_NOTHING = 1e-30
"""A magnitude that counts as none."""

Expr = Any
Buffer = Any


Args = dict[str, tuple[tuple[int, ...], str]]
"""Buffer arguments of a kernel, in order: name -> (shape, dtype)."""


def prim_func(name: str, args: Args, body: Callable[..., None]) -> Any:
    """Return the PrimFunc `name` with the code that `body(T, *buffers)` emits."""
    from tvm.script.ir_builder import IRBuilder
    from tvm.tirx.script import builder as T

    with IRBuilder() as ir, T.prim_func(s_tir=True):
        T.func_name(name)
        T.func_attr({"tirx.noalias": True, "global_symbol": name})
        buffers = [T.arg(key, T.buffer(shape, dtype)) for key, (shape, dtype) in args.items()]
        with T.sblock("root"):  # Relax expects a block as the body of each PrimFunc it calls
            body(T, *buffers)
    return ir.get()


def local(T: Any, size: int, dtype: str = "float32") -> Buffer:
    """Allocate a task's own small array, in registers or on the stack.

    TVM keeps only arrays of less than 1 KiB and of its default scope there; others cost two calls to its allocator.
    """
    return T.alloc_buffer((size,), dtype)


def f32(value: float) -> Expr:
    """Return a float32 constant."""
    from tvm import tirx

    return tirx.const(value, "float32")


def splat(T: Any, value: Expr | float, lanes: int = LANES) -> Expr:
    """Return a vector with `value` in every lane."""
    return T.broadcast(f32(value) if isinstance(value, float) else value, lanes)


def load(buffer: Buffer, index: list[Expr], lanes: int = LANES) -> Expr:
    """Load a float vector that starts at `index`."""
    return buffer.vload(index, f"float32x{lanes}")


def store(T: Any, buffer: Buffer, index: list[Expr], value: Expr, lanes: int = LANES) -> None:
    """Store a vector from `index` on."""
    T.buffer_store(buffer, value, [*index[:-1], T.ramp(index[-1], 1, lanes)])


def put(T: Any, buffer: Buffer, index: list[Expr], value: Expr) -> None:
    """Store one element."""
    T.buffer_store(buffer, value, index)


def reduce_sum(T: Any, buffer: Buffer, lanes: int = LANES) -> Expr:
    """Return the sum of a vector held in `buffer`."""
    parts = [buffer[lane] for lane in range(lanes)]
    while len(parts) > 1:
        half = len(parts) // 2
        parts = [a + b for a, b in zip(parts[:half], parts[half:], strict=True)]
    return T.Bind(parts[0])


def magnitude(x: Expr, lanes: int = LANES) -> Expr:
    """Return |x| of a vector."""
    from tvm import tirx

    return tirx.call_llvm_pure_intrin(f"float32x{lanes}", "llvm.fabs", x)


def inverse(T: Any, peak: Expr, largest: int) -> Expr:
    """Return what numbers up to `peak` are multiplied by to reach `largest`; 0 where `peak` is next to nothing."""
    from tvm import tirx

    some = tirx.max(peak, f32(_NOTHING))
    return tirx.Select(peak > f32(_NOTHING), f32(float(largest)) / some, f32(0.0))


def fold(T: Any, combine: Callable[[Expr, Expr], Expr], vector: Expr, lanes: int) -> Expr:
    """Return the lanes of `vector`, a power of two of them, combined half by half."""
    from tvm import tirx

    while lanes > 1:
        lanes //= 2
        whole = T.Bind(vector)
        low, high = (tirx.Shuffle([whole], list(range(first, first + lanes))) for first in (0, lanes))
        vector = combine(low, high)
    return T.Bind(vector)


def exp2(T: Any, x: Expr, lanes: int = LANES, terms: int = len(EXP2_TERMS)) -> Expr:
    """Return 2**x of a vector with x <= 126, by the first `terms` terms of EXP2_TERMS.

    Below -100 it is as good as 0, without slow subnormal numbers later.
    """
    from tvm import tirx

    floats = f"float32x{lanes}"
    bounded = T.Bind(tirx.max(x, splat(T, -100.0, lanes)))
    whole = T.Bind(tirx.call_llvm_pure_intrin(floats, "llvm.nearbyint", bounded))
    part = T.Bind(bounded - whole)
    power = splat(T, EXP2_TERMS[terms - 1], lanes)
    for term in reversed(EXP2_TERMS[: terms - 1]):
        power = power * part + splat(T, term, lanes)
    exponent = T.cast(whole, f"int32x{lanes}") + T.broadcast(tirx.const(127, "int32"), lanes)
    shifted = tirx.shift_left(exponent, T.broadcast(tirx.const(23, "int32"), lanes))
    return power * tirx.reinterpret(floats, shifted)


def unknown(value: int, small: Expr) -> Expr:
    """Return `value` in a form that LLVM can't fold, to keep a loop rolled; `small` is an i32 in 0 to 2**20 - 1."""
    from tvm import tirx

    return tirx.const(value, "int32") + tirx.shift_right(small, tirx.const(20, "int32"))


def for_rows(T: Any, count: Buffer, rows: int, dynamic: bool, body: Callable[[Expr], None]) -> None:
    """Emit `body(row)` for the rows in use: up to count[0] when `dynamic`, else all `rows`; few are not shared out."""
    if dynamic or rows >= PARALLEL_ROWS:
        with T.parallel(count[0] if dynamic else rows) as row:
            body(row)
    else:
        with T.serial(rows) as row:
            body(row)
