"""Commands about files: inspecting, planning, compiling, combining and exporting. None needs a loaded engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import Cancelled
from core.events import CompileFinished, Event, Exported, Inspected, Planned, StepFinished, StepProgress, StepStarted
from core.system import peak_rss_bytes
from core.worker import protocol as p
from core.worker.narrow import active
from core.worker.services import Emit, Services

NGF_SUFFIX = ".ngf"

Stopped = Callable[[], bool]


class FileJobs:
    """Runs commands that make or read files."""

    def __init__(self, services: Services, emit: Emit) -> None:
        self._services = services
        self._emit = emit

    def handlers(self) -> dict[type[p.Command], Callable[[Any, Stopped], None]]:
        """Return what to call for each command."""
        return {
            p.Inspect: self._inspect,
            p.Plan: self._plan,
            p.Compile: self._compile,
            p.Combine: self._combine,
            p.Export: self._export,
        }

    def _inspect(self, command: p.Inspect, stopped: Stopped) -> None:
        path = Path(command.path)
        if path.suffix == NGF_SUFFIX:
            from core.ngf.inspect import inspect_report

            kind, report = "ngf", inspect_report(path, command.verify, cancelled=stopped)
        else:
            from core.onnx_import import report as onnx

            kind, report = "onnx", onnx.inspect_report(path, verify=command.verify)
        self._emit(Inspected(str(path), kind, {**report, "worker": active()}))

    def _plan(self, command: p.Plan, _: Stopped) -> None:
        self._emit(Planned(self._services.plan(p.request_from_json(command.request)).to_json()))

    def _compile(self, command: p.Compile, stopped: Stopped) -> None:
        def emit(event: Event) -> None:
            if stopped():
                raise Cancelled("The compile job was cancelled.")
            self._emit(event)

        self._services.compile_engine(p.request_from_json(command.request), emit)

    def _combine(self, command: p.Combine, stopped: Stopped) -> None:
        if command.c10:
            self._combine_for_card(command)
            return
        from core.ngf.combine import combine

        begun = time.monotonic()
        output = Path(command.output).absolute()
        self._emit(StepStarted("combine"))
        header = combine(
            Path(command.ngf_1),
            Path(command.ngf_2),
            output,
            every_percent(lambda done, total: self._emit(StepProgress("combine", done, total, "bytes"))),
            stopped,
        )
        seconds = time.monotonic() - begun
        size = output.stat().st_size
        self._emit(StepFinished("combine", seconds))
        self._emit(
            CompileFinished([str(output)], [size], seconds, peak_rss_bytes(), header.file_size, header.spec.to_json())
        )

    def _combine_for_card(self, command: p.Combine) -> None:
        from core.c10.compile import combine_engines

        begun = time.monotonic()
        output = Path(command.output).absolute()
        self._emit(StepStarted("combine"))
        size = combine_engines(Path(command.ngf_1), Path(command.ngf_2), output)
        seconds = time.monotonic() - begun
        self._emit(StepFinished("combine", seconds))
        self._emit(CompileFinished([str(output)], [size], seconds, peak_rss_bytes(), size))

    def _export(self, command: p.Export, stopped: Stopped) -> None:
        from core.export import export_model

        begun = time.monotonic()

        def progress(done: int, total: int) -> None:
            if stopped():
                raise Cancelled("The export was cancelled; nothing was written.")
            self._emit(StepProgress("export", done, total, "bytes"))

        self._emit(StepStarted("export"))
        path = export_model(Path(command.source), Path(command.output), progress=every_percent(progress)).absolute()
        size = sum(file.stat().st_size for file in path.parent.iterdir() if file.is_file())
        self._emit(StepFinished("export", time.monotonic() - begun))
        self._emit(Exported(str(path), size, time.monotonic() - begun))


def every_percent(progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Return a callback that passes on at most about 200 of its calls, and always the last."""
    shown = -1

    def thinned(done: int, total: int) -> None:
        nonlocal shown
        step = done * 200 // max(1, total)
        if step != shown or done >= total:
            shown = step
            progress(done, total)

    return thinned
