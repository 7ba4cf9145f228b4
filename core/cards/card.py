"""One card: its own part of the weights, its own KV cache and scratch memory, and the code that works on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.cards.link import Floats, Work
from core.cards.memory import CardMemory
from core.compiler.arguments import (
    SCORE_ROWS,
    VERIFY_ROWS,
    Argument,
    Entry,
    Stage,
    entry_arguments,
    stage_arguments,
    stage_function,
)
from core.errors import MismatchError
from core.ngf.reader import NgfFile
from core.runtime.code import load_code
from core.runtime.engine import checked_weight, require_multi, rope_table

Run = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class CardPart:
    """What of the model lies on a card."""

    first_layer: int
    num_layers: int
    embedding: bool
    output: bool

    @property
    def layers(self) -> range:
        """The layers, in order."""
        return range(self.first_layer, self.first_layer + self.num_layers)


class Card:
    """The part of an engine that lies on one card. Not thread-safe: use it from one long-lived thread.

    `verify_rows`: most tokens of one verify, 0 for code without it; `notes`: sentences for the user.
    """

    def __init__(self, file: NgfFile, part: CardPart, lanes: int, memory: CardMemory) -> None:
        """Raises ResourceError beyond the card's limit, MismatchError for code that only runs as a whole."""
        require_multi(file)
        self.spec, self.config = file.header.spec, file.header.config
        self.part, self.memory = part, memory
        self.notes: list[str] = []
        self._file = file
        self._machines = load_code(file, self.notes)
        if not self._machines["base"].has(stage_function("base", "layer")):
            raise MismatchError(
                f"{file.path} was compiled before engines could be spread over several cards.",
                "Compile it again, or use one device.",
            )
        self.verify_rows = VERIFY_ROWS
        self._arrays: dict[tuple[str, str], npt.NDArray[Any]] = {}
        self._tensors: dict[tuple[str, str], Any] = {}
        self._heads: dict[Entry, Run] = {}
        self._embeds: dict[Entry, Run] = {}
        self._layers: dict[tuple[Entry, int], list[Run]] = {}
        entries: tuple[Entry, ...] = ("base", "incremental", "verify")
        for entry in entries:
            self._bind_entry(entry, lanes)
        if part.output:
            self._heads["score"] = self._bind("score", "score", entry_arguments("score", self.spec, self.config))

    def take(self, work: Work, hidden: Floats | None) -> None:
        """Copy what `run` needs: the work, and the card before's hidden states (n, width), None for the first card."""
        entry, count = _code_of(work), len(work.ids)
        self._arrays[entry, "rows"][0] = count
        for name, values in (("ids", work.ids), ("slot", work.slots), ("position", work.positions)):
            if (entry, name) in self._arrays:
                self._arrays[entry, name][:count] = values
        if entry == "base" and self.part.output:
            self._arrays[entry, "one"][0] = 1
            self._arrays[entry, "pick"][0] = count - 1
        if hidden is not None:
            self._arrays[entry, "x"][:count] = hidden

    def run(self, work: Work) -> Iterator[Floats]:
        """Do this card's part of what was taken and give what to pass on, one or several times.

        That is the hidden states (n, width), or on the last card the logits (n, V and padding), score's in blocks.
        """
        entry, count = _code_of(work), len(work.ids)
        if self.part.embedding:
            self._embeds[entry]()
        for layer in self._layers[entry, work.lane]:
            layer()
        if not self.part.output:
            yield self._arrays[entry, "x"][:count]
        elif work.entry == "score":
            yield from self._score(count)
        else:
            self._heads[entry]()
            yield self._arrays[entry, "logits"]

    def _score(self, count: int) -> Iterator[Floats]:
        rows, pick = self._arrays["score", "count"], self._arrays["score", "pick"]
        for first in range(0, count, SCORE_ROWS):
            height = min(SCORE_ROWS, count - first)
            rows[0] = height
            pick[:height] = np.arange(first, first + height)
            self._heads["score"]()
            yield self._arrays["score", "logits"][:height]

    def _bind_entry(self, entry: Entry, lanes: int) -> None:
        if self.part.embedding:
            self._embeds[entry] = self._bind_stage(entry, "embed")
        for lane in range(lanes):
            self._layers[entry, lane] = [self._bind_stage(entry, "layer", layer, lane) for layer in self.part.layers]
        if self.part.output:
            self._heads[entry] = self._bind_stage(entry, "head")
        if not self.part.num_layers:  # nothing that is bound needs the state, but it passes through
            self._tensor(entry, stage_arguments(entry, "embed", self.spec, self.config)[0], 0)

    def _bind_stage(self, entry: Entry, stage: Stage, layer: int = 0, lane: int = 0) -> Run:
        arguments = stage_arguments(entry, stage, self.spec, self.config, layer)
        return self._bind(entry, stage_function(entry, stage), arguments, layer, lane)

    def _bind(self, entry: Entry, function: str, arguments: list[Argument], layer: int = 0, lane: int = 0) -> Run:
        tensors = [self._tensor(entry, argument, lane) for argument in arguments]
        machine = self._machines["incremental" if entry in ("incremental", "verify") else "base"]
        run: Run = machine.bind(function, tensors, f"{function}_{layer}_{lane}")
        return run

    def _tensor(self, entry: Entry, argument: Argument, lane: int) -> Any:
        from tvm_ffi import from_dlpack

        scope: str = "" if argument.kind in ("table", "weight") else entry
        if argument.kind == "cache":
            scope = f"lane {lane}"
        elif entry == "score" and argument.name == "x":  # base's hidden states are score's input
            scope = "base"
        key = (scope, argument.name)
        if key not in self._tensors:
            self._arrays[key] = self._array(argument)
            self._tensors[key] = from_dlpack(self._arrays[key])
        return self._tensors[key]

    def _array(self, argument: Argument) -> npt.NDArray[Any]:
        if argument.kind == "weight":
            self.memory.take("weights", argument.nbytes)
            return checked_weight(self._file.tensor(argument.name, alone=True), argument)
        array = self.memory.zeros(argument)
        if argument.kind == "table":
            array[:] = rope_table(self.spec, argument.shape[0])
        return array


def _code_of(work: Work) -> Entry:
    return "base" if work.entry == "score" else work.entry
