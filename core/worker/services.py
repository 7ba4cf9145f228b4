"""The parts of a worker that open and build engines; heavy libraries are imported only when one is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.compiler.plan import CompilePlan, CompileRequest
from core.events import CompileFinished, Event
from core.runtime.session import EngineLike
from core.text.tokenizer import TOKENIZER_FILES

Emit = Callable[[Event], None]


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
