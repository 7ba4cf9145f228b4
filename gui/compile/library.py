"""The engine library: which engine files are in the user's folders, read without running anything of theirs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import C10Error, ForeignEngineError, MismatchError
from core.ngf.format import Header
from core.quality import card as cards
from core.quality.card import QualityCard
from core.spec import EngineConfig, ModelSpec, Role
from core.system import data_dir, shipped_dir
from gui.settings import Settings

SUFFIX = ".ngf"
MAX_ENGINES = 400
MAX_ENTRIES = 4000
"""Directory entries that are looked at in all, so that a folder picked by mistake can't keep a thread busy."""

Kind = Literal["engine", "card", "foreign", "damaged"]
"""card: an engine of the vendor's, for its SDK, of which is known what it was made of."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """One .ngf file; sizes in bytes. `spec` and `config` are None where it is foreign or damaged."""

    path: Path
    size: int
    modified: float
    """Seconds since 1970."""
    kind: Kind
    role: Role | None = None
    spec: ModelSpec | None = None
    config: EngineConfig | None = None
    tokenizer: str = ""
    prompt_format: str = ""
    run_bytes: int = 0
    """Memory that answering takes."""
    problem: C10Error | None = None
    weights_digest: str = ""
    quality: QualityCard | None = None
    """What it has kept of its model, where that was measured."""
    digest: str = ""
    """SHA-256 of the header, empty for an engine of the vendor's."""
    refusal: C10Error | None = None
    """Why this program can't run it although it is whole: its code is called in another way."""
    stranger: bool = False
    """It was neither built here nor approved: before it runs, there is a question."""

    @property
    def name(self) -> str:
        """File name without its suffix."""
        return self.path.stem

    @property
    def runs_here(self) -> bool:
        """Whether it, or the engine that it is a part of, can be run by this program."""
        return self.kind == "engine" and self.refusal is None

    @property
    def ready(self) -> bool:
        """Whether it can be loaded and asked."""
        return self.kind in ("engine", "card") and self.role == "multi" and self.refusal is None


Known = dict[tuple[Path, int, float], EngineInfo]


def scan(folders: tuple[Path, ...], known: Known | None = None, *, sdk: bool = False) -> tuple[EngineInfo, ...]:
    """Return the engines in `folders` and their sub-folders, newest first, what can't be used last.

    `known` keeps what was read, so that no header is read twice. `sdk`: there is one, so an engine of the vendor's that
    nothing describes is taken to be ChatGLM2-6B.
    """
    from core import trust

    found: dict[Path, EngineInfo] = {}
    cache = {} if known is None else known
    digests, stamps = trust.all_known()
    for path, state in _files(folders):
        if path not in found and len(found) < MAX_ENGINES:
            key = (path, state.st_size, state.st_mtime)
            if key not in cache:
                cache[key] = _read(path, state.st_size, state.st_mtime)
            engine = cache[key]
            if engine.kind == "foreign":
                engine = _for_card(engine, sdk=sdk)
            may_run = engine.digest in digests or trust.stamp_of(state) in stamps
            found[path] = replace(engine, stranger=engine.kind in ("engine", "card") and not may_run)
    return tuple(sorted(found.values(), key=_order))


def quality_of(engine: EngineInfo) -> QualityCard | None:
    """Return the quality card that is kept beside an engine."""
    return cards.load(engine.path, engine.weights_digest) if engine.ready else None


def read(path: Path) -> EngineInfo:
    """Return what an engine file says of itself, or why it can't be used. Raises FileError if it isn't there."""
    from core.fsio import file_error

    try:
        state = path.stat()
    except OSError as error:
        raise file_error(error, path, "read") from error
    return _read(path, state.st_size, state.st_mtime)


def folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders in which the library looks: the program's own, the user's, and the last engine's."""
    own = (data_dir() / "engines", shipped_dir() / "engines")
    found = [*own, *(Path(folder) for folder in settings.engine_folders)]
    if settings.last_engine:
        found.append(Path(settings.last_engine).parent)
    return tuple(dict.fromkeys(found))


def remove(path: Path) -> None:
    """Delete an engine file, and its folder if that is empty then. Raises FileError."""
    from core.fsio import file_error

    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise file_error(error, path, "removed") from error
    try:
        path.parent.rmdir()
    except OSError:
        return  # something else lies in it, so it stays


def check_parts(one: Path, other: Path) -> tuple[Header, Header]:
    """Return the headers of a prefill (base) and a decode (incremental) part, in this order.

    Raises MismatchError, with the field that differs, where the two don't belong together.
    """
    from core.ngf.combine import check_pair
    from core.ngf.reader import read_header

    headers = (read_header(one), read_header(other))
    for path, header in zip((one, other), headers, strict=True):
        if header.role == "multi":
            raise MismatchError(f"{path} is a combined (multi) engine already.", "It can be used as it is.")
    if headers[0].role == headers[1].role:
        raise MismatchError(
            f"Both parts have the role {headers[0].role}: {one} and {other}.",
            "Combine the two files that one compile job wrote (NAME.ngf and NAME_inc.ngf).",
        )
    base, incremental = headers if headers[0].role == "base" else (headers[1], headers[0])
    check_pair(base, incremental)
    return base, incremental


def combined_path(one: Path, other: Path) -> Path:
    """Return where the combined engine of two parts goes: beside the base part, NAME_multi.ngf."""
    base = other if one.stem.endswith("_inc") else one
    return base.with_name(f"{base.stem.removesuffix('_inc')}_multi{SUFFIX}")


def counterpart(path: Path) -> Path:
    """Return the file that a compile job writes beside `path`: NAME_inc.ngf for NAME.ngf, and the reverse."""
    stem = path.stem
    return path.with_name((stem.removesuffix("_inc") if stem.endswith("_inc") else f"{stem}_inc") + SUFFIX)


def _order(engine: EngineInfo) -> tuple[bool, float, str]:
    return engine.kind not in ("engine", "card"), -engine.modified, engine.name


def _files(folders: tuple[Path, ...]) -> Iterator[tuple[Path, os.stat_result]]:
    budget = MAX_ENTRIES
    for folder in folders:
        inner = []
        for entry in _entries(folder):
            budget -= 1
            inner.append(entry)
        for entry in inner:
            yield from _engine(entry)
            for deeper in _entries(entry):
                budget -= 1
                yield from _engine(deeper)
            if budget < 0:
                return


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())[:MAX_ENTRIES] if not folder.is_symlink() else []
    except OSError:
        return []


def _engine(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    if path.suffix != SUFFIX:
        return
    try:
        state = path.stat()
    except OSError:
        return
    if stat.S_ISREG(state.st_mode):
        yield path, state


def _for_card(engine: EngineInfo, *, sdk: bool) -> EngineInfo:
    """Return an engine of the vendor's with what lies beside it; its own content is never read."""
    from core.c10.description import describe
    from core.fsio import is_file
    from core.text.tokenizer import TOKENIZER_FILES

    try:
        description = describe(engine.path)
    except C10Error as error:
        return replace(engine, problem=error)
    if description.assumed and not sdk:
        return engine
    tokenizer = next((name for name in TOKENIZER_FILES if is_file(engine.path.with_name(name))), "")
    return replace(
        engine, kind="card", role=description.role, spec=description.spec, config=description.config,
        tokenizer=tokenizer, prompt_format=description.chat.prompt_format,
    )  # fmt: skip


def _read(path: Path, size: int, modified: float) -> EngineInfo:
    from core.compiler.plan import run_memory_bytes
    from core.ngf.reader import NgfFile
    from core.runtime.code import abi_refusal

    try:
        with NgfFile.open(path) as file:
            header, digest = file.header, file.digest
    except ForeignEngineError as error:
        return EngineInfo(path, size, modified, "foreign", problem=error)
    except C10Error as error:
        return EngineInfo(path, size, modified, "damaged", problem=error)
    return EngineInfo(
        path, size, modified, "engine", header.role, header.spec, header.config, header.tokenizer,
        header.chat.prompt_format, run_memory_bytes(header.spec, header.config), weights_digest=header.weights_digest,
        digest=digest, refusal=abi_refusal(header, path),
    )  # fmt: skip
