"""What an engine file says of itself: its header's value types, and every rule that needs no file to check.

`core.ngf.layout` says how header and sections lie in the file.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from core import strictjson
from core.errors import FormatError
from core.spec import EngineConfig, ModelSpec, Role
from core.strictjson import as_choice, as_int, as_list, as_object, as_str

MAX_SECTIONS: Final = 8192
MAX_DIMS: Final = 8
OLDEST_ABI: Final = 1
"""Calling convention of code whose file names none."""
MAX_ABI: Final = 1 << 16


SectionKind = Literal["code", "weight", "tokenizer", "note"]
PromptFormat = Literal["chatglm2", "chat_template", "plain"]

ITEM_SIZES: Final = {
    "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8,
}  # fmt: skip
"""Element types of weight sections and their size in bytes."""

_SECTION_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
NO_DIGEST: Final = "0" * 64
"""Stands for a digest that isn't known yet."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """The processor that the code sections were built for."""

    triple: str
    mcpu: str
    features: tuple[str, ...]
    """LLVM feature names that the code needs, such as "avx2"."""
    kernel_class: str
    """Which kernels and weight layout were chosen, such as "avx2"; the same class reads the same weights."""
    abi_version: int = OLDEST_ABI
    """The convention by which the code is called, see `core.compiler.arguments.ABI_VERSION`."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; the oldest convention isn't named, as before there was another."""
        named: dict[str, Any] = {
            "triple": self.triple,
            "mcpu": self.mcpu,
            "features": list(self.features),
            "kernel_class": self.kernel_class,
        }
        return named if self.abi_version == OLDEST_ABI else {**named, "abi_version": self.abi_version}

    @classmethod
    def from_json(cls, data: object) -> TargetInfo:
        """Build it from parsed JSON; raises FormatError."""
        names = ["triple", "mcpu", "features", "kernel_class"]
        named = isinstance(data, dict) and "abi_version" in data
        values = as_object(data, [*names, "abi_version"] if named else names, "target")
        features = as_list(values["features"], "target's features", max_items=1024)
        texts = {name: as_str(values[name], f"target's {name}", max_chars=256) for name in names if name != "features"}
        return cls(
            features=tuple(as_str(one, "target's feature", max_chars=128) for one in features),
            abi_version=as_int(values["abi_version"], "target's abi_version", low=OLDEST_ABI + 1, high=MAX_ABI)
            if named else OLDEST_ABI,
            **texts,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChatInfo:
    """How a question becomes a prompt, and which tokens end an answer."""

    prompt_format: PromptFormat = "plain"
    eos_token_ids: tuple[int, ...] = ()
    bos_token_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {
            "prompt_format": self.prompt_format,
            "eos_token_ids": list(self.eos_token_ids),
            "bos_token_id": self.bos_token_id,
        }

    @classmethod
    def from_json(cls, data: object) -> ChatInfo:
        """Build it from parsed JSON; raises FormatError."""
        values = as_object(data, ("prompt_format", "eos_token_ids", "bos_token_id"), "chat settings")
        kind = as_choice(values["prompt_format"], get_args(PromptFormat), "prompt format")
        ends = as_list(values["eos_token_ids"], "list of end tokens", max_items=64)
        bos = values["bos_token_id"]
        return cls(
            kind,
            tuple(as_int(one, "end token", high=1 << 31) for one in ends),
            None if bos is None else as_int(bos, "first token", high=1 << 31),
        )


@dataclass(frozen=True, slots=True)
class Producer:
    """Versions of what made the file."""

    program: str
    tvm: str

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {"program": self.program, "tvm": self.tvm}

    @classmethod
    def from_json(cls, data: object) -> Producer:
        """Build it from parsed JSON; raises FormatError."""
        values = as_object(data, ("program", "tvm"), "producer")
        return cls(*(as_str(values[name], f"producer's {name}", max_chars=64) for name in ("program", "tvm")))


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """A section to be written: everything but its place and digest.

    `length` in bytes. Weights have a `dtype` (a key of ITEM_SIZES) and a `shape`; other kinds have neither.
    """

    name: str
    kind: SectionKind
    length: int
    dtype: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a file: `offset` and `length` in bytes, `sha256` in lower-case hex."""

    name: str
    kind: SectionKind
    offset: int
    length: int
    sha256: str
    dtype: str = ""
    shape: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """Return the offset after the section's last byte."""
        return self.offset + self.length

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "offset": self.offset,
            "length": self.length,
            "sha256": self.sha256,
            "dtype": self.dtype,
            "shape": list(self.shape),
        }

    @classmethod
    def from_json(cls, data: object) -> Section:
        """Build it from parsed JSON; raises FormatError."""
        values = as_object(data, ("name", "kind", "offset", "length", "sha256", "dtype", "shape"), "section")
        name = as_str(values["name"], "section's name", max_chars=128)
        what = f"section {name[:40]!r}'s"
        kind = as_choice(values["kind"], get_args(SectionKind), f"{what} kind")
        section = cls(
            name=name,
            kind=kind,
            offset=as_int(values["offset"], f"{what} offset"),
            length=as_int(values["length"], f"{what} length"),
            sha256=as_str(values["sha256"], f"{what} digest", max_chars=64),
            dtype=as_str(values["dtype"], f"{what} dtype", max_chars=32),
            shape=tuple(
                as_int(one, f"{what} shape") for one in as_list(values["shape"], f"{what} shape", max_items=MAX_DIMS)
            ),
        )
        check_section(section)
        if not _DIGEST.fullmatch(section.sha256):
            raise FormatError(f"The {what} digest is not 64 lower-case hex digits.")
        return section


@dataclass(frozen=True, slots=True)
class Header:
    """What an engine file says of itself. A writer is given one without `sections` and `weights_digest`."""

    role: Role
    spec: ModelSpec
    config: EngineConfig
    target: TargetInfo
    tokenizer: str
    """"chatglm" (sentencepiece), "bpe" (tokenizer.json) or "" for none."""
    chat: ChatInfo
    producer: Producer
    sections: tuple[Section, ...] = field(default=())
    weights_digest: str = ""
    """SHA-256 over all weights, see `digest_of_weights`."""

    def section(self, name: str) -> Section:
        """Return the section called `name`; raises FormatError if there is none."""
        for section in self.sections:
            if section.name == name:
                return section
        raise FormatError(f"The engine has no section {name!r}.", "Compile the model again with this program.")

    def of_kind(self, kind: SectionKind) -> tuple[Section, ...]:
        """Return the sections of one kind, in the order of the file."""
        return tuple(section for section in self.sections if section.kind == kind)

    @property
    def file_size(self) -> int:
        """Return the size of the whole file in bytes."""
        return self.sections[-1].end

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {
            "role": self.role,
            "spec": self.spec.to_json(),
            "config": self.config.to_json(),
            "target": self.target.to_json(),
            "tokenizer": self.tokenizer,
            "chat": self.chat.to_json(),
            "producer": self.producer.to_json(),
            "sections": [section.to_json() for section in self.sections],
            "weights_digest": self.weights_digest,
        }

    @classmethod
    def from_json(cls, data: object) -> Header:
        """Build it from parsed JSON, all rules that need no file checked; raises FormatError."""
        names = (
            "role", "spec", "config", "target", "tokenizer", "chat", "producer", "sections", "weights_digest",
        )  # fmt: skip
        values = as_object(data, names, "engine header")
        role = as_choice(values["role"], get_args(Role), "engine's role")
        tokenizer = as_choice(values["tokenizer"], ("", "chatglm", "bpe"), "tokenizer kind")
        sections = tuple(
            Section.from_json(one) for one in as_list(values["sections"], "list of sections", max_items=MAX_SECTIONS)
        )
        header = cls(
            role=role,
            spec=ModelSpec.from_json(values["spec"]),
            config=EngineConfig.from_json(values["config"]),
            target=TargetInfo.from_json(values["target"]),
            tokenizer=tokenizer,
            chat=ChatInfo.from_json(values["chat"]),
            producer=Producer.from_json(values["producer"]),
            sections=sections,
            weights_digest=as_str(values["weights_digest"], "weights digest", max_chars=64),
        )
        check_names(sections)
        if header.weights_digest != digest_of_weights(sections):
            raise FormatError("The weights digest doesn't match the weight sections.")
        return header


def check_section(section: PlannedSection | Section) -> None:
    """Raise FormatError where name, length, dtype and shape of one section don't go together."""
    what = f"section {section.name[:40]!r}"
    if not _SECTION_NAME.fullmatch(section.name):
        raise FormatError(f"The {what} has a name that isn't allowed.")
    if section.length < 1:
        raise FormatError(f"The {what} is empty.")
    if section.kind != "weight":
        if section.dtype or section.shape:
            raise FormatError(f"The {what} is no weight but has a dtype or a shape.")
        return
    if section.dtype not in ITEM_SIZES:
        raise FormatError(f"The {what} has the dtype {section.dtype!r}, which this program doesn't know.")
    wanted = math.prod(section.shape) * ITEM_SIZES[section.dtype]
    if wanted != section.length:
        raise FormatError(f"The {what} has {section.length} bytes, but its dtype and shape ask for {wanted}.")


def check_names(sections: Sequence[PlannedSection] | Sequence[Section]) -> None:
    """Raise FormatError if there is no section, or two of the same name."""
    if not sections:
        raise FormatError("The engine has no sections.")
    seen: set[str] = set()
    for section in sections:
        if section.name in seen:
            raise FormatError(f"The engine has two sections called {section.name!r}.")
        seen.add(section.name)


def digest_of_weights(sections: Iterable[Section]) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of all weights' [name, dtype, shape, sha256], sorted by name."""
    rows = sorted([s.name, s.dtype, list(s.shape), s.sha256] for s in sections if s.kind == "weight")
    return hashlib.sha256(strictjson.dumps(rows)).hexdigest()
