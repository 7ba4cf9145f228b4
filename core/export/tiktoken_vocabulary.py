"""GLM-4's tokenizer.model, a list of byte strings by rank (tiktoken's format) -> a byte-level BPE vocabulary."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from core.errors import TokenizerError
from core.export.gguf_tokenizer import CONTROL, Vocabulary

_MAX_TOKENS = 1 << 20
_MAX_BYTES = 1024
"""Longest token."""


def read_tiktoken(data: bytes, settings: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary of a tiktoken file and of the added tokens in a tokenizer_config.json.

    Raises TokenizerError where the file is none, or where the ids leave gaps.
    """
    ranks = _ranks(data)
    added = _added(settings, len(ranks))
    letters = byte_letters()
    words = ["".join(letters[byte] for byte in token) for token in ranks]
    merges = [
        " ".join("".join(letters[byte] for byte in part) for part in _halves(ranks, token, rank))
        for token, rank in ranks.items()
        if len(token) > 1
    ]
    template = settings.get("chat_template")
    return Vocabulary(
        model="gpt2",
        tokens=(*words, *added),
        merges=tuple(merges),
        kinds=(*(1 for _ in words), *(CONTROL for _ in added)),
        split="glm4",
        chat_template=template if isinstance(template, str) else "",
    )


def byte_letters() -> dict[int, str]:
    """Return the letter that GPT-2's vocabulary format writes for each byte."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(rest)}


def _ranks(data: bytes) -> dict[bytes, int]:
    """Return the tokens in the order of their ranks, which count from 0."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(data.splitlines()):
        try:
            word, rank = line.split()
            token = base64.b64decode(word, validate=True)
            bad = int(rank) != number or not 1 <= len(token) <= _MAX_BYTES or number >= _MAX_TOKENS
        except (ValueError, binascii.Error):
            bad, token = True, b""
        if bad or token in ranks:
            raise TokenizerError(
                f"Line {number + 1} of the tokenizer.model is no token with the next rank.",
                "Fetch the file again, or add the tokenizer.json of the same model.",
            )
        ranks[token] = number
    return ranks


def _halves(ranks: Mapping[bytes, int], token: bytes, limit: int) -> list[bytes]:
    """Return the two tokens that `token` is merged from: what is left when only better merges are made."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        pairs = [(ranks.get(left + right, limit), i) for i, (left, right) in enumerate(pairwise(parts))]
        rank, i = min(pairs)
        if rank >= limit:
            raise TokenizerError(
                f"The token of rank {limit} in the tokenizer.model can't be merged from others.",
                "Fetch the file again.",
            )
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def _added(settings: Mapping[str, Any], first: int) -> list[str]:
    """Return the added tokens, whose ids follow the ranks."""
    decoder = settings.get("added_tokens_decoder")
    decoder = decoder if isinstance(decoder, dict) else {}
    found = {
        int(number): value["content"]
        for number, value in decoder.items()
        if number.isdecimal() and isinstance(value, dict) and isinstance(value.get("content"), str)
    }
    if sorted(found) != list(range(first, first + len(found))):
        raise TokenizerError(
            f"The added tokens of tokenizer_config.json don't follow the {first} tokens of the tokenizer.model.",
            "Fetch the model again.",
        )
    return [found[number] for number in sorted(found)]
