"""What goes wrong is written down: rotated logs, uncaught exceptions, Qt's own messages, and crashes of native code."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from core import fsio
from core.errors import C10Error
from gui.paths import log_dir
from gui.privacy import PrivateFormatter

CRASH_LOG, LAST_CRASH_LOG = "crash.log", "crash-last.log"
_LOG_BYTES = 1 << 20
_LOG_FILES = 4
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
log = logging.getLogger(__name__)


End = Literal["", "crashed", "killed"]
"""How the run before ended: as it should, with a crash of native code that was written down, or without a trace."""


class CrashLog:
    """Log files of this run; `close` puts everything back as it was (tests run several in one process).

    A file that lies in the folder while the program runs tells the next run whether this one came to its end.
    """

    def __init__(
        self, folder: Path | None = None, private: Callable[[], bool] = lambda: False, *, watched: bool = True
    ) -> None:
        """`private`: whether text is to be withheld, asked for each line; `watched`: the next run is told how it ends.

        A second process beside the window isn't watched.
        """
        self.folder = folder or log_dir()
        self.last_end: End = ""
        self._mark = self.folder / "running" if watched else None
        self._handler: logging.Handler = logging.NullHandler()
        self._native: IO[str] | None = None
        self._hook = sys.excepthook
        try:
            fsio.make_folder(self.folder)
            if self._mark is not None:
                self.last_end = self._look_back(self._mark)
                self._mark.write_text(f"{os.getpid()}\n", encoding="ascii")
            self._handler = logging.handlers.RotatingFileHandler(
                self.folder / "window.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8", delay=True
            )
            self._native = (self.folder / CRASH_LOG).open("a", encoding="utf-8")
        except (C10Error, OSError) as error:  # a start without a log is better than none
            sys.stderr.write(f"No log can be written: {error}\n")
        self._handler.setFormatter(PrivateFormatter(_FORM, private))
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.INFO)
        root.addHandler(self._handler)
        if self._native is not None:
            faulthandler.enable(self._native)
        sys.excepthook = self._on_exception
        self._others = (sys.unraisablehook, threading.excepthook)
        sys.unraisablehook = _on_unraisable
        threading.excepthook = _on_thread_exception
        qInstallMessageHandler(_on_qt_message)

    def close(self) -> None:
        """Take the hooks away and close the files."""
        qInstallMessageHandler(None)
        sys.excepthook = self._hook
        sys.unraisablehook, threading.excepthook = self._others
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level)
        self._handler.close()
        if self._native is not None:
            faulthandler.disable()
            self._native.close()
            self._native = None
        if self._mark is not None:
            with contextlib.suppress(OSError):
                self._mark.unlink()

    def _look_back(self, mark: Path) -> End:
        """Return how the run before ended, and put its crash log aside as crash-last.log; raises OSError."""
        native = self.folder / CRASH_LOG
        if fsio.is_file(native) and native.stat().st_size:
            native.replace(self.folder / LAST_CRASH_LOG)
            return "crashed"
        return "killed" if fsio.is_file(mark) else ""

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hook(kind, error, trace)
            return
        log.error("An error that nothing handled.", exc_info=(kind, error, trace))


def _on_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    error = unraisable.exc_value
    log.error("An error where nobody could catch it.", exc_info=error)


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    log.error("A thread ended by an error.", exc_info=args.exc_value)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s (%s)", message, context.category or "default")
