"""A real worker process whose engine is the toy one; the words in an engine's file name choose how it behaves.

batch3: static batch of 3; text: has a tokenizer; whole: answers in whole characters only; slow: 5 ms a token; hang,
crash, die: at the third token; forever: a compile job that never ends, with a half-written file. Run with one word as
argument for processes that break the protocol: garbage, halfline, flood, endless, silent.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.compiler.plan import CompilePlan, CompileRequest
from core.events import CompileFinished, Event, StepProgress, StepStarted
from core.fsio import publish
from core.worker.main import run
from core.worker.services import Services
from tests.core.runtime.fake_engine import FakeEngine, config
from tests.core.text.samples import bpe_files


class WholeCharacters(FakeEngine):
    """Answers in tokens that are whole characters, as a trained model does: halves make letters of every script."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        from tokenizers import Tokenizer

        super().__init__(*arguments, **options)
        tokenizer = Tokenizer.from_str(bpe_files("byte_level")["tokenizer.json"].decode())
        self._halves = [token for token in range(self.spec.vocab_size) if "\ufffd" in tokenizer.decode([token])]

    def _logits(self, row: int, end: int) -> npt.NDArray[np.float32]:
        logits = super()._logits(row, end)
        logits[self._halves] = -np.inf
        return logits


def open_engine(path: Path, *, threads: int | None) -> FakeEngine:
    name = path.name
    calls = 0

    def before(call: str) -> None:
        nonlocal calls
        calls += call == "decode"
        if "slow" in name and call == "decode":
            threading.Event().wait(0.005)
        if calls == 3:
            _misbehave(name)

    text = "text" in name
    vocab = 700 if text else 97
    batch = 3 if "batch3" in name else 1
    kind = WholeCharacters if "whole" in name else FakeEngine
    engine = kind(config(batch, total_len=2048), vocab=vocab, tokenizer="bpe" if text else "", before=before)
    engine.notes.append(f"{threads} threads")
    return engine


def _misbehave(name: str) -> None:
    if "hang" in name:
        threading.Event().wait()
    if "crash" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "die" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "memory" in name:
        raise MemoryError
    if "bug" in name:
        raise ZeroDivisionError("a bug")
    if "noise" in name:
        print("noise on stdout")  # noqa: T201 -- what native libraries do
        os.write(1, b"more noise\n")


def compile_engine(request: CompileRequest, emit: Callable[[Event], None]) -> CompileFinished:
    request.folder.mkdir(parents=True)
    first, *others = request.outputs()
    first.write_bytes(b"done early")
    with publish(others[0] if others else first) as file:
        file.write(b"half")
        emit(StepStarted("write"))
        for done in range(1_000_000):
            emit(StepProgress("write", done, None, "bytes"))
            if "forever" not in request.export_name:
                break
            if done == 3:
                threading.Event().wait()
    finished = CompileFinished([str(p) for p in request.outputs()], [4 for _ in request.outputs()], 0.1, 1, 4, {})
    emit(finished)
    return finished


def make_plan(request: CompileRequest) -> CompilePlan:
    return CompilePlan(request.name, [], 1, 2, 3, 4, 5, 6, 7, 8.0, {}, request.config.to_json())


def misbehave_from_the_start(how: str) -> None:
    out = os.fdopen(1, "wb", buffering=0)
    if how == "garbage":
        out.write(b"\xff\x00 this is not JSON\n")
    elif how == "halfline":
        out.write(b'{"event": "ready", "pid"')
        return
    elif how == "wrong":
        out.write(b'{"event": "ready", "pid": 1, "version": "x", "extra": 1}\n')
    elif how == "flood":
        os.write(2, b"e" * (1 << 20))
        for _ in range(20_000):
            out.write(b'{"event": "heartbeat", "busy": false}\n')
        return
    elif how == "endless":
        while True:
            out.write(b"x" * (1 << 20))
    elif how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        out.write(b'{"event": "ready", "pid": 1, "version": "x"}\n')
    time.sleep(3600)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        misbehave_from_the_start(sys.argv[1])
    else:
        run(Services(open_engine, lambda _: bpe_files("byte_level"), compile_engine, make_plan))
