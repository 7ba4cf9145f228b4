"""What a worker does for each command, itself what needs a loaded engine.

Heavy libraries are imported only by the commands that need them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from core.errors import CardGoneError, FileError, TokenizerError, UsageError
from core.events import (
    CardLost,
    CardStates,
    Event,
    Forgotten,
    Loaded,
    PrefillProgress,
    Prompted,
    QualityMeasured,
    StepProgress,
    Unloaded,
)
from core.runtime.session import EngineLike, Session
from core.system import release_unused_memory
from core.text.tokenizer import Tokenizer, from_files, load
from core.worker import protocol as p
from core.worker.file_jobs import FileJobs, Stopped, every_percent
from core.worker.services import Emit, Services

T = TypeVar("T")

MAX_TEXT_BYTES = 1 << 30
CARDS_SHOWN_S = 0.5
"""Least time between two reports of the cards' figures while answering, in seconds."""
_NO_TOKENIZER = "Give one with --tokenizer, or ask with --input-ids."


class Jobs:
    """Runs commands, one at a time, always on the same thread."""

    def __init__(self, services: Services, emit: Emit) -> None:
        self._services = services
        self._emit = emit
        self._session: Session | None = None
        self._cards_shown = 0.0
        self._answering = False
        self._handlers: dict[type[p.Command], Callable[[Any, Stopped], None]] = {
            **FileJobs(services, emit).handlers(),
            p.Load: self._load,
            p.Generate: self._generate,
            p.Perplexity: self._perplexity,
            p.Quality: self._quality,
            p.Bench: self._bench,
            p.Unload: self._unload,
            p.Forget: self._forget,
        }

    def handle(self, line: bytes, stopped: Stopped) -> bool:
        """Run the command in `line`; return False if it was the last one. Raises C10Error."""
        command = p.parse_command(line)
        if isinstance(command, p.Quit):
            return False
        handler = self._handlers.get(type(command))
        if handler:
            handler(command, stopped)
        return True

    def close(self) -> None:
        """Close the engine, if any."""
        session, self._session = self._session, None
        if session:
            session.engine.close()

    def _load(self, command: p.Load, _: Stopped) -> None:
        begun = time.monotonic()
        self.close()
        approved = _approve(command) if command.trust else ""
        engine = self._opened(command)
        try:
            tokenizer, notes = self._tokenizer(command, engine)
            self._session = Session(engine, tokenizer)
        except BaseException:
            engine.close()
            raise
        if self._session.cards:
            self._session.cards.on_end = self._card_ended
        release_unused_memory()  # reading a tokenizer takes twice what it keeps
        self._emit(
            Loaded(
                engine=str(Path(command.engine).absolute()),
                spec=engine.spec.to_json(),
                config=engine.config.to_json(),
                tokenizer=tokenizer.kind if tokenizer else "",
                seconds=time.monotonic() - begun,
                weight_bytes=engine.weight_bytes,
                kv_bytes=engine.kv_bytes,
                notes=[*filter(None, (approved,)), *engine.notes, *notes],
            )
        )
        self._show_cards()

    def _opened(self, command: p.Load) -> EngineLike:
        path = Path(command.engine)
        if command.c10:
            return self._services.open_card(path, command.c10)
        if command.cards:
            return self._services.open_cards(path, command.cards)
        return self._services.open_engine(path, threads=command.threads or None)

    def _card_ended(self, card: int) -> None:
        """Report a card that ends between answers, on another thread; generating notices it by itself."""
        if not self._answering:
            self._emit(CardLost("", card, f"Card {card} is gone. {CardGoneError.HINT}"))

    def _show_cards(self) -> None:
        """Report what the cards hold and have done, if the engine is spread over cards."""
        if self._session and self._session.cards:
            self._cards_shown = time.monotonic()
            self._emit(CardStates([card.since(None) for card in self._session.cards.figures()]))

    def _emit_answer(self, event: Event) -> None:
        """Emit an event of a generate job, and the cards' figures now and then."""
        self._emit(event)
        if time.monotonic() - self._cards_shown >= CARDS_SHOWN_S:
            self._show_cards()

    def _tokenizer(self, command: p.Load, engine: EngineLike) -> tuple[Tokenizer | None, list[str]]:
        """Return the tokenizer to use and notes; a broken one inside the engine still leaves token ids to ask with."""
        given = command.tokenizer or (_tokenizer_beside(Path(command.engine)) if command.c10 else "")
        if given:
            return _fitting(load(Path(given)), engine), []
        if not engine.header.tokenizer:
            return None, []
        try:
            return _fitting(from_files(self._services.engine_tokenizer(Path(command.engine))), engine), []
        except TokenizerError as error:
            return None, [str(error)]

    def _unload(self, _: p.Unload, __: Stopped) -> None:
        self.close()
        self._emit(Unloaded())

    def _forget(self, _: p.Forget, __: Stopped) -> None:
        if self._session:
            self._session.wipe()
        self._emit(Forgotten())

    def _generate(self, command: p.Generate, stopped: Stopped) -> None:
        from core.runtime.generate import Request, generate
        from core.runtime.golden import Golden

        session = self._loaded()
        texts, prompts = _prompts(session, command)
        prompts = repeated(prompts, command.jobs * session.engine.config.batch) if command.jobs > 1 else prompts
        request = Request(
            job=command.job,
            prompts=tuple(tuple(prompt) for prompt in prompts),
            sampling=command.sampling(),
            max_new_tokens=command.max_new_tokens,
            constant_output=command.constant_output,
            base_length=command.base_length or None,
            lookup=command.lookup,
        )
        for prompt in request.prompts:
            session.check_prompt(prompt)
        texts = repeated(texts, len(prompts))
        self._emit(Prompted(command.job, texts, [len(prompt) for prompt in prompts]))
        golden = Golden(Path(command.golden_folder)) if command.golden_folder else None
        self._answering = True
        try:
            generated = generate(session, request, self._emit_answer if session.cards else self._emit, stopped, golden)
        finally:
            self._answering = False
        self._show_cards()
        self._emit(generated)

    def _perplexity(self, command: p.Perplexity, stopped: Stopped) -> None:
        from core.runtime.perplexity import perplexity

        session = self._loaded()
        if session.tokenizer is None:
            raise TokenizerError("The engine has no tokenizer, so no text can be measured.", _NO_TOKENIZER)
        tokens = session.tokenizer.encode(_read_text(Path(command.text)), special=False)[: command.tokens]
        progress = every_percent(lambda done, total: self._emit(PrefillProgress("", done, total)))
        self._emit(perplexity(session, tokens, command.window, progress, stopped))

    def _quality(self, command: p.Quality, stopped: Stopped) -> None:
        from core.quality.measure import measure
        from core.worker.priority import step_back

        step_back()

        def progress(done: int, total: int) -> None:
            self._emit(StepProgress("quality", done, total, "layers"))

        card = measure(self._loaded(), Path(command.engine), Path(command.model), command.questions, progress, stopped)
        self._emit(QualityMeasured(card.to_json()))

    def _bench(self, command: p.Bench, stopped: Stopped) -> None:
        from core.bench.measure import MACHINE, run, run_machine

        if command.kinds == MACHINE:
            run_machine(self._emit)
            return
        run(self._loaded(), command.kinds, command.tokens, command.runs, self._emit, stopped)

    def _loaded(self) -> Session:
        if self._session is None:
            raise UsageError("No engine is loaded.", "Load one first.")
        return self._session


def _approve(command: p.Load) -> str:
    """Let the engine run from now on, as the user said; return a sentence if that holds only this time."""
    from core import trust
    from core.ngf.reader import NgfFile

    path = Path(command.engine)
    if command.c10:
        return trust.approve(*trust.vendor_digest(path), path)
    with NgfFile.open(path) as file:
        return trust.approve(file.digest, (), path)


def repeated(items: Sequence[T], count: int) -> list[T]:
    """Return `items` in turn until there are `count`, and never fewer than there are."""
    return [items[i % len(items)] for i in range(max(count, len(items)))] if items else []


def _tokenizer_beside(engine: Path) -> str:
    """Return the folder of a vendor's engine, which is never read, if a tokenizer lies there, else ""."""
    from core.onnx_import import find_tokenizer_files

    return str(engine.parent) if find_tokenizer_files(engine.parent) else ""


def _fitting(tokenizer: Tokenizer, engine: EngineLike) -> Tokenizer:
    vocab = engine.spec.vocab_size
    if tokenizer.vocab_size > vocab:
        raise TokenizerError(
            f"The tokenizer knows {tokenizer.vocab_size} tokens, but the model has only {vocab}.",
            "Use the tokenizer that came with this model.",
        )
    return tokenizer


def _prompts(session: Session, command: p.Generate) -> tuple[list[str], list[list[int]]]:
    """Return the prompts as text and as ids. Raises UsageError and TokenizerError."""
    ways = [way for way in (command.input_ids, command.questions, command.conversations) if way]
    if len(ways) != 1:
        raise UsageError("A question is given as token ids, as text or as a conversation.", "Give exactly one of them.")
    if command.input_ids:
        return [""] * len(command.input_ids), command.input_ids
    tokenizer = session.tokenizer
    if tokenizer is None:
        raise TokenizerError("The engine has no tokenizer, so it can't be asked in words.", _NO_TOKENIZER)
    turns = command.messages()
    if not all(_is_text(turn.content) for conversation in turns for turn in conversation):
        raise UsageError("The question has bytes that are no text.", "Give it in UTF-8.")
    if command.raw and command.questions:
        return command.questions, [tokenizer.encode(question) for question in command.questions]
    texts = [session.prompt_format.render(conversation) for conversation in turns]
    return texts, [tokenizer.encode_prompt(text) for text in texts]


def _is_text(text: str) -> bool:
    """Return whether `text` can be written in UTF-8: arguments with stray bytes can't."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise FileError(f"{path} is larger than {MAX_TEXT_BYTES >> 30} GiB.", "Choose a shorter text.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FileError(f"The text {path} can't be read: {reason}.", "Choose a UTF-8 text file.") from error
