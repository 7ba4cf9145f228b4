"""Matrix products: activations by one packed weight matrix, for decoding (few rows) and prefill (many).

Weights of int8 and int4 meet activations of 16 bits in two planes of bytes: y = sum over groups of
scale * XS * dot(q, XQ) + offset * XB.
"""

from __future__ import annotations

from typing import Any

from core.kernels import vector as v
from core.kernels.gemm import emit_gemm
from core.kernels.gemv import emit_gemv
from core.kernels.isa import CpuTarget
from core.kernels.product import Epilogue, Operands, Product, Schedule
from core.kernels.tile_gemm import emit_tile_gemm
from core.spec import WeightFormat


def linear(
    name: str,
    fmt: WeightFormat,
    rows: int,
    n: int,
    k: int,
    *,
    dynamic: bool,
    epilogue: Epilogue,
    bias: bool,
    target: CpuTarget,
    tiled: bool = False,
    schedule: Schedule | None = None,
) -> Any:
    """Return the PrimFunc `name` that multiplies up to `rows` rows of activations by an `n` x `k` matrix.

    Arguments, in order: rows (1,) i32; activations: fp32/bf16 X (R, K) f32, int8/int4 XQ (R, K/32, 32) i8, XS and
    XB (R, K/32) f32; W (`layout.packed_shape`); with `bias` BIAS (stored rows) f32; Y f32. N and K are padded.

    "store" writes Y (R, N), "add" adds to it; with "swiglu" W holds a gate and an up matrix of n rows each
    (`layout.interleave_gate_up`) and Y (R, N) = silu(gate) * up. With `dynamic` only the first rows[0] rows are
    computed, otherwise exactly `rows`. With `tiled` (see `tiles.usable`; implies `dynamic`) the activations are
    `tiles.TileRows` in the buffer X or XQ, without XS and XB, and with "swiglu" so is the result. `schedule` sets
    sizes of the kernels of few rows (default: those that are good on most machines).
    """
    product = Product(fmt, rows, n, k, epilogue, bias, tiled, schedule or Schedule())

    def body(T: Any, count: Any, *buffers: Any) -> None:
        operands = Operands(T, target, product, buffers)
        if tiled:
            emit_tile_gemm(operands, count)
        elif dynamic:
            emit_gemm(operands, count)
        else:
            emit_gemv(operands)

    return v.prim_func(name, product.args(), body)
