"""An open engine with its tokenizer, and what its KV cache holds, so that a later prompt can keep the common prefix."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from core.errors import CardGoneError, UsageError
from core.ngf.format import Header
from core.spec import EngineConfig, ModelSpec
from core.text.prompts import PromptFormat
from core.text.tokenizer import Tokenizer

DEFAULT_EOS = frozenset({2})
"""The vendor's stop token, for engines that name none and have no tokenizer."""

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


class EngineLike(Protocol):
    """What generation needs of an engine. V is the vocabulary (with its padding), B the static batch."""

    @property
    def spec(self) -> ModelSpec:
        """The model's sizes."""

    @property
    def config(self) -> EngineConfig:
        """How the engine was built: batch, lengths, precision."""

    @property
    def header(self) -> Header:
        """What the engine file says of itself."""

    @property
    def notes(self) -> list[str]:
        """Sentences to show the user."""

    @property
    def weight_bytes(self) -> int:
        """Bytes of all weights."""

    @property
    def kv_bytes(self) -> int:
        """Bytes of the KV cache."""

    def prefill(self, row: int, tokens: Ids, start: int) -> Floats:
        """Write positions start.. of one row's cache; return the last token's logits (V,).

        At most `prefill_rows` tokens.
        """

    def decode(self, tokens: Ids, positions: Ids) -> Floats:
        """Write one position of each row, (B,) and (B,); return the logits (B, V)."""

    def score(self, row: int, tokens: Ids, start: int) -> Floats:
        """Prefill as `prefill` does and return the logits of all n tokens (n, V)."""

    def close(self) -> None:
        """Give up the file and the memory."""


@runtime_checkable
class JointEngine(Protocol):
    """What an engine has on top that takes all rows through prefill together, padded to the same length.

    Its KV cache holds one batch of prompts at a time and keeps nothing for the next.
    """

    @property
    def room(self) -> int:
        """Decode steps that the context still has room for."""

    def prefill_together(self, prompts: Sequence[Sequence[int]]) -> Iterator[Floats | None]:
        """Run one base round after the other for one prompt a row; give the logits (B, V) after the last, else None."""


@runtime_checkable
class VerifyingEngine(Protocol):
    """What an engine has on top that decodes several known tokens of one row in one pass."""

    @property
    def verify_rows(self) -> int:
        """Most tokens of one `verify`; 0: it can't."""

    def verify(self, row: int, tokens: Ids, start: int) -> Floats:
        """Write positions start.. of one row's cache as decoding does; return the logits of all n tokens (n, V)."""


@runtime_checkable
class WipingEngine(Protocol):
    """What an engine has on top that can overwrite its KV cache."""

    def wipe(self) -> None:
        """Overwrite the KV cache and the last logits with zeros."""


class CardLike(Protocol):
    """What a card of an engine over several holds and has done, see `core.cards.figures.CardFigures`."""

    @property
    def card(self) -> int:
        """The card's number."""

    def since(self, before: Any) -> dict[str, Any]:
        """Return the figures as JSON values, with what was done after `before`, earlier figures of the same card."""


@runtime_checkable
class CardsLike(Protocol):
    """What an engine over several cards has on top: jobs in flight, and a way to go on when a card is gone.

    Rows of lane n are n * B onwards. `on_end` is called on another thread with the number of a card that has ended.
    """

    on_end: Callable[[int], None]

    @property
    def lanes(self) -> int:
        """Jobs that can be in flight, each with a KV cache of its own."""

    @property
    def ahead(self) -> int:
        """Rounds of one prompt that are worth submitting before the first one's logits are collected."""

    def submit_prefill(self, row: int, tokens: Ids, start: int) -> int:
        """Begin a `prefill`; return the ticket for its logits (1, V)."""

    def submit_decode(self, lane: int, tokens: Ids, positions: Ids) -> int:
        """Begin a `decode` of one lane; return the ticket for its logits (B, V)."""

    def collect(self, ticket: int) -> Floats:
        """Return the logits of a work in flight; raises CardGoneError."""

    def settle(self) -> None:
        """Wait for what is still in flight, and drop it."""

    def figures(self) -> Sequence[CardLike]:
        """Return what each card holds and has done since it was opened."""

    def recover(self, error: CardGoneError) -> str:
        """Go on without the card, with empty KV caches; return a sentence for the user, or raise CardsLostError."""


class Session:
    """One engine in use. Not thread-safe: it belongs to the thread that computes.

    Rows count through all lanes: row r is slot r % B of lane r // B. Only engines over several cards have more lanes.
    """

    def __init__(self, engine: EngineLike, tokenizer: Tokenizer | None = None) -> None:
        """Raises TokenizerError if the tokenizer knows more tokens than the model."""
        self.engine = engine
        self.tokenizer = tokenizer
        self.eos_ids = _eos_ids(engine.header, tokenizer)
        self.prompt_format = _prompt_format(engine.header, tokenizer)
        self.cards = engine if isinstance(engine, CardsLike) else None
        self.lanes = self.cards.lanes if self.cards else 1
        self._cached: list[list[int]] = [[] for _ in range(engine.config.batch * self.lanes)]

    def cached(self, row: int) -> int:
        """Return how many positions of the row's cache are in use."""
        return len(self._cached[row])

    def room(self, row: int) -> int:
        """Return how many more tokens the row's cache can take."""
        if isinstance(self.engine, JointEngine):
            return self.engine.room
        return self.engine.config.total_len - len(self._cached[row])

    def prefill_together(self, engine: JointEngine, prompts: dict[int, Sequence[int]]) -> Iterator[Floats | None]:
        """Run the base rounds of all rows at once; give the logits (B, V) after the last one, and None before.

        Rows without a prompt repeat the others' in turn, as the vendor's sample does.
        """
        given = list(prompts.values())
        rows = [list(prompts.get(row, given[row % len(given)])) for row in range(self.engine.config.batch)]
        self.forget()
        for logits in engine.prefill_together(rows):
            if logits is not None:
                self._cached = rows
            yield logits

    def begin(self, row: int, prompt: Sequence[int], *, reuse: bool = True) -> int:
        """Keep the longest prefix that the row's cache shares with `prompt`; return its length in tokens.

        At least the last token of the prompt is left to compute, as its logits are needed.
        """
        kept = self._cached[row]
        limit = min(len(kept), len(prompt) - 1) if reuse else 0
        common = next((i for i in range(limit) if kept[i] != prompt[i]), limit)
        del kept[common:]
        return common

    def prefill(self, row: int, tokens: Sequence[int]) -> Floats:
        """Append one round of prompt tokens to the row's cache; return the last one's logits (V,)."""
        return _finished(self.prefilling(row, tokens))

    def prefilling(self, row: int, tokens: Sequence[int]) -> Generator[None, None, Floats]:
        """Do as `prefill` does; an engine over several cards gives control back while it computes."""
        kept = self._cached[row]
        ids = np.asarray(tokens, dtype=np.int32)
        if not self.cards:
            logits = self.engine.prefill(row, ids, len(kept))
            kept.extend(tokens)
            return logits
        ticket = self.cards.submit_prefill(row, ids, len(kept))
        kept.extend(tokens)  # the next round may be submitted before this one is done
        yield
        last: Floats = self.cards.collect(ticket)[0]
        return last

    def decode(self, tokens: dict[int, int]) -> Floats:
        """Append one token to the cache of each row in `tokens`, all of one lane; return that lane's logits (B, V).

        The other rows compute their last token again at its own position, which changes nothing.
        """
        return _finished(self.decoding(tokens))

    def decoding(self, tokens: dict[int, int]) -> Generator[None, None, Floats]:
        """Do as `decode` does; an engine over several cards gives control back while it computes."""
        batch = self.engine.config.batch
        lane = min(tokens) // batch
        ids = np.zeros(batch, dtype=np.int32)
        positions = np.zeros(batch, dtype=np.int32)
        for slot in range(batch):
            row = lane * batch + slot
            kept = self._cached[row]
            if row in tokens:
                ids[slot], positions[slot] = tokens[row], len(kept)
            elif kept:
                ids[slot], positions[slot] = kept[-1], len(kept) - 1
        if self.cards:
            ticket = self.cards.submit_decode(lane, ids, positions)
            yield
            logits = self.cards.collect(ticket)
        else:
            logits = self.engine.decode(ids, positions)
        for row, token in tokens.items():
            self._cached[row].append(token)
        return logits

    @property
    def verify_rows(self) -> int:
        """Most tokens of one `verify`; 0 or 1: checking drafts is of no use here."""
        return self.engine.verify_rows if isinstance(self.engine, VerifyingEngine) else 0

    def verify(self, row: int, tokens: Sequence[int]) -> Iterator[Floats]:
        """Decode tokens of one row in one pass; give the logits (V,) after each in turn.

        With each that is asked for, one more token counts as part of the row's cache; later ones are as if not there.
        """
        kept = self._cached[row]
        if isinstance(self.engine, VerifyingEngine):
            logits = self.engine.verify(row, np.asarray(tokens, dtype=np.int32), len(kept))
            for token, after in zip(tokens, logits, strict=True):
                kept.append(token)
                yield after

    def forget(self) -> None:
        """Treat the cache of all rows as empty."""
        for kept in self._cached:
            kept.clear()

    def wipe(self) -> None:
        """Forget all rows and overwrite what they hold, where the engine's memory is within reach."""
        self.forget()
        if isinstance(self.engine, WipingEngine):
            self.engine.wipe()

    def check_prompt(self, prompt: Sequence[int]) -> None:
        """Raise UsageError if the prompt is empty, leaves no room to answer, or has ids beyond the vocabulary."""
        total = self.engine.config.total_len
        vocab = self.engine.spec.vocab_size
        if not prompt:
            raise UsageError("The prompt is empty.", "Give at least one token.")
        if len(prompt) >= total:
            raise UsageError(
                f"The prompt has {len(prompt)} tokens, but the engine's context holds {total} and needs one free.",
                "Shorten the prompt, or compile with a larger --total-len.",
            )
        wrong = next((token for token in prompt if not 0 <= token < vocab), None)
        if wrong is not None:
            raise UsageError(
                f"Token {wrong} is outside the model's vocabulary of {vocab}.", "Use the model's own tokenizer."
            )


def _finished(work: Generator[None, None, Floats]) -> Floats:
    """Return what `work` gives, without doing anything else meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            logits: Floats = end.value
            return logits


def _eos_ids(header: Header, tokenizer: Tokenizer | None) -> frozenset[int]:
    """Return the tokens that end an answer: the engine's, else the tokenizer's, else the vendor's."""
    return frozenset(header.chat.eos_token_ids) or (tokenizer.eos_ids if tokenizer else frozenset()) or DEFAULT_EOS


def _prompt_format(header: Header, tokenizer: Tokenizer | None) -> PromptFormat:
    if header.chat.prompt_format == "chatglm2":
        return PromptFormat("chatglm2")
    return tokenizer.prompt_format if tokenizer else PromptFormat("plain")
