"""What a worker does for each command. Heavy libraries are imported only by the commands that need them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from core.compiler.plan import CompilePlan, CompileRequest
from core.errors import Cancelled, CardGoneError, FileError, TokenizerError, UsageError
from core.events import (
    CardLost,
    CardStates,
    CompileFinished,
    Event,
    Exported,
    Forgotten,
    Inspected,
    Loaded,
    Planned,
    PrefillProgress,
    Prompted,
    QualityMeasured,
    StepFinished,
    StepProgress,
    StepStarted,
    Unloaded,
)
from core.runtime.session import EngineLike, Session
from core.system import peak_rss_bytes, release_unused_memory
from core.text.tokenizer import TOKENIZER_FILES, Tokenizer, from_files, load
from core.worker import protocol as p
from core.worker.narrow import active

T = TypeVar("T")
Emit = Callable[[Event], None]
Stopped = Callable[[], bool]

NGF_SUFFIX = ".ngf"
MAX_TEXT_BYTES = 1 << 30
CARDS_SHOWN_S = 0.5
"""Least time between two reports of the cards' figures while answering, in seconds."""
_NO_TOKENIZER = "Give one with --tokenizer, or ask with --input-ids."


class OpenEngine(Protocol):
    """Opens an engine file."""

    def __call__(self, path: Path, *, threads: int | None) -> EngineLike:
        """Return the open engine; raises C10Error."""


def _open_engine(path: Path, *, threads: int | None) -> EngineLike:
    from core.runtime.engine import Engine

    return Engine.open(path, threads=threads)


def _open_card(path: Path, options: dict[str, Any]) -> EngineLike:
    from core.c10.engine import C10Engine, CardOptions

    return C10Engine.open(path, CardOptions.from_json(options))


def _open_cards(path: Path, options: dict[str, Any]) -> EngineLike:
    from core.cards.engine import CardsEngine
    from core.cards.options import CardsOptions

    return CardsEngine.open(path, CardsOptions.from_json(options))


def _engine_tokenizer(path: Path) -> dict[str, bytes]:
    """Return the tokenizer files inside an engine file, under the names they have in a model folder."""
    from core.ngf.reader import NgfFile

    with NgfFile.open(path) as file:
        names = {section.name for section in file.header.of_kind("tokenizer")}
        return {name: file.bytes_of(name) for name in TOKENIZER_FILES if name in names}


def _compile_engine(request: CompileRequest, emit: Emit) -> CompileFinished:
    from core.compiler.pipeline import compile_engine
    from core.worker.priority import step_back

    step_back()
    return compile_engine(request, emit)


def _plan(request: CompileRequest) -> CompilePlan:
    from core.compiler.pipeline import plan

    return plan(request)


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a worker that tests may put doubles in for."""

    open_engine: OpenEngine = _open_engine
    engine_tokenizer: Callable[[Path], dict[str, bytes]] = _engine_tokenizer
    compile_engine: Callable[[CompileRequest, Emit], CompileFinished] = _compile_engine
    plan: Callable[[CompileRequest], CompilePlan] = _plan
    open_card: Callable[[Path, dict[str, Any]], EngineLike] = _open_card
    open_cards: Callable[[Path, dict[str, Any]], EngineLike] = _open_cards


class Jobs:
    """Runs commands, one at a time, always on the same thread."""

    def __init__(self, services: Services, emit: Emit) -> None:
        self._services = services
        self._emit = emit
        self._session: Session | None = None
        self._cards_shown = 0.0
        self._answering = False
        self._handlers: dict[type[p.Command], Callable[[Any, Stopped], None]] = {
            p.Inspect: self._inspect,
            p.Plan: self._plan,
            p.Compile: self._compile,
            p.Combine: self._combine,
            p.Export: self._export,
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

    def _inspect(self, command: p.Inspect, stopped: Stopped) -> None:
        path = Path(command.path)
        if path.suffix == NGF_SUFFIX:
            from core.ngf.inspect import inspect_report

            kind, report = "ngf", inspect_report(path, command.verify, cancelled=stopped)
        else:
            from core.onnx_import import report as onnx

            kind, report = "onnx", onnx.inspect_report(path, verify=command.verify)
        self._emit(Inspected(str(path), kind, {**report, "worker": active()}))

    def _plan(self, command: p.Plan, _: Stopped) -> None:
        self._emit(Planned(self._services.plan(p.request_from_json(command.request)).to_json()))

    def _compile(self, command: p.Compile, stopped: Stopped) -> None:
        def emit(event: Event) -> None:
            if stopped():
                raise Cancelled("The compile job was cancelled.")
            self._emit(event)

        self._services.compile_engine(p.request_from_json(command.request), emit)

    def _combine(self, command: p.Combine, stopped: Stopped) -> None:
        if command.c10:
            self._combine_for_card(command)
            return
        from core.ngf.combine import combine

        begun = time.monotonic()
        output = Path(command.output).absolute()
        self._emit(StepStarted("combine"))
        header = combine(
            Path(command.ngf_1),
            Path(command.ngf_2),
            output,
            _every_percent(lambda done, total: self._emit(StepProgress("combine", done, total, "bytes"))),
            stopped,
        )
        seconds = time.monotonic() - begun
        size = output.stat().st_size
        self._emit(StepFinished("combine", seconds))
        self._emit(
            CompileFinished([str(output)], [size], seconds, peak_rss_bytes(), header.file_size, header.spec.to_json())
        )

    def _combine_for_card(self, command: p.Combine) -> None:
        from core.c10.compile import combine_engines

        begun = time.monotonic()
        output = Path(command.output).absolute()
        self._emit(StepStarted("combine"))
        size = combine_engines(Path(command.ngf_1), Path(command.ngf_2), output)
        seconds = time.monotonic() - begun
        self._emit(StepFinished("combine", seconds))
        self._emit(CompileFinished([str(output)], [size], seconds, peak_rss_bytes(), size))

    def _export(self, command: p.Export, stopped: Stopped) -> None:
        from core.export import export_model

        begun = time.monotonic()

        def progress(done: int, total: int) -> None:
            if stopped():
                raise Cancelled("The export was cancelled; nothing was written.")
            self._emit(StepProgress("export", done, total, "bytes"))

        self._emit(StepStarted("export"))
        path = export_model(Path(command.source), Path(command.output), progress=_every_percent(progress)).absolute()
        size = sum(file.stat().st_size for file in path.parent.iterdir() if file.is_file())
        self._emit(StepFinished("export", time.monotonic() - begun))
        self._emit(Exported(str(path), size, time.monotonic() - begun))

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
        progress = _every_percent(lambda done, total: self._emit(PrefillProgress("", done, total)))
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


def _every_percent(progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Return a callback that passes on at most about 200 of its calls, and always the last."""
    shown = -1

    def thinned(done: int, total: int) -> None:
        nonlocal shown
        step = done * 200 // max(1, total)
        if step != shown or done >= total:
            shown = step
            progress(done, total)

    return thinned
