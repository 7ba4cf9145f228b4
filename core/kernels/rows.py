"""Kernels that move whole rows: embedding look-up and gathering of the rows whose logits are wanted."""

from __future__ import annotations

from typing import Any

from core.kernels import vector as v
from core.spec import FloatFormat, round_up

Buffer = Any


def embedding_shape(vocab_size: int, hidden_size: int, fmt: FloatFormat) -> tuple[tuple[int, int], str]:
    """Return shape and numpy dtype of the stored embedding: one padded row a token, bf16 as its 16 bits."""
    return (vocab_size, round_up(hidden_size, 32)), "uint16" if fmt == "bf16" else "float32"


def embed(name: str, rows: int, vocab_size: int, hidden_size: int, fmt: FloatFormat, *, dynamic: bool) -> Any:
    """Look tokens up: rows (1,) i32, ids (R,) i32, TABLE (`embedding_shape`), X (R, padded hidden) f32 out."""
    shape, dtype = embedding_shape(vocab_size, hidden_size, fmt)
    args: v.Args = {
        "rows": ((1,), "int32"),
        "ids": ((rows,), "int32"),
        "TABLE": (shape, dtype),
        "X": ((rows, shape[1]), "float32"),
    }

    def body(T: Any, count: Buffer, ids: Buffer, table: Buffer, out: Buffer) -> None:
        from tvm import tirx

        def one_row(r: Any) -> None:
            token = T.Bind(ids[r])
            with T.serial(shape[1] // v.LANES) as part:
                value = table.vload([token, part * 8], f"{dtype}x8")
                if fmt == "bf16":
                    bits = tirx.shift_left(T.cast(value, "uint32x8"), T.broadcast(tirx.const(16, "uint32"), 8))
                    value = tirx.reinterpret("float32x8", bits)
                v.store(T, out, [r, part * 8], value)

        v.for_rows(T, count, rows, dynamic, one_row)

    return v.prim_func(name, args, body)


def gather(name: str, rows: int, picked: int, width: int) -> Any:
    """Copy rows: count (1,) i32, pick (P,) i32, X (R, W) f32, Y (P, W) f32 out; Y[j] = X[pick[j]] for j < count."""
    args: v.Args = {
        "count": ((1,), "int32"),
        "pick": ((picked,), "int32"),
        "X": ((rows, width), "float32"),
        "Y": ((picked, width), "float32"),
    }

    def body(T: Any, count: Buffer, pick: Buffer, source: Buffer, out: Buffer) -> None:
        with T.serial(count[0]) as j:
            row = T.Bind(pick[j])
            with T.serial(width // v.LANES) as part:
                v.store(T, out, [j, part * 8], v.load(source, [row, part * 8]))

    return v.prim_func(name, args, body)
