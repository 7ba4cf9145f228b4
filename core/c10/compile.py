"""The compile job for the card: the vendor's script in the vendor's interpreter, reported in this program's steps."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core import fsio, trust
from core.c10.channel import VendorProcess
from core.c10.description import CHATGLM2_6B, Description, describe, write_description
from core.c10.engine import C10Engine, CardOptions
from core.c10.sdk import COMPILE_SCRIPT, Place, Sdk, locate, require_home
from core.compiler.plan import CompileRequest, make_plan
from core.compiler.source import open_source, read_chat_info, read_tokenizer
from core.errors import DeviceError, FileError, ModelError, UsageError
from core.events import CompileFinished, Event, LogLine, StepFinished, StepProgress, StepStarted
from core.spec import DEFAULT_TOTAL_LEN, Role
from core.system import peak_rss_bytes

Emit = Callable[[Event], None]


def compile_words(request: CompileRequest, model: str, target: str) -> list[str]:
    """Return the words that follow the interpreter in the vendor's command line, in the order of its own examples.

    Flags that have their default are left out, apart from the shape. False is "": the script takes any other text,
    "False" too, as true.
    """
    config = request.config
    words = [
        COMPILE_SCRIPT, "--model-path", model, "--target-path", target, "--static-batch-size", str(config.batch),
        "--pre-len", str(config.pre_len), "--export-name", request.export_name,
    ]  # fmt: skip
    if config.total_len != DEFAULT_TOTAL_LEN:
        words += ["--total-len", str(config.total_len)]
    booleans = (
        ("--is-bf16", config.dtype == "bf16", True),
        ("--quant", config.quantisation != "none", True),
        ("--int4", config.quantisation == "int4", False),
        ("--ngf", request.ngf, True),
    )
    for flag, value, default in booleans:
        if value != default:
            words += [flag, "True" if value else ""]
    return words


def compile_engine(request: CompileRequest, emit: Emit, sdk: Sdk | None = None) -> CompileFinished:
    """Run the job; returns (and emits) its outcome. `sdk` None: what the environment names.

    Raises C10Error: DeviceError where the SDK is missing or its compiler fails. Nothing is left behind then.
    """
    return _Job(request, emit, sdk or Sdk.from_environment()).run()


def combine_engines(ngf_1: Path, ngf_2: Path, output: Path, sdk: Sdk | None = None) -> int:
    """Let the SDK join a base and an incremental engine of the vendor's; return the size in bytes.

    Raises FileError for a missing part, UsageError if `output` is one of them, DeviceError, WorkerError.
    """
    for part in (ngf_1, ngf_2):
        if not fsio.is_file(part):
            raise FileError(f"{part} doesn't exist.", "Check the path.")
        if output.exists() and part.samefile(output):
            raise UsageError(f"The output {output} is one of the two parts.", "Choose another name for the output.")
    description = describe(ngf_1)
    place = locate(sdk or Sdk.from_environment())
    output = output.absolute()
    with fsio.staging(output) as stage:
        process = VendorProcess(place, stage)
        try:
            _combine(process, place, [ngf_1.absolute(), ngf_2.absolute()], stage / output.name)
        finally:
            process.close()
        fsio.adopt(stage / output.name, output)
    if all(trust.known(trust.vendor_digest(part)[0]) for part in (ngf_1, ngf_2)):
        trust.note_vendor_built(output)
    if not description.assumed:
        write_description(output, replace(description, role="multi"))
    return output.stat().st_size


class _Job:
    def __init__(self, request: CompileRequest, emit: Emit, sdk: Sdk) -> None:
        request.check()
        self.request, self.emit, self.sdk = request, emit, sdk
        self.started = time.monotonic()
        self.peak = 0

    def run(self) -> CompileFinished:
        """Do all steps."""
        request = self.request
        with self._step("import"):
            home, place = require_home(self.sdk), locate(self.sdk)
            description, predicted = self._describe()
            _, tokenizer = read_tokenizer(request.model_path.parent)
        made_folder = not request.folder.exists()
        fsio.make_folder(request.folder)
        try:
            with fsio.staging(request.folder / request.name) as stage:
                self._make(place, home, stage)
        except BaseException:
            if made_folder:
                with contextlib.suppress(OSError):
                    request.folder.rmdir()
            raise
        for name, content in tokenizer.items():
            fsio.write_bytes(request.folder / name, content)
        outputs = request.outputs()
        roles: tuple[Role, ...] = ("multi",) if request.combine else ("base", "incremental")
        for path, role in zip(outputs, roles, strict=True) if request.ngf else ():
            write_description(path, replace(description, role=role))
        self._self_test(outputs[0])
        finished = CompileFinished(
            outputs=[str(path.absolute()) for path in outputs],
            sizes=[path.stat().st_size for path in outputs],
            seconds=time.monotonic() - self.started,
            peak_memory_bytes=max(self.peak, peak_rss_bytes()),
            predicted_bytes=predicted,
            spec=description.spec.to_json(),
        )
        self.emit(finished)
        return finished

    def _describe(self) -> tuple[Description, int]:
        """Return what is known of the model, and the bytes that one engine is expected to have."""
        request = self.request
        if not fsio.is_file(request.model_path):
            raise FileError(f"The model {request.model_path} doesn't exist.", "Check --model-path.")
        folder = request.model_path.parent
        kind, _ = read_tokenizer(folder)
        spec = CHATGLM2_6B
        try:
            spec = open_source(request.model_path).spec
        except ModelError as error:
            self.emit(
                LogLine(f"This program doesn't recognise the model ({error.message}); the vendor's compiler may.")
            )
        plan = make_plan(request, spec, 0)
        files = 3 if request.combine else 2
        fsio.require_space(request.target_path, files * plan.engine_bytes)
        return Description(spec, request.config, read_chat_info(folder, kind), assumed=False), plan.engine_bytes

    def _make(self, place: Place, home: Path, stage: Path) -> None:
        """Compile, combine and put the files where they belong."""
        request = self.request
        made = stage / request.name
        process = VendorProcess(place, stage)
        try:
            self._compile(process, place, home, stage)
            suffix = ".ngf" if request.ngf else ".tar"
            parts = [made / f"{request.name}{suffix}", made / f"{request.name}_inc{suffix}"]
            for part in parts:
                if not fsio.is_file(part):
                    raise DeviceError(
                        f"The vendor's compiler ended without an error, but didn't write {part.name}.",
                        "The log has its output.",
                    )
            with self._step("combine", skipped=not request.combine):
                if request.combine:
                    _combine(process, place, parts, made / request.outputs()[0].name)
        finally:
            process.close()
        wanted = request.outputs() if request.combine else sorted(path for path in made.iterdir() if path.is_file())
        for path in wanted:
            fsio.adopt(made / path.name, request.folder / path.name)
            if request.ngf and (note := trust.note_vendor_built(request.folder / path.name)):
                self.emit(LogLine(note))

    def _compile(self, process: VendorProcess, place: Place, home: Path, stage: Path) -> None:
        """Run the vendor's script; the steps follow the files that it writes, as it reports none."""
        request = self.request
        words = compile_words(request, place.inside(request.model_path), place.inside(stage))
        folder = str(home) if not place.sdk.container or not home.exists() else place.inside(home)
        self.emit(LogLine(f"In {folder}: {shlex.join([place.sdk.python, *words])}"))
        steps = _Steps(self.emit, request, stage)
        answers = process.stream("compile", "ended", words=words, folder=folder, target=place.inside(stage))
        for reply in answers:
            steps.follow()
            if reply.name == "line":
                self.emit(LogLine(str(reply.values.get("text", ""))))
            elif reply.name == "ended":
                self.peak = int(reply.values.get("peak_bytes", 0))
                if code := int(reply.values.get("code", -1)):
                    how = f"was killed (signal {-code})" if code < 0 else f"ended with exit code {code}"
                    raise DeviceError(f"The vendor's compiler {how}.", "The log has its output.")
        steps.finish()

    def _self_test(self, engine: Path) -> None:
        request = self.request
        if not (request.self_test and request.combine):
            self.emit(StepStarted("self_test"))
            self.emit(StepFinished("self_test", 0.0, skipped=True))
            return
        with self._step("self_test"):
            try:
                one_token(engine, self.sdk)
            except DeviceError as error:
                self.emit(LogLine(f"The self-test needs a card: {error.message}"))

    @contextlib.contextmanager
    def _step(self, step: str, *, skipped: bool = False) -> Iterator[None]:
        start = time.monotonic()
        self.emit(StepStarted(step))
        yield
        self.emit(StepFinished(step, time.monotonic() - start, skipped=skipped))


class _Steps:
    """Tells base, incremental and write apart by the files that appear; how long each takes is not known."""

    def __init__(self, emit: Emit, request: CompileRequest, stage: Path) -> None:
        suffix = ".ngf" if request.ngf else ".tar"
        folder = stage / request.name
        self._emit, self._folder = emit, folder
        self._ends = {
            "base": folder / f"{request.name}{suffix}",
            "incremental": folder / f"{request.name}_inc{suffix}",
        }
        self._shown = -1
        self._since = 0.0
        self._step = ""
        self._enter("base")

    def follow(self) -> None:
        """Look at the files, and report the next step or the bytes written so far."""
        if self._step == "base" and self._ends["base"].exists():
            self._enter("incremental")
        elif self._step == "incremental" and self._ends["incremental"].exists():
            self._enter("write")
        done = _bytes_in(self._folder)
        if done != self._shown:
            self._shown = done
            self._emit(StepProgress(self._step, done, None, "bytes"))

    def finish(self) -> None:
        """End the step that runs, having passed through all."""
        for step in ("base", "incremental", "write"):
            if step == self._step:
                following = {"base": "incremental", "incremental": "write", "write": ""}[step]
                self._enter(following)

    def _enter(self, step: str) -> None:
        now = time.monotonic()
        if self._step:
            self._emit(StepFinished(self._step, now - self._since))
        self._step, self._since = step, now
        if step:
            self._emit(StepStarted(step))


def _bytes_in(folder: Path) -> int:
    """Return the bytes of the files in `folder`; another program may be at work there."""
    done = 0
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            done += path.stat().st_size
    return done


def one_token(engine: Path, sdk: Sdk) -> None:
    """Prefill two tokens and decode one on device 0; raises ModelError if the logits aren't finite, DeviceError."""
    opened = C10Engine.open(engine, CardOptions(), sdk)
    try:
        batch = opened.config.batch
        *_, first = opened.prefill_together([[0, 0]] * batch)
        second = opened.decode(np.zeros(batch, np.int32), np.full(batch, 2, np.int32))
        if first is None or not (np.isfinite(first).all() and np.isfinite(second).all()):
            raise ModelError(
                "The self-test of the new engine gave numbers that are not finite.",
                "Check the model's weights, or compile with another precision.",
            )
    finally:
        opened.close()


def _combine(process: VendorProcess, place: Place, parts: list[Path], output: Path) -> None:
    process.ask("combine", "combined", inputs=[place.inside(part) for part in parts], output=place.inside(output))
    if not fsio.is_file(output):
        raise DeviceError(f"The SDK combined the engines, but didn't write {output.name}.", "The log has its output.")
