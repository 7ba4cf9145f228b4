"""What the command line does for engines that are spread over several cards: options, the plan, and what it prints."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from core.cards.options import CardsOptions
from core.cli.arguments import numbers
from core.cli.output import Output
from core.compiler.arguments import cache_arguments, weight_arguments
from core.compiler.plan import run_memory_bytes, total_bytes, workspace_bytes
from core.errors import DeviceError, UsageError
from core.planner import Plan, fits, plan_layers
from core.spec import EngineConfig, ModelSpec
from core.system import format_bytes
from core.worker.protocol import Generate

_GIB = 1 << 30
STRATEGIES = ("GREEDY", "EQUAL", "LOOSE")
_LANES_A_CARD = 2
"""Jobs in flight for each card, if not said otherwise: one that it computes and one that waits."""


def add_split_arguments(parser: Any, device: Sequence[int] | None = (0,)) -> None:
    """Add the flags that choose cards, their limits and how layers are shared; `device`: the default."""
    default = "0" if device else "none"
    parser.add_argument(
        "--device", type=numbers, default=list(device) if device else None, metavar="IDS",
        help=f"device ids, such as 0 or 0,1 (default: {default})",
    )  # fmt: skip
    parser.add_argument(
        "--multi-dev-dram-limit",
        metavar="GIB",
        help="memory limit of each device, such as 8,8, one for each of --device",
    )
    parser.add_argument(
        "--split-strategy", "--split-stragety", type=int, choices=(0, 1, 2), default=0,
        help="layers over devices: " + ", ".join(f"{i} {name}" for i, name in enumerate(STRATEGIES)) + " (default: 0)",
    )  # fmt: skip


def read_limits(arguments: argparse.Namespace) -> list[float] | None:
    """Return the DRAM limits of the devices in GiB, if any. Raises UsageError for lists that don't go together."""
    devices = arguments.device
    if len(set(devices)) != len(devices) or min(devices) < 0:
        raise UsageError(
            f"--device {','.join(map(str, devices))} names a device twice or a negative one.", "Change it."
        )
    limits = _limits(arguments.multi_dev_dram_limit)
    if limits is not None and len(limits) != len(devices):
        raise UsageError(
            f"--multi-dev-dram-limit has {len(limits)} numbers, but --device has {len(devices)}.",
            "Give one limit for each device.",
        )
    return limits


def split_of(arguments: argparse.Namespace, limits: Sequence[float] | None) -> CardsOptions:
    """Return the cards, limits (given in GiB) and strategy of the flags. Raises UsageError."""
    options = CardsOptions(
        devices=tuple(arguments.device),
        limits=tuple(int(limit * _GIB) for limit in limits or ()),
        strategy=arguments.split_strategy,
    )
    options.check()
    return options


def options_of(arguments: argparse.Namespace, limits: Sequence[float] | None) -> CardsOptions:
    """Return how the flags spread an engine over simulated cards; `limits` in GiB. Raises DeviceError, UsageError."""
    there = arguments.simulate_cards
    if there and max(arguments.device) >= there:
        raise DeviceError(
            f"Device {max(arguments.device)} doesn't exist: there are {there} simulated cards, counted from 0.",
            f"Use --simulate-cards {max(arguments.device) + 1}, or other devices.",
        )
    options = replace(split_of(arguments, limits), lanes=arguments.in_flight or 1, threads=arguments.threads)
    options.check()
    return options


def with_lanes(options: CardsOptions, spec: ModelSpec, config: EngineConfig, command: Generate) -> CardsOptions:
    """Return `options` with as many jobs in flight as `command` has and the cards have use and room for."""
    prompts = command.input_ids or command.questions or command.conversations
    jobs = max(-(-len(prompts) // config.batch), command.jobs)
    most = 1 if command.golden_folder else min(jobs, _LANES_A_CARD * len(options.devices))
    lanes = next((count for count in range(most, 1, -1) if fits(spec, config, options.cards(), count)), 1)
    return replace(options, lanes=lanes)


def show_plan(options: CardsOptions | None, spec: ModelSpec, config: EngineConfig, output: Output) -> None:
    """Print which card would hold what; None: one process holds all. Raises ResourceError where it finds no place."""
    if options is None:
        _show_memory(spec, config, output)
        return
    plan = plan_layers(spec, config, options.cards(), options.strategy_name, options.lanes)
    placements = [asdict(one) | {"used_bytes": one.used_bytes} for one in plan.placements]
    output.json({"event": "planned", "strategy": plan.strategy, "in_flight": options.lanes, "cards": placements})
    output.line(f"strategy: {plan.strategy}; jobs in flight: {options.lanes}")
    for line in plan_lines(plan):
        output.line(line)


def _show_memory(spec: ModelSpec, config: EngineConfig, output: Output) -> None:
    sizes = {
        "weight_bytes": total_bytes(list(weight_arguments(spec, config).values())),
        "kv_bytes": total_bytes(cache_arguments(spec, config)),
        "workspace_bytes": workspace_bytes(spec, config),
        "memory_bytes": run_memory_bytes(spec, config),
    }
    output.json({"event": "planned", **sizes})
    words = ("weights", "KV cache", "workspace", "memory with the program itself")
    output.lines((word, format_bytes(size)) for word, size in zip(words, sizes.values(), strict=True))


def figure_lines(cards: Sequence[dict[str, Any]]) -> list[str]:
    """Return one line a card with what it holds and has done, from `core.cards.figures.CardFigures` as JSON."""
    return [
        f"card {one['card']}: {format_bytes(one['weight_bytes'] + one['kv_bytes'] + one['workspace_bytes'])} of "
        f"{format_bytes(one['limit_bytes'])}, computing {one['busy_s']:.3f} s, handing over {one['hand_over_s']:.3f} s"
        for one in cards
    ]


def plan_lines(plan: Plan) -> list[str]:
    """Return one line a card, for people."""
    lines = []
    for one in plan.placements:
        lines.append(
            f"card {one.card}: {one.parts}; {format_bytes(one.used_bytes)} of "
            f"{format_bytes(one.limit_bytes)} (weights {format_bytes(one.weight_bytes)}, KV cache "
            f"{format_bytes(one.kv_bytes)}, workspace {format_bytes(one.workspace_bytes)})"
        )
    return lines


def _limits(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        limits = [float(part) for part in text.split(",")]
    except ValueError:
        limits = [0.0]
    if not all(0 < limit < 1 << 20 for limit in limits):
        raise UsageError(f"--multi-dev-dram-limit {text!r} is not a list of GiB such as 8,8.", "Change it.")
    return limits
