"""The tokenizer in a GGUF file's metadata -> the files of a Hugging Face folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import TokenizerError
from core.export.gguf_sentencepiece import chatglm_model, spaced_tokenizer
from core.export.model_config import PromptFormat

CONTROL, _USER_DEFINED = 3, 4
"""GGUF token types: never typed by a user, and whole words that are looked for before anything else."""

_END_TOKENS = {
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|endoftext|>",
    "<|user|>",
    "<|observation|>",
    "</s>",
}
"""Control tokens that end a turn in the known chat formats."""

_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Llama 3 and GLM-4 split text into words."""

_KNOWN_SPLITS = ("default", "gpt-2", "smollm", "llama-bpe", "llama3", "llama-v3", "chatglm-bpe", "glm4")


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer as lists of tokens and of merges or scores; `tokens` is empty where there is none."""

    model: str = ""
    """gpt2: byte-level BPE with merges; llama: sentencepiece with scores."""
    chatglm: bool = False
    tokens: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    kinds: tuple[int, ...] = ()
    split: str = ""
    chat_template: str = ""
    bos_id: int | None = None
    eos_ids: tuple[int, ...] = ()
    pad_id: int | None = None
    unknown_id: int | None = None
    add_bos: bool = False
    space_prefix: bool = True
    """Whether sentencepiece puts a space before a text."""

    @property
    def prompt_format(self) -> PromptFormat:
        """How the model is asked: ChatGLM2 and 3 (known by sentencepiece) in rounds, others by a template if any."""
        if self.chatglm and self.model == "llama":
            return "chatglm2"
        return "chat_template" if self.chat_template else "plain"

    def write(self, folder: Path) -> None:
        """Write tokenizer.model, or tokenizer.json and tokenizer_config.json; nothing where there is no tokenizer."""
        if not self.tokens:
            return
        if self.prompt_format == "chatglm2":
            (folder / "tokenizer.model").write_bytes(chatglm_model(self.tokens, self.scores, self.kinds))
            return
        self._build().save(str(folder / "tokenizer.json"))
        named = {"bos_token": self.bos_id, "eos_token": self.eos_ids[0] if self.eos_ids else None,
                 "pad_token": self.pad_id, "unk_token": self.unknown_id}  # fmt: skip
        settings: dict[str, Any] = {name: self.tokens[index] for name, index in named.items() if index is not None}
        settings |= {"add_bos_token": self.add_bos, "clean_up_tokenization_spaces": False}
        if self.chat_template:
            settings["chat_template"] = self.chat_template
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")

    def _build(self) -> Any:
        from tokenizers import AddedToken, processors

        try:
            tokenizer = self._spaced() if self.model == "llama" else self._byte_level()
        except Exception as error:  # the library raises no narrower class for bad merges
            raise TokenizerError(f"The GGUF's tokenizer is damaged: {error}.", "Fetch the file again.") from error
        for special in (True, False):
            kind = CONTROL if special else _USER_DEFINED
            chosen = [token for token, found in zip(self.tokens, self.kinds, strict=True) if found == kind]
            added = [AddedToken(token, special=special, normalized=False) for token in chosen]
            (tokenizer.add_special_tokens if special else tokenizer.add_tokens)(added)
        if self.add_bos and self.bos_id is not None:
            bos = self.tokens[self.bos_id]
            tokenizer.post_processor = processors.TemplateProcessing(
                single=[bos, "$A"], pair=[bos, "$A", "$B"], special_tokens=[(bos, self.bos_id)]
            )
        return tokenizer

    def _spaced(self) -> Any:
        unknown = None if self.unknown_id is None else self.tokens[self.unknown_id]
        return spaced_tokenizer(self.tokens, self.scores, unknown, prefix=self.space_prefix)

    def _byte_level(self) -> Any:
        from tokenizers import Tokenizer, decoders, models

        vocabulary = {token: index for index, token in enumerate(self.tokens)}
        merges = [(left, right) for left, _, right in (merge.partition(" ") for merge in self.merges)]
        tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=self.split.startswith("llama")))
        tokenizer.pre_tokenizer = _splitter(self.split)
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer


def _splitter(split: str) -> Any:
    from tokenizers import Regex, pre_tokenizers

    if split in ("default", "gpt-2"):
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    if split == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        return pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    words = pre_tokenizers.Split(Regex(_WORDS), "isolated")
    return pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def read_tokenizer(metadata: Mapping[str, Any]) -> Vocabulary:
    """Return the tokenizer of a GGUF file, an empty one where it has none.

    Raises TokenizerError for a kind that is not known, as a wrong one would give wrong answers without a word.
    """
    model = metadata.get("tokenizer.ggml.model", "none")
    if model in ("none", "no_vocab"):
        return Vocabulary()
    split = str(metadata.get("tokenizer.ggml.pre", "default"))
    if model not in ("gpt2", "llama") or (model == "gpt2" and split not in _KNOWN_SPLITS):
        raise TokenizerError(
            f"The GGUF's tokenizer is of the kind {str(model)[:40]!r}, {split[:40]!r}, which can't be converted.",
            "Export from the model's Hugging Face folder instead.",
        )
    tokens = _strings(metadata, "tokenizer.ggml.tokens")
    kinds = metadata.get("tokenizer.ggml.token_type", [1] * len(tokens))
    if len(set(tokens)) != len(tokens) or not isinstance(kinds, list) or len(kinds) != len(tokens):
        raise TokenizerError(
            f"The GGUF's {len(tokens)} tokens are not distinct or lack their types.", "Fetch the file again."
        )
    template = metadata.get("tokenizer.chat_template", "")
    return Vocabulary(
        model=model,
        chatglm=metadata.get("general.architecture") == "chatglm",
        tokens=tokens,
        merges=_strings(metadata, "tokenizer.ggml.merges") if model == "gpt2" else (),
        scores=_scores(metadata, len(tokens)) if model == "llama" else (),
        kinds=tuple(kinds),
        split=split,
        chat_template=template if isinstance(template, str) else "",
        bos_id=_token_id(metadata, "bos", tokens),
        eos_ids=_end_ids(metadata, tokens, kinds),
        pad_id=_token_id(metadata, "padding", tokens),
        unknown_id=_token_id(metadata, "unknown", tokens),
        add_bos=metadata.get("tokenizer.ggml.add_bos_token", model == "llama") is True,
        space_prefix=metadata.get("tokenizer.ggml.add_space_prefix", True) is True,
    )


def _strings(metadata: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = metadata.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TokenizerError(f"The GGUF's {key} is missing or no list of texts.", "Fetch the file again.")
    return tuple(values)


def _scores(metadata: Mapping[str, Any], count: int) -> tuple[float, ...]:
    values = metadata.get("tokenizer.ggml.scores")
    if not isinstance(values, list) or len(values) != count or not all(isinstance(v, float) for v in values):
        raise TokenizerError(f"The GGUF doesn't have a score for each of its {count} tokens.", "Fetch the file again.")
    return tuple(values)


def _token_id(metadata: Mapping[str, Any], name: str, tokens: tuple[str, ...]) -> int | None:
    value = metadata.get(f"tokenizer.ggml.{name}_token_id")
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < len(tokens):
        raise TokenizerError(
            f"The GGUF's {name} token is {str(value)[:40]}, but it has {len(tokens)} tokens.", "Fetch the file again."
        )
    return value


def _end_ids(metadata: Mapping[str, Any], tokens: tuple[str, ...], kinds: list[int]) -> tuple[int, ...]:
    named = [_token_id(metadata, name, tokens) for name in ("eos", "eot", "eom")]
    known = [i for i, kind in enumerate(kinds) if kind == CONTROL and tokens[i] in _END_TOKENS]
    return tuple(dict.fromkeys(i for i in [*named, *known] if i is not None))
