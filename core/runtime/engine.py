"""An open engine: weights mapped from the file, code linked in memory, KV cache, prefill and decode.

Not thread-safe: TVM keeps one pool of worker threads for each calling thread, so call an engine from one long-lived
thread.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.compiler.arguments import (
    SCORE_ROWS,
    VERIFY_ROWS,
    Argument,
    Entry,
    cache_arguments,
    entry_arguments,
    overlay,
    prefill_rows,
)
from core.errors import FormatError, MismatchError, UsageError
from core.ngf.reader import NgfFile
from core.runtime.code import load_code
from core.spec import EngineConfig, ModelSpec
from core.system import physical_cores

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

HUGE_PAGE = 2 << 20


class Engine:
    """Prefill and decode of one combined engine file.

    `weight_bytes`: weights mapped from the file; `kv_bytes`: address space of the KV cache, resident only as far as it
    is filled; `verify_rows`: most tokens of one `verify`, 0 for files compiled before there was one; `notes`: sentences
    for the user about how it was opened.
    """

    def __init__(self, file: NgfFile, threads: int) -> None:
        self.header = file.header
        self.spec: ModelSpec = file.header.spec
        self.config: EngineConfig = file.header.config
        self.notes: list[str] = []
        self.threads = threads
        self._file = file
        self._arrays: dict[tuple[str, str], npt.NDArray[Any]] = {}
        self._tensors: dict[tuple[str, str], Any] = {}
        self._written: list[npt.NDArray[Any]] = []
        """What prompts leave traces in: the KV cache, and the entries' inputs and scratch."""
        self._machines = load_code(file, self.notes)
        self._cache = cache_arguments(self.spec, self.config)
        self.weight_bytes = sum(s.length for s in file.header.sections if s.kind == "weight")
        self.kv_bytes = sum(argument.nbytes for argument in self._cache)
        self.verify_rows = VERIFY_ROWS if self._machines["incremental"].has("verify") else 0
        entries: tuple[Entry, ...] = ("base", "score", "incremental", *(("verify",) if self.verify_rows else ()))
        self._run = {entry: self._bind(entry) for entry in entries}
        self._prepare_controls()

    @classmethod
    def open(cls, path: Path, *, threads: int | None = None) -> Engine:
        """Open a combined engine with `threads` threads (default: one for each physical core).

        Raises FormatError (ForeignEngineError for the vendor's files), MismatchError for a part that isn't combined,
        UntrustedError.
        The number of threads holds for the whole process: the first engine opened decides.
        """
        threads = threads or physical_cores()
        os.environ.setdefault("TVM_NUM_THREADS", str(threads))
        file = NgfFile.open(path)
        try:
            require_multi(file)
            return cls(file, threads)
        except BaseException:
            file.close()
            raise

    def prefill(self, row: int, tokens: Ints, start: int) -> Floats:
        """Process `tokens` (n,) of slot `row` at positions start..start+n-1; returns the last one's logits (vocab,).

        1 <= n <= prefill_rows(config) and start + n <= config.total_len, else UsageError.
        """
        self._prefill(row, tokens, start)
        logits: Floats = self._logits("base", 1)[0]
        return logits

    def score(self, row: int, tokens: Ints, start: int) -> Floats:
        """Do as `prefill` does, but return the logits (n, vocab) of every token."""
        self._prefill(row, tokens, start)
        result = np.empty((len(tokens), self.spec.vocab_size), np.float32)
        count, pick = self._arrays["score", "count"], self._arrays["score", "pick"]
        for first in range(0, len(tokens), SCORE_ROWS):
            height = min(SCORE_ROWS, len(tokens) - first)
            count[0] = height
            pick[:height] = np.arange(first, first + height)
            self._run["score"]()
            result[first : first + height] = self._logits("score", height)
        return result

    def decode(self, tokens: Ints, positions: Ints) -> Floats:
        """Process one token of every slot: tokens (batch,) at positions (batch,); returns logits (batch, vocab)."""
        check_positions(self.config, positions)
        self._arrays["incremental", "ids"][:] = checked_ids(self.spec, tokens)
        self._arrays["incremental", "position"][:] = positions
        self._run["incremental"]()
        return self._logits("incremental", self.config.batch)

    def verify(self, row: int, tokens: Ints, start: int) -> Floats:
        """Do as `decode` does for each of `tokens` (n,) of one slot, at positions start..start+n-1, in one pass.

        1 <= n <= verify_rows and start + n <= config.total_len, else UsageError. Returns logits (n, vocab), which are
        bit for bit those of n calls of `decode`.
        """
        check_place(self.config, row, len(tokens), start, self.verify_rows)
        padding = self.verify_rows - len(tokens)  # rows too many repeat the last one and write the same values
        self._arrays["verify", "ids"][:] = np.pad(checked_ids(self.spec, tokens), (0, padding), "edge")
        self._arrays["verify", "position"][:] = np.minimum(np.arange(self.verify_rows), len(tokens) - 1) + start
        self._arrays["verify", "slot"][:] = row
        self._run["verify"]()
        return self._logits("verify", len(tokens))

    def cache_arrays(self) -> list[npt.NDArray[Any]]:
        """Return the KV cache's arrays, keys and values of each layer, for measuring."""
        return [self._arrays["", argument.name] for argument in self._cache]

    def wipe(self) -> None:
        """Overwrite with zeros what earlier prompts left in the KV cache and in the buffers of ids and logits."""
        for array in self._written:
            clear(array)
        self._prepare_controls()

    def close(self) -> None:
        """Let go of code, cache and file."""
        self._run.clear()
        self._machines.clear()
        self._tensors.clear()
        self._arrays.clear()
        self._written.clear()
        self._file.close()

    def _prefill(self, row: int, tokens: Ints, start: int) -> None:
        count = len(tokens)
        check_place(self.config, row, count, start, prefill_rows(self.config))
        self._arrays["base", "rows"][0] = count
        self._arrays["base", "ids"][:count] = checked_ids(self.spec, tokens)
        self._arrays["base", "slot"][:count] = row
        self._arrays["base", "position"][:count] = np.arange(start, start + count)
        self._arrays["base", "pick"][0] = count - 1
        self._run["base"]()

    def _logits(self, entry: Entry, rows: int) -> Floats:
        return np.array(self._arrays[entry, "logits"][:rows, : self.spec.vocab_size])

    def _prepare_controls(self) -> None:
        self._arrays["base", "one"][0] = 1
        self._arrays["incremental", "rows"][0] = self.config.batch
        self._arrays["incremental", "slot"][:] = np.arange(self.config.batch)
        if self.verify_rows:
            self._arrays["verify", "rows"][0] = self.verify_rows

    def _bind(self, entry: Entry) -> Any:
        tensors = [self._tensor(entry, argument) for argument in entry_arguments(entry, self.spec, self.config)]
        return self._machines["incremental" if entry in ("incremental", "verify") else "base"].bind(entry, tensors)

    def _tensor(self, entry: Entry, argument: Argument) -> Any:
        from tvm_ffi import from_dlpack

        shared = argument.kind in ("cache", "table", "weight")
        key = ("" if shared else entry, argument.name)
        if entry == "score" and argument.name == "x":  # base's hidden states are score's input
            key = ("base", "x")
        if key not in self._tensors:
            array = self._array(entry, argument)
            self._arrays[key] = array
            self._tensors[key] = from_dlpack(array)
        return self._tensors[key]

    def _array(self, entry: Entry, argument: Argument) -> npt.NDArray[Any]:
        if argument.kind == "table":
            array = zeros(argument)
            array[:] = rope_table(self.spec, argument.shape[0])
            return array
        if argument.kind == "weight":
            return checked_weight(self._file.tensor(argument.name), argument)
        offsets, size = overlay(entry, self.spec, self.config) if argument.kind == "workspace" else ({}, 0)
        if argument.name in offsets:
            start = offsets[argument.name]
            part = self._shared(entry, size)[start : start + argument.nbytes]
            return part.view(argument.dtype).reshape(argument.shape)
        array = zeros(argument)
        self._written.append(array)
        return array

    def _shared(self, entry: Entry, size: int) -> npt.NDArray[Any]:
        """Return the memory, in bytes, that buffers of `entry` use in turns."""
        if (entry, "") not in self._arrays:
            self._arrays[entry, ""] = zeros(Argument("", (size,), "uint8", "workspace"))
            self._written.append(self._arrays[entry, ""])
        return self._arrays[entry, ""]


def checked_weight(stored: npt.NDArray[Any], argument: Argument) -> npt.NDArray[Any]:
    """Return a weight's tensor if it is what the code takes; raises FormatError."""
    if stored.shape != argument.shape or stored.dtype.name != argument.dtype:
        raise FormatError(
            f"The weight {argument.name} is stored as {stored.dtype.name} {stored.shape}, not as {argument.dtype} "
            f"{argument.shape}.",
            "The file was made by another version; compile it again.",
        )
    return stored


def check_place(config: EngineConfig, row: int, count: int, start: int, most: int) -> None:
    """Raise UsageError unless `count` tokens, at most `most`, fit slot `row` from position `start` on."""
    if not 1 <= count <= most:
        raise UsageError(f"A round takes 1 to {most} tokens, not {count}.")
    if not 0 <= row < config.batch:
        raise UsageError(f"Row {row} doesn't exist in an engine of static batch size {config.batch}.")
    if start < 0 or start + count > config.total_len:
        raise UsageError(
            f"{start + count} tokens don't fit the context of {config.total_len}.",
            "Ask a shorter question, or compile with a larger --total-len.",
        )


def check_positions(config: EngineConfig, positions: Ints) -> None:
    """Raise UsageError if a position to decode lies outside the context."""
    if positions.min() < 0 or positions.max() >= config.total_len:
        raise UsageError(
            f"Position {int(positions.max())} lies outside the context of {config.total_len} tokens.",
            "Start a new conversation, or compile with a larger --total-len.",
        )


def checked_ids(spec: ModelSpec, tokens: Ints) -> Ints:
    """Return `tokens`; raises UsageError if one is none of the vocabulary."""
    if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < spec.vocab_size:
        raise UsageError(
            f"A token id lies outside 0 to {spec.vocab_size - 1}.",
            "Check --input-ids, or whether the tokenizer belongs to this model.",
        )
    return tokens


def require_multi(file: NgfFile) -> None:
    """Raise MismatchError for a file that holds only one part of an engine."""
    role = file.header.role
    if role != "multi":
        other = "incremental (decode)" if role == "base" else "base (prefill)"
        raise MismatchError(
            f"{file.path} is only the {role} part of an engine.",
            f"Combine it with its {other} part first: combine --ngf-1 ... --ngf-2 ... --output ...",
        )


def rope_table(spec: ModelSpec, positions: int) -> Floats:
    """Return cosine and sine of each rotary pair, (positions, rotary_dim), computed in float32 as the original does."""
    exponents = np.arange(0, spec.rotary_dim, 2, dtype=np.float32) / np.float32(spec.rotary_dim)
    frequencies = (1.0 / np.float32(spec.rope_theta) ** exponents).astype(np.float32)
    angles = np.outer(np.arange(positions, dtype=np.float32), frequencies).astype(np.float32)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(positions, spec.rotary_dim)


def zeros(argument: Argument) -> npt.NDArray[Any]:
    """Return page-aligned zeros that take memory only where they are touched."""
    size = max(argument.nbytes, 1)
    pages = mmap.mmap(-1, size)
    if size >= HUGE_PAGE and hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype=argument.dtype, count=size // np.dtype(argument.dtype).itemsize).reshape(
        argument.shape
    )


def clear(array: npt.NDArray[Any]) -> None:
    """Make an array of `zeros` all zeros again, giving its memory back where the system can."""
    pages: Any = array
    while isinstance(pages, np.ndarray):
        pages = pages.base
    if isinstance(pages, memoryview):
        pages = pages.obj
    try:
        pages.madvise(mmap.MADV_REMOVE)
    except (AttributeError, OSError):  # no such advice here: the zeros take the memory of the whole array
        array[...] = 0
