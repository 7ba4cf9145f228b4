"""The parts that children play, for tests that only watch the window: an inference child and jobs, by a seeded plan.

Nothing computes and no process starts; what comes back has the order and the kinds of the real one's, failures too.
"""

from __future__ import annotations

import queue
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.compiler import plan
from core.errors import C10Error, Cancelled, ModelError
from core.events import (
    COMPILE_STEPS,
    CompileFinished,
    Event,
    Exited,
    Exported,
    Failed,
    Generated,
    Hung,
    Inspected,
    Loaded,
    LogLine,
    Metrics,
    Planned,
    PrefillProgress,
    Prompted,
    Ready,
    RowFinished,
    StepFinished,
    StepProgress,
    StepStarted,
    StopReason,
    Token,
    Unloaded,
)
from core.ngf.inspect import inspect_report
from core.spec import EngineConfig
from core.worker.protocol import Compile, Export, Generate, Inspect, Plan, request_from_json
from gui.devices.plan import CHATGLM2_6B

REPORT = {
    "spec": CHATGLM2_6B.to_json(), "parameters": 6_243_584_000, "weight_dtype": "float16",
    "weight_bytes": 12_487_168_000, "opset": 14, "tokenizer": "chatglm",
}  # fmt: skip
"""What an inspection says of a model of 6B."""
PIECES = ("The ", "answer ", "is ", "**42**", ".\n\n", "1. one\n", "`code` ", "```python\nx = 1\n```\n", "海", "😀", "")
TOO_LONG = "The prompt has 2100 tokens, but the engine's context holds 2048 and needs one free."
LEAVES = "The worker process was killed (signal 9), probably because memory ran out."


def figures(prompt: int, tokens: int) -> Metrics:
    """Return plausible figures of an answer."""
    return Metrics(prompt, 0, tokens, 0.08, 10.0, 0.08, tokens / 100, 500.0, 100.0, prompt + tokens, 2048, 1 << 28)


class PlayedRuntime:
    """An inference child that answers at `step`, dies, hangs and refuses now and then as `chance` decides."""

    def __init__(self, chance: random.Random) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self._chance = chance
        self._engine = ""
        self._config = EngineConfig(batch=4).to_json()
        self._jobs: list[Generate] = []
        self._texts: list[str] = []
        self._spoken = 0
        self._stopped = False

    def load(self, engine: str, **_options: Any) -> None:
        """Open an engine, or refuse it."""
        self._say(Ready(0, "played"))
        if self._chance.random() < 0.1:
            self._say(Failed("format", f"{engine} is cut short.", "Compile it again."))
            return
        self._engine = engine
        self._jobs.clear()
        self._say(Loaded(engine, CHATGLM2_6B.to_json(), self._config, "chatglm", 0.1, 6 << 30, 1 << 28))

    def generate(self, command: Generate) -> str:
        """Take a request."""
        if not self._engine:
            self._say(Failed("worker", "The model isn't running.", "Load an engine first.", command.job))
        else:
            self._jobs.append(command)
        return command.job

    def stop(self) -> None:
        """End what runs at the next step."""
        self._stopped = True

    def unload(self) -> None:
        """Close the engine."""
        self._engine = ""
        self._jobs.clear()
        self._say(Unloaded())

    def forget(self) -> None:
        """Do nothing: nothing is remembered."""

    def kill(self) -> None:
        """Die, and come back as the real client brings its child back."""
        engine = self._engine
        self._jobs.clear()
        self._texts, self._stopped = [], False
        self._say(Exited(-9, LEAVES))
        if engine:
            self.load(engine)

    def close(self) -> None:
        """Do nothing."""

    def step(self) -> None:
        """Go on with the first request by some tokens."""
        if not self._jobs:
            return
        command = self._jobs[0]
        rows = max(1, len(command.conversations) + len(command.input_ids))
        if not self._texts:
            self._begin(command, rows)
            return
        fate = self._chance.random()
        if fate < 0.01:
            self.kill()
        elif fate < 0.02:
            self._say(Hung(command.job, "decode", 11.0))
        elif self._stopped or fate < 0.08 or self._spoken >= command.max_new_tokens:
            self._finish(command)
        else:
            self._speak(command, rows)

    def _begin(self, command: Generate, rows: int) -> None:
        if self._chance.random() < 0.03:
            self._jobs.pop(0)
            self._say(Failed("usage", TOO_LONG, "Shorten the prompt.", command.job))
            return
        self._texts, self._spoken = [""] * rows, 0
        self._say(Prompted(command.job, ["prompt"] * rows, [12] * rows), PrefillProgress(command.job, 12, 12))

    def _speak(self, command: Generate, rows: int) -> None:
        for _ in range(self._chance.randint(1, 12)):
            row = self._chance.randrange(rows)
            piece = self._chance.choice(PIECES)
            self._texts[row] += piece
            self._spoken += 1
            self._say(Token(command.job, row, 7, piece))

    def _finish(self, command: Generate) -> None:
        reasons: tuple[StopReason, ...] = ("eos", "length", "context_full")
        reason: StopReason = "stopped" if self._stopped else self._chance.choice(reasons)
        self._jobs.pop(0)
        texts, self._texts, self._stopped = self._texts, [], False
        self._say(*(RowFinished(command.job, row, reason, text) for row, text in enumerate(texts)))
        self._say(
            Generated(command.job, [[7]] * len(texts), texts, [reason] * len(texts), figures(12, self._spoken))
        )  # fmt: skip

    def _say(self, *events: Event) -> None:
        for event in events:
            self.events.put(event)


class PlayedJob:
    """A job's child: it answers at `step`; an inspection may refuse, a compile job may fail."""

    def __init__(self, chance: random.Random, commands: tuple[Any, ...]) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.log = ""
        self._chance = chance
        self._todo = [event for command in commands for event in self._answers(command)]
        self.over = False

    def start(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """End with the error that the real job ends with."""
        self._end(Failed.of(Cancelled("The job was cancelled; nothing was written.")))

    def kill(self) -> None:
        """Die without a word."""
        if not self.over:
            self.over, self._todo = True, []
            self.events.put(Exited(-9, LEAVES))

    def join(self, timeout: float | None = None) -> bool:
        """Return that it is over."""
        del timeout
        return True

    def step(self) -> None:
        """Report what comes next."""
        if self._todo:
            self.events.put(self._todo.pop(0))
        else:
            self._end()

    def _end(self, *events: Event) -> None:
        if not self.over:
            self.over = True
            self._todo = []
            for event in (*events, Exited(0, "")):
                self.events.put(event)

    def _answers(self, command: Any) -> list[Event]:
        if isinstance(command, Inspect) and command.path.endswith(".ngf"):
            try:
                return [Inspected(command.path, "ngf", inspect_report(Path(command.path), command.verify))]
            except C10Error as error:
                return [Failed.of(error)]
        if isinstance(command, Inspect):
            refused = self._chance.random() < 0.3
            error = ModelError("The model has no embedding.", "Export it again.")
            return [Failed.of(error) if refused else Inspected(command.path, "onnx", dict(REPORT))]
        if isinstance(command, Plan):
            request = request_from_json(command.request)
            planned = plan.make_plan(request, CHATGLM2_6B, 1 << 20)
            return [Planned(replace(planned, seconds=240.0).to_json())]
        if isinstance(command, Export):
            return [Exported(command.output, 1 << 29, 1.0)]
        if isinstance(command, Compile):
            return self._compile(request_from_json(command.request).outputs())
        return [CompileFinished([str(getattr(command, "output", ""))], [1 << 28], 1.0, 1 << 28, 1 << 28)]

    def _compile(self, outputs: list[Path]) -> list[Event]:
        events: list[Event] = [LogLine("30 layers of 576 features")]
        for step in COMPILE_STEPS:
            events += [StepStarted(step), StepProgress(step, 15, 30, "layers"), StepFinished(step, 0.5)]
        if self._chance.random() < 0.2:
            return [*events[:7], Failed("resource", "The disk is full.", "Free some space.")]
        return [*events, CompileFinished([str(path) for path in outputs], [1 << 28], 4.0, 1 << 28, 1 << 28)]
