"""One window for each user: a second start tells the first to come to the front, then ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core import fsio
from core.errors import C10Error

_WAIT_MS = 1500
_MAX_BYTES = 1 << 16


class SingleInstance(QObject):
    """Holds the lock of the folder.

    `raised` fires when another start asks, with the engine file to load and the one to look at; "" for none.
    """

    raised = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        with contextlib.suppress(C10Error):  # a folder that can't be made holds no lock, but stops no start either
            fsio.make_folder(folder)
        self._name = "c10-panel-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def hold(self) -> bool:
        """Return whether this is the first instance; it keeps others out without listening to them."""
        return self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def acquire(self) -> bool:
        """Return whether this is the first instance; then it listens for others."""
        if not self.hold():
            return False
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(self._name)
        return True

    def tell_first(self, engine: str = "", file: str = "") -> bool:
        """Ask the instance that holds the lock to come to the front; return whether it answered."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(json.dumps({"raise": True, "engine": engine, "file": file}).encode() + b"\n")
        answered = socket.waitForBytesWritten(_WAIT_MS) and socket.waitForReadyRead(_WAIT_MS)
        socket.disconnectFromServer()
        return bool(answered)

    def release(self) -> None:
        """Give up lock and name."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _on_connection(self) -> None:
        socket = self._server.nextPendingConnection() if self._server else None
        if socket is None:
            return
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(lambda: self._on_line(socket))

    def _on_line(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MAX_BYTES:
                socket.abort()
            return
        try:
            message = json.loads(bytes(socket.readLine(_MAX_BYTES).data()))
        except ValueError:
            socket.abort()
            return
        values = message if isinstance(message, dict) else {}
        engine, file = (value if isinstance(value := values.get(name), str) else "" for name in ("engine", "file"))
        socket.write(b"ok\n")
        socket.flush()
        self.raised.emit(engine, file)
