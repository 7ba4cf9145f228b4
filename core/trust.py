"""Which engines may run: those built here, and those that the user has approved once.

An engine holds native code, so running a stranger's engine is running a stranger's program. What is remembered is one
SHA-256 for each engine: for this program's engines that of the header, which holds the digest of every section (code
and tokenizer are checked against theirs before use); for the vendor's that of the whole file. `require` stands where
code is about to be loaded, on the file that is open there, so nothing can be put in its place afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from core import fsio, strictjson
from core.errors import C10Error, FileError, FormatError, UntrustedError
from core.strictjson import as_choice, as_int, as_list, as_object, as_str
from core.system import data_dir, shipped_dir

How = Literal["built", "approved"]
Stamp = tuple[int, ...]
"""Device, inode, size and time of change (ns) of a vendor's file, so that it isn't read whole each time; or empty."""

STORE_VARIABLE: Final = "C10_PANEL_TRUST"
"""Environment variable with another place for the list, for machines on which it is looked after centrally."""
APPROVED_VARIABLE: Final = "C10_PANEL_APPROVED"
"""Environment variable with a digest that this process and its children may run, where the list can't be written."""

VERSION: Final = 1
MAX_ENGINES: Final = 4096
"""Most engines that are remembered; beyond, the oldest are forgotten."""
_MAX_BYTES: Final = 4 << 20
_BLOCK: Final = 4 << 20
_DIGEST_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class Known:
    """An engine that may run. `at`: when it was remembered, in seconds since 1970; `name`: its file's name then."""

    how: How
    name: str
    at: int
    stamp: Stamp = ()


def store_path() -> Path:
    """Return where the list lies."""
    own = os.environ.get(STORE_VARIABLE, "")
    return Path(own) if own else data_dir() / "trust.json"


def shipped_list() -> Path:
    """Return where an installed program lists the engines that came with it: they are part of the program."""
    return shipped_dir() / "engines" / "trust.json"


def known(digest: str) -> How | None:
    """Return how the engine with this digest came to be known, None for a stranger's."""
    if digest in os.environ.get(APPROVED_VARIABLE, "").split(","):
        return "approved"
    found = _read().get(digest)
    return found.how if found else None


def all_known() -> tuple[frozenset[str], frozenset[Stamp]]:
    """Return the digests of every engine that may run, and the stamps of the vendor's among them, read in one go."""
    engines = _read()
    approved = filter(None, os.environ.get(APPROVED_VARIABLE, "").split(","))
    return frozenset((*engines, *approved)), frozenset(engine.stamp for engine in engines.values() if engine.stamp)


def require(digest: str, path: Path) -> None:
    """Raise UntrustedError unless the engine `path` with this digest was built here or approved."""
    if known(digest) is None:
        raise UntrustedError(
            f"{path} was not built on this computer. An engine holds a program, which runs with all rights of this "
            "user.",
            "If you trust where it comes from, allow it once: with --trust, or when the window asks.",
        )


def remember(digest: str, stamp: Stamp, path: Path, how: How) -> None:
    """Add an engine to the list; raises FileError or ResourceError if it can't be written."""
    store = store_path()
    fsio.make_folder(store.parent)
    with fsio.exclusive(store):
        engines = _kept(store)
        before = engines.get(digest)
        if before and before.stamp == stamp and (before.how == how or how == "approved"):
            return
        name = os.fsencode(path.name).decode("utf-8", "replace")[:255]
        engines[digest] = Known(how, name, max(0, int(time.time())), stamp)
        newest = sorted(engines.items(), key=lambda item: item[1].at)[-MAX_ENGINES:]
        fsio.write_bytes(store, to_bytes(dict(newest)))


def require_store() -> None:
    """Raise FileError or ResourceError where the list can't be changed, so that what is built here couldn't be run."""
    store = store_path()
    fsio.make_folder(store.parent)
    with fsio.exclusive(store):
        _kept(store)


def note_built(digest: str, stamp: Stamp, path: Path) -> str:
    """Remember that the engine `path` was built here; return a sentence for the log if that can't be, else ""."""
    try:
        remember(digest, stamp, path, "built")
    except C10Error as error:
        return f"Running {path.name} will need --trust, as this couldn't be noted: {error.message}"
    return ""


def approve(digest: str, stamp: Stamp, path: Path) -> str:
    """Let an engine run from now on; return a sentence if that holds only until this process ends, else ""."""
    if known(digest) is not None:
        return ""
    try:
        remember(digest, stamp, path, "approved")
    except C10Error as error:
        os.environ[APPROVED_VARIABLE] = ",".join(filter(None, (os.environ.get(APPROVED_VARIABLE), digest)))
        return f"The approval of {path.name} holds only this time, as it couldn't be saved: {error.message}"
    return ""


def note_vendor_built(path: Path) -> str:
    """Do as `note_built` for a vendor's engine; raises FileError if it can't be read."""
    return note_built(*vendor_digest(path), path)


def vendor_digest(path: Path) -> tuple[str, Stamp]:
    """Return the digest and the stamp of a vendor's engine.

    A file that is as it was when it was remembered isn't read again. Raises FileError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise fsio.file_error(error, path, "opened") from error
    try:
        stamp = _stamp(descriptor)
        for digest, engine in _read().items():
            if engine.stamp == stamp:
                return digest, stamp
        return _digest_of(descriptor), stamp
    except OSError as error:
        raise fsio.file_error(error, path, "read") from error
    finally:
        os.close(descriptor)


def _stamp(descriptor: int) -> Stamp:
    return stamp_of(os.fstat(descriptor))


def stamp_of(state: os.stat_result) -> Stamp:
    """Return what tells a vendor's file from one that was put in its place."""
    return state.st_dev, state.st_ino, state.st_size, state.st_ctime_ns


def _digest_of(descriptor: int) -> str:
    digest, offset = hashlib.sha256(), 0
    while data := os.pread(descriptor, _BLOCK, offset):
        digest.update(data)
        offset += len(data)
    return digest.hexdigest()


def _read() -> Mapping[str, Known]:
    """Return the engines of the program's own list and of the user's."""
    return {**_listed(shipped_list()), **_listed(store_path())}


def _listed(path: Path) -> Mapping[str, Known]:
    """Return the engines of a list; none if there is no list, or it is damaged or of a newer program."""
    try:
        return _parse(path.read_bytes())
    except (OSError, FormatError):
        return {}


def _kept(store: Path) -> dict[str, Known]:
    """Return the engines of the list for changing it; a list that can't be read is put aside, not overwritten."""
    try:
        return _parse(store.read_bytes())
    except FileNotFoundError:
        return {}
    except IsADirectoryError as error:
        raise FileError(
            f"{store} is a folder, not the list of engines that may run.", f"Let {STORE_VARIABLE} name a file."
        ) from error
    except OSError as error:
        raise fsio.file_error(error, store, "read") from error
    except FormatError:
        with contextlib.suppress(OSError):
            store.replace(store.with_name(f"{store.name}.damaged"))
        return {}


def _parse(data: bytes) -> dict[str, Known]:
    parsed = strictjson.loads(data, max_bytes=_MAX_BYTES, max_depth=5, what="list of trusted engines")
    values = as_object(parsed, ("version", "engines"), "list of trusted engines")
    as_int(values["version"], "list's version", low=VERSION, high=VERSION)
    engines = values["engines"]
    if not isinstance(engines, dict) or len(engines) > MAX_ENGINES:
        raise FormatError("The list of trusted engines is no JSON object, or too long.")
    return {_digest(digest): _known(value) for digest, value in engines.items()}


def _digest(text: str) -> str:
    if len(text) != _DIGEST_DIGITS or not set(text) <= set("0123456789abcdef"):
        raise FormatError(f"The list of trusted engines has {text[:80]!r} in place of a digest.")
    return text


def _known(value: object) -> Known:
    values = as_object(value, ("how", "name", "at", "stamp"), "trusted engine")
    return Known(
        as_choice(values["how"], get_args(How), "engine's origin"),
        as_str(values["name"], "engine's name", max_chars=255),
        as_int(values["at"], "engine's time"),
        tuple(as_int(one, "engine's stamp") for one in as_list(values["stamp"], "engine's stamp", max_items=4)),
    )


def to_bytes(engines: Mapping[str, Known]) -> bytes:
    """Return a list as it is kept: engines by their digest."""
    listed = {digest: asdict(engine) | {"stamp": list(engine.stamp)} for digest, engine in engines.items()}
    return strictjson.dumps({"version": VERSION, "engines": listed}) + b"\n"
