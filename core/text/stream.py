"""Tokens to text, one token at a time, without ever showing half a character.

A tokenizer says what each token stands for as a `Piece`; the decoder here joins pieces. Decoding a whole list goes
through the same code, so a streamed answer always equals the decoded whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

REPLACEMENT = "\ufffd"

_CLEAN_UP = (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")
_CLEAN_UP_OPEN = " 'nvr"  # every character of those that isn't the last of one


@dataclass(frozen=True, slots=True)
class Piece:
    """What one token adds to the text: finished text, or bytes that may end inside a character, or nothing."""

    text: str = ""
    data: bytes = b""


def take_characters(pending: bytes, *, final: bool, each_byte: bool) -> tuple[str, bytes]:
    """Return the characters that `pending` UTF-8 bytes hold and the bytes of a character that isn't complete yet.

    Bytes that can't belong to a character become U+FFFD: one for each byte if `each_byte` (as sentencepiece does), else
    one for each longest broken beginning of a character (as Python and Rust do). `final`: no more bytes will come, so
    nothing is held back.
    """
    text = []
    while pending:
        try:
            text.append(pending.decode("utf-8"))
        except UnicodeDecodeError as error:
            text.append(pending[: error.start].decode("utf-8"))
            unfinished = error.end == len(pending) and error.reason == "unexpected end of data"
            if unfinished and not final:
                return "".join(text), pending[error.start :]
            text.append(REPLACEMENT)
            pending = pending[error.start + 1 if each_byte else error.end :]
        else:
            pending = b""
    return "".join(text), b""


def clean_up(text: str) -> str:
    """Drop the spaces before punctuation and English contractions, as the original ChatGLM2 decoding does."""
    for pattern in _CLEAN_UP:
        text = text.replace(pattern, pattern.strip())
    return text


def clean_prefix(text: str) -> int:
    """Return how many characters of `text` can be cleaned up now, whatever follows.

    A pattern starts with a space, so only a trailing run of the patterns' inner characters that has a space can still
    grow into one.
    """
    settled = len(text.rstrip(_CLEAN_UP_OPEN))
    space = text.find(" ", settled)
    return len(text) if space < 0 else space


class StreamDecoder:
    """Joins the pieces of one answer; `push` returns what can be shown now, `finish` the rest."""

    def __init__(
        self, piece_of: Callable[[int], Piece], *, each_byte: bool, strip_space: bool, clean: bool = False
    ) -> None:
        """`strip_space`: drop the space that the tokenizer puts before a text's first word; `clean`: see `clean_up`."""
        self._piece_of = piece_of
        self._clean = clean
        self._unclean = ""
        self._each_byte = each_byte
        self._strip_space = strip_space
        self._pending = b""

    def push(self, token: int) -> str:
        """Take one more token and return the whole characters that it completes, possibly none."""
        return self._cleaned(self._push(token), final=False)

    def finish(self) -> str:
        """Return what is still held back: a broken character's replacement, a space, or nothing."""
        return self._cleaned(self._take(b"", final=True), final=True)

    def _push(self, token: int) -> str:
        piece = self._piece_of(token)
        if piece.data:
            self._strip_space = False
            return self._take(piece.data, final=False)
        if not piece.text:
            return ""
        before = self._take(b"", final=True)
        text = piece.text
        if self._strip_space:
            text = text.removeprefix(" ")
            self._strip_space = False
        return before + text

    def _cleaned(self, text: str, *, final: bool) -> str:
        if not self._clean:
            return text
        text = self._unclean + text
        cut = len(text) if final else clean_prefix(text)
        self._unclean = text[cut:]
        return clean_up(text[:cut])

    def _take(self, data: bytes, *, final: bool) -> str:
        text, self._pending = take_characters(self._pending + data, final=final, each_byte=self._each_byte)
        return text


def decode_all(decoder: StreamDecoder, tokens: Iterable[int]) -> str:
    """Return the text of all `tokens` through a fresh `decoder`."""
    return "".join([*(decoder.push(token) for token in tokens), decoder.finish()])
