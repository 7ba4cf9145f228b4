"""Vector code for weights: integer dot products of each kernel class, half floats, and the sigmoid."""

from __future__ import annotations

from typing import Any

from core.kernels import vector as v
from core.kernels.isa import CpuTarget

Expr = Any
Buffer = Any

WORDS = 8
"""32-bit words of four int8 activations in a group of 32."""

_NIBBLES = 0x0F0F0F0F
_SIGNS = 0x80808080
_LN2_HIGH, _LN2_LOW = 0.693359375, -2.12194440e-4
_EXP_TERMS = (1.0, 1.0, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720)


class Emitter:
    """Emits vector code of eight output rows (one 256-bit vector) for one CPU target."""

    def __init__(self, T: Any, target: CpuTarget) -> None:
        self.T = T
        self.kernel_class = "vnni" if target.kernel_class == "amx" else target.kernel_class
        self.wide = target.wide
        self.offset_bytes = self.kernel_class not in ("avx2", "neon")
        """Whether dot products of int8 weights take them as they are stored, 128 too large."""

    def const(self, value: int, dtype: str, lanes: int = 8) -> Expr:
        """Return a vector with the integer `value` in every lane."""
        from tvm import tirx

        return self.T.broadcast(tirx.const(value, dtype), lanes)

    def joined(self, parts: list[Expr], lanes: int) -> Expr:
        """Return vectors of the same type as one of `lanes` lanes in all."""
        from tvm import tirx

        return parts[0] if len(parts) == 1 else tirx.Shuffle(parts, list(range(lanes)))

    def halves(self, buffer: Buffer, index: list[Expr]) -> Expr:
        """Load eight float16 from a uint8 buffer as float32."""
        from tvm import tirx

        raw = buffer.vload(index, "uint8x16")
        if self.kernel_class != "generic":
            return self.T.cast(tirx.reinterpret("float16x8", raw), "float32x8")
        bits = self.T.Bind(self.T.cast(tirx.reinterpret("uint16x8", raw), "uint32x8"))
        magnitude = tirx.shift_left(tirx.bitwise_and(bits, self.const(0x7FFF, "uint32")), self.const(13, "uint32"))
        sign = tirx.shift_left(tirx.bitwise_and(bits, self.const(0x8000, "uint32")), self.const(16, "uint32"))
        scaled = tirx.reinterpret("float32x8", magnitude) * v.splat(self.T, 2.0**112)  # exact, subnormals too
        return tirx.reinterpret("float32x8", tirx.bitwise_or(tirx.reinterpret("uint32x8", scaled), sign))

    def bf16_pair(self, buffer: Buffer, index: list[Expr]) -> tuple[Expr, Expr]:
        """Load eight pairs of bf16 from a uint16 buffer; return the even and the odd members as float32."""
        from tvm import tirx

        pair = self.T.Bind(tirx.reinterpret("uint32x8", buffer.vload(index, "uint16x16")))
        even = tirx.shift_left(pair, self.const(16, "uint32"))
        odd = tirx.bitwise_and(pair, self.const(0xFFFF0000, "uint32"))
        return tirx.reinterpret("float32x8", even), tirx.reinterpret("float32x8", odd)

    def activation_word(self, quantised: Buffer, index: list[Expr], lanes: int = 8) -> Expr:
        """Load four int8 at `index` into every 32-bit lane of an int8 vector."""
        from tvm import tirx

        word = tirx.reinterpret("int32", quantised.vload(index, "int8x4"))
        return self.T.Bind(tirx.reinterpret(f"int8x{4 * lanes}", self.T.broadcast(word, lanes)))

    def weight_words(self, fmt: str, packed: Buffer, places: list[list[Expr]], start: int) -> list[Expr]:
        """Load one group's eight words of weights from byte `start` of the records at `places`, for `dot_step`.

        Two places give vectors of 16 output rows.
        """
        return self._int4_words(packed, places, start) if fmt == "int4" else self._int8_words(packed, places, start)

    def dot_start(self, fmt: str, lanes: int = 8) -> Expr:
        """Return the empty sum that `dot_step` adds to."""
        if self.kernel_class == "avx2" and fmt == "int4":
            return self.const(0, "int16", 2 * lanes)
        return self.const(0, "int32", lanes)

    def dot_step(self, fmt: str, total: Expr, weight: Expr, activation: Expr, lanes: int = 8) -> Expr:
        """Add one word: four products in each lane."""
        if self.kernel_class == "vnni":
            return self._call(f"int32x{lanes}", f"llvm.x86.avx512.vpdpbusd.{32 * lanes}", total, weight, activation)
        if self.kernel_class == "generic":
            return self._dot_bytes(total, weight, activation)
        if self.kernel_class == "neon":
            return self._dot_neon(total, weight, activation)
        if fmt == "int4":  # in 16 bits: 16 products of 15 * 128 stay below 32768
            return self.T.Bind(total + self._maddubs(weight, activation))
        return self._dot_signs(total, weight, activation)

    def dot_end(self, fmt: str, total: Expr, lanes: int = 8) -> Expr:
        """Return the sum as float32."""
        if self.kernel_class == "avx2" and fmt == "int4":
            total = self._maddwd(total)
        return self.T.cast(total, f"float32x{lanes}")

    def reduce(self, operation: str, dtype: str, vector: Expr) -> Expr:
        """Return one number from the eight lanes of `vector`; `operation` is LLVM's name ("add", "fmax")."""
        from tvm import tirx

        return self.T.Bind(tirx.call_llvm_pure_intrin(dtype, f"llvm.vector.reduce.{operation}", vector))

    def rounded(self, vector: Expr) -> Expr:
        """Return eight floats as int32, to nearest, ties to even."""
        from tvm import tirx

        if self.kernel_class in ("avx2", "vnni"):
            return tirx.call_llvm_pure_intrin("int32x8", "llvm.x86.avx.cvt.ps2dq.256", vector)
        return self.T.cast(tirx.call_llvm_pure_intrin("float32x8", "llvm.nearbyint", vector), "int32x8")

    def silu(self, x: Expr) -> Expr:
        """Return x * sigmoid(x) of a vector, within about 2e-7 of the value."""
        return x / (v.splat(self.T, 1.0) + self.exp(v.splat(self.T, 0.0) - x))

    def exp(self, x: Expr) -> Expr:
        """Return e**x of a vector, bounded to the range of normal float32 (Cephes' expf)."""
        from tvm import tirx

        T = self.T
        bounded = T.Bind(tirx.max(tirx.min(x, v.splat(T, 88.0)), v.splat(T, -87.0)))
        whole = bounded * v.splat(T, 1.4426950408889634)
        whole = T.Bind(tirx.call_llvm_pure_intrin("float32x8", "llvm.nearbyint", whole))
        part = T.Bind(bounded - whole * v.splat(T, _LN2_HIGH) - whole * v.splat(T, _LN2_LOW))
        power = v.splat(T, _EXP_TERMS[-1])
        for term in reversed(_EXP_TERMS[:-1]):
            power = power * part + v.splat(T, term)
        exponent = T.cast(whole, "int32x8") + self.const(127, "int32")
        return power * tirx.reinterpret("float32x8", tirx.shift_left(exponent, self.const(23, "int32")))

    def _int4_words(self, packed: Buffer, places: list[list[Expr]], start: int) -> list[Expr]:
        from tvm import tirx

        lanes = v.LANES * len(places)
        low, high, mask = [], [], self.const(_NIBBLES, "uint32", lanes)
        for chunk in range(WORDS // 2):
            raw = [packed.vload([*place, start + 32 * chunk], "uint8x32") for place in places]
            both = self.T.Bind(self.joined([tirx.reinterpret("uint32x8", part) for part in raw], lanes))
            shifted = tirx.shift_right(both, self.const(4, "uint32", lanes))
            low.append(self.T.Bind(tirx.reinterpret(f"uint8x{4 * lanes}", tirx.bitwise_and(both, mask))))
            high.append(self.T.Bind(tirx.reinterpret(f"uint8x{4 * lanes}", tirx.bitwise_and(shifted, mask))))
        return low + high

    def _int8_words(self, packed: Buffer, places: list[list[Expr]], start: int) -> list[Expr]:
        from tvm import tirx

        words = []
        for chunk in range(WORDS):
            parts = [packed.vload([*place, start + 32 * chunk], "uint8x32") for place in places]
            raw = self.joined(parts, 32 * len(places))
            if not self.offset_bytes:
                bits = tirx.bitwise_xor(tirx.reinterpret("uint32x8", raw), self.const(_SIGNS, "uint32"))
                raw = tirx.reinterpret("uint8x32", bits)
            words.append(self.T.Bind(raw))
        return words

    def _dot_bytes(self, total: Expr, weight: Expr, activation: Expr) -> Expr:
        """Add the products of four unsigned by four signed bytes in each lane, with operations that every CPU has."""
        from tvm import tirx

        unsigned, signed = tirx.reinterpret("uint32x8", weight), tirx.reinterpret("int32x8", activation)
        for byte in range(4):
            w = tirx.shift_right(unsigned, self.const(8 * byte, "uint32"))
            w = tirx.reinterpret("int32x8", tirx.bitwise_and(w, self.const(0xFF, "uint32")))
            x = tirx.shift_left(signed, self.const(24 - 8 * byte, "int32"))
            total = total + w * tirx.shift_right(x, self.const(24, "int32"))
        return self.T.Bind(total)

    def _dot_neon(self, total: Expr, weight: Expr, activation: Expr) -> Expr:
        """Add the products with Arm's dot product of signed bytes, half a vector at a time."""
        from tvm import tirx

        halves = []
        for first in (0, 1):
            lanes, bytes_ = (list(range(first * n, first * n + n)) for n in (4, 16))
            operands = [tirx.Shuffle([tirx.reinterpret("int8x32", x)], bytes_) for x in (weight, activation)]
            halves.append(self._call("int32x4", "llvm.aarch64.neon.sdot", tirx.Shuffle([total], lanes), *operands))
        return self.T.Bind(self.joined(halves, 8))

    def _dot_signs(self, total: Expr, weight: Expr, activation: Expr) -> Expr:
        """Move the activation's sign to the weight, because vpmaddubsw wants one unsigned side (as llama.cpp does)."""
        from tvm import tirx

        name = "llvm.x86.avx2.psign.b"
        size = self._call("int8x32", name, activation, activation)
        signed = self._call("int8x32", name, tirx.reinterpret("int8x32", weight), activation)
        return self.T.Bind(total + self._maddwd(self._maddubs(tirx.reinterpret("uint8x32", size), signed)))

    def _maddubs(self, unsigned: Expr, signed: Expr) -> Expr:
        return self._call("int16x16", "llvm.x86.avx2.pmadd.ub.sw", unsigned, signed)

    def _maddwd(self, pairs: Expr) -> Expr:
        return self._call("int32x8", "llvm.x86.avx2.pmadd.wd", pairs, self.const(1, "int16", 16))

    def _call(self, dtype: str, name: str, *args: Expr) -> Expr:
        from tvm import tirx

        return self.T.Bind(tirx.call_llvm_pure_intrin(dtype, name, *args))
