"""From a Relax module to machine code, without a C compiler."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.compiler.arguments import Entry
from core.compiler.module import emit
from core.kernels.isa import CpuTarget
from core.kernels.product import Schedule
from core.spec import EngineConfig, ModelSpec

PARTS = ("base", "incremental")
"""The two modules of an engine: prefill (with `score`) and decode (with `verify`)."""
ENTRIES: dict[str, tuple[Entry, ...]] = {"base": ("base", "score"), "incremental": ("incremental", "verify")}
"""The entry points in each of them."""


@dataclass(frozen=True, slots=True)
class Code:
    """Two relocatable object files: the kernels, and the Relax virtual machine's bytecode."""

    library: bytes
    bytecode: bytes


def build_part(
    part: str,
    spec: ModelSpec,
    config: EngineConfig,
    target: CpuTarget,
    on_pass: Callable[[int], None],
    schedule: Schedule | None = None,
) -> Code:
    """Emit and build one of PARTS. `on_pass(n)` is called before the n-th compiler pass and may raise to cancel."""
    import tvm
    from tvm import relax

    module = emit(ENTRIES[part], spec, config, target, schedule)
    with tvm.transform.PassContext(opt_level=3, instruments=[_pass_counter(on_pass)]):
        executable = relax.build(module, target.to_tvm())
    return objects(executable.mod)


def _pass_counter(on_pass: Callable[[int], None]) -> Any:
    from tvm.ir.instrument import pass_instrument

    class Counter:
        """Counts the passes that the compiler starts."""

        def __init__(self) -> None:
            self.seen = 0

        def run_before_pass(self, _module: Any, _info: Any) -> None:
            """Tell the listener; what it raises stops the build."""
            self.seen += 1
            on_pass(self.seen)

    return pass_instrument(Counter)()


def objects(module: Any) -> Code:
    """Return a built module as object files."""
    from tvm.runtime import _ffi_api

    library = module._collect_dso_modules()[0]
    triple = library.get_function("_get_target_string")()
    bytecode = _ffi_api.ModulePackImportsToLLVM(module, False, triple, "")
    with tempfile.TemporaryDirectory(prefix="c10-panel-") as folder:
        written = []
        for name, part in (("lib.o", library), ("vm.o", bytecode)):
            path = Path(folder) / name
            part.write_to_file(str(path))
            written.append(path.read_bytes())
    return Code(*written)
