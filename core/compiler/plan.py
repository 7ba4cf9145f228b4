"""What a compile job will take and give, said before any work: bytes on disk, memory, seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.compiler.arguments import (
    Argument,
    Entry,
    cache_arguments,
    entry_arguments,
    overlay,
    rope_argument,
    weight_arguments,
)
from core.compiler.estimate import step_seconds
from core.compiler.weights import WeightReader
from core.errors import ResourceError, UsageError
from core.spec import EngineConfig, ModelSpec, Target
from core.system import cpu_threads, format_bytes, memory

CODE_BYTES = 2 << 20
"""Allowance for machine code and header of an engine file."""
RUNTIME_BYTES = 110 << 20
"""Resident memory of an inference worker beside weights, cache and workspace: interpreter, TVM runtime, tokenizer."""
COMPILER_BYTES = 420 << 20
"""Resident memory of a compile worker: TVM with LLVM, onnxruntime, the part of a layer that is under check.

The largest that was measured; LLVM takes 50 MiB less for some processors.
"""
THREAD_BYTES = 48 << 20
"""Resident memory of each thread that packs weights: two blocks of rows, as read, as float32 and packed."""


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """One compile job. Files go to `target_path`/NAME/ with NAME = `export_name` + the config's suffix."""

    model_path: Path
    target_path: Path
    export_name: str
    config: EngineConfig
    ngf: bool = True
    """Write .ngf engines; otherwise .tar archives with base.json and inc.json."""
    combine: bool = False
    """Write NAME_multi.ngf only, with one copy of the weights, instead of NAME.ngf and NAME_inc.ngf."""
    target: Target = "cpu"
    self_test: bool = True
    """Run one token on the result."""
    tune: bool = False
    """Try kernel sizes on this machine first, for up to a minute."""
    tokenizer: Path | None = None
    """File or folder of the tokenizer to put in; None: the one beside the model."""

    def check(self) -> None:
        """Raise UsageError where the request can't be met."""
        self.config.check()
        name = self.export_name
        if not name or name != Path(name).name or name.startswith(".") or "\0" in name or len(name) > 150:
            raise UsageError(
                f"The export name {name!r} can't be part of a file name.", "Use letters, digits, '-' and '_'."
            )
        if self.target == "c10" and self.config.quant_lm_head:
            raise UsageError("The vendor's compiler leaves the output layer unquantised.", "Leave out --quant-lm-head.")
        if self.target == "c10" and self.config.kv_cache != "f16":
            raise UsageError("The vendor's compiler has no int8 KV cache.", "Choose f16 for it.")
        if self.combine and not self.ngf:
            raise UsageError("Only .ngf engines can be combined.", "Leave out --combine, or set --ngf true.")

    @property
    def name(self) -> str:
        """Name of the folder and of the base part."""
        return self.export_name + self.config.suffix()

    @property
    def folder(self) -> Path:
        """Folder of the results."""
        return self.target_path / self.name

    def outputs(self) -> list[Path]:
        """Return the engine files that the job writes."""
        suffix = ".ngf" if self.ngf else ".tar"
        if self.combine:
            return [self.folder / f"{self.name}_multi{suffix}"]
        return [self.folder / f"{self.name}{suffix}", self.folder / f"{self.name}_inc{suffix}"]


@dataclass(frozen=True, slots=True)
class CompilePlan:
    """Sizes in bytes and times in seconds that a job is expected to take."""

    name: str
    outputs: list[str]
    weight_bytes: int
    engine_bytes: int
    """Size of each engine file."""
    disk_bytes: int
    """Size of all files that are written."""
    compile_memory_bytes: int
    run_memory_bytes: int
    """Weights (mapped from the file), KV cache, workspace and runtime while answering."""
    kv_cache_bytes: int
    workspace_bytes: int
    seconds: float
    """As expected with what else runs on the machine now."""
    spec: dict[str, Any]
    config: dict[str, Any]
    step_seconds: dict[str, float] = field(default_factory=dict)
    """The steps' parts of `seconds`."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


def total_bytes(arguments: list[Argument]) -> int:
    """Return the bytes of all `arguments`."""
    return sum(argument.nbytes for argument in arguments)


def workspace_bytes(spec: ModelSpec, config: EngineConfig) -> int:
    """Return the scratch memory of all entry points and the rotary table, in bytes."""
    entries: tuple[Entry, ...] = ("base", "incremental", "verify")
    return sum(_scratch_bytes(entry, spec, config) for entry in entries) + rope_argument(spec, config).nbytes


def _scratch_bytes(entry: Entry, spec: ModelSpec, config: EngineConfig) -> int:
    offsets, shared = overlay(entry, spec, config)
    arguments = entry_arguments(entry, spec, config)
    return shared + total_bytes([a for a in arguments if a.kind in ("workspace", "control") and a.name not in offsets])


def run_memory_bytes(spec: ModelSpec, config: EngineConfig) -> int:
    """Return the memory that answering with an engine takes: weights, KV cache, workspace and runtime, in bytes."""
    weights = total_bytes(list(weight_arguments(spec, config).values()))
    return weights + total_bytes(cache_arguments(spec, config)) + workspace_bytes(spec, config) + RUNTIME_BYTES


def make_plan(
    request: CompileRequest,
    spec: ModelSpec,
    tokenizer_bytes: int,
    graph_bytes: int = 0,
    readers: Mapping[str, WeightReader] | None = None,
) -> CompilePlan:
    """Return what `request` takes for a model of `spec`.

    `graph_bytes`: size of the model file itself, which is read whole; `readers`: of its weights, see `step_seconds`.
    """
    config = request.config
    weights = total_bytes(list(weight_arguments(spec, config).values()))
    engine = weights + tokenizer_bytes + CODE_BYTES
    outputs = request.outputs()
    seconds = step_seconds(spec, config, readers)
    return CompilePlan(
        name=request.name,
        outputs=[str(path) for path in outputs],
        weight_bytes=weights,
        engine_bytes=engine,
        disk_bytes=engine * len(outputs),
        compile_memory_bytes=COMPILER_BYTES + 2 * graph_bytes + cpu_threads() * THREAD_BYTES,
        run_memory_bytes=run_memory_bytes(spec, config),
        kv_cache_bytes=total_bytes(cache_arguments(spec, config)),
        workspace_bytes=workspace_bytes(spec, config),
        seconds=round(sum(seconds.values()), 1),
        spec=spec.to_json(),
        config=config.to_json(),
        step_seconds={step: round(value, 1) for step, value in seconds.items()},
    )


def require_memory(plan: CompilePlan) -> None:
    """Raise ResourceError if the machine can't hold the compile job, or could never run the result."""
    now = memory()
    needs = (
        ("Compiling", plan.compile_memory_bytes, now.available, "free", "Close other programs and try again."),
        ("Running this engine", plan.run_memory_bytes - plan.weight_bytes, now.total, "built in",
         "Choose a shorter --total-len or a smaller batch."),
    )  # fmt: skip
    for what, needed, there, kind, hint in needs:
        if needed > there:
            raise ResourceError(
                f"{what} needs {format_bytes(needed)} of memory ({needed} bytes), but {format_bytes(there)} "
                f"({there} bytes) are {kind}.",
                hint,
            )
