"""The compile job: import, base, incremental, write, combine, self-test."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from core import __version__, fsio, trust
from core.compiler.archive import ArchiveWriter, write_entry_lists
from core.compiler.arguments import ABI_VERSION, weight_arguments
from core.compiler.build import PARTS, Code, build_part
from core.compiler.estimate import Pace
from core.compiler.plan import CompilePlan, CompileRequest, make_plan, require_memory
from core.compiler.source import Source, open_source
from core.compiler.tune import Tuned, tune
from core.compiler.weights import packed_blocks
from core.errors import ModelError
from core.events import CompileFinished, Event, LogLine, StepFinished, StepProgress, StepStarted
from core.kernels.isa import CpuTarget, host_target
from core.kernels.quantise import Int4Quantiser, quantise_int4
from core.ngf.format import Header, PlannedSection, Producer, TargetInfo
from core.ngf.writer import NgfWriter
from core.spec import ModelSpec, Role
from core.system import format_bytes, own_bytes, peak_rss_bytes

Emit = Callable[[Event], None]

NO_TOKENIZER = (
    "There is no tokenizer beside the model, so the engine can't be asked in words. Compile with --tokenizer and the "
    "model's own, or give it to infer."
)


def plan(request: CompileRequest) -> CompilePlan:
    """Say what a job would take and give, without writing anything. Raises UsageError and ModelError."""
    request.check()
    return _plan(request, open_source(request.model_path, request.tokenizer))


def compile_engine(request: CompileRequest, emit: Emit) -> CompileFinished:
    """Run the job; returns (and emits) its outcome. Raises C10Error; nothing is left behind then."""
    if request.target == "c10":
        from core.c10.compile import compile_engine as compile_for_card

        return compile_for_card(request, emit)
    return _Job(request, emit).run()


class SectionWriter(Protocol):
    """What takes an engine's sections."""

    def write(self, name: str, data: Any) -> None:
        """Append bytes or an array to the section `name`."""


class _Job:
    def __init__(self, request: CompileRequest, emit: Emit) -> None:
        self.request, self._emit = request, emit
        self.pace: Pace | None = None
        self.tuned: Tuned | None = None
        self.started = time.monotonic()
        request.check()

    def emit(self, event: Event) -> None:
        """Pass an event on, and after it how long the job still takes."""
        self._emit(event)
        if self.pace and (left := self.pace.follow(event)):
            self._emit(left)

    def run(self) -> CompileFinished:
        """Do all steps."""
        request = self.request
        with self._step("import"):
            source = open_source(request.model_path, request.tokenizer)
            job_plan = _plan(request, source)
            self.pace = Pace(job_plan.step_seconds)
            self.pace.follow(StepStarted("import"))
            self._announce(source, job_plan)
            source.verify(lambda done, total: self.emit(StepProgress("import", done, total, "layers")))
        target = host_target()
        code = {part: self._build(part, source.spec, target) for part in PARTS}
        made_folder = not request.folder.exists()
        fsio.make_folder(request.folder)
        try:
            self._write(source, code, target)
            peak = peak_rss_bytes()
            peak = max(peak, self._self_test())
        except BaseException:
            if made_folder:
                _remove_empty(request.folder)
            raise
        outputs = request.outputs()
        finished = CompileFinished(
            outputs=[str(path.absolute()) for path in outputs],
            sizes=[path.stat().st_size for path in outputs],
            seconds=time.monotonic() - self.started,
            peak_memory_bytes=peak,
            predicted_bytes=job_plan.engine_bytes,
            spec=source.spec.to_json(),
        )
        self.emit(finished)
        return finished

    def _announce(self, source: Source, job_plan: CompilePlan) -> None:
        self.emit(LogLine(f"{source.path}: {source.spec.num_layers} layers of {source.spec.hidden_size} features"))
        self.emit(
            LogLine(
                f"{job_plan.name}: {format_bytes(job_plan.disk_bytes)} on disk, "
                f"{format_bytes(job_plan.compile_memory_bytes)} of memory to compile, "
                f"{format_bytes(job_plan.run_memory_bytes)} to run"
            )
        )
        if not source.tokenizer_kind:
            self.emit(LogLine(NO_TOKENIZER))
        require_memory(job_plan)
        fsio.require_space(self.request.target_path, job_plan.disk_bytes)

    def _build(self, part: str, spec: ModelSpec, target: CpuTarget) -> Code:
        with self._step(part):
            if self.request.tune and self.tuned is None:
                self.tuned = tune(spec, self.request.config, target)
                self.emit(LogLine(self.tuned.sentence))
            return build_part(
                part, spec, self.request.config, target, lambda n: self.emit(StepProgress(part, n, None, "passes")),
                self.tuned.schedule if self.tuned else None,
            )  # fmt: skip

    def _write(self, source: Source, code: dict[str, Code], target: CpuTarget) -> None:
        request = self.request
        with self._step("write"):
            notes = [self.tuned.note()] if self.tuned else []
            planned = [*planned_sections(source, code, request), *(section for section, _ in notes)]
            roles: list[Role] = ["multi"] if request.combine else ["base", "incremental"]
            kind: Callable[..., Any] = NgfWriter if request.ngf else ArchiveWriter
            header = engine_header(source, request, target)
            with contextlib.ExitStack() as stack:
                writers: list[SectionWriter] = [
                    stack.enter_context(kind(path, replace(header, role=role), planned))
                    for role, path in zip(roles, request.outputs(), strict=True)
                ]
                self._fill(writers, source, code, target)
                for writer, (section, data) in itertools.product(writers, notes):
                    writer.write(section.name, data)
            self._remember(writers)
            if not request.ngf:
                write_entry_lists(request.folder, header)
        skip = not request.combine
        self.emit(StepStarted("combine"))
        if request.combine:
            self.emit(LogLine("Both parts were written as one file, with one copy of the weights"))
        self.emit(StepFinished("combine", 0.0, skipped=skip))

    def _fill(self, writers: Sequence[SectionWriter], source: Source, code: dict[str, Code], target: CpuTarget) -> None:
        def write(name: str, data: Any) -> None:
            for writer in writers:
                writer.write(name, data)

        for part in PARTS:
            write(f"code.{part}.library", code[part].library)
            write(f"code.{part}.bytecode", code[part].bytecode)
        for name, content in source.tokenizer_files.items():
            write(name, content)
        progress = self._bytes_progress(source)
        done = 0
        for block in packed_blocks(source.readers, source.spec, self.request.config, self._int4(target)):
            write(block.name, block.data)
            done += block.source_bytes
            progress(done)

    def _int4(self, target: CpuTarget) -> Int4Quantiser:
        if self.request.config.quantisation != "int4":
            return quantise_int4
        from core.kernels.search import compiled_int4

        return compiled_int4(target)

    def _remember(self, writers: Sequence[SectionWriter]) -> None:
        """Note the engines as built here, so that they may run."""
        for writer in writers:
            if isinstance(writer, NgfWriter) and (note := trust.note_built(writer.digest, (), writer.path)):
                self.emit(LogLine(note))

    def _bytes_progress(self, source: Source) -> Callable[[int], None]:
        total = source.float_bytes
        return lambda done: self.emit(StepProgress("write", done, total, "bytes"))

    def _self_test(self) -> int:
        """Return the process's own memory while the engine is open, in bytes: its weights are mapped from the file."""
        request = self.request
        if not (request.self_test and request.combine):
            self.emit(StepStarted("self_test"))
            self.emit(StepFinished("self_test", 0.0, skipped=True))
            return 0
        with self._step("self_test"):
            return one_token(request.outputs()[0])

    @contextlib.contextmanager
    def _step(self, step: str) -> Iterator[None]:
        start = time.monotonic()
        self.emit(StepStarted(step))
        yield
        self.emit(StepFinished(step, time.monotonic() - start))


def one_token(path: Path) -> int:
    """Prefill two tokens and decode one with the engine `path`; raises ModelError if the logits aren't finite.

    Returns the process's own memory in bytes with the engine open.
    """
    import numpy as np

    from core.runtime.engine import Engine

    engine = Engine.open(path)
    try:
        count = min(2, engine.config.pre_len, engine.config.total_len - 1)
        logits = engine.prefill(0, np.zeros(count, np.int32), 0)
        batch = engine.config.batch
        more = engine.decode(np.zeros(batch, np.int32), np.full(batch, count, np.int32))
        if not (np.isfinite(logits).all() and np.isfinite(more[0]).all()):
            raise ModelError(
                "The self-test of the new engine gave numbers that are not finite.",
                "Check the model's weights, or compile with another precision.",
            )
        return own_bytes()
    finally:
        engine.close()


def planned_sections(source: Source, code: dict[str, Code], request: CompileRequest) -> list[PlannedSection]:
    """Return the sections of an engine file in their order: code, tokenizer, weights."""
    sections = []
    for part in PARTS:
        sections.append(PlannedSection(f"code.{part}.library", "code", len(code[part].library)))
        sections.append(PlannedSection(f"code.{part}.bytecode", "code", len(code[part].bytecode)))
    sections += [PlannedSection(name, "tokenizer", len(content)) for name, content in source.tokenizer_files.items()]
    for argument in weight_arguments(source.spec, request.config).values():
        sections.append(PlannedSection(argument.name, "weight", argument.nbytes, argument.dtype, argument.shape))
    return sections


def engine_header(source: Source, request: CompileRequest, target: CpuTarget) -> Header:
    """Return what the engine file says of itself, all but its sections."""
    import tvm

    return Header(
        role="multi",
        spec=source.spec,
        config=request.config,
        target=TargetInfo(target.triple, target.mcpu, target.features, target.kernel_class, ABI_VERSION),
        tokenizer=source.tokenizer_kind,
        chat=source.chat,
        producer=Producer(__version__, tvm.__version__),
    )


def _plan(request: CompileRequest, source: Source) -> CompilePlan:
    tokenizer = sum(len(content) for content in source.tokenizer_files.values())
    return make_plan(request, source.spec, tokenizer, source.graph_bytes, source.readers)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
