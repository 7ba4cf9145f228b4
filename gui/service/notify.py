"""Tells systemd that the program is ready and alive: sd_notify's datagrams, without a library.

The protocol is that of sd_notify(3): "READY=1" once, "WATCHDOG=1" before WATCHDOG_USEC microseconds have passed.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

MICROSECONDS = 1e6


class Notifier:
    """Sends states to the service manager; where there is none, nothing happens."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._address = given.get("NOTIFY_SOCKET", "")
        self.period_s = _period(given)
        """Within how many seconds the watchdog wants a sign of life; 0: there is no watchdog."""

    @property
    def active(self) -> bool:
        """Whether a service manager listens."""
        return self._address[:1] in ("/", "@")

    def send(self, *states: str) -> bool:
        """Send states such as "READY=1"; return whether they went out."""
        if not self.active:
            return False
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out,
        ):
            out.setblocking(False)
            out.sendto("\n".join(states).encode(), address)
            return True
        return False


def _period(environment: Mapping[str, str]) -> float:
    """Return the watchdog's period in seconds, 0 where there is none or it is another process's."""
    period, owner = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not period.isdecimal() or (owner and owner != str(os.getpid())):
        return 0.0
    return int(period) / MICROSECONDS
