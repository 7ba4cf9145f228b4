"""Keeps the screen on in visitor mode: org.freedesktop.ScreenSaver over D-Bus, else xdg-screensaver.

Over D-Bus the hold ends with the connection it was asked for on, so a program that dies holds nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Literal

from gui.bridge import Bridge

State = Literal["off", "asking", "held", "failed"]
Way = Literal["", "dbus", "xdg"]

_CONNECTION = "c10-panel-screen-saver"
_PLACES = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
)
_WAIT_MS = 2000


class ScreenSaver:
    """`hold` and `release` return at once; `changed` is called on the window's thread with each new state."""

    def __init__(self, bridge: Bridge, window_id: Callable[[], int], changed: Callable[[], None]) -> None:
        self._bridge, self._window_id, self._changed = bridge, window_id, changed
        self._way: Way = ""
        self._wanted = False
        self.state: State = "off"

    def hold(self) -> None:
        """Keep the screen on."""
        if self._wanted:
            return
        self._wanted = True
        self.state = "asking"
        window = self._window_id()
        self._bridge.call(lambda: hold(window), self._take)

    def release(self) -> None:
        """Let the screen go off again."""
        self._wanted = False
        self.state = "off"
        way, self._way = self._way, ""
        if way:
            release(way, self._window_id())
        self._changed()

    def _take(self, way: Way) -> None:
        if not self._wanted:
            release(way, self._window_id())
            return
        self._way = way
        self.state = "held" if way else "failed"
        self._changed()


def hold(window: int) -> Way:
    """Ask for the screen to stay on; return by which way that worked, "" for none. Takes up to some seconds."""
    if _hold_by_dbus():
        return "dbus"
    return "xdg" if window and _xdg("suspend", window) else ""


def release(way: Way, window: int) -> None:
    """End a hold."""
    if way == "dbus":
        from PySide6.QtDBus import QDBusConnection

        QDBusConnection.disconnectFromBus(_CONNECTION)
    elif way == "xdg":
        _xdg("resume", window)


def _hold_by_dbus() -> bool:
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _CONNECTION)
    if bus.isConnected():
        for service, path in _PLACES:
            call = QDBusMessage.createMethodCall(service, path, service, "Inhibit")
            call.setArguments(["c10-panel", "A demo is running"])
            if bus.call(call, QDBus.CallMode.Block, _WAIT_MS).type() == QDBusMessage.MessageType.ReplyMessage:
                return True
    QDBusConnection.disconnectFromBus(_CONNECTION)
    return False


def _xdg(action: str, window: int) -> bool:
    program = shutil.which("xdg-screensaver")
    if program is None:
        return False
    try:
        done = subprocess.run([program, action, hex(window)], capture_output=True, timeout=10, check=False)  # noqa: S603 -- a fixed program, a number
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
