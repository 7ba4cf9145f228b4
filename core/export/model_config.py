"""The config.json beside an exported ONNX: what the text side has to know about the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

PromptFormat = Literal["chatglm2", "chat_template", "plain"]
"""chatglm2: "[Round n]" with questions and answers; chat_template: the template in tokenizer_config.json; plain: text
goes in as it is."""

CONFIG_NAME = "config.json"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Token ids and prompt format of a model."""

    model_type: str
    """Architecture of the source: chatglm, glm or llama."""
    eos_token_ids: tuple[int, ...] = ()
    """Any of these ends an answer."""
    bos_token_id: int | None = None
    pad_token_id: int | None = None
    prompt_format: PromptFormat = "plain"
    max_positions: int = 0
    """Context length that the model was trained for, in tokens; 0: unknown."""

    def write(self, folder: Path) -> None:
        """Write config.json into `folder`."""
        data = asdict(self) | {"eos_token_ids": list(self.eos_token_ids)}
        (folder / CONFIG_NAME).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
