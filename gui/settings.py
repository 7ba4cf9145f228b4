"""The one settings object: a frozen value, saved whole as JSON each time it changes.

A file that is damaged, of a newer program or read-only never stops the start: `Store.problem` says what is the matter,
and nothing of the user's is thrown away.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core import fsio, strictjson
from core.errors import C10Error, FormatError
from gui.design import SCALES, THEME_CHOICES, ThemeChoice

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
VERSION = 1
IDLE_S = (10, 3600)
"""Least and longest idle time until the attract loop, in seconds."""
_MAX_BYTES = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is remembered between starts."""

    version: int = VERSION
    language: str = ""
    """"zh" or "en"; empty: the system's."""
    theme: ThemeChoice = "system"
    text_percent: int = 100
    page: str = "demo"
    geometry: str = ""
    """QWidget.saveGeometry in base64."""
    full_screen: bool = False
    last_engine: str = ""
    """Path of the engine that was loaded last; loaded again at the next start."""
    engine_folders: list[str] = field(default_factory=list)
    """Folders beside the data folder in which the engine library looks."""
    split_strategy: str = "greedy"
    """"greedy", "equal" or "loose": how layers are shared among cards."""
    card_limits_gib: dict[str, float] = field(default_factory=dict)
    """DRAM limit of each card by its number, GiB."""
    c10_home: str = ""
    """Folder of the vendor's ChatGLM2-6B sample, which compiles for the card; empty: what the environment names."""
    c10_python: str = ""
    """The SDK's interpreter; empty: what the environment names, or python3."""
    c10_container: str = ""
    """The SDK's docker container; empty: what the environment names, or none."""
    keep_conversations: bool = True
    greeted: bool = False
    """Whether the first start's greeting was answered."""
    visitor_mode: bool = False
    idle_s: int = 60
    """Idle time until the attract loop, in seconds; 0: never."""
    pin: str = ""
    """The operator's PIN as `gui.visitor.pin.sealed` keeps it, "" if none was set."""
    pin_failures: int = 0
    pin_not_before: float = 0.0
    """From when on another PIN is taken, in seconds since 1970."""
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What pages remember for themselves, by page id: JSON values only."""

    def check(self) -> None:
        """Raise FormatError where a value isn't one that the window knows."""
        if self.language not in ("", *LANGUAGES) or self.theme not in THEME_CHOICES:
            raise FormatError(f"The settings name an unknown language {self.language!r} or theme {self.theme!r}.")
        if not SCALES[0] <= self.text_percent <= SCALES[-1]:
            raise FormatError(
                f"The settings' text scale is {self.text_percent} %, outside {SCALES[0]} to {SCALES[-1]}."
            )
        if self.split_strategy not in ("greedy", "equal", "loose"):
            raise FormatError(f"The settings name an unknown split strategy {self.split_strategy!r}.")
        if not all(type(limit) in (int, float) and 0 < limit <= 4096 for limit in self.card_limits_gib.values()):
            raise FormatError("The settings hold a DRAM limit outside 0 to 4096 GiB.")
        if not (self.idle_s == 0 or IDLE_S[0] <= self.idle_s <= IDLE_S[1]):
            raise FormatError(f"The settings' idle time is {self.idle_s} s, outside {IDLE_S[0]} to {IDLE_S[1]}.")
        if not 0 <= self.pin_failures <= 1 << 31:
            raise FormatError("The settings hold an impossible count of wrong PINs.")
        if not all(isinstance(folder, str) for folder in self.engine_folders):
            raise FormatError("The settings hold an engine folder that is no text.")
        if not all(isinstance(values, dict) for values in self.pages.values()):
            raise FormatError("The settings of a page are no JSON object.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the settings file: `kind` is "damaged", "future" or "unwritable"."""

    kind: Literal["damaged", "future", "unwritable"]
    path: Path
    detail: str


def parse(data: bytes) -> Settings:
    """Read settings; unknown keys are ignored. Raises FormatError where the file or a value is damaged."""
    parsed = strictjson.loads(data, max_bytes=_MAX_BYTES, what="settings file")
    if not isinstance(parsed, dict):
        raise FormatError("The settings file is not a JSON object.")
    known = {}
    defaults = Settings()
    for item in fields(Settings):
        if item.name in parsed:
            value, kind = parsed[item.name], type(getattr(defaults, item.name))
            if type(value) is not kind:
                raise FormatError(f"The settings' {item.name} is {value!r}, which is not a {kind.__name__}.")
            known[item.name] = value
    settings = Settings(**known)
    settings.check()
    return settings


class Store:
    """Holds the settings of this run and saves them; without a path nothing is ever written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._writable = path is not None
        self._listeners: list[Callable[[Settings], None]] = []
        self.problem: Problem | None = None
        self.value = self._load()
        self._kept_pages: dict[str, dict[str, Any]] | None = None

    @property
    def kept(self) -> bool:
        """Whether there is a file at all; tests have none."""
        return self._path is not None

    def update(self, **changes: Any) -> None:
        """Change fields of `Settings` by name and save; a save that fails sets `problem` and is not tried again."""
        changed = replace(self.value, **changes)
        if changed == self.value:
            return
        changed.check()
        self.value = changed
        self._save()
        for listener in list(self._listeners):
            listener(changed)

    def page(self, page_id: str) -> dict[str, Any]:
        """Return what a page remembered, a copy."""
        return dict(self.value.pages.get(page_id, {}))

    def update_page(self, page_id: str, **values: Any) -> None:
        """Remember JSON values for a page."""
        self.update(pages={**self.value.pages, page_id: {**self.page(page_id), **values}})

    def set_private(self, private: bool) -> None:
        """While visitors are at the keyboard, keep what pages remember (it may hold typed text) off the disk."""
        if private == (self._kept_pages is not None):
            return
        self.forget_pages()
        self._kept_pages = self.value.pages if private else None

    def forget_pages(self) -> None:
        """Take back what pages have remembered since `set_private(True)`."""
        if self._kept_pages is not None:
            self.update(pages=self._kept_pages)

    def listen(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` with the new settings after each change."""
        self._listeners.append(listener)

    def _load(self) -> Settings:
        if self._path is None:
            return Settings()
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self._writable = False
            self.problem = Problem("unwritable", self._path, error.strerror or str(error))
            return Settings()
        if _version(data) > VERSION:
            self._writable = False
            self.problem = Problem("future", self._path, str(_version(data)))
            return Settings()
        try:
            return parse(data)
        except FormatError as error:
            self.problem = Problem("damaged", self._set_aside(self._path), error.message)
            return Settings()

    def _set_aside(self, path: Path) -> Path:
        kept = path.with_name(path.name + ".damaged")
        try:
            path.replace(kept)
        except OSError:
            self._writable = False
            return path
        return kept

    def _save(self) -> None:
        if self._path is None or not self._writable:
            return
        try:
            fsio.make_folder(self._path.parent)
            written = self.value if self._kept_pages is None else replace(self.value, pages=self._kept_pages)
            fsio.write_text(self._path, json.dumps(asdict(written), indent=1, ensure_ascii=False) + "\n")
        except C10Error as error:
            self._writable = False
            self.problem = Problem("unwritable", self._path, error.message)
            log.warning("The settings can't be saved: %s", error.message)


def _version(data: bytes) -> int:
    """Return the version a settings file states, 0 where it states none."""
    try:
        parsed = strictjson.loads(data, max_bytes=_MAX_BYTES, what="settings file")
    except FormatError:
        return 0
    version = parsed.get("version", 0) if isinstance(parsed, dict) else 0
    return version if type(version) is int else 0
