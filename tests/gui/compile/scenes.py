"""The states of the Compile page for the pictures: a model of 6B, engines, a job that runs or is over; no child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from core import trust
from core.c10.description import Description, write_description
from core.errors import ModelError, ResourceError
from core.events import COMPILE_STEPS, CompileFinished, Failed, LogLine, StepFinished, StepProgress, StepStarted
from core.ngf.reader import NgfFile
from core.spec import EngineConfig
from core.system import data_dir
from gui.compile.choices import PRECISIONS, PRESETS, Model
from gui.compile.estimates import _key
from gui.compile.fit import cost_of
from gui.compile.wizard import MODEL, PRECISION, REVIEW, SHAPE
from gui.devices.plan import CHATGLM2_6B
from tests.core.ngf.sample import HEADER, write_sample
from tests.gui.compile.doubles import FakeJob

REPORT = {
    "spec": CHATGLM2_6B.to_json(), "parameters": 6_243_584_000, "weight_dtype": "float16",
    "weight_bytes": 12_487_168_000, "opset": 14, "tokenizer": "chatglm",
}  # fmt: skip
ONNX = Path("/data/chatglm2-6b-onnx/model.onnx")


def library(panel: Any) -> None:
    """Engines of every kind."""
    from PySide6.QtWidgets import QApplication

    folder = data_dir() / "engines"
    header = replace(HEADER, spec=CHATGLM2_6B, tokenizer="chatglm")
    engines = (
        ("glm2_6b2048_48M_bf16_q_multi", "multi", EngineConfig()),
        ("glm2_6b2048_48M_bf16_q4_multi", "multi", EngineConfig(quantisation="int4")),
        ("glm2_6b32768_48M_b8_fp32_multi", "multi",
         EngineConfig(batch=8, total_len=32768, dtype="fp32", quantisation="none")),
        ("glm2_6b8192_48M_bf16_q_pre2048_multi", "multi", EngineConfig(pre_len=2048, total_len=8192)),
        ("glm2_6b2048_48M_b8_bf16_q", "base", EngineConfig(batch=8)),
        ("glm2_6b2048_48M_b8_bf16_q_inc", "incremental", EngineConfig(batch=8)),
    )  # fmt: skip
    for name, role, config in engines:
        place = folder / name.removesuffix("_multi").removesuffix("_inc")
        place.mkdir(parents=True, exist_ok=True)
        write_sample(place / f"{name}.ngf", role, replace(header, config=config))  # type: ignore[arg-type]  # roles
        if not name.endswith("q4_multi"):  # that one came from elsewhere
            with NgfFile.open(place / f"{name}.ngf") as file:
                trust.note_built(file.digest, (), file.path)
    (folder / "vendor_multi.ngf").write_bytes(b"HXENGINE" + bytes(4000))
    for_card = folder / "glm2_6b2048_48M_c10_multi.ngf"
    for_card.write_bytes(b"HXENGINE" + bytes(4000))
    write_description(for_card, Description(assumed=False))
    trust.note_vendor_built(for_card)
    page = panel.window.page("compile")
    page.rescan()
    while len(page.library.cards) < len(engines) + 2:
        QApplication.processEvents()


def asked_to_trust(panel: Any) -> None:
    """The question before a stranger's engine runs, over the library that marks it."""
    library(panel)
    engine = "/data/engines/glm2_6b2048_48M_bf16_q4_multi/glm2_6b2048_48M_bf16_q4_multi.ngf"
    panel.window.notices.ask_for_trust(engine, lambda: None)


def wizard(panel: Any, step: int, *, shape: int = 0, tokenizer: str = "chatglm") -> None:
    """A step of the wizard for a model of 6B; `tokenizer`: kind of the one beside it."""
    from core.compiler import plan

    page = panel.window.page("compile")
    page.show_wizard()
    made = page.wizard
    with (
        mock.patch.object(made.estimates, "ask"),
        mock.patch.object(plan, "step_seconds", return_value={"write": 240.0}),
    ):
        made._take_model(Model(ONNX, CHATGLM2_6B, REPORT | {"tokenizer": tokenizer}))
        made.draft = made.draft.with_shape(PRESETS[shape])
        cards = made._cards()
        for precision in PRECISIONS:
            draft = made.draft.with_precision(precision, quant_lm_head=False)
            planned = plan.make_plan(draft.request(), CHATGLM2_6B, 1 << 20)
            made.estimates._known[_key(draft, cards)] = cost_of(planned.to_json(), cards)
        made.show_step(step)


def tokenizer_picked(panel: Any) -> None:
    """A model without a tokenizer, for which one was picked."""
    wizard(panel, MODEL, tokenizer="")
    model = panel.window.page("compile").wizard.model
    model.found.show_tokenizer("/data/chatglm2-6b/tokenizer.model")


def running(panel: Any, *, finished: bool = False) -> None:
    """A job in the middle of writing weights, or one that is over."""
    wizard(panel, REVIEW)
    page = panel.window.page("compile")
    job = FakeJob()
    with mock.patch("core.worker.job.CompileJob", return_value=job):
        page._start_compile(page.wizard.draft.request())
    page.runner.job.started -= 109.0 if finished else 62.0
    job.say(LogLine("28 layers of 4096 features"))
    for step, unit, count in (("import", "layers", 28), ("base", "passes", 79), ("incremental", "passes", 79)):
        job.say(StepStarted(step), StepProgress(step, count, count, unit), StepFinished(step, 11.5))
    size = int(REPORT["weight_bytes"])  # type: ignore[call-overload]  # an int
    job.say(StepStarted("write"), StepProgress("write", size * 2 // 3, size, "bytes"))
    if finished:
        path = page.wizard.draft.request().outputs()[0]
        job.say(StepProgress("write", size, size, "bytes"))
        for step, seconds in zip(COMPILE_STEPS[3:], (74.2, 0.0, 0.4), strict=True):
            job.say(StepStarted(step), StepFinished(step, seconds))
        job.end(CompileFinished([str(path)], [7_141_000_000], 118.0, 1_930_000_000, 7_142_000_000))
    for _ in range(1000):  # a tick takes only as much as its time allows
        if job.events.empty():
            break
        panel.bridge.drain()
    panel.bridge.drain()
    page.panel.log_button.setChecked(not finished)


def refused(panel: Any) -> None:
    """A model that can't be compiled."""
    from core.onnx_import.match import HINT

    page = panel.window.page("compile")
    page.show_wizard()
    error = ModelError("There is no RMS norm right before the output layer.", HINT)
    page.wizard.model.show_failure(str(ONNX), error)


def failed(panel: Any) -> None:
    """A job that ran out of disk."""
    running(panel)
    page = panel.window.page("compile")
    job = page.runner._errand._job
    job.end(Failed.of(ResourceError(
        "6.65 GiB (7141000000 bytes) are needed in /data/engines, but only 1.20 GiB (1288490188 bytes) are free.",
        "Free some space, or choose a folder on another disk.",
    )))  # fmt: skip
    panel.bridge.drain()
    page.panel.log_button.setChecked(False)


def combine(panel: Any) -> None:
    """Two parts that belong together."""
    library(panel)
    page = panel.window.page("compile")
    part = next(engine for engine in page.engines if engine.role == "base")
    page._act("combine", part)


def details(panel: Any) -> None:
    """What an engine file says of itself."""
    from PySide6.QtWidgets import QApplication

    library(panel)
    page = panel.window.page("compile")
    page._act("details", next(engine for engine in page.engines if engine.kind == "engine"))
    while page.engine_actions.dialog._errand is not None:
        QApplication.processEvents()


PREPARE: tuple[tuple[str, Callable[[Any], None], int], ...] = (
    ("compile-library", library, 0),
    ("compile-trust", asked_to_trust, 0),
    ("compile-model", partial(wizard, step=MODEL), 0),
    ("compile-no-tokenizer", partial(wizard, step=MODEL, tokenizer=""), 0),
    ("compile-tokenizer-picked", tokenizer_picked, 0),
    ("compile-shape", partial(wizard, step=SHAPE, shape=4), 0),
    ("compile-precision", partial(wizard, step=PRECISION), 4),
    ("compile-review", partial(wizard, step=REVIEW), 4),
    ("compile-running", running, 0),
    ("compile-finished", partial(running, finished=True), 0),
    ("compile-refused", refused, 0),
    ("compile-failed", failed, 0),
    ("compile-combine", combine, 0),
    ("compile-details", details, 0),
)
"""(name of the picture, what is done to the window before it is taken, simulated cards)."""
