"""A stranger's engine is looked at and combined, never run without the user's word. Its constructor is the canary."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import trust
from core.ngf.format import PlannedSection
from core.ngf.reader import NgfFile
from core.ngf.writer import NgfWriter
from core.spec import Role
from tests.core.cli.conftest import Built, Run

LLVM = """
declare void @abort()
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @abort, ptr null }]
"""
"""A constructor that ends the process which links it: whoever is alive afterwards hasn't run it."""


@pytest.fixture(scope="module")
def canary() -> bytes:
    """An object file whose constructor fires when it is linked into a process."""
    import tvm
    from tvm.script import ir, tirx

    from core.compiler.build import objects

    @ir.ir_module
    class Module:
        @tirx.prim_func
        def work(a: tirx.handle) -> None:
            x = tirx.match_buffer(a, (4,), "float32")
            tirx.attr(tirx.int32(0), "pragma_import_llvm", LLVM)
            for i in range(4):
                x[i] = x[i] + tirx.float32(1)

    return objects(tvm.compile(Module, target="llvm").mod).library


@pytest.fixture
def stranger(tmp_path: Path, built: Built, canary: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[Role, Path]:
    """The small engine and its two parts as a stranger would give them, and a list in which nothing stands."""
    monkeypatch.delenv(trust.STORE_VARIABLE)
    sources: dict[Role, Path] = {"base": built.base, "incremental": built.incremental, "multi": built.multi}
    return {role: poisoned(path, tmp_path / f"{role}.ngf", canary) for role, path in sources.items()}


def poisoned(source: Path, path: Path, canary: bytes) -> Path:
    """Write `source` again with `canary` in the place of each library."""
    with NgfFile.open(source) as file:
        sections = file.header.sections
        content = {s.name: canary if s.name.endswith(".library") else file.bytes_of(s.name) for s in sections}
        planned = [PlannedSection(s.name, s.kind, len(content[s.name]), s.dtype, s.shape) for s in sections]
        with NgfWriter(path, file.header, planned) as writer:
            for name, data in content.items():
                writer.write(name, data)
    return path


def test_the_constructor_fires_once_the_engine_is_trusted(run: Run, stranger: dict[Role, Path]) -> None:
    result = run("infer", "--engine", stranger["multi"], "--input-ids", "1,2;3,4", "--trust")
    assert result.code == 1
    assert "crashed with signal 6 (SIGABRT)" in result.err


def test_it_never_fires_on_inspecting_combining_or_a_refused_run(run: Run, stranger: dict[Role, Path]) -> None:
    for path in stranger.values():
        assert run("inspect", path, "--verify").code == 0
    combined = stranger["multi"].with_name("combined.ngf")
    words = ["combine", "--ngf-1", stranger["base"], "--ngf-2", stranger["incremental"], "--output", combined]
    assert run(*words).code == 0
    for engine in (stranger["multi"], combined):
        commands = (
            ["infer", "--input-ids", "1,2;3,4"],
            ["infer", "--input-ids", "1,2;3,4", "--device", "0,1"],
            ["infer", "--dry-run", "--input-ids", "1,2;3,4"],
            ["perplexity", "--text", __file__],
            ["race", "--engine", engine],
        )
        for command in commands:
            result = run(*command, "--engine", engine)
            refused = "--dry-run" not in command
            assert result.code == (2 if refused else 0), result.err
            assert ("was not built on this computer" in result.err) is refused
            assert ("--trust" in result.err) is refused


def test_the_window_lists_it_without_running_it(stranger: dict[Role, Path]) -> None:
    from core.ngf.inspect import inspect_report

    for path in stranger.values():  # in this very process, which the constructor would end
        assert inspect_report(path, verify=True)["trust"] == ""


def test_an_engine_is_asked_for_once(run: Run, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(trust.STORE_VARIABLE)
    words = ["infer", "--engine", built.multi, "--input-ids", "1,2;3,4", "--max-new-tokens", 2]
    assert run(*words).code == 2
    assert run(*words, "--trust").code == 0
    assert run(*words).code == 0
    assert "approved to run" in run("inspect", built.multi).out
