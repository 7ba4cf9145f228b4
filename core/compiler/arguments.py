"""What each entry point of an engine is called with: names, shapes and types of every buffer.

The emitter declares its functions from these lists and the runtime allocates and binds from the same lists, so within
one program the two can't drift apart. An engine file outlives the program that wrote it: ABI_VERSION says which lists
its code was declared from.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from core.kernels.kv_cache import CacheShape
from core.kernels.layout import activation_args, packed_shape, padded_in, padded_out
from core.kernels.rows import embedding_shape
from core.spec import GROUP, EngineConfig, ModelSpec, WeightFormat, round_up

ABI_VERSION = 2
"""Number of the calling convention that code has from here: entries and stages, their buffers, and what lies in them.

To be raised with every change that code compiled before wouldn't follow; `callable_here` then says which still runs.
1: no engine names it. `base` took all `pre_len` rows at once. 2: it takes at most PREFILL_ROWS of them.
"""

Entry = Literal["base", "score", "incremental", "verify"]
Stage = Literal["embed", "layer", "head"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""Parts of an entry that are functions of their own, for engines whose layers lie on several cards."""
Kind = Literal["control", "workspace", "cache", "table", "weight"]

SCORE_ROWS = 16
"""Rows whose logits `score` computes in one call."""
VERIFY_ROWS = 4
"""Rows of `verify`: the last token of one slot and the drafted ones after it."""
PREFILL_ROWS = 1024
"""Most rows of one pass of `base`: a longer round goes through in parts, since its scratch memory grows with them."""


_TAKING_TURNS = (("qkv", "query", "context"), ("ffn",))
"""Buffers of attention and of the feed-forward part, by the first word of their names."""
_HEAD_PADDING = 8
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Argument:
    """One buffer of an entry point.

    control: int32 inputs that change with each call; workspace: scratch of the entry, zero at first; cache: keys and
    values of one layer, shared by the entries; table: the rotary table; weight: a section of the engine file.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    kind: Kind

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        sizes = {"float32": 4, "int32": 4, "float16": 2, "uint16": 2, "int8": 1, "uint8": 1}
        return math.prod(self.shape) * sizes[self.dtype]


_PARTS = {"X": "", "XQ": "_q", "XS": "_scale", "XB": "_sum"}


def activation(name: str, rows: int, width: int, fmt: WeightFormat) -> list[Argument]:
    """Return the buffers that hold (rows, width) activations in the form that weights of `fmt` meet."""
    parts = activation_args(fmt, rows, width).items()
    return [Argument(name + _PARTS[key], *form, "workspace") for key, form in parts]


def prefill_rows(config: EngineConfig) -> int:
    """Return how many tokens `base` takes at once; a prefill round may be longer."""
    return min(config.pre_len, PREFILL_ROWS)


def callable_here(abi_version: int, config: EngineConfig) -> bool:
    """Return whether code of this convention is called as this program calls it."""
    if abi_version == 1:
        return config.pre_len <= PREFILL_ROWS  # only longer rounds are taken otherwise now
    return abi_version == ABI_VERSION


def weight_arguments(spec: ModelSpec, config: EngineConfig) -> dict[str, Argument]:
    """Return the stored form of every weight by its canonical name, in the order of the engine file."""
    stored: dict[str, Argument] = {}
    for name, shape in spec.weight_shapes().items():
        stored[name] = Argument(name, *_stored_shape(name, shape, spec, config), "weight")
    return stored


def _stored_shape(
    name: str, shape: tuple[int, ...], spec: ModelSpec, config: EngineConfig
) -> tuple[tuple[int, ...], str]:
    if name == "embed":
        return embedding_shape(spec.vocab_size, spec.hidden_size, config.dtype)
    if len(shape) == 1:
        return (round_up(shape[0], GROUP),), "float32"
    fmt = config.head_format if name == "head" else config.linear_format
    rows = 2 * padded_out(spec.ffn_size) if name.endswith(".gate_up") else shape[0]
    return packed_shape(fmt, rows, shape[1])


def cache_arguments(spec: ModelSpec, config: EngineConfig) -> list[Argument]:
    """Return keys and values of every layer."""
    shape = CacheShape.of(spec, config)
    found = []
    for i in range(spec.num_layers):
        found.append(Argument(f"{i}.keys", shape.keys, shape.dtype, "cache"))
        found.append(Argument(f"{i}.values", shape.values, shape.dtype, "cache"))
    return found


def entry_arguments(entry: Entry, spec: ModelSpec, config: EngineConfig) -> list[Argument]:
    """Return all buffers of `entry` in calling order.

    base: prefill of `rows` tokens of one slot, logits (1, V) of row pick[0]. score: after base, logits (SCORE_ROWS, V)
    of the rows pick[:count] of its hidden states. incremental: one token of every slot, logits (batch, V). verify: as
    incremental for VERIFY_ROWS tokens, of any slots and positions, logits (VERIFY_ROWS, V).
    """
    if entry == "score":
        return _score_arguments(spec, config)
    return [argument for _, argument in _staged(entry, spec, config)]


def stage_arguments(
    entry: Entry, stage: Stage, spec: ModelSpec, config: EngineConfig, layer: int = 0
) -> list[Argument]:
    """Return the buffers of one stage of `entry` in calling order; those of "layer" are of the layer `layer`.

    `entry` is not score, which works on hidden states as it is. Stages meet in the hidden states x: called one after
    the other, with "layer" once for each layer, they do what the whole entry does.
    """
    return [
        argument
        for stages, argument in _staged(entry, spec, config)
        if stage in stages and layer_of(argument) in (None, layer)
    ]


def stage_function(entry: Entry, stage: Stage) -> str:
    """Return the name of a stage's function in the engine's code."""
    return f"{entry}_{stage}"


def layer_of(argument: Argument) -> int | None:
    """Return the layer that a weight or a part of the cache belongs to, None if it is no layer's own."""
    layer, _, inner = argument.name.partition(".")
    return int(layer) if inner else None


def _staged(entry: Entry, spec: ModelSpec, config: EngineConfig) -> list[tuple[frozenset[Stage], Argument]]:
    """Return the buffers of `entry` in calling order, each with the stages that use it."""
    rows = {"base": prefill_rows(config), "incremental": config.batch, "verify": VERIFY_ROWS}[entry]
    base = entry == "base"
    hidden, *scratch = _layer_workspace(rows, spec, config)
    embed, *weights = weight_arguments(spec, config).values()
    return [
        *_of(STAGES, _control("rows", 1)),
        *_of(("embed",), _control("ids", rows)),
        *_of(("layer",), _control("slot", rows, "position", rows)),
        *_of(("head",), _control("one", 1, "pick", 1) if base else []),
        *_of(STAGES, [hidden]),
        *_of(("layer",), scratch),
        *_of(("layer",), [] if base else _partial_workspace(rows, spec, config)),
        *_of(("head",), _head_workspace(1 if base else rows, spec, config, gathered=base)),
        *_of(("layer",), [rope_argument(spec, config), *cache_arguments(spec, config)]),
        *_of(("embed",), [embed]),
        *_of(("layer",), [weight for weight in weights if layer_of(weight) is not None]),
        *_of(("head",), [weight for weight in weights if layer_of(weight) is None]),
    ]


@functools.cache  # asked for every buffer while an engine is opened
def overlay(entry: Entry, spec: ModelSpec, config: EngineConfig) -> tuple[Mapping[str, int], int]:
    """Return where buffers of `entry` may lie in one piece of memory, in bytes from its start, and the bytes it takes.

    Those of attention and those of the feed-forward part are never in use at the same time. Where a model has padding
    that no kernel writes, each buffer needs memory of its own, and there are none.
    """
    if entry == "score" or spec.query_size % GROUP or spec.head_dim % _HEAD_PADDING:
        return {}, 0
    offsets: dict[str, int] = {}
    ends = []
    for part in _TAKING_TURNS:
        end = 0
        for argument in entry_arguments(entry, spec, config):
            if argument.kind == "workspace" and argument.name.partition("_")[0] in part:
                offsets[argument.name] = end
                end = round_up(end + argument.nbytes, _PAGE)
        ends.append(end)
    return offsets, max(ends)


def _of(stages: tuple[Stage, ...], arguments: list[Argument]) -> list[tuple[frozenset[Stage], Argument]]:
    return [(frozenset(stages), argument) for argument in arguments]


def rope_argument(spec: ModelSpec, config: EngineConfig) -> Argument:
    """Return the rotary table: cosine and sine of each pair for every cache position."""
    return Argument("rope", (CacheShape.of(spec, config).positions, spec.rotary_dim), "float32", "table")


def _control(*names_and_sizes: str | int) -> list[Argument]:
    pairs = zip(names_and_sizes[::2], names_and_sizes[1::2], strict=True)
    return [Argument(str(name), (int(size),), "int32", "control") for name, size in pairs]


def _layer_workspace(rows: int, spec: ModelSpec, config: EngineConfig) -> list[Argument]:
    cache, fmt = CacheShape.of(spec, config), config.linear_format
    hidden, query, ffn = padded_in(spec.hidden_size), padded_in(spec.query_size), padded_out(spec.ffn_size)
    found = [
        Argument("x", (rows, hidden), "float32", "workspace"),
        *activation("normed", rows, hidden, fmt),
        Argument("qkv", (rows, padded_out(spec.qkv_size)), "float32", "workspace"),
        Argument("query", (rows, spec.num_heads, cache.head_dim), "float32", "workspace"),
        Argument("context", (rows, query), "float32", "workspace"),
        Argument("ffn", (rows, ffn), "float32", "workspace"),
    ]
    if fmt in ("int8", "int4"):
        found += [*activation("context", rows, query, fmt), *activation("ffn", rows, ffn, fmt)]
    return found


def _partial_workspace(rows: int, spec: ModelSpec, config: EngineConfig) -> list[Argument]:
    cache = CacheShape.of(spec, config)
    shape = (rows, spec.num_heads, cache.splits)
    return [
        Argument("partial", (*shape, cache.head_dim), "float32", "workspace"),
        Argument("partial_top", shape, "float32", "workspace"),
        Argument("partial_sum", shape, "float32", "workspace"),
    ]


def _head_workspace(rows: int, spec: ModelSpec, config: EngineConfig, *, gathered: bool) -> list[Argument]:
    hidden = padded_in(spec.hidden_size)
    return [
        *([Argument("picked", (rows, hidden), "float32", "workspace")] if gathered else []),
        *activation("final", rows, hidden, config.head_format),
        Argument("logits", (rows, padded_out(spec.vocab_size)), "float32", "workspace"),
    ]


def _score_arguments(spec: ModelSpec, config: EngineConfig) -> list[Argument]:
    weights = weight_arguments(spec, config)
    hidden = Argument("x", (prefill_rows(config), padded_in(spec.hidden_size)), "float32", "workspace")
    head = _head_workspace(SCORE_ROWS, spec, config, gathered=True)
    return [*_control("count", 1, "pick", SCORE_ROWS), hidden, *head, weights["final_norm"], weights["head"]]
