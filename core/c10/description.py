"""What is known of a vendor's engine, whose file is never read: a small JSON beside it, or what flags and defaults say.

`NAME.ngf.json` is written by our own compile job for the card. An engine that somebody else compiled has none; then the
model is taken to be ChatGLM2-6B, which is all that the vendor's sample compiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from core import strictjson
from core.errors import FileError, FormatError, MismatchError
from core.fsio import write_bytes
from core.ngf.format import ChatInfo
from core.ngf.layout import MAGIC
from core.spec import EngineConfig, ModelSpec, Role

CHATGLM2_6B = ModelSpec(
    num_layers=28,
    hidden_size=4096,
    ffn_size=13696,
    num_heads=32,
    num_groups=2,
    head_dim=128,
    rotary_dim=64,
    rope_theta=10000.0,
    vocab_size=65024,
    norm_eps=1e-5,
    qkv_bias=True,
    max_positions=0,
    source_dtype="float16",
)
VENDOR_CONFIG = EngineConfig()
CHATGLM2_CHAT = ChatInfo("chatglm2", (2,), 1)
_MAX_BYTES = 1 << 16
_KEYS = ("spec", "config", "chat", "role")


@dataclass(frozen=True, slots=True)
class Description:
    """Model, configuration and chat settings of a vendor's engine; `assumed`: nothing beside the file tells them."""

    spec: ModelSpec = CHATGLM2_6B
    config: EngineConfig = VENDOR_CONFIG
    chat: ChatInfo = CHATGLM2_CHAT
    assumed: bool = True
    role: Role = "multi"

    def to_json(self) -> dict[str, Any]:
        """Return what the file beside an engine holds."""
        return {
            "spec": self.spec.to_json(),
            "config": self.config.to_json(),
            "chat": self.chat.to_json(),
            "role": self.role,
        }

    @classmethod
    def from_json(cls, data: object) -> Description:
        """Build it from parsed JSON; raises FormatError."""
        values = strictjson.as_object(data, _KEYS, "engine's description")
        return cls(
            ModelSpec.from_json(values["spec"]),
            EngineConfig.from_json(values["config"]),
            ChatInfo.from_json(values["chat"]),
            assumed=False,
            role=strictjson.as_choice(values["role"], get_args(Role), "engine's role"),
        )


def description_path(engine: Path) -> Path:
    """Return where an engine's description lies."""
    return engine.with_name(engine.name + ".json")


def write_description(engine: Path, description: Description) -> None:
    """Put `description` beside `engine`; raises FileError or ResourceError."""
    write_bytes(description_path(engine), strictjson.dumps(description.to_json()) + b"\n")


def is_foreign(engine: Path) -> bool:
    """Return whether a file isn't an engine of this program, by its first bytes; raises FileError."""
    try:
        with engine.open("rb") as file:
            return file.read(len(MAGIC)) != MAGIC
    except OSError as error:
        raise FileError(f"{engine} can't be opened: {error.strerror}.", "Check the path.") from error


def describe(engine: Path) -> Description:
    """Return what lies beside `engine`, else the defaults.

    Raises FileError if there is no such engine, MismatchError if it is one of our own for the CPU, FormatError for a
    damaged description.
    """
    if not is_foreign(engine):
        raise MismatchError(
            f"{engine} was compiled for the CPU, not for the C10 card.",
            "Leave out --target c10, or compile it again with --target c10.",
        )
    path = description_path(engine)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Description()
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}.", "Check its permissions.") from error
    try:
        parsed = strictjson.loads(data, max_bytes=_MAX_BYTES, what="engine's description")
        return Description.from_json(parsed)
    except FormatError as error:
        raise FormatError(f"{path}: {error.message}", "Remove the file to go by flags and defaults instead.") from error
