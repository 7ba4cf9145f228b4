"""Tokenizers: text to token ids and back, for ChatGLM2 (sentencepiece) and for models with a tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

from core import fsio
from core.errors import TokenizerError
from core.text.prompts import PromptFormat
from core.text.stream import Piece, StreamDecoder, decode_all

TokenizerKind = Literal["chatglm", "bpe"]

SENTENCEPIECE_FILE = "tokenizer.model"
BPE_FILE = "tokenizer.json"
CONFIG_FILE = "tokenizer_config.json"
TOKENIZER_FILES = (SENTENCEPIECE_FILE, BPE_FILE, CONFIG_FILE)
"""Names of a tokenizer's files in a model folder, and of the sections that hold them in an .ngf file."""

MAX_FILE_BYTES = 64 << 20

_SPACE = "\u2581"  # what sentencepiece writes for a space
_HINT = "Give the model's own with --tokenizer, or ask with --input-ids."


class Tokenizer(Protocol):
    """What the rest of the program needs of a tokenizer."""

    kind: TokenizerKind
    vocab_size: int
    """Token ids are below this."""
    prompt_format: PromptFormat
    eos_ids: frozenset[int]
    """Tokens that end an answer, as far as the tokenizer's files tell."""

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Return the ids of `text`; `special` adds what the model expects in front of a bare text."""

    def encode_prompt(self, prompt: str) -> list[int]:
        """Return the ids of a prompt that `prompt_format` rendered."""

    def stream(self) -> StreamDecoder:
        """Return a decoder for one new text."""

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of `tokens`; special tokens and ids beyond the vocabulary add nothing."""


@dataclass(frozen=True, slots=True)
class Padded:
    """A batch of prompts, padded on the left to one length: three arrays of [rows][length]."""

    input_ids: list[list[int]]
    position_ids: list[list[int]]
    """Counts from 0 at the first real token; 0 on padding."""
    attention_mask: list[list[int]]
    """1 on real tokens."""


def pad_left(rows: Sequence[Sequence[int]], length: int | None = None, pad: int = 0) -> Padded:
    """Pad `rows` of token ids on the left to `length` tokens, or to the longest row; no row may be longer than that."""
    size = max((len(row) for row in rows), default=0) if length is None else length
    gaps = [size - len(row) for row in rows]
    if min(gaps, default=0) < 0:
        raise ValueError(f"a row is longer than {size} tokens")
    return Padded(
        [[pad] * gap + list(row) for gap, row in zip(gaps, rows, strict=True)],
        [[0] * gap + list(range(len(row))) for gap, row in zip(gaps, rows, strict=True)],
        [[0] * gap + [1] * len(row) for gap, row in zip(gaps, rows, strict=True)],
    )


class ChatGLMTokenizer:
    """ChatGLM2's: sentencepiece plus five special tokens behind its vocabulary; a prompt starts with [gMASK] sop."""

    kind: TokenizerKind = "chatglm"

    def __init__(self, model: bytes) -> None:
        """`model`: the bytes of tokenizer.model; raises TokenizerError if they are none."""
        import sentencepiece

        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
            pieces = int(self._processor.get_piece_size())
        except (RuntimeError, OSError) as error:
            raise TokenizerError("The tokenizer.model is no sentencepiece model.", _HINT) from error
        if pieces == 0:
            raise TokenizerError("The tokenizer.model is empty.", _HINT)
        names = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop")
        self.special_ids = {name: pieces + i for i, name in enumerate(names)}
        self.prefix = [self.special_ids["[gMASK]"], self.special_ids["sop"]]
        self.vocab_size = pieces + len(names)
        self.eos_ids = frozenset({int(self._processor.eos_id())} if self._processor.eos_id() >= 0 else ())
        self.prompt_format = PromptFormat("chatglm2")
        self._pieces = pieces
        self._piece_of = lru_cache(maxsize=None)(self._make_piece)

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Return the ids of `text`, behind [gMASK] sop if `special`."""
        ids: list[int] = self._processor.encode(text)
        return [*self.prefix, *ids] if special else ids

    def encode_prompt(self, prompt: str) -> list[int]:
        """Return the ids of a rendered prompt, behind [gMASK] sop."""
        return self.encode(prompt)

    def stream(self) -> StreamDecoder:
        """Return a decoder for one new text."""
        return StreamDecoder(self._piece_of, each_byte=True, strip_space=True, clean=True)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of `tokens`; special tokens and the padded vocabulary add nothing."""
        return decode_all(self.stream(), tokens)

    def _make_piece(self, token: int) -> Piece:
        if not 0 <= token < self._pieces or self._processor.is_control(token) or self._processor.is_unknown(token):
            return Piece()
        name: str = self._processor.id_to_piece(token)
        if self._processor.is_byte(token):
            return Piece(data=bytes([int(name[3:5], 16)]))
        return Piece(text=name.replace(_SPACE, " "))


class BPETokenizer:
    """A tokenizer.json as the `tokenizers` library reads it, with the chat template of tokenizer_config.json."""

    kind: TokenizerKind = "bpe"

    def __init__(self, data: bytes, config: bytes = b"") -> None:
        """`data`: the bytes of tokenizer.json; `config`: those of tokenizer_config.json; raises TokenizerError."""
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(data)
            layout = json.loads(data)
        except Exception as error:
            raise TokenizerError(f"The tokenizer.json can't be read: {error}.", _HINT) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        settings = _read_config(config)
        self.vocab_size = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1) + 1
        self.prompt_format = _prompt_format(settings)
        eos = self._tokenizer.token_to_id(_token_text(settings.get("eos_token")))
        self.eos_ids = frozenset(() if eos is None else (eos,))
        decoders = _decoder_types(layout.get("decoder"))
        self._byte_level = "ByteLevel" in decoders
        self._strip_space = not self._byte_level and bool({"Strip", "Metaspace"} & decoders)
        self._added = {int(t["id"]): t for t in layout.get("added_tokens") or []}
        self._piece_of = lru_cache(maxsize=None)(self._make_piece)

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Return the ids of `text`, with the tokenizer's own beginning-of-text tokens if `special`."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=special).ids
        return ids

    def encode_prompt(self, prompt: str) -> list[int]:
        """Return the ids of a rendered prompt: a chat template writes the special tokens itself."""
        return self.encode(prompt, special=self.prompt_format.kind != "chat_template")

    def stream(self) -> StreamDecoder:
        """Return a decoder for one new text."""
        return StreamDecoder(self._piece_of, each_byte=not self._byte_level, strip_space=self._strip_space)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of `tokens`; special tokens and ids beyond the vocabulary add nothing."""
        return decode_all(self.stream(), tokens)

    def _make_piece(self, token: int) -> Piece:
        added = self._added.get(token)
        if added is not None:
            return Piece(text="" if added.get("special") else str(added.get("content", "")))
        name = self._tokenizer.id_to_token(token) if 0 <= token < self.vocab_size else None
        if name is None:
            return Piece()
        if self._byte_level:
            table = _byte_of_character()
            known = all(character in table for character in name)
            return Piece(data=bytes(table[c] for c in name) if known else name.encode("utf-8"))
        if len(name) == 6 and name.startswith("<0x") and name.endswith(">"):
            return Piece(data=bytes([int(name[3:5], 16)]))
        return Piece(text=name.replace(_SPACE, " "))


def from_files(files: Mapping[str, bytes]) -> Tokenizer:
    """Make the tokenizer whose files, named as in TOKENIZER_FILES, are given; raises TokenizerError."""
    if SENTENCEPIECE_FILE in files:
        return ChatGLMTokenizer(files[SENTENCEPIECE_FILE])
    if BPE_FILE in files:
        return BPETokenizer(files[BPE_FILE], files.get(CONFIG_FILE, b""))
    raise TokenizerError(f"There is neither a {SENTENCEPIECE_FILE} nor a {BPE_FILE}.", _HINT)


def read_files(path: Path) -> dict[str, bytes]:
    """Return the tokenizer files that `path` offers: a folder that has them, or one of the files itself.

    A tokenizer_config.json beside a picked tokenizer.json is read as well. Raises TokenizerError.
    """
    if fsio.is_folder(path):
        found = {name: path / name for name in TOKENIZER_FILES if fsio.is_file(path / name)}
        if not found.keys() & {SENTENCEPIECE_FILE, BPE_FILE}:
            raise TokenizerError(f"{path} has neither a {SENTENCEPIECE_FILE} nor a {BPE_FILE}.", _HINT)
    elif path.suffix == ".json":
        config = path.with_name(CONFIG_FILE)
        found = {BPE_FILE: path} | ({CONFIG_FILE: config} if fsio.is_file(config) else {})
    else:
        found = {SENTENCEPIECE_FILE: path}
    return {name: _read(file) for name, file in found.items()}


def load(path: Path) -> Tokenizer:
    """Make the tokenizer of a folder or file; raises TokenizerError."""
    return from_files(read_files(path))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TokenizerError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB, so it is no tokenizer.", _HINT)
        return path.read_bytes()
    except OSError as error:
        raise TokenizerError(f"The tokenizer {path} can't be read: {error.strerror or error}.", _HINT) from error


def _read_config(data: bytes) -> dict[str, Any]:
    if not data:
        return {}
    try:
        config = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TokenizerError(
            f"The {CONFIG_FILE} is not valid JSON: {error}.", "Fetch the model's files again."
        ) from error
    return config if isinstance(config, dict) else {}


def _token_text(value: object) -> str:
    """Return the text of a special token, which a config gives as a string or as an object with `content`."""
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else ""


def _prompt_format(config: Mapping[str, Any]) -> PromptFormat:
    template = config.get("chat_template")
    if isinstance(template, list):  # several named ones
        named = {t.get("name"): t.get("template") for t in template if isinstance(t, dict)}
        template = named.get("default")
    if not isinstance(template, str) or not template:
        return PromptFormat("plain")
    names = ("bos_token", "eos_token", "unk_token", "pad_token")
    special = tuple((name, _token_text(config[name])) for name in names if _token_text(config.get(name)))
    return PromptFormat("chat_template", template, special)


def _decoder_types(decoder: object) -> set[str]:
    if not isinstance(decoder, dict):
        return set()
    inner = decoder.get("decoders") if decoder.get("type") == "Sequence" else None
    return set().union(*map(_decoder_types, inner)) if isinstance(inner, list) else {str(decoder.get("type"))}


@lru_cache(maxsize=1)
def _byte_of_character() -> dict[str, int]:
    """Return GPT-2's byte alphabet: printable bytes stand for themselves, the others for characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in set(printable)]
    return table | {chr(0x100 + i): byte for i, byte in enumerate(others)}
