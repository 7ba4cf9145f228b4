"""TVM's runtime without its Python front end: link object files in memory and call what they hold.

`import tvm` costs more than a second even in its runtime-only form; the runtime's shared library and the foreign
function interface beneath it are all that an engine needs.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import WorkerError

_CPU, _POOLED = 1, 2
"""DLPack's device type, and the virtual machine's allocator (unused: engines allocate nothing while they run)."""


class Machine:
    """A Relax virtual machine over linked objects."""

    def __init__(self, objects: Sequence[bytes]) -> None:
        _load_runtime()
        import tvm_ffi_orcjit

        # kept here, not for the whole process: an engine that is closed gives its code's memory back
        self._linked = tvm_ffi_orcjit.default_session().load_module(list(objects))
        self._module = self._linked["vm_load_executable"]()
        self._module["vm_initialization"](_CPU, 0, _POOLED)

    def has(self, function: str) -> bool:
        """Return whether the code knows `function`: code of earlier versions lacks the newer ones."""
        return bool(self._module.implements_function(function))

    def bind(self, function: str, arguments: Sequence[Any], name: str = "") -> Any:
        """Return `function` as a callable without arguments that always works on the tensors `arguments`.

        Bindings of one function to several sets of tensors need a `name` each.
        """
        saved = name or f"{function}_bound"
        self._module["save_function"](function, saved, 0, *arguments)
        return self._module[saved]


@functools.cache
def _load_runtime() -> None:
    """Load libtvm_runtime.so, unless the whole of TVM is in this process already."""
    spec = importlib.util.find_spec("tvm")
    if spec is None or not spec.submodule_search_locations:
        raise WorkerError(
            "Apache TVM isn't installed.", "Start the program through packaging/c10-panel, which does it."
        )
    import tvm_ffi  # noqa: F401 -- brings libtvm_ffi.so, which the runtime is linked to

    library = Path(spec.submodule_search_locations[0]) / "lib" / "libtvm_runtime.so"
    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
