"""The prompts that can be touched: read strictly from one JSON file that the operator can edit in the window."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core import fsio, strictjson
from core.errors import C10Error, FormatError
from core.system import config_dir
from gui.chat.presets import Options
from gui.paths import RESOURCES, icon_path
from gui.settings import LANGUAGES, Language

VERSION = 1
LEAST_TILES, MOST_TILES = 1, 4
MOST_TITLE_CHARS, MOST_PROMPT_CHARS = 40, 2000
NEW_TOKENS = 256
"""Longest answer of a tile that says nothing else: a visitor reads it, the next one waits."""
MOST_NEW_TOKENS = 2048
ICONS = ("chat", "book", "compile", "globe", "edit", "image", "graph", "bolt")
_MAX_BYTES = 256 << 10
_KEYS = ("icon", "title", "prompt", "engine", "sampling")
_LIMITS: dict[str, tuple[float, float]] = {
    "temperature": (0.0, 5.0), "top_p": (0.01, 1.0), "top_k": (0, 1000), "repetition_penalty": (0.1, 5.0),
    "max_new_tokens": (1, MOST_NEW_TOKENS), "seed": (-1, (1 << 31) - 1),
}  # fmt: skip
DEFAULT_OPTIONS = Options(max_new_tokens=NEW_TOKENS)


@dataclass(frozen=True, slots=True)
class Tile:
    """One prompt: its texts by language, the engine that answers ("": whichever is loaded), and how."""

    icon: str
    title: dict[Language, str]
    prompt: dict[Language, str]
    engine: str = ""
    options: Options = field(default_factory=lambda: DEFAULT_OPTIONS)

    def title_in(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title[language]

    def prompt_in(self, language: Language) -> str:
        """Return the prompt in a language."""
        return self.prompt[language]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The tiles to show, and what was wrong with the operator's file, if it couldn't be used."""

    tiles: tuple[Tile, ...]
    problem: C10Error | None = None


def tiles_file() -> Path:
    """Return the operator's own file."""
    return config_dir() / "tiles.json"


def built_in_file() -> Path:
    """Return the file that comes with the program."""
    return RESOURCES / "demo" / "tiles.json"


def parse(data: bytes) -> tuple[Tile, ...]:
    """Read tiles; raises FormatError that names what is wrong."""
    parsed = strictjson.as_object(
        strictjson.loads(data, max_bytes=_MAX_BYTES, what="tiles file"), ("version", "tiles"), "tiles file"
    )
    strictjson.as_int(parsed["version"], "tiles file's version", low=VERSION, high=VERSION)
    items = strictjson.as_list(parsed["tiles"], "list of tiles", max_items=MOST_TILES)
    if len(items) < LEAST_TILES:
        raise FormatError("The list of tiles is empty.")
    return tuple(_tile(item, number) for number, item in enumerate(items, start=1))


def dumps(tiles: tuple[Tile, ...]) -> str:
    """Return tiles as the text of a file."""
    listed = [
        {
            "icon": tile.icon,
            "title": tile.title,
            "prompt": tile.prompt,
            "engine": tile.engine,
            "sampling": _changed(tile.options),
        }
        for tile in tiles
    ]
    return json.dumps({"version": VERSION, "tiles": listed}, ensure_ascii=False, indent=1) + "\n"


def load(path: Path | None = None) -> Loaded:
    """Return the operator's tiles, the built-in ones where there are none or the file is damaged (it stays)."""
    own = path or tiles_file()
    built_in = parse(built_in_file().read_bytes())
    try:
        return Loaded(parse(own.read_bytes()))
    except FileNotFoundError:
        return Loaded(built_in)
    except OSError as error:
        return Loaded(built_in, fsio.file_error(error, own, "read"))
    except FormatError as error:
        return Loaded(built_in, FormatError(error.message, f"The built-in tiles are shown. Edit or delete {own}."))


def save(tiles: tuple[Tile, ...], path: Path | None = None) -> None:
    """Write the operator's tiles; raises FormatError for tiles that couldn't be read again, and fsio's errors."""
    text = dumps(tiles)
    parse(text.encode("utf-8"))
    own = path or tiles_file()
    fsio.make_folder(own.parent)
    fsio.write_text(own, text)


def restore(path: Path | None = None) -> None:
    """Remove the operator's file: the built-in tiles come back. Raises FileError."""
    own = path or tiles_file()
    try:
        own.unlink(missing_ok=True)
    except OSError as error:
        raise fsio.file_error(error, own, "deleted") from error


def _tile(item: object, number: int) -> Tile:
    what = f"tile {number}"
    values = strictjson.as_object(item, _KEYS, what)
    icon = strictjson.as_choice(values["icon"], ICONS, f"{what}'s icon")
    if not fsio.is_file(icon_path(icon)):
        raise FormatError(f"The {what}'s icon {icon!r} doesn't exist.")
    return Tile(
        icon,
        _texts(values["title"], f"{what}'s title", MOST_TITLE_CHARS),
        _texts(values["prompt"], f"{what}'s prompt", MOST_PROMPT_CHARS),
        strictjson.as_str(values["engine"], f"{what}'s engine"),
        _options(values["sampling"], f"{what}'s sampling"),
    )


def _texts(value: object, what: str, most: int) -> dict[Language, str]:
    values = strictjson.as_object(value, LANGUAGES, what)
    texts = {name: strictjson.as_str(values[name], f"{what} ({name})", max_chars=most) for name in LANGUAGES}
    for name, text in texts.items():
        if not text.strip():
            raise FormatError(f"The {what} ({name}) is empty.")
    return texts


def _options(value: object, what: str) -> Options:
    if not isinstance(value, dict):
        raise FormatError(f"The {what} is not a JSON object.")
    changes: dict[str, Any] = {}
    for name, given in value.items():
        default = asdict(DEFAULT_OPTIONS).get(name)
        if default is None:
            raise FormatError(f"The {what} has the unknown field {str(name)[:80]!r}.")
        changes[name] = _value(given, default, f"{what} {name}")
        low, high = _LIMITS.get(name, (0, 1))
        if not low <= changes[name] <= high:
            raise FormatError(f"The {what} {name} is {given}, outside {low} to {high}.")
    return replace(DEFAULT_OPTIONS, **changes)


def _value(given: object, default: object, what: str) -> bool | int | float:
    if isinstance(default, bool):
        return strictjson.as_bool(given, what)
    if isinstance(default, int):
        return strictjson.as_int(given, what, low=-1)
    return strictjson.as_float(given, what)


def _changed(options: Options) -> dict[str, Any]:
    default = asdict(DEFAULT_OPTIONS)
    return {name: value for name, value in asdict(options).items() if value != default[name]}
