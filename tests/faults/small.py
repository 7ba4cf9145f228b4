"""What the programs of this folder break: a small model, its engines, and the command line in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from core.compiler.plan import CompileRequest
from core.export.synthetic import tiny_spec, write_model, write_tokenizer
from core.spec import EngineConfig
from core.worker.job import run_command
from core.worker.protocol import Combine, Compile, request_to_json

ROOT = Path(__file__).parents[2]
CONFIG = EngineConfig(batch=1, pre_len=16, total_len=64, dtype="fp32", quantisation="none")
WAIT_S = 120.0
"""Longest wait for a process that is to end, on a busy machine."""


@dataclass(frozen=True)
class Small:
    """A model, and the parts and the whole of its engine."""

    model: Path
    base: Path
    incremental: Path
    multi: Path


def write_small(folder: Path, *, engines: bool = True) -> Small:
    """Write the model and, by real jobs, its engines."""
    model = write_model(folder / "model", tiny_spec(num_layers=1))
    write_tokenizer(folder / "model")
    request = CompileRequest(model, folder / "engines", "small", CONFIG)
    base, incremental = request.outputs()
    multi = folder / "engines" / "multi.ngf"
    if engines:
        run_command(Compile(request_to_json(request)))
        run_command(Combine(str(base), str(incremental), str(multi)))
    return Small(model, base, incremental, multi)


@contextmanager
def own_home() -> Iterator[Path]:
    """Give a folder below which this process and its children keep settings, logs and trust meanwhile."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("C10_PANEL_HOME", str(Path(folder) / "home"))
        patch.delenv("C10_PANEL_TRUST", raising=False)
        yield Path(folder)


def compile_words(small: Small, target: Path, *, combine: bool = True) -> list[str]:
    """Return the command line that compiles the small model into `target`."""
    words = [
        "compile", "--model-path", str(small.model), "--target-path", str(target), "--export-name", "x",
        "--total-len", "64", "--pre-len", "16", "--is-bf16", "no", "--quant", "",
    ]  # fmt: skip
    return [*words, "--combine"] if combine else words


def start(words: Sequence[str], *, before: str = "") -> subprocess.Popen[str]:
    """Start the command line; `before`: Python to run first in its process."""
    code = f"import sys\nfrom core.cli import main\n{before}\nsys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def ended_with_a_sentence(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait; return the exit code and stderr. Raises AssertionError for a traceback or another exit code."""
    _, err = process.communicate(timeout=WAIT_S)
    assert process.returncode in (0, 1, 2), f"exit code {process.returncode}: {err[-500:]}"
    assert "Traceback" not in err, err[-2000:]
    if process.returncode:
        assert err.strip(), "it failed without a word"
    return process.returncode, err


def left_of(children: Sequence[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Return which of `children` still run after `timeout` seconds, at once when none does.

    One that has ended but was not yet waited for by its new parent, the system's first process, doesn't run.
    """
    deadline = time.monotonic() + timeout
    while (alive := [child for child in children if _runs(child)]) and time.monotonic() < deadline:
        psutil.wait_procs(alive, timeout=0.02)
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below `folder` by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def over(deadline: float) -> bool:
    """Return whether the time is up."""
    return time.monotonic() > deadline
