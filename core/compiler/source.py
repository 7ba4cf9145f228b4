"""The model to compile, with everything that goes into the engine beside its weights: tokenizer and chat settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core import strictjson
from core.compiler.weights import WeightReader
from core.errors import FormatError
from core.export.safefile import read_small
from core.ngf.format import ChatInfo, PromptFormat
from core.spec import ModelSpec

MAX_TOKENIZER_BYTES = 64 << 20
MAX_CONFIG_BYTES = 1 << 20
CHATGLM2_EOS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A recognised model.

    Sizes in bytes: `stored_bytes` of all weights as they are stored, `float_bytes` as float32,
    `graph_bytes` of the model file, which is read whole.
    """

    path: Path
    spec: ModelSpec
    readers: dict[str, WeightReader]
    stored_bytes: int
    graph_bytes: int
    tokenizer_kind: str
    """"chatglm", "bpe" or ""."""
    tokenizer_files: dict[str, bytes]
    chat: ChatInfo
    verify: Callable[[Callable[[int, int], None]], object]
    """Checks each layer's numbers; takes a progress callback (layers done, layers in all)."""

    @property
    def float_bytes(self) -> int:
        """Bytes of all weights as float32."""
        return 4 * sum(math.prod(shape) for shape in self.spec.weight_shapes().values())


def open_source(path: Path, tokenizer: Path | None = None) -> Source:
    """Open and recognise an ONNX model and find what lies beside it; raises ModelError, FileError, TokenizerError.

    `tokenizer`: a folder or file to take the tokenizer from, instead of the model's folder.
    """
    from core.onnx_import import open_model, verify

    model = open_model(path)
    picked = picked_tokenizer(tokenizer) if tokenizer else None
    kind, files = (picked.kind, picked.files) if picked else read_tokenizer(model.folder)
    return Source(
        path=path,
        spec=model.spec,
        readers=cast("dict[str, WeightReader]", dict(model.weights)),
        stored_bytes=sum(weight.stored_bytes for weight in model.weights.values()),
        graph_bytes=path.stat().st_size,
        tokenizer_kind=kind,
        tokenizer_files=files,
        chat=read_chat_info(model.folder, kind, picked.prompt_format if picked else None),
        verify=lambda progress: verify(model, progress),
    )


def read_tokenizer(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return the kind of the tokenizer in `folder` and its files by section name; ("", {}) if there is none."""
    from core.onnx_import import find_tokenizer_files

    found = find_tokenizer_files(folder)
    if found is None:
        return "", {}
    names = [found.main.name] + ([found.config.name] if found.config and found.kind == "bpe" else [])
    files = {name: read_small(folder, name, MAX_TOKENIZER_BYTES) for name in names}
    return found.kind, {name: content for name, content in files.items() if content}


@dataclass(frozen=True, slots=True)
class Picked:
    """A tokenizer that the user picked: its kind, its files by section name, and the prompts that it is made for."""

    kind: str
    files: dict[str, bytes]
    prompt_format: PromptFormat


def picked_tokenizer(path: Path) -> Picked:
    """Read the tokenizer in a folder, or one of its files; raises TokenizerError."""
    from core.text.tokenizer import CONFIG_FILE, from_files, read_files

    files = read_files(path)
    tokenizer = from_files(files)  # shows now, not after the compile, whether it can be used
    kept = {name: content for name, content in files.items() if tokenizer.kind == "bpe" or name != CONFIG_FILE}
    return Picked(tokenizer.kind, kept, tokenizer.prompt_format.kind)


def read_chat_info(folder: Path, tokenizer_kind: str, prompt_format: PromptFormat | None = None) -> ChatInfo:
    """Return prompt format and end tokens from the model's config.json, or the family's defaults.

    `prompt_format` of a picked tokenizer goes before what was written when the model had none.
    """
    content = read_small(folder, "config.json", MAX_CONFIG_BYTES)
    parsed = strictjson.loads(content, max_bytes=MAX_CONFIG_BYTES) if content else {}
    config: dict[str, Any] = parsed if isinstance(parsed, dict) else {}
    default: PromptFormat = "plain" if tokenizer_kind == "bpe" else "chatglm2"
    found = prompt_format or config.get("prompt_format", default)
    ends = config.get("eos_token_ids", config.get("eos_token_id", CHATGLM2_EOS))
    ends = ends if isinstance(ends, list) else [ends]
    data = {
        "prompt_format": found,
        "eos_token_ids": [end for end in ends if type(end) is int],
        "bos_token_id": config.get("bos_token_id"),
    }
    try:
        return ChatInfo.from_json(data)
    except FormatError as error:
        raise FormatError(f"{folder / 'config.json'}: {error.message}", error.hint) from error
