"""Looks for traces: which files the process opens for writing, and which files hold what was typed or answered."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_active: list[set[str]] = []
_hooked = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _active:
        return
    path, mode, flags = arguments
    writing = (isinstance(flags, int) and flags & _WRITING) or (isinstance(mode, str) and set(mode) & set("wax+"))
    if writing and isinstance(path, str | bytes):
        for found in _active:
            found.add(os.fsdecode(path))


class Writes:
    """Notes every file that this process opens for writing, by Python's own audit events, until `end`."""

    def __init__(self) -> None:
        global _hooked
        if not _hooked:
            sys.addaudithook(_hook)
            _hooked = True
        self.paths: set[str] = set()
        _active.append(self.paths)

    def end(self) -> None:
        """Note no more."""
        _active.remove(self.paths)


def files_with(folders: Iterable[Path], words: Iterable[str]) -> list[str]:
    """Return "file: word" for every file below `folders` that holds one of `words`, as UTF-8 or as escaped JSON."""
    wanted = [(word, form) for word in words for form in {word.encode(), word.encode("unicode_escape")}]
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            data = path.read_bytes()
            found += [f"{path}: {word}" for word, form in wanted if form in data]
    return found
