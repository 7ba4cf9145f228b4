"""Figures of past answers, to compare engines and settings: a table without any text, kept in one JSON file."""

from __future__ import annotations

import csv
import io
import json
import threading
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core import fsio, strictjson
from core.errors import C10Error, FormatError
from core.events import Metrics
from core.spec import precision_name
from core.system import data_dir
from gui.bridge import Bridge

MAX_RUNS = 500
"""Older ones are dropped."""
_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """One answer's figures. `when` in seconds since 1970, times in seconds, memory in bytes."""

    when: float
    engine: str
    precision: str
    """Such as "bf16 int8"."""
    rows: int
    prompt_tokens: int
    cached_tokens: int
    new_tokens: int
    ttft_s: float
    prefill_s: float
    decode_s: float
    prefill_tokens_per_s: float
    decode_tokens_per_s: float
    context_used: int
    context_size: int
    peak_memory_bytes: int

    @classmethod
    def of(cls, metrics: Metrics, when: float, engine: str, config: dict[str, Any], rows: int) -> Run:
        """Return the run of an answer with these figures, by an engine of this config (EngineConfig as JSON)."""
        precision = precision_name(config).replace(" + ", " ")
        return cls(
            when=when, engine=engine, precision=precision, rows=rows, prompt_tokens=metrics.prompt_tokens,
            cached_tokens=metrics.cached_tokens, new_tokens=metrics.new_tokens, ttft_s=metrics.ttft_s,
            prefill_s=metrics.prefill_s, decode_s=metrics.decode_s,
            prefill_tokens_per_s=metrics.prefill_tokens_per_s, decode_tokens_per_s=metrics.decode_tokens_per_s,
            context_used=metrics.context_used, context_size=metrics.context_size,
            peak_memory_bytes=metrics.peak_memory_bytes,
        )  # fmt: skip


def dumps(runs: tuple[Run, ...]) -> str:
    """Return runs as JSON text."""
    return json.dumps({"version": 1, "runs": [asdict(run) for run in runs]}, ensure_ascii=False, indent=0) + "\n"


def loads(data: bytes) -> tuple[Run, ...]:
    """Read runs; raises FormatError where the file is damaged."""
    parsed = strictjson.as_object(
        strictjson.loads(data, max_bytes=_MAX_BYTES, what="list of runs"), ("version", "runs"), "list of runs"
    )
    items = strictjson.as_list(parsed["runs"], "list of runs", max_items=10 * MAX_RUNS)
    return tuple(_run(item) for item in items)[-MAX_RUNS:]


def to_csv(runs: tuple[Run, ...]) -> str:
    """Return runs as CSV with a heading; the unit is part of each column's name."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = [item.name for item in fields(Run)]
    writer.writerow(names)
    for run in runs:
        values = asdict(run)
        values["when"] = datetime.fromtimestamp(run.when).isoformat(timespec="seconds")
        writer.writerow([f"{values[n]:.6g}" if isinstance(values[n], float) else values[n] for n in names])
    return out.getvalue()


def _run(item: object) -> Run:
    values = strictjson.as_object(item, [f.name for f in fields(Run)], "run")
    checked: dict[str, Any] = {}
    for field in fields(Run):
        value = values[field.name]
        if field.type == "str":
            checked[field.name] = strictjson.as_str(value, field.name)
        elif field.type == "int":
            checked[field.name] = strictjson.as_int(value, field.name)
        else:
            checked[field.name] = strictjson.as_float(value, field.name)
    return Run(**checked)


class RunStore(QObject):
    """The runs of this and earlier starts, saved in the background. `changed`: one was added, or all are loaded."""

    changed = Signal()

    def __init__(self, bridge: Bridge, path: Path | None = None) -> None:
        super().__init__()
        self._bridge = bridge
        self._path = path or data_dir() / "runs.json"
        self._writing = threading.Lock()
        self._dirty = False
        self._loaded = False
        self.runs: tuple[Run, ...] = ()
        """Oldest first."""
        bridge.call(self._read, self._on_read)

    def add(self, run: Run) -> None:
        """Add a run and save."""
        self.runs = (*self.runs, run)[-MAX_RUNS:]
        self._save()

    def clear(self) -> None:
        """Forget all runs."""
        self.runs = ()
        self._save()

    def flush(self) -> None:
        """Write now what isn't written yet; errors are passed over (the window is closing)."""
        if self._dirty and self._loaded:
            self._write()

    def _save(self) -> None:
        self._dirty = True
        self.changed.emit()
        if self._loaded:
            self._bridge.call(self._write, lambda _: None)

    def _read(self) -> tuple[Run, ...]:
        try:
            return loads(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, FormatError):
            try:
                self._path.replace(self._path.with_name(self._path.name + ".damaged"))
            except OSError:
                return ()
            return ()

    def _on_read(self, found: tuple[Run, ...]) -> None:
        self._loaded = True
        self.runs = (*found, *self.runs)[-MAX_RUNS:]
        if self._dirty:
            self._save()
        else:
            self.changed.emit()

    def _write(self) -> None:
        with self._writing:
            self._dirty = False
            try:
                fsio.make_folder(self._path.parent)
                fsio.write_text(self._path, dumps(self.runs))
            except C10Error:
                return  # figures are no reason to disturb anyone
