"""What must not happen in a window that is played with outside of pytest: errors, loose exceptions, warnings of Qt."""

from __future__ import annotations

import logging
import sys
import threading
import traceback

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler


class Findings(logging.Handler):
    """Collects it in `found`, from now on."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self.setFormatter(logging.Formatter())
        logging.getLogger().addHandler(self)
        sys.excepthook = lambda kind, error, trace: self.found.append(
            "".join(traceback.format_exception(kind, error, trace))
        )
        threading.excepthook = lambda args: sys.excepthook(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(self._on_qt)

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))

    def _on_qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and "This plugin does not support" not in message:
            self.found.append(f"Qt: {message}")
