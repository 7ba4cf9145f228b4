"""What a worker is told: frozen commands, one JSON object a line (`{"command": "load", ...}`), parsed strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from core.compiler.plan import CompileRequest
from core.errors import C10Error, UsageError, WorkerError
from core.runtime.sampling import Sampling
from core.spec import EngineConfig, Target
from core.text.prompts import Message

MAX_LINE_BYTES = 64 << 20
"""Longest line in either direction; a longer one breaks the protocol."""

MAX_ROWS = 4096
"""Most prompts of one generate command."""

_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Command:
    """Base of all commands."""

    @classmethod
    def wire_name(cls) -> str:
        """Return the name on the wire, e.g. "load"."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def to_line(self) -> bytes:
        """Return the command as a line of JSON."""
        return json.dumps({"command": self.wire_name(), **asdict(self)}, ensure_ascii=True).encode("ascii") + b"\n"


@dataclass(frozen=True, slots=True)
class Inspect(Command):
    """Say what the ONNX or .ngf file `path` is; `verify` also checks every digest (.ngf) or every layer (ONNX)."""

    path: str
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Plan(Command):
    """Say what a compile job would take; `request` as `request_to_json` makes it."""

    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compile(Command):
    """Run a compile job; `request` as `request_to_json` makes it."""

    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Combine(Command):
    """Join a base and an incremental engine."""

    ngf_1: str
    ngf_2: str
    output: str
    c10: bool = False
    """They are the vendor's: its SDK combines them."""


@dataclass(frozen=True, slots=True)
class Export(Command):
    """Write a GGUF file or Hugging Face folder as ONNX into the folder `output`."""

    source: str
    output: str


@dataclass(frozen=True, slots=True)
class Load(Command):
    """Open an engine; `tokenizer`: a file or folder to use instead of the engine's own; `threads` 0: choose."""

    engine: str
    tokenizer: str = ""
    threads: int = 0
    c10: dict[str, Any] = field(default_factory=dict)
    """For the C10 card: `core.c10.engine.CardOptions` as JSON; empty: the CPU computes."""
    cards: dict[str, Any] = field(default_factory=dict)
    """To spread the engine over simulated cards: `core.cards.options.CardsOptions` as JSON; empty: one process."""
    trust: bool = False
    """The user has said that this engine may run, though it wasn't built here."""


@dataclass(frozen=True, slots=True)
class Generate(Command):
    """Answer prompts, which come in one of three ways: token ids, questions, or whole conversations."""

    job: str
    input_ids: list[list[int]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    conversations: list[list[dict[str, str]]] = field(default_factory=list)
    """Turns such as {"role": "user", "content": "Hi"}, see `turns_to_json`."""
    raw: bool = False
    """Use the questions as they are, without the model's prompt format."""
    jobs: int = 1
    """Repeat the prompts in turn until there are this many static batches (the vendor's dynamic batch)."""
    base_length: int = 0
    """Tokens of one prefill round; 0: the engine's pre_len."""
    max_new_tokens: int = 2048
    constant_output: bool = False
    do_sample: bool = False
    temperature: float = 0.85
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None
    golden_folder: str = ""
    """Where to dump inputs and logits; "": nowhere."""
    lookup: bool = True
    """Guess tokens from earlier text and check several at once; the answers stay the same."""

    def sampling(self) -> Sampling:
        """Return the sampling settings."""
        return Sampling(self.do_sample, self.temperature, self.top_p, self.top_k, self.repetition_penalty, self.seed)

    def messages(self) -> list[list[Message]]:
        """Return the questions or conversations as lists of turns."""
        asked = [[Message("user", question)] for question in self.questions]
        return asked + [[_message(turn) for turn in turns] for turns in self.conversations]


@dataclass(frozen=True, slots=True)
class Perplexity(Command):
    """Measure the loaded engine on the first `tokens` tokens of a UTF-8 text file."""

    text: str
    window: int = 512
    tokens: int = 4096


@dataclass(frozen=True, slots=True)
class Quality(Command):
    """Measure the loaded engine (the file `engine`) against the ONNX `model` that it was compiled from."""

    engine: str
    model: str
    questions: list[str]


@dataclass(frozen=True, slots=True)
class Bench(Command):
    """Measure the speed of the loaded engine: `kinds` as in core.bench.measure, each with `runs` runs.

    `["roofline"]` alone measures the machine and needs no engine.
    """

    kinds: list[str]
    tokens: int = 128
    runs: int = 5


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """End everything that was asked before this command, at the next token."""


@dataclass(frozen=True, slots=True)
class Unload(Command):
    """Close the engine."""


@dataclass(frozen=True, slots=True)
class Forget(Command):
    """Overwrite what the engine still knows of earlier prompts (the KV cache of every row)."""


@dataclass(frozen=True, slots=True)
class Quit(Command):
    """End the worker."""


COMMANDS: dict[str, type[Command]] = {
    cls.wire_name(): cls
    for cls in (
        Inspect,
        Plan,
        Compile,
        Combine,
        Export,
        Load,
        Generate,
        Perplexity,
        Quality,
        Bench,
        Stop,
        Unload,
        Forget,
        Quit,
    )
}


def parse_command(line: bytes) -> Command:
    """Return the command in `line`; raises WorkerError if it is none, whatever the bytes."""
    if len(line) > MAX_LINE_BYTES:
        raise _broken(f"a command of {len(line)} bytes")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _broken("a line that is not JSON") from error
    cls = COMMANDS.get(str(data.get("command"))) if isinstance(data, dict) else None
    if cls is None:
        raise _broken("an unknown command")
    values = {key: value for key, value in data.items() if key != "command"}
    known = {f.name: f for f in fields(cls)}
    for name, value in values.items():
        if name not in known or not _fits(known[name], value):
            raise _broken(f"a {cls.wire_name()} command with a wrong field {name!r}")
    missing = [n for n, f in known.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise _broken(f"a {cls.wire_name()} command without {missing[0]!r}")
    return cls(**values)


def needs_network(command: Command) -> bool:
    """Return whether the worker has to keep the network: the vendor's SDK is a program that isn't known here."""
    if isinstance(command, Compile | Plan):
        return command.request.get("target") == "c10"
    return isinstance(command, Load | Combine) and bool(command.c10)


def turns_to_json(turns: list[Message]) -> list[dict[str, str]]:
    """Return a conversation as the `generate` command takes it."""
    return [{"role": turn.role, "content": turn.content} for turn in turns]


def request_to_json(request: CompileRequest) -> dict[str, Any]:
    """Return a compile request as the `compile` and `plan` commands take it."""
    return {
        **asdict(request),
        "model_path": str(request.model_path),
        "target_path": str(request.target_path),
        "tokenizer": str(request.tokenizer) if request.tokenizer else "",
        "config": request.config.to_json(),
    }


def request_from_json(data: dict[str, Any]) -> CompileRequest:
    """Build the compile request; raises UsageError or FormatError on a missing, unknown, or mistyped field."""
    texts = {name: data.get(name) for name in ("model_path", "target_path", "export_name", "tokenizer")}
    flags = {name: data.get(name) for name in ("ngf", "combine", "self_test", "tune")}
    target = data.get("target")
    if (
        set(data) != {f.name for f in fields(CompileRequest)}
        or not all(isinstance(text, str) for text in texts.values())
        or not all(isinstance(flag, bool) for flag in flags.values())
        or target not in ("cpu", "c10")
    ):
        raise UsageError("The compile request is incomplete or has a wrong field.", "Start the job again.")
    return CompileRequest(
        model_path=Path(str(texts["model_path"])),
        target_path=Path(str(texts["target_path"])),
        export_name=str(texts["export_name"]),
        config=EngineConfig.from_json(data["config"]),
        target=_target(target),
        tokenizer=Path(str(texts["tokenizer"])) if texts["tokenizer"] else None,
        **{name: flag is True for name, flag in flags.items()},
    )


def _target(name: str) -> Target:
    return "c10" if name == "c10" else "cpu"


def _broken(what: str) -> C10Error:
    return WorkerError(f"The worker was sent {what}.", "Start the program again.")


def _message(turn: dict[str, str]) -> Message:
    role = turn["role"]
    return Message("system" if role == "system" else "assistant" if role == "assistant" else "user", turn["content"])


def _is_int(value: object) -> bool:
    return type(value) is int and abs(value) < 1 << 63


def _is_turn(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"role", "content"}
        and value["role"] in _ROLES
        and isinstance(value["content"], str)
    )


def _is_rows(value: object, item: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_ROWS
        and all(isinstance(row, list) and all(map(item, row)) for row in value)
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "str": lambda v: isinstance(v, str) and "\0" not in v,
    "bool": lambda v: isinstance(v, bool),
    "int": _is_int,
    "int | None": lambda v: v is None or _is_int(v),
    "float": lambda v: type(v) in (int, float),
    "dict[str, Any]": lambda v: isinstance(v, dict),
    "list[str]": lambda v: isinstance(v, list) and len(v) <= MAX_ROWS and all(isinstance(x, str) for x in v),
    "list[list[int]]": lambda v: _is_rows(v, _is_int),
    "list[list[dict[str, str]]]": lambda v: _is_rows(v, _is_turn),
}


def _fits(known: Field[Any], value: object) -> bool:
    return _CHECKS[str(known.type)](value)
