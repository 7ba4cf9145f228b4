"""Compiling for the card: the vendor's command lines, its files under its names, and sentences where it fails."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path

import pytest

from core.c10.compile import combine_engines, compile_engine, compile_words
from core.c10.description import describe
from core.c10.engine import C10Engine, CardOptions
from core.compiler.plan import CompileRequest
from core.errors import Cancelled, DeviceError, FileError, FormatError, UsageError, WorkerError
from core.events import COMPILE_STEPS, Event, LogLine, StepFinished, StepProgress, StepStarted
from core.ngf.reader import read_header
from core.spec import EngineConfig
from tests.core.c10.conftest import Engines, config
from tests.core.c10.test_infer import LONG, SHORT, answer, on_cpu

MODEL = "path-to/chatglm2-6b-onnx/model.onnx"
EXAMPLES = {
    "glm2_6b2048_48M_bf16_q": (
        "python3 compile/glm2_6b_dyn.py --model-path path-to/chatglm2-6b-onnx/model.onnx --target-path . "
        "--static-batch-size 1 --pre-len 256 --export-name glm2_6b2048_48M",
        EngineConfig(),
        "glm2_6b2048_48M",
    ),
    "glm2_6b2048_48M_bf16_q_pre1024": (
        "python3 compile/glm2_6b_dyn.py --model-path path-to/chatglm2-6b-onnx/model.onnx --target-path . "
        "--static-batch-size 1 --pre-len 1024  --export-name glm2_6b2048_48M",
        EngineConfig(pre_len=1024),
        "glm2_6b2048_48M",
    ),
    "glm2_6b2048_48M_b8_bf16_q": (
        "python3 compile/glm2_6b_dyn.py --model-path path-to/chatglm2-6b-onnx/model.onnx --target-path . "
        "--static-batch-size 8 --pre-len 256  --export-name glm2_6b2048_48M",
        EngineConfig(batch=8),
        "glm2_6b2048_48M",
    ),
    "glm2_6b8192_48M_bf16_q_pre2048": (
        "python3 compile/glm2_6b_dyn.py --model-path path-to/chatglm2-6b-onnx/model.onnx --target-path . "
        "--static-batch-size 1 --pre-len 2048  --export-name glm2_6b8192_48M --total-len 8192",
        EngineConfig(pre_len=2048, total_len=8192),
        "glm2_6b8192_48M",
    ),
    "glm2_6b32768_48M_bf16_q": (
        "python3 compile/glm2_6b_dyn.py --model-path path-to/chatglm2-6b-onnx/model.onnx --target-path . "
        "--static-batch-size 1 --pre-len 256  --export-name glm2_6b32768_48M --total-len 32768",
        EngineConfig(total_len=32768),
        "glm2_6b32768_48M",
    ),
}
"""The vendor's five examples, as its manual writes them, under the names of what they make."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_vendors_examples_give_the_vendors_command_lines(name: str) -> None:
    line, built, export_name = EXAMPLES[name]
    request = CompileRequest(Path(MODEL), Path(), export_name, built)
    assert ["python3", *compile_words(request, MODEL, ".")] == shlex.split(line)
    assert request.name == name


def test_false_is_an_empty_word_for_the_vendors_script() -> None:
    floats = EngineConfig(dtype="fp32", quantisation="none")
    words = compile_words(CompileRequest(Path(MODEL), Path(), "x", floats, ngf=False), MODEL, ".")
    assert words[-6:] == ["--is-bf16", "", "--quant", "", "--ngf", ""]
    int4 = compile_words(CompileRequest(Path(MODEL), Path(), "x", EngineConfig(quantisation="int4")), MODEL, ".")
    assert int4[-2:] == ["--int4", "True"]
    assert "False" not in words + int4


def request_of(onnx: Path, folder: Path, *, combine: bool = True, ngf: bool = True) -> CompileRequest:
    return CompileRequest(onnx, folder, "t", config(1), combine=combine, ngf=ngf, target="c10")


def test_a_combined_engine_is_compiled_tested_and_answers_as_the_cpu(
    onnx: Path, engines: Engines, sdk: Path, tmp_path: Path
) -> None:
    engines(1)
    events: list[Event] = []
    finished = compile_engine(request_of(onnx, tmp_path), events.append)
    assert [event.step for event in events if isinstance(event, StepStarted)] == list(COMPILE_STEPS)
    assert [event.step for event in events if isinstance(event, StepFinished)] == list(COMPILE_STEPS)
    assert all(event.total is None for event in events if isinstance(event, StepProgress))
    lines = [event.text for event in events if isinstance(event, LogLine)]
    assert "glm2_6b_dyn: simulated, not Hexaflake hardware" in lines
    path = Path(finished.outputs[0])
    assert finished.sizes == [path.stat().st_size]
    assert finished.peak_memory_bytes > 1 << 20
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.json"]
    assert (
        "combine_engine_file(['t_fp32_pre16.ngf', 't_fp32_pre16_inc.ngf'], t_fp32_pre16_multi.ngf)" in sdk.read_text()
    )
    with pytest.raises(FormatError):
        read_header(path)
    engine = C10Engine.open(path, CardOptions())
    try:
        assert answer(engine, [SHORT, LONG])[0].output_ids == on_cpu(engines(1)[0], [SHORT, LONG]).output_ids
    finally:
        engine.close()


def test_parts_are_found_under_the_vendors_names_and_combined_later(
    onnx: Path, engines: Engines, sdk: Path, tmp_path: Path
) -> None:
    del sdk
    engines(1)
    finished = compile_engine(request_of(onnx, tmp_path, combine=False), lambda _: None)
    base, incremental = map(Path, finished.outputs)
    assert (base.name, incremental.name) == ("t_fp32_pre16.ngf", "t_fp32_pre16_inc.ngf")
    assert base.with_suffix(".tar").is_file()
    multi = tmp_path / "multi.ngf"
    assert combine_engines(base, incremental, multi) == multi.stat().st_size
    assert describe(multi).config == config(1)
    with pytest.raises(DeviceError, match="not base first"):
        combine_engines(incremental, base, tmp_path / "other.ngf")
    with pytest.raises(FileError, match=r"none\.ngf"):
        combine_engines(base, tmp_path / "none.ngf", multi)
    with pytest.raises(UsageError, match="one of the two parts"):
        combine_engines(base, incremental, base)


def test_archives_come_with_their_lists(onnx: Path, engines: Engines, sdk: Path, tmp_path: Path) -> None:
    del sdk
    engines(1)
    finished = compile_engine(request_of(onnx, tmp_path, combine=False, ngf=False), lambda _: None)
    folder = Path(finished.outputs[0]).parent
    assert {"base.json", "inc.json", "t_fp32_pre16.tar", "t_fp32_pre16_inc.tar"} == {p.name for p in folder.iterdir()}


def test_a_compiler_that_fails_leaves_nothing_and_its_output_is_shown(
    sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    monkeypatch.delenv("C10_DOUBLE_PREBUILT")
    (tmp_path / "model.onnx").write_bytes(b"no model")
    # Taken for ChatGLM2-6B, whose three files want more disk than a machine that tests may have.
    monkeypatch.setattr("core.fsio.free_bytes", lambda folder: 1 << 40)
    request = request_of(tmp_path / "model.onnx", tmp_path / "out")
    events: list[Event] = []
    with pytest.raises(DeviceError, match="compiler ended with exit code 1"):
        compile_engine(request, events.append)
    lines = [event.text for event in events if isinstance(event, LogLine)]
    assert any("doesn't recognise the model" in line for line in lines)
    assert any("ModelError" in line for line in lines)
    assert not request.folder.exists()


def test_a_cancelled_compile_leaves_nothing(onnx: Path, engines: Engines, sdk: Path, tmp_path: Path) -> None:
    del sdk
    engines(1)
    request = request_of(onnx, tmp_path / "out")

    def emit(event: Event) -> None:
        if isinstance(event, LogLine) and "simulated" in event.text:
            raise Cancelled("Stop.")

    with pytest.raises(Cancelled):
        compile_engine(request, emit)
    assert not request.folder.exists()


def test_a_killed_compiler_is_a_sentence(
    onnx: Path, engines: Engines, sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    engines(1)
    monkeypatch.setenv("C10_DOUBLE_DIE", "glm2_6b_dyn")
    with pytest.raises(DeviceError, match=rf"was killed \(signal {signal.SIGKILL}\)"):
        compile_engine(request_of(onnx, tmp_path), lambda _: None)
    monkeypatch.setenv("C10_DOUBLE_DIE", "combine_engine_file")
    with pytest.raises(WorkerError, match=r"was killed \(signal 9\)"):
        compile_engine(request_of(onnx, tmp_path), lambda _: None)


def test_without_a_card_the_self_test_is_left_out_and_said(
    onnx: Path, engines: Engines, sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sdk
    engines(1)
    monkeypatch.setenv("C10_DOUBLE_CARDS", "0")
    events: list[Event] = []
    compile_engine(request_of(onnx, tmp_path), events.append)
    assert any(isinstance(event, LogLine) and "self-test needs a card" in event.text for event in events)


def test_missing_scripts_are_named(onnx: Path, sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del sdk
    monkeypatch.setenv("C10_SDK_HOME", str(tmp_path))
    with pytest.raises(DeviceError, match=rf"looked for {tmp_path}/compile/glm2_6b_dyn\.py") as caught:
        compile_engine(request_of(onnx, tmp_path / "out"), lambda _: None)
    assert "--c10-home" in caught.value.hint
    monkeypatch.delenv("C10_SDK_HOME")
    with pytest.raises(DeviceError, match="nobody said where"):
        compile_engine(request_of(onnx, tmp_path / "out"), lambda _: None)


def test_what_the_vendor_cannot_do_is_refused(onnx: Path, sdk: Path, tmp_path: Path) -> None:
    del sdk
    request = CompileRequest(onnx, tmp_path, "t", EngineConfig(quant_lm_head=True), target="c10")
    with pytest.raises(UsageError, match="output layer unquantised"):
        compile_engine(request, lambda _: None)
