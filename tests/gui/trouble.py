"""Trouble for the monkey: at moments of its own, files can't be used, the disk is full, or a child is killed."""

from __future__ import annotations

import errno
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

OPERATIONS = ("open", "fsync", "pwrite", "posix_fallocate")
PATH_OPERATIONS = ("open", "replace", "mkdir", "unlink", "iterdir", "stat")
READING = ("iterdir", "stat", "unlink")
"""What a full disk doesn't hinder."""
CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
BEGINS, KILLS = 0.01, 0.004
"""Chances, in each event, that files begin to fail, and that the worker or a job is killed."""
LONGEST = 60
"""Most events for which files fail."""


class Mortal(Protocol):
    """A child that can be killed."""

    def kill(self) -> None: ...


class Trouble:
    """Makes trouble below `folder`; `done` counts what it did. The settings in `settings` turn read-only half-way.

    The window's background threads meet the same trouble as its own.
    """

    def __init__(self, seed: int, folder: Path, settings: Path, events: int) -> None:
        self.done: Counter[str] = Counter()
        self._chance = random.Random(f"trouble {seed}")
        self._folder, self._settings = str(folder), str(settings)
        self._code, self._left, self._until_locked = 0, 0, events // 2
        self._lock = threading.Lock()
        self._patches = ExitStack()

    def begin(self) -> None:
        """Stand between the program and its files."""
        for name in OPERATIONS:
            self._patch(os, name)
        for name in PATH_OPERATIONS:
            self._patch(Path, name)
        self._patches.enter_context(mock.patch.object(os, "statvfs", self._statvfs(os.statvfs)))

    def end(self) -> None:
        """Let everything work again."""
        self._patches.close()

    def step(self, worker: Mortal, jobs: Sequence[Mortal]) -> None:
        """Decide what goes wrong in the next event."""
        self._until_locked -= 1
        self._left -= 1
        if self._left <= 0:
            self._code = 0
            if self._chance.random() < BEGINS:
                self._code, self._left = self._chance.choice(CODES), self._chance.randint(1, LONGEST)
        if self._chance.random() < KILLS:
            victim = self._chance.choice([worker, *jobs])
            self.done["kills"] += 1
            victim.kill()

    def _patch(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)
        self._patches.enter_context(mock.patch.object(owner, name, self._failing(real)))

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            code = self._code_for(args[0], real.__name__)
            if code:
                with self._lock:
                    self.done[errno.errorcode[code]] += 1
                raise OSError(code, os.strerror(code), None if isinstance(args[0], int) else os.fspath(args[0]))
            return real(*args, **kwargs)

        return operation

    def _code_for(self, subject: Any, name: str) -> int:
        """Return with what an operation on a path or a descriptor fails, 0 if it doesn't."""
        if isinstance(subject, int):
            return self._code
        path = os.fsdecode(subject)
        if not path.startswith(self._folder):
            return 0
        if self._until_locked < 0 and path.startswith(self._settings) and name in ("replace", "mkdir"):
            return errno.EROFS
        return 0 if self._code == errno.ENOSPC and name in READING else self._code

    def _statvfs(self, real: Callable[..., os.statvfs_result]) -> Callable[..., os.statvfs_result]:
        def statvfs(*args: Any) -> os.statvfs_result:
            state = list(real(*args))
            if self._code == errno.ENOSPC:
                state[3] = state[4] = 0
            return os.statvfs_result(state)

        return statvfs
