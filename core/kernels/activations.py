"""Kernels on whole rows of activations: quantisation to int8 and RMSNorm."""

from __future__ import annotations

from typing import Any, Literal

from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.tir import Emitter
from core.spec import GROUP, round_up

Expr = Any
Buffer = Any

_VECTORS = GROUP // v.LANES
_SMALLEST = 1e-30


def quantised_args(rows: int, k: int) -> v.Args:
    """Return the buffers of `rows` quantised rows of `k` features: values, scales, and scale * sum of the values."""
    groups = round_up(k, GROUP) // GROUP
    return {
        "XQ": ((rows, groups, GROUP), "int8"),
        "XS": ((rows, groups), "float32"),
        "XB": ((rows, groups), "float32"),
    }


def quantise_rows(name: str, rows: int, k: int, *, dynamic: bool, target: CpuTarget) -> Any:
    """Return the PrimFunc that quantises rows of `k` features to int8, one scale for each group of 32.

    Arguments: rows (1,) i32, X (R, K) f32, then XQ, XS and XB (`quantised_args`) out. K is k padded to 32.
    """
    width = round_up(k, GROUP)
    args: v.Args = {"rows": ((1,), "int32"), "X": ((rows, width), "float32"), **quantised_args(rows, k)}

    def body(T: Any, count: Buffer, x: Buffer, *out: Buffer) -> None:
        emit = Emitter(T, target)

        def one_row(row: Expr) -> None:
            with T.serial(width // GROUP) as group:
                parts = [T.Bind(v.load(x, [row, group * GROUP + v.LANES * i])) for i in range(_VECTORS)]
                _quantise_group(emit, parts, out, row, group)

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


def rms_norm(
    name: str, rows: int, k: int, *, eps: float, out: Literal["float", "int8"], dynamic: bool, target: CpuTarget
) -> Any:
    """Return the PrimFunc that computes x * gamma / sqrt(mean(x**2) + eps) of each row; the mean is over `k` features.

    Arguments: rows (1,) i32, X (R, K) f32, GAMMA (K,) f32, then Y (R, K) f32 or XQ, XS and XB (`quantised_args`) out.
    K is k padded to 32; X and GAMMA hold zeros there.
    """
    width = round_up(k, GROUP)
    outputs: v.Args = {"Y": ((rows, width), "float32")} if out == "float" else quantised_args(rows, k)
    args: v.Args = {
        "rows": ((1,), "int32"),
        "X": ((rows, width), "float32"),
        "GAMMA": ((width,), "float32"),
        **outputs,
    }

    def body(T: Any, count: Buffer, x: Buffer, gamma: Buffer, *out_buffers: Buffer) -> None:
        emit = Emitter(T, target)

        def one_row(row: Expr) -> None:
            from tvm import tirx

            squares = _sum_of_squares(T, x, row, width)
            mean = squares * v.f32(1.0 / k) + v.f32(eps)
            inverse = T.Bind(v.splat(T, v.f32(1.0) / tirx.sqrt(mean)))
            with T.serial(width // GROUP) as group:
                parts = []
                for i in range(_VECTORS):
                    at = group * GROUP + v.LANES * i
                    parts.append(T.Bind(v.load(x, [row, at]) * inverse * v.load(gamma, [at])))
                if out == "float":
                    for i, part in enumerate(parts):
                        v.store(T, out_buffers[0], [row, group * GROUP + v.LANES * i], part)
                else:
                    _quantise_group(emit, parts, out_buffers, row, group)

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


def _sum_of_squares(T: Any, x: Buffer, row: Expr, width: int) -> Expr:
    sums = [v.local(T, v.LANES) for _ in range(_VECTORS)]
    for part in sums:
        v.store(T, part, [0], v.splat(T, 0.0))
    with T.serial(width // GROUP) as group:
        for i, part in enumerate(sums):
            value = T.Bind(v.load(x, [row, group * GROUP + v.LANES * i]))
            v.store(T, part, [0], value * value + v.load(part, [0]))
    first, second, third, fourth = (v.load(part, [0]) for part in sums)
    v.store(T, sums[0], [0], (first + second) + (third + fourth))
    return v.reduce_sum(T, sums[0])


def _quantise_group(emit: Emitter, parts: list[Expr], out: tuple[Buffer, ...], row: Expr, group: Expr) -> None:
    """Store 32 features as q = round(x / scale) with scale = largest |x| / 127."""
    from tvm import tirx

    T, (values, scales, sums) = emit.T, out
    sizes = [tirx.call_llvm_pure_intrin("float32x8", "llvm.fabs", part) for part in parts]
    peak = emit.reduce("fmax", "float32", tirx.max(tirx.max(sizes[0], sizes[1]), tirx.max(sizes[2], sizes[3])))
    inverse = v.f32(127.0) / tirx.max(peak, v.f32(_SMALLEST))
    inverse = T.Bind(v.splat(T, inverse))
    rounded = [T.Bind(emit.rounded(part * inverse)) for part in parts]
    for i, part in enumerate(rounded):
        T.buffer_store(values, T.cast(part, "int8x8"), [row, group, T.ramp(v.LANES * i, 1, v.LANES)])
    total = emit.reduce("add", "int32", (rounded[0] + rounded[1]) + (rounded[2] + rounded[3]))
    scale = T.Bind(peak * v.f32(1.0 / 127.0))
    T.buffer_store(scales, scale, [row, group])
    T.buffer_store(sums, scale * T.cast(total, "float32"), [row, group])
