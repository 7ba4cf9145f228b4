"""Measures an engine's quality card: the engine's own answers and perplexity, then the original on the same tokens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from core.errors import Cancelled, MismatchError, ResourceError, TokenizerError
from core.ngf.reader import NgfFile
from core.quality.card import AnswerCheck, QualityCard
from core.quality.original import Floats, Original
from core.quality.text import ANSWER_TOKENS, TEXT, TEXT_TOKENS
from core.runtime.generate import Request, generate
from core.runtime.perplexity import negative_log_likelihood, perplexity
from core.runtime.session import Session
from core.spec import precision_name
from core.system import format_bytes, memory
from core.text.prompts import Message

Progress = Callable[[int, int], None]


def measure(
    session: Session, engine: Path, model: Path, questions: Sequence[str], progress: Progress,
    stopped: Callable[[], bool],
) -> QualityCard:  # fmt: skip
    """Measure the open engine at `engine` against the ONNX model `model` that it was compiled from.

    `progress(layers done, layers)`. Raises MismatchError for another model, TokenizerError without a tokenizer,
    ResourceError where the hidden states and logits don't fit into memory, Cancelled.
    """
    from core.onnx_import import open_model

    begun = time.monotonic()
    source = open_model(model)
    header = session.engine.header
    if session.tokenizer is None:
        raise TokenizerError("The engine has no tokenizer, so its quality can't be measured.", "Compile it with one.")
    if source.spec.weight_shapes() != header.spec.weight_shapes():
        raise MismatchError(
            f"{model} isn't the model of {engine}: its layers have other sizes.", "Choose the ONNX file it was made of."
        )
    text = session.tokenizer.encode(TEXT, special=False)[: min(TEXT_TOKENS, header.config.total_len)]
    scored = perplexity(session, text, len(text), lambda _done, _total: None, stopped)
    prompts, answers = _answers(session, questions, stopped)
    sequences = [list(text), *([*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True))]
    _require_memory(sum(map(len, sequences)), header.spec.vocab_size)

    def layer_done(done: int, total: int) -> None:
        if stopped():
            raise Cancelled("Measuring the quality was stopped.")
        progress(done, total + 1)

    with NgfFile.open(engine) as file:
        original = Original(header.spec, header.config, source.weights, file)
        states, errors = original.run(sequences, layer_done)
        wanted = [states[0][:-1]]
        wanted += [x[len(p) - 1 : len(p) - 1 + len(a)] for x, p, a in zip(states[1:], prompts, answers, strict=True)]
        logits, output = original.logits(np.concatenate(wanted))
        size = file.size
    progress(header.spec.num_layers + 1, header.spec.num_layers + 1)
    parts = np.split(logits, np.cumsum([len(x) for x in wanted])[:-1])
    return QualityCard(
        weights_digest=header.weights_digest,
        engine_bytes=size,
        precision=precision_name(header.config.to_json()),
        perplexity=scored.perplexity,
        original_perplexity=_perplexity(parts[0], text),
        text_tokens=len(text),
        layers=(*errors, output),
        answers=tuple(_check(answer, part) for answer, part in zip(answers, parts[1:], strict=True)),
        seconds=time.monotonic() - begun,
        date=datetime.now().isoformat(timespec="minutes"),
    )


def _answers(
    session: Session, questions: Sequence[str], stopped: Callable[[], bool]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the prompts' ids and the engine's greedy answers."""
    tokenizer = session.tokenizer
    assert tokenizer is not None  # noqa: S101 -- checked by the caller
    room = session.engine.config.total_len - 1
    texts = [session.prompt_format.render([Message("user", question)]) for question in questions]
    prompts = [list(tokenizer.encode_prompt(text))[-room:] for text in texts]
    request = Request("quality", tuple(map(tuple, prompts)), max_new_tokens=ANSWER_TOKENS, lookup=False)
    generated = generate(session, request, lambda _event: None, stopped)
    return prompts, generated.output_ids


def _require_memory(tokens: int, vocabulary: int) -> None:
    needed, free = 6 * 4 * tokens * vocabulary, memory().available
    if needed > free:
        raise ResourceError(
            f"Measuring the quality needs {format_bytes(needed)} of memory, but {format_bytes(free)} are free.",
            "Close other programs and try again.",
        )


def _perplexity(logits: Floats, text: Sequence[int]) -> float:
    loss = negative_log_likelihood(logits, np.asarray(text[1:], np.int64))
    return math.exp(min(700.0, loss / max(1, len(text) - 1)))


def _check(answer: Sequence[int], logits: Floats) -> AnswerCheck:
    chosen = logits.argmax(axis=1)
    differs = next((index for index, token in enumerate(answer) if chosen[index] != token), None)
    return AnswerCheck(len(answer), differs)
