"""Which instructions a kernel may use: one CPU target, chosen from what the machine offers.

Names of features are LLVM's. A target asks only for what its kernels use, so an engine that was compiled on one machine
runs on every other that has these features.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import FormatError
from core.strictjson import as_list, as_object, as_str

KernelClass = Literal["generic", "avx2", "vnni", "amx", "neon"]
"""Kind of products: portable vector code, AVX2's vpmaddubsw, vpdpbusd of AVX-512 or AVX-VNNI, the matrix tiles of AMX
beside those, or sdot of Arm."""

AVX2 = ("avx2", "f16c", "fma")
AVX512_VNNI = (*AVX2, "avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni")
AVX_VNNI = (*AVX2, "avxvnni")
NEON_DOT = ("dotprod", "neon")
AMX = (*AVX512_VNNI, "amx-bf16", "amx-int8", "amx-tile")

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
_KERNEL_NAMES = {
    "amx_bf16": "amx-bf16", "amx_int8": "amx-int8", "amx_tile": "amx-tile", "asimd": "neon", "asimddp": "dotprod",
}  # fmt: skip
"""Linux's names of features whose LLVM names are spelt otherwise."""
_ARCH_PRCTL, _REQUEST_PERMISSION, _TILE_DATA = 158, 0x1023, 18
"""Number of the system call on x86-64, ARCH_REQ_XCOMP_PERM, and the state component of the tiles' data."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class CpuTarget:
    """What machine code is generated for."""

    triple: str
    """LLVM's target triple, such as "x86_64-unknown-linux-gnu"."""
    mcpu: str
    """LLVM's name of the CPU; the baseline of the architecture, so that only `features` go beyond it."""
    features: tuple[str, ...]
    """LLVM's names of the features that the code needs beyond the baseline, sorted."""

    @property
    def kernel_class(self) -> KernelClass:
        """Kind of products that these features allow."""
        features = set(self.features)
        if features.issuperset(AMX):
            return "amx"
        if features.issuperset(NEON_DOT):
            return "neon"
        if features.issuperset(AVX512_VNNI) or features.issuperset(AVX_VNNI):
            return "vnni"
        return "avx2" if features.issuperset(AVX2) else "generic"

    @property
    def label(self) -> str:
        """CPU and features in one word, such as "x86-64+avx2+f16c+fma"."""
        return "+".join((self.mcpu, *self.features))

    @property
    def wide(self) -> bool:
        """Whether 512-bit vectors may be used."""
        return set(self.features).issuperset(AVX512_VNNI)

    @property
    def tiles(self) -> bool:
        """Whether matrix tiles may be used."""
        return set(self.features).issuperset(AMX)

    @property
    def architecture(self) -> str:
        """First part of the triple: "x86_64", "aarch64"."""
        return self.triple.partition("-")[0]

    @classmethod
    def for_class(cls, kernel_class: KernelClass) -> CpuTarget:
        """Return the target that uses exactly `kernel_class` (vnni: its AVX-512 form; generic: this architecture)."""
        if kernel_class == "generic":
            return _baseline(_architecture())
        if kernel_class == "neon":
            return _arm_dot()
        return _x86({"avx2": AVX2, "vnni": AVX512_VNNI, "amx": AMX}[kernel_class])

    def missing_on(self, host: CpuTarget | None = None) -> tuple[str, ...]:
        """Return the features (or the architecture) that code for this target needs and `host` lacks.

        Without `host`, all features of this machine's CPU count, also those that `host_target` doesn't ask for.
        """
        architecture = host.architecture if host else _architecture()
        if architecture != self.architecture:
            return (self.architecture,)
        offered = set(host.features) if host else host_features()
        return tuple(feature for feature in self.features if feature not in offered)

    def to_tvm(self) -> Any:
        """Return the TVM target."""
        import tvm

        options: dict[str, Any] = {"kind": "llvm", "mtriple": self.triple, "mcpu": self.mcpu}
        if self.features:
            options["mattr"] = [f"+{feature}" for feature in self.features]
        return tvm.target.Target(options)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {"triple": self.triple, "mcpu": self.mcpu, "features": list(self.features)}

    @classmethod
    def from_json(cls, data: object) -> CpuTarget:
        """Build a target from parsed JSON; raises FormatError on a missing, unknown, mistyped or odd field."""
        fields = as_object(data, ("triple", "mcpu", "features"), "CPU target")
        names = as_list(fields["features"], "CPU target's features", max_items=64)
        features = tuple(_name(name, "feature") for name in names)
        if list(features) != sorted(set(features)):
            raise FormatError("The CPU target's features are not sorted, or one is there twice.")
        return cls(_name(fields["triple"], "triple"), _name(fields["mcpu"], "mcpu"), features)


def targets() -> tuple[CpuTarget, ...]:
    """Return what can be compiled for on this architecture, best first; the last one runs on each of its CPUs."""
    if _architecture() == "aarch64":
        return (_arm_dot(), _baseline("aarch64"))
    if _architecture() != "x86_64":
        return (_baseline(_architecture()),)
    return (*map(_x86, (AMX, AVX512_VNNI, AVX_VNNI, AVX2)), _baseline("x86_64"))


def host_target() -> CpuTarget:
    """Return the best target for this machine's CPU."""
    offered = host_features()
    return next(target for target in targets() if offered.issuperset(target.features))


def host_features() -> frozenset[str]:
    """Return the features of this machine's CPU that targets may ask for."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    names = {_KERNEL_NAMES.get(flag, flag.replace("_", "")) for flag in line[1].split()} if line else set()
    offered = frozenset(names.intersection({*AMX, *AVX_VNNI, *NEON_DOT}))
    tiles = frozenset(AMX) - frozenset(AVX512_VNNI)
    return offered if not offered & tiles or _tiles_allowed() else offered - tiles


@functools.cache
def _tiles_allowed() -> bool:
    """Ask Linux to let this process use matrix tiles, which it must before the first use; returns whether it may."""
    with contextlib.suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).syscall(_ARCH_PRCTL, _REQUEST_PERMISSION, _TILE_DATA) == 0)
    return False


def _architecture() -> str:
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def _baseline(architecture: str) -> CpuTarget:
    mcpu = {"x86_64": "x86-64"}.get(architecture, "generic")
    return CpuTarget(f"{architecture}-unknown-linux-gnu", mcpu, ())


def _arm_dot() -> CpuTarget:
    return CpuTarget("aarch64-unknown-linux-gnu", "generic", NEON_DOT)


def _x86(features: tuple[str, ...]) -> CpuTarget:
    return CpuTarget("x86_64-unknown-linux-gnu", "x86-64", tuple(sorted(features)))


def _name(value: object, what: str) -> str:
    text = as_str(value, f"CPU target's {what}", max_chars=64)
    if not _NAME.fullmatch(text):
        raise FormatError(f"The CPU target's {what} is {text!r}, which is not a plain name.")
    return text


KERNEL_CLASSES: tuple[KernelClass, ...] = get_args(KernelClass)
