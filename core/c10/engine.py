"""A vendor's engine on the card, behind the interface that generation uses.

The card takes all rows of a static batch through prefill together, padded on the left to whole base rounds, so this is
a joint engine (`core.runtime.session.JointEngine`): the KV cache isn't kept between prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import trust
from core.c10.channel import Floats, VendorProcess
from core.c10.description import Description, describe
from core.c10.sdk import Sdk, locate
from core.compiler.arguments import cache_arguments, weight_arguments
from core.errors import UsageError, WorkerError
from core.ngf.format import Header, Producer, TargetInfo
from core.spec import EngineConfig, ModelSpec

Ids = npt.NDArray[np.int32]

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class CardOptions:
    """Which cards, and how the engine is spread over them; lengths and batch of 0 are the description's."""

    devices: tuple[int, ...] = (0,)
    limits: tuple[int, ...] = ()
    """DRAM limit of each device in bytes; empty: the SDK's own default."""
    strategy: int = 0
    """0 GREEDY, 1 EQUAL, 2 LOOSE."""
    max_batch_size: int = 1
    golden: bool = False
    """Let the SDK write its reference tensors into the current folder."""
    batch: int = 0
    pre_len: int = 0
    total_len: int = 0
    python: str = ""
    """The SDK's interpreter; empty: what the environment names."""
    container: str = ""
    """The SDK's container; empty: what the environment names."""

    def sdk(self) -> Sdk:
        """Return the SDK that is to be used."""
        known = Sdk.from_environment()
        return replace(known, python=self.python or known.python, container=self.container or known.container)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self) | {"devices": list(self.devices), "limits": list(self.limits)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CardOptions:
        """Build it from parsed JSON; raises UsageError on an unknown or mistyped field or impossible numbers."""
        lists = {name: tuple(data[name]) for name in ("devices", "limits") if isinstance(data.get(name), list)}
        try:
            options = cls(**(data | lists))
        except TypeError as error:
            raise UsageError("The options for the C10 card have an unknown field.", "Start again.") from error
        options.check()
        return options

    def check(self) -> None:
        """Raise UsageError where the options can't be used."""
        if not (isinstance(self.python, str) and isinstance(self.container, str)):
            raise UsageError("The options for the C10 card name an SDK that is no text.", "Start again.")
        numbers = (*self.devices, *self.limits, self.strategy, self.max_batch_size, self.batch, self.pre_len)
        if not all(type(number) is int and number >= 0 for number in (*numbers, self.total_len)):
            raise UsageError("The options for the C10 card hold something that is no whole number.", "Start again.")
        if not self.devices or len(set(self.devices)) != len(self.devices):
            raise UsageError("No device, or one device twice, was asked for.", "Use --device 0, or 0,1.")
        if self.limits and len(self.limits) != len(self.devices):
            raise UsageError(
                f"{len(self.limits)} DRAM limits were given for {len(self.devices)} devices.",
                "Give one limit for each device.",
            )
        if self.strategy not in (0, 1, 2) or self.max_batch_size < 1:
            raise UsageError(
                f"The split strategy is {self.strategy} and the largest batch {self.max_batch_size}.",
                "Use 0, 1 or 2, and at least 1.",
            )

    def applied_to(self, config: EngineConfig) -> EngineConfig:
        """Return `config` with the lengths and the batch that were asked for."""
        changed = replace(
            config,
            batch=self.batch or config.batch,
            pre_len=self.pre_len or config.pre_len,
            total_len=self.total_len or config.total_len,
        )
        changed.check()
        return changed


class C10Engine:
    """An engine that is loaded onto cards through the vendor's interpreter.

    `weight_bytes` and `kv_bytes` are estimates for the model's sizes: the SDK doesn't tell its own.
    """

    def __init__(self, path: Path, description: Description, options: CardOptions, process: VendorProcess) -> None:
        """Load `path` (as the interpreter sees it) by `process`, which then belongs to the engine."""
        self.spec: ModelSpec = description.spec
        self.config = options.applied_to(description.config)
        self.header = Header(
            role="multi",
            spec=self.spec,
            config=self.config,
            target=TargetInfo("c10", "aigpu", (), "vendor"),
            tokenizer="",
            chat=description.chat,
            producer=Producer("", ""),
        )
        self.weight_bytes = sum(one.nbytes for one in weight_arguments(self.spec, self.config).values())
        self.kv_bytes = sum(one.nbytes for one in cache_arguments(self.spec, self.config))
        self.room = 0
        self._process = process
        loaded = process.ask(
            "load", "loaded", engine=str(path), base_length=self.config.pre_len, total_len=self.config.total_len,
            static_batch=self.config.batch, devices=list(options.devices), limits=list(options.limits),
            strategy=options.strategy, max_batch_size=options.max_batch_size, golden=options.golden,
        )  # fmt: skip
        self.notes = [str(note) for note in loaded.values.get("notes", [])]
        self.notes.append(
            f"On the C10 card: device {', '.join(map(str, options.devices))} of {loaded.values.get('devices')}; "
            f"Python {process.python}."
        )
        if description.assumed:
            self.notes.append(
                f"Nothing beside the engine describes it: it is taken to be ChatGLM2-6B with a base length of "
                f"{self.config.pre_len} and a total length of {self.config.total_len}."
            )

    @classmethod
    def open(cls, path: Path, options: CardOptions, sdk: Sdk | None = None) -> C10Engine:
        """Open a combined engine of the vendor's; `sdk` None: what options and environment name.

        Raises DeviceError where SDK, driver or card are missing, FileError, MismatchError, WorkerError, UntrustedError.
        """
        description = describe(path)
        trust.require(trust.vendor_digest(path)[0], path)
        place = locate(sdk or options.sdk())
        inside = place.inside(path)
        process = VendorProcess(place, Path.cwd())
        try:
            return cls(Path(inside), description, options, process)
        except BaseException:
            process.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the vendor's interpreter."""
        return self._process.pid

    def prefill_together(self, prompts: Sequence[Sequence[int]]) -> Iterator[Floats | None]:
        """Run all base rounds for one prompt a row; give None after each, and the logits (B, V) after the last."""
        if len(prompts) != self.config.batch:
            raise WorkerError(f"{len(prompts)} prompts came for {self.config.batch} rows.", "Please report it.")
        self.room = 0
        begun = self._process.ask("begin", "begun", prompts=[[int(token) for token in prompt] for prompt in prompts])
        rounds = int(begun.values["rounds"])
        for number in range(rounds):
            reply = self._process.ask("round", "round")
            if number == rounds - 1:
                self.room = self.config.total_len - rounds * self.config.pre_len
                yield self._checked(reply.logits)
            else:
                yield None

    def decode(self, tokens: Ids, positions: Ids) -> Floats:
        """Decode one token of each row, (B,) at positions (B,); return the logits (B, V)."""
        reply = self._process.ask("step", "step", tokens=tokens.tolist(), positions=positions.tolist())
        self.room -= 1
        return self._checked(reply.logits)

    def prefill(self, row: int, tokens: Ids, start: int) -> Floats:
        """Refuse: on the card, rows go through prefill together."""
        raise _together()

    def score(self, row: int, tokens: Ids, start: int) -> Floats:
        """Refuse: perplexity is measured on the CPU."""
        raise _together()

    def close(self) -> None:
        """Unload the engine and end the vendor's interpreter."""
        self._process.close()

    def _checked(self, logits: Floats | None) -> Floats:
        expected = (self.config.batch, self.spec.vocab_size)
        if logits is None or logits.shape != expected:
            found = "none" if logits is None else f"shape {logits.shape}"
            raise WorkerError(
                f"The card gave logits of {found} instead of {expected}.",
                "Check that the engine and what is beside it belong together.",
            )
        return logits


def _together() -> UsageError:
    return UsageError(
        "The C10 card can't process the rows of a batch one by one.", "Do this with an engine for the CPU."
    )
