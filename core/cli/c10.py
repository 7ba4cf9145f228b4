"""What the commands share for the C10 card: the flags that say where the vendor's SDK is, and how to load an engine."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.c10.sdk import CONTAINER_VARIABLE, HOME_VARIABLE, PYTHON_VARIABLE, Sdk
from core.errors import UsageError
from core.spec import EngineConfig, ModelSpec
from core.worker.protocol import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

FOREIGN_HINT = "Add --target c10 to run it with the vendor's SDK; for the CPU, compile the model with --target cpu."
_GIB = 1 << 30


def add_arguments(parser: Any, what: str = "what to run on") -> None:
    """Add --target and the flags about the vendor's SDK."""
    parser.add_argument("--target", choices=("cpu", "c10"), default="cpu", help=f"{what} (default: cpu)")
    add_sdk_arguments(parser)


def add_sdk_arguments(parser: Any) -> None:
    """Add the flags about the vendor's SDK."""
    parser.add_argument(
        "--c10-home", type=Path, metavar="FOLDER",
        help=f"the vendor's ChatGLM2-6B sample, to compile with (default: {HOME_VARIABLE})",
    )  # fmt: skip
    parser.add_argument(
        "--c10-python", metavar="PYTHON", help=f"the SDK's interpreter (default: {PYTHON_VARIABLE}, or python3)"
    )
    parser.add_argument(
        "--c10-container", metavar="NAME", help=f"running container that the SDK is in (default: {CONTAINER_VARIABLE})"
    )


def use_sdk(arguments: argparse.Namespace) -> Sdk:
    """Return the SDK that flags and environment name, and hand it on to the worker through the environment."""
    given = {
        HOME_VARIABLE: str(arguments.c10_home.absolute()) if arguments.c10_home else "",
        PYTHON_VARIABLE: arguments.c10_python or "",
        CONTAINER_VARIABLE: arguments.c10_container or "",
    }
    os.environ.update({name: value for name, value in given.items() if value})
    return Sdk.from_environment()


def load_command(arguments: argparse.Namespace, limits: Sequence[float] | None) -> tuple[Load, ModelSpec, EngineConfig]:
    """Return how to load a vendor's engine, and what is known of its model and configuration; `limits` in GiB.

    Raises FileError, MismatchError and UsageError; the engine's content isn't read.
    """
    from core.c10.description import describe
    from core.c10.engine import CardOptions

    use_sdk(arguments)
    if arguments.simulate_cards:
        raise UsageError("--simulate-cards and --target c10 contradict each other.", "Leave one of them out.")
    engine = arguments.engine.absolute()
    description = describe(engine)
    options = CardOptions(
        devices=tuple(arguments.device),
        limits=tuple(int(limit * _GIB) for limit in limits or ()),
        strategy=arguments.split_strategy,
        max_batch_size=arguments.max_batch_size or 1,
        golden=arguments.dump_golden,
        batch=arguments.static_batch_size or 0,
        pre_len=arguments.base_length or 0,
        total_len=arguments.total_len or 0,
    )
    options.check()
    config = options.applied_to(description.config) if description.assumed else description.config
    tokenizer = str(arguments.tokenizer.absolute()) if arguments.tokenizer else ""
    load = Load(str(engine), tokenizer, 0, options.to_json(), trust=arguments.trust)
    return load, description.spec, config
