"""The tokenizer files of a Hugging Face folder, carried over as data; never any code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import TokenizerError
from core.export.gguf_tokenizer import Vocabulary
from core.export.model_config import PromptFormat
from core.export.safefile import read_small
from core.export.safetensors_file import parse_json
from core.export.tiktoken_vocabulary import read_tiktoken

_LIMIT = 64 << 20
_SETTINGS = ("bos_token", "eos_token", "pad_token", "unk_token", "add_bos_token", "chat_template")
"""What is kept of tokenizer_config.json."""


@dataclass(frozen=True)
class HfTokenizer:
    """Files to write by name, and the prompt format that goes with them."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    prompt_format: PromptFormat = "plain"

    def write(self, folder: Path) -> None:
        """Write the files into `folder`."""
        for name, data in self.files.items():
            (folder / name).write_bytes(data)


def find_tokenizer(folder: Path, *, sentencepiece: bool) -> HfTokenizer | Vocabulary:
    """Return the tokenizer of `folder`, an empty one where it has none.

    `sentencepiece`: a tokenizer.model is ChatGLM2's sentencepiece model, or GLM-4's list of ranks. Elsewhere only a
    tokenizer.json counts, which holds the model's own rules. Raises TokenizerError for another tokenizer.model.
    """
    model = read_small(folder, "tokenizer.model", _LIMIT)
    tokenizer = read_small(folder, "tokenizer.json", _LIMIT)
    settings = _settings(folder)
    if tokenizer is not None:
        kept = {name: settings[name] for name in _SETTINGS if settings.get(name) is not None}
        text = json.dumps(kept, indent=2, ensure_ascii=False).encode() + b"\n"
        files = {"tokenizer.json": tokenizer, "tokenizer_config.json": text}
        return HfTokenizer(files, "chat_template" if "chat_template" in kept else "plain")
    if model is None:
        return HfTokenizer()
    if not sentencepiece:
        raise TokenizerError(
            f"{folder / 'tokenizer.model'} is of a kind that can't be carried over.",
            "Add the tokenizer.json of the same model to the folder.",
        )
    if model.startswith(b"\n"):  # every sentencepiece model starts with its first piece, field 1
        return HfTokenizer({"tokenizer.model": model}, "chatglm2")
    return read_tiktoken(model, settings)


def _settings(folder: Path) -> dict[str, Any]:
    data = read_small(folder, "tokenizer_config.json", _LIMIT)
    config = {} if data is None else parse_json(data, str(folder / "tokenizer_config.json"))
    template = read_small(folder, "chat_template.jinja", _LIMIT)
    if template is not None:
        config["chat_template"] = template.decode("utf-8", errors="replace")
    return config
