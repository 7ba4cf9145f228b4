"""Short words for the vector code that the attention and embedding kernels emit through TVM's IR builder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LANES = 8
"""Floats in one vector."""

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
    """Allocate a task's own small array."""
    return T.alloc_buffer((size,), dtype, scope="local")


def f32(value: float) -> Expr:
    """Return a float32 constant."""
    from tvm import tirx

    return tirx.const(value, "float32")


def splat(T: Any, value: Expr | float) -> Expr:
    """Return a vector with `value` in every lane."""
    return T.broadcast(f32(value) if isinstance(value, float) else value, LANES)


def load(buffer: Buffer, index: list[Expr]) -> Expr:
    """Load a float vector that starts at `index`."""
    return buffer.vload(index, "float32x8")


def store(T: Any, buffer: Buffer, index: list[Expr], value: Expr) -> None:
    """Store a vector from `index` on."""
    T.buffer_store(buffer, value, [*index[:-1], T.ramp(index[-1], 1, LANES)])


def put(T: Any, buffer: Buffer, index: list[Expr], value: Expr) -> None:
    """Store one element."""
    T.buffer_store(buffer, value, index)


def reduce_max(T: Any, buffer: Buffer) -> Expr:
    """Return the largest of a vector held in `buffer`."""
    from tvm import tirx

    result = buffer[0]
    for lane in range(1, LANES):
        result = tirx.max(result, buffer[lane])
    return T.Bind(result)


def reduce_sum(T: Any, buffer: Buffer) -> Expr:
    """Return the sum of a vector held in `buffer`."""
    result = buffer[0]
    for lane in range(1, LANES):
        result = result + buffer[lane]
    return T.Bind(result)


def exp2(T: Any, x: Expr) -> Expr:
    """Return 2**x of a vector with x <= 126; below -126 it is as good as 0."""
    from tvm import tirx

    bounded = T.Bind(tirx.max(x, splat(T, -126.0)))
    whole = T.Bind(tirx.call_llvm_pure_intrin("float32x8", "llvm.nearbyint", bounded))
    part = T.Bind(bounded - whole)
    power = splat(T, EXP2_TERMS[-1])
    for term in reversed(EXP2_TERMS[:-1]):
        power = power * part + splat(T, term)
    exponent = T.cast(whole, "int32x8") + T.broadcast(tirx.const(127, "int32"), LANES)
    shifted = tirx.shift_left(exponent, T.broadcast(tirx.const(23, "int32"), LANES))
    return power * tirx.reinterpret("float32x8", shifted)


def unknown(value: int, small: Expr) -> Expr:
    """Return `value` in a form that LLVM can't fold, to keep a loop rolled; `small` is an i32 in 0 to 2**20 - 1."""
    from tvm import tirx

    return tirx.const(value, "int32") + tirx.shift_right(small, tirx.const(20, "int32"))


def for_rows(T: Any, count: Buffer, rows: int, dynamic: bool, body: Callable[[Expr], None]) -> None:
    """Emit `body(row)` for the rows in use: up to count[0] in parallel when `dynamic`, else all `rows` one by one."""
    if dynamic:
        with T.parallel(count[0]) as row:
            body(row)
    else:
        with T.serial(rows) as row:
            body(row)
