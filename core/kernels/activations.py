"""Kernels on whole rows of activations: quantisation and RMSNorm."""

from __future__ import annotations

from typing import Any

from core.kernels import layout
from core.kernels import vector as v
from core.kernels.isa import CpuTarget
from core.kernels.tiles import TileRows
from core.kernels.tir import Emitter
from core.spec import GROUP, WeightFormat, round_up

Expr = Any
Buffer = Any

_VECTORS = GROUP // v.LANES
_SMALLEST = 1e-30
_LARGEST = 127.0 * 256
"""Largest quantised activation by the format of the weights."""


def quantise_rows(name: str, fmt: WeightFormat, rows: int, k: int, *, dynamic: bool, target: CpuTarget) -> Any:
    """Return the PrimFunc that quantises rows of `k` features for int8 or int4 weights, a scale for each group of 32.

    Arguments: rows (1,) i32, X (R, K) f32, then XQ, XS and XB (`layout.activation_args`) out. K is k padded to 32.
    """
    width = round_up(k, GROUP)
    args: v.Args = {
        "rows": ((1,), "int32"),
        "X": ((rows, width), "float32"),
        **layout.activation_args(fmt, rows, k),
    }

    def body(T: Any, count: Buffer, x: Buffer, *out: Buffer) -> None:
        emit = Emitter(T, target)

        def one_row(row: Expr) -> None:
            with T.serial(width // GROUP) as group:
                parts = [T.Bind(v.load(x, [row, group * GROUP + v.LANES * i])) for i in range(_VECTORS)]
                _quantise_group(emit, fmt, parts, out, row, group)

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


def rms_norm(
    name: str,
    fmt: WeightFormat,
    rows: int,
    k: int,
    *,
    eps: float,
    dynamic: bool,
    target: CpuTarget,
    tiled: bool = False,
) -> Any:
    """Return the PrimFunc that computes x * gamma / sqrt(mean(x**2) + eps) of each row; the mean is over `k` features.

    Arguments: rows (1,) i32, X (R, K) f32, GAMMA (K,) f32, then the result in the form that weights of `fmt` meet
    (`layout.activation_args`; fp32, bf16: Y (R, K) f32). K is k padded to 32; X and GAMMA hold zeros there.
    With `tiled` the result is `TileRows` in the buffer Y or XQ, and XS and XB are missing.
    """
    width = round_up(k, GROUP)
    forms = layout.activation_args(fmt, rows, k)
    forms = dict(list(forms.items())[:1]) if tiled else forms
    outputs = {("Y" if key == "X" else key): form for key, form in forms.items()}
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
                if tiled:
                    for i, part in enumerate(parts):
                        TileRows(T, out_buffers[0]).store(row, group * GROUP + v.LANES * i, part)
                elif fmt in ("fp32", "bf16"):
                    for i, part in enumerate(parts):
                        v.store(T, out_buffers[0], [row, group * GROUP + v.LANES * i], part)
                else:
                    _quantise_group(emit, fmt, parts, out_buffers, row, group)

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


def _quantise_group(
    emit: Emitter, fmt: WeightFormat, parts: list[Expr], out: tuple[Buffer, ...], row: Expr, group: Expr
) -> None:
    """Store 32 features as q = round(x / scale) with scale = largest |x| / the largest q."""
    from tvm import tirx

    T, (values, scales, sums), most = emit.T, out, _LARGEST
    sizes = [tirx.call_llvm_pure_intrin("float32x8", "llvm.fabs", part) for part in parts]
    peak = emit.reduce("fmax", "float32", tirx.max(tirx.max(sizes[0], sizes[1]), tirx.max(sizes[2], sizes[3])))
    inverse = v.f32(most) / tirx.max(peak, v.f32(_SMALLEST))
    inverse = T.Bind(v.splat(T, inverse))
    rounded = [T.Bind(emit.rounded(part * inverse)) for part in parts]
    for i, part in enumerate(rounded):
        _store_bytes(emit, part, values, [row, group], v.LANES * i)
    total = emit.reduce("add", "int32", (rounded[0] + rounded[1]) + (rounded[2] + rounded[3]))
    scale = T.Bind(peak * v.f32(1.0 / most))
    T.buffer_store(scales, scale, [row, group])
    base = total * tirx.const(-128, "int32") if fmt == "int8" else scale * T.cast(total, "float32")
    T.buffer_store(sums, base, [row, group])


def _store_bytes(emit: Emitter, part: Expr, values: Buffer, index: list[Expr], first: int) -> None:
    from tvm import tirx

    T = emit.T
    high = tirx.shift_right(part + emit.const(128, "int32"), emit.const(8, "int32"))
    T.buffer_store(values, T.cast(high, "int8x8"), [*index, T.ramp(first, 1, v.LANES)])
    low = tirx.shift_right(tirx.shift_left(part, emit.const(24, "int32")), emit.const(24, "int32"))
    T.buffer_store(values, T.cast(low, "int8x8"), [*index, T.ramp(first + GROUP, 1, v.LANES)])
