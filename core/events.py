"""What workers report: frozen events, one JSON object a line on the wire (`{"event": "token", ...}`).

The class name in snake_case is the wire name. Everything the command line prints with --json and everything the window
shows is made from these.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from core.errors import C10Error, WorkerError, by_code

COMPILE_STEPS = ("import", "base", "incremental", "write", "combine", "self_test")
"""Steps of a compile job, in order: recognise and verify, build prefill code, build decode code, quantise and write the
weights, combine (skipped unless asked for), run one token."""

StopReason = Literal["eos", "length", "context_full", "stopped", "error"]
"""eos: the model ended; length: max-new-tokens; context_full: the KV cache is full; stopped: the user."""


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    @classmethod
    def wire_name(cls) -> str:
        """Return the name on the wire, e.g. "step_started"."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """Return the event as a JSON object."""
        return {"event": self.wire_name(), **asdict(self)}


@dataclass(frozen=True, slots=True)
class Ready(Event):
    """The worker has started and reads commands."""

    pid: int
    version: str
    limits: list[str] = field(default_factory=list)
    """What the worker has given up, in words, see core.worker.narrow."""


@dataclass(frozen=True, slots=True)
class Heartbeat(Event):
    """The worker is alive (sent every second from its reader thread); `busy` says whether a job runs."""

    busy: bool


@dataclass(frozen=True, slots=True)
class LogLine(Event):
    """A line for the folded log."""

    text: str


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """A compile step begins; `step` is one of COMPILE_STEPS."""

    step: str


@dataclass(frozen=True, slots=True)
class StepProgress(Event):
    """Real progress of a step: `done` of `total` in `unit` ("bytes", "layers", "passes"); total None: unknown."""

    step: str
    done: int
    total: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class TimeLeft(Event):
    """How long a compile job still takes, in seconds, as its pace so far lets expect."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """A compile step is over; `skipped` if it was not asked for."""

    step: str
    seconds: float
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class CompileFinished(Event):
    """All files are written. Paths are absolute; `sizes` in bytes, in the order of `outputs`."""

    outputs: list[str]
    sizes: list[int]
    seconds: float
    peak_memory_bytes: int
    predicted_bytes: int
    """Size of one engine file as predicted before the work, in bytes."""
    spec: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned(Event):
    """Answer to a `plan` command: what `compile --dry-run` prints."""

    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exported(Event):
    """An ONNX model has been written from another format; `path` is absolute, `size` in bytes with all its files."""

    path: str
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Inspected(Event):
    """Answer to an `inspect` command: `kind` is "onnx" or "ngf"; `report` is what `inspect --json` prints."""

    path: str
    kind: str
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded(Event):
    """An engine is open and can answer."""

    engine: str
    spec: dict[str, Any]
    config: dict[str, Any]
    tokenizer: str
    """"chatglm" (sentencepiece), "bpe" (tokenizer.json) or "" for none: then only token ids can be asked."""
    seconds: float
    weight_bytes: int
    kv_bytes: int
    notes: list[str] = field(default_factory=list)
    """Sentences to show, such as "compiled again for this processor"."""


@dataclass(frozen=True, slots=True)
class Unloaded(Event):
    """The engine is closed and its memory given back."""


@dataclass(frozen=True, slots=True)
class Forgotten(Event):
    """Answer to a `forget` command: nothing of earlier prompts is left in the engine."""


@dataclass(frozen=True, slots=True)
class Prompted(Event):
    """The prompts of a generate job in the model's own format ("" where they came as ids), and their tokens."""

    job: str
    prompts: list[str]
    tokens: list[int]


@dataclass(frozen=True, slots=True)
class PrefillProgress(Event):
    """Prompt tokens processed so far, for all rows of the running job."""

    job: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Token(Event):
    """One new token of one row. `text` holds only whole characters and may be empty while a character is incomplete."""

    job: str
    row: int
    token: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the event as a JSON object; hundreds come a second, and the general way takes thirty times as long."""
        return {"event": "token", "job": self.job, "row": self.row, "token": self.token, "text": self.text}


@dataclass(frozen=True, slots=True)
class RowFinished(Event):
    """A row has its answer; `text` is the whole of it."""

    job: str
    row: int
    reason: StopReason
    text: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one generate job; `vendor` holds the vendor's own figures under the names it prints."""

    prompt_tokens: int
    """Tokens of all prompts."""
    cached_tokens: int
    """Of these, tokens found in the KV cache and not computed again."""
    new_tokens: int
    ttft_s: float
    """Time to first token: from the request to the first sampled token, seconds."""
    tpot_ms: float
    """Time per output token after the first, milliseconds (one decode step, whatever the batch)."""
    prefill_s: float
    decode_s: float
    prefill_tokens_per_s: float
    decode_tokens_per_s: float
    """New tokens of all rows after the first of each, divided by `decode_s`."""
    context_used: int
    """Most KV-cache positions in use in any row at the end."""
    context_size: int
    peak_memory_bytes: int
    """Peak resident memory of the worker."""
    vendor: dict[str, float] = field(default_factory=dict)
    drafted_tokens: int = 0
    """Tokens guessed from earlier text and checked several at a time (prompt lookup)."""
    accepted_tokens: int = 0
    """Of these, tokens that were right: each saved a decode step."""


@dataclass(frozen=True, slots=True)
class Generated(Event):
    """A generate job is over: one entry a prompt in each list, and the figures."""

    job: str
    output_ids: list[list[int]]
    text: list[str]
    stop_reason: list[StopReason]
    metrics: Metrics
    cards: list[dict[str, Any]] = field(default_factory=list)
    """For an engine over several cards: each one's `core.cards.figures.CardFigures` for this job."""


@dataclass(frozen=True, slots=True)
class Scored(Event):
    """Answer to a `perplexity` command."""

    perplexity: float
    tokens: int
    windows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class QualityMeasured(Event):
    """Answer to a `quality` command: `core.quality.card.QualityCard` as JSON."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Benchmarked(Event):
    """One figure of a `bench` command. `metrics`: those of Metrics, and `bandwidth_gb_per_s`, `bandwidth_share`."""

    kind: str
    """"decode", "prefill", "batch", "long-context", "lookup" or "roofline"."""
    label: str
    metrics: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BenchFinished(Event):
    """A `bench` command is over; `table` is in Markdown."""

    table: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CardOpened(Event):
    """A card's process holds its part of the engine; sizes in bytes."""

    card: int
    weight_bytes: int
    kv_bytes: int
    workspace_bytes: int
    verify_rows: int
    """Most tokens of one `verify`; 0: this engine's code has none."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CardStates(Event):
    """What each card of a split engine holds and has done since it was loaded: `core.cards.figures.CardFigures`.

    Sent after Loaded, and while answering at most twice a second.
    """

    cards: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CardLost(Event):
    """A card is gone; `sentence` is for the user. The job goes on with the other cards; "": none was running."""

    job: str
    card: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A command failed; the worker goes on. `code` is the error class's code, see core.errors."""

    code: str
    message: str
    hint: str
    job: str = ""

    def error(self) -> C10Error:
        """Return the exception that this event stands for."""
        return by_code().get(self.code, WorkerError)(self.message, self.hint)

    @classmethod
    def of(cls, error: C10Error, job: str = "") -> Failed:
        """Return the event that carries `error` over the process boundary."""
        return cls(error.code, error.message, error.hint, job)


@dataclass(frozen=True, slots=True)
class Exited(Event):
    """Made by the parent, never by a worker: the child has ended. `sentence`: for the user, empty if asked to end."""

    returncode: int | None
    sentence: str
    again: bool = False
    """Whether it is started again and loads its engine: Loaded or Failed follows."""


@dataclass(frozen=True, slots=True)
class Hung(Event):
    """Made by the parent: the child has shown no progress for `seconds` while it should; offer to stop it."""

    job: str
    phase: str
    """"load", "prefill" or "decode"."""
    seconds: float


EVENTS: dict[str, type[Event]] = {
    cls.wire_name(): cls
    for cls in (
        Ready, Heartbeat, LogLine, StepStarted, StepProgress, TimeLeft, StepFinished, CompileFinished, Planned,
        Exported, Inspected, Loaded, Unloaded, Forgotten, Prompted, PrefillProgress, Token, RowFinished, Generated,
        Scored, QualityMeasured, Benchmarked, BenchFinished, CardOpened, CardStates, CardLost, Failed, Exited,
        Hung,
    )
}  # fmt: skip

_FIELDS = {cls: frozenset(known.name for known in fields(cls)) for cls in EVENTS.values()}


def from_json(data: object) -> Event:
    """Rebuild an event from a parsed line; raises WorkerError if it is none."""
    if not isinstance(data, dict) or data.get("event") not in EVENTS:
        raise WorkerError("The worker sent a line that is no event.", "Start it again; the log has the line.")
    cls = EVENTS[data["event"]]
    values = {key: value for key, value in data.items() if key != "event"}
    if not values.keys() <= _FIELDS[cls]:
        raise WorkerError(f"The worker sent a {data['event']} event with unknown fields.", "Start it again.")
    try:
        if cls is Generated:
            values["metrics"] = Metrics(**values["metrics"])
        return cls(**values)
    except (TypeError, KeyError) as error:
        raise WorkerError(f"The worker sent a {data['event']} event that lacks a field.", "Start it again.") from error
