"""Which card holds which layers: a pure function of the model, the engine's configuration and the cards' limits.

The parts of a model (embedding, layers, output) stay in order and whole. A card that holds any part also holds the
scratch buffers of one run. The vendor names its split strategies without defining them; ours are:

- greedy: fill a card up to its limit, then go to the next.
- equal: give every card the same number of bytes, as far as whole layers allow.
- loose: share in proportion to the limits, so that each card keeps the same part of its limit free.

All three fit exactly the same models: where one finds a place for every part, the others do too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, get_args

from core.compiler.arguments import (
    Entry,
    cache_arguments,
    entry_arguments,
    layer_of,
    rope_argument,
    stage_arguments,
    weight_arguments,
)
from core.errors import DeviceError, ResourceError
from core.spec import EngineConfig, ModelSpec
from core.system import format_bytes

Strategy = Literal["greedy", "equal", "loose"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
"""In the vendor's order: 0, 1, 2."""

_ENTRIES: tuple[Entry, ...] = ("base", "incremental", "verify")
_SHORTEST_CONTEXT = 512
_LIMIT_STEP = 1 << 28
"""Limits are proposed in quarters of a GiB."""
_MOST_CARDS = 8
"""More cards than this are not proposed: a workstation has no more."""


@dataclass(frozen=True, slots=True)
class CardLimit:
    """A card and the DRAM that may be used of it, in bytes."""

    index: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Placement:
    """What one card holds; all sizes in bytes. A card without any part holds no workspace either."""

    card: int
    limit_bytes: int
    first_layer: int
    num_layers: int
    embedding: bool
    output: bool
    weight_bytes: int
    kv_bytes: int
    workspace_bytes: int

    @property
    def used_bytes(self) -> int:
        """Everything the card holds, in bytes."""
        return self.weight_bytes + self.kv_bytes + self.workspace_bytes

    @property
    def parts(self) -> str:
        """What the card holds, in words."""
        last = self.first_layer + self.num_layers - 1
        layers = f"layers {self.first_layer} to {last}" if self.num_layers > 1 else f"layer {last}"
        held = ["embedding"] * self.embedding + [layers] * (self.num_layers > 0) + ["output"] * self.output
        return ", ".join(held) or "nothing"


@dataclass(frozen=True, slots=True)
class Plan:
    """One placement for each card, in the cards' order."""

    strategy: Strategy
    placements: tuple[Placement, ...]

    @property
    def used_bytes(self) -> int:
        """Bytes on all cards together."""
        return sum(placement.used_bytes for placement in self.placements)


@dataclass(frozen=True, slots=True)
class _Part:
    """Embedding (layer -1), a layer, or the output (layer = number of layers); sizes in bytes."""

    layer: int
    weights: int
    kv: int
    workspace: int

    @property
    def size(self) -> int:
        return self.weights + self.kv + self.workspace


def plan_layers(
    spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], strategy: Strategy, lanes: int = 1
) -> Plan:
    """Place every part of the model on the cards, in order, with a KV cache for each of `lanes` jobs in flight.

    Raises DeviceError without a card, ResourceError where the limits are too small: the message says what finds no
    place, the hint each change that alone would fit: fewer jobs, smaller weights, context or batch, more cards, larger
    limits.
    """
    if not cards:
        raise DeviceError(
            "There is no card to place layers on.", "Use the CPU, or look at Devices for what is missing."
        )
    parts, scratch = _parts(spec, config, lanes)
    room = [card.limit_bytes - scratch for card in cards]
    ends = _greedy_ends(parts, room)
    if ends[-1] < len(parts):
        raise _refusal(spec, config, cards, parts[ends[-1] :], lanes)
    if strategy != "greedy":
        shares = [card.limit_bytes if strategy == "loose" else 1 for card in cards]
        ends = _shared_ends(parts, room, shares)
    starts = [0, *ends[:-1]]
    return Plan(
        strategy,
        tuple(
            _placement(card, parts[start:end], spec.num_layers, scratch)
            for card, start, end in zip(cards, starts, ends, strict=True)
        ),
    )


def fits(spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], lanes: int = 1) -> bool:
    """Return whether every part finds a place (with any strategy)."""
    parts, scratch = _parts(spec, config, lanes)
    return bool(cards) and _greedy_ends(parts, [card.limit_bytes - scratch for card in cards])[-1] == len(parts)


def _parts(spec: ModelSpec, config: EngineConfig, lanes: int) -> tuple[list[_Part], int]:
    """Return the parts in order and the scratch bytes of each card that holds one."""
    weights = [0] * (spec.num_layers + 2)
    for name, argument in weight_arguments(spec, config).items():
        layer = layer_of(argument)
        weights[layer + 1 if layer is not None else 0 if name == "embed" else -1] += argument.nbytes
    kv = lanes * sum(argument.nbytes for argument in cache_arguments(spec, config)) // spec.num_layers
    scratch, head = _workspace(spec, config)
    last = spec.num_layers
    parts = [_Part(-1, weights[0], 0, 0)]
    parts += [_Part(i, weights[i + 1], kv, 0) for i in range(last)]
    return [*parts, _Part(last, weights[-1], 0, head)], scratch


def _workspace(spec: ModelSpec, config: EngineConfig) -> tuple[int, int]:
    """Return the scratch bytes of a card that holds any part, and those that the output needs on top."""
    scratch, head = rope_argument(spec, config).nbytes, 0
    for entry in _ENTRIES:
        inner = {*stage_arguments(entry, "embed", spec, config), *stage_arguments(entry, "layer", spec, config)}
        output = set(stage_arguments(entry, "head", spec, config)) - inner
        scratch += sum(argument.nbytes for argument in inner if argument.kind in ("workspace", "control"))
        head += sum(argument.nbytes for argument in output if argument.kind in ("workspace", "control"))
    scored = [argument for argument in entry_arguments("score", spec, config) if argument.name != "x"]
    return scratch, head + sum(argument.nbytes for argument in scored if argument.kind != "weight")


def _greedy_ends(parts: list[_Part], room: list[int]) -> list[int]:
    """Return for each card the index after its last part, filling one card after the other."""
    ends, at = [], 0
    for free in room:
        left = free
        while at < len(parts) and parts[at].size <= left:
            left -= parts[at].size
            at += 1
        ends.append(at)
    return ends


def _shared_ends(parts: list[_Part], room: list[int], shares: list[int]) -> list[int]:
    """Return the ends that come nearest to `shares` of the bytes, never beyond the room of a card.

    `latest[c]` is the first part that the cards from c on can hold to the end; a card takes at least what the cards
    after it can't hold.
    """
    before = [0, *accumulate(part.size for part in parts)]
    latest = [len(parts)]
    for free in reversed(room):
        start = latest[0]
        while start and before[latest[0]] - before[start - 1] <= free:
            start -= 1
        latest.insert(0, start)
    ends, start = [], 0
    for card, free in enumerate(room):
        aim = before[start] + (before[-1] - before[start]) * shares[card] / sum(shares[card:])
        least = max(start, latest[card + 1])
        allowed = [end for end in range(least, len(parts) + 1) if end == start or before[end] - before[start] <= free]
        start = min(allowed, key=lambda end: abs(before[end] - aim))
        ends.append(start)
    return ends


def _placement(card: CardLimit, parts: list[_Part], layers: int, scratch: int) -> Placement:
    inner = [part.layer for part in parts if 0 <= part.layer < layers]
    return Placement(
        card=card.index,
        limit_bytes=card.limit_bytes,
        first_layer=inner[0] if inner else 0,
        num_layers=len(inner),
        embedding=any(part.layer < 0 for part in parts),
        output=any(part.layer >= layers for part in parts),
        weight_bytes=sum(part.weights for part in parts),
        kv_bytes=sum(part.kv for part in parts),
        workspace_bytes=sum(part.workspace for part in parts) + (scratch if parts else 0),
    )


def _refusal(
    spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], left: list[_Part], lanes: int
) -> ResourceError:
    missing = sum(part.size for part in left)
    allowed = sum(card.limit_bytes for card in cards)
    ways = (
        _fewer_lanes(spec, config, cards, lanes),
        *(_first_that_fits(spec, kind, cards, lanes) for kind in _smaller(config)),
        _more_cards(spec, config, cards, lanes),
        _larger_limits(spec, config, cards, lanes),
    )
    return ResourceError(
        f"The limits of the cards allow {format_bytes(allowed)} in all, and {len(left)} of "
        f"{spec.num_layers + 2} parts of the model with {format_bytes(missing)} ({missing} bytes) find no place.",
        " ".join(way for way in ways if way),
    )


_Change = tuple[EngineConfig, str]
"""A configuration that needs less, and the sentence that proposes it."""


def _fewer_lanes(spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], lanes: int) -> str:
    fewer = next((count for count in range(lanes - 1, 0, -1) if fits(spec, config, cards, count)), 0)
    return f"It fits with {fewer} {'job' if fewer == 1 else 'jobs'} in flight." if fewer else ""


def _first_that_fits(spec: ModelSpec, changes: list[_Change], cards: list[CardLimit], lanes: int) -> str:
    return next((sentence for changed, sentence in changes if fits(spec, changed, cards, lanes)), "")


def _smaller(config: EngineConfig) -> tuple[list[_Change], ...]:
    """Return what makes weights, the KV cache, the context or the batch smaller, the least change first."""
    weights: list[_Change] = []
    if config.quantisation == "none":
        weights.append((replace(config, quantisation="int8"), "It fits with int8 weights."))
    if config.quantisation != "int4":
        weights.append((replace(config, quantisation="int4"), "It fits with int4 weights."))
    cache: list[_Change] = []
    if config.kv_cache != "int8":
        cache.append((replace(config, kv_cache="int8"), "It fits with an int8 KV cache."))
    context: list[_Change] = []
    length = config.total_len // 2
    while length >= _SHORTEST_CONTEXT and length > config.pre_len:
        context.append((replace(config, total_len=length), f"It fits with a total length of {length} tokens."))
        length //= 2
    batch: list[_Change] = []
    if config.batch > 1:
        batch.append((replace(config, batch=1), "It fits with a static batch size of 1."))
    return weights, cache, context, batch


def _more_cards(spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], lanes: int) -> str:
    limit = max(card.limit_bytes for card in cards)
    for more in range(1, _MOST_CARDS - len(cards) + 1):
        if fits(spec, config, [*cards, *[CardLimit(-1, limit)] * more], lanes):
            if more == 1:
                return f"It fits with one more card of {format_bytes(limit)}."
            return f"It fits with {more} more cards of {format_bytes(limit)}."
    return ""


def _larger_limits(spec: ModelSpec, config: EngineConfig, cards: list[CardLimit], lanes: int) -> str:
    low, high = 0, 1
    while not fits(spec, config, _limited(cards, high), lanes):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if fits(spec, config, _limited(cards, middle), lanes):
            high = middle
        else:
            low = middle
    return f"It fits with a limit of {format_bytes(high * _LIMIT_STEP)} on each card."


def _limited(cards: list[CardLimit], steps: int) -> list[CardLimit]:
    return [CardLimit(card.index, steps * _LIMIT_STEP) for card in cards]
