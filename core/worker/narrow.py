"""What a worker gives up before it does anything: rights and network that neither compiling nor inference needs.

This contains accidents and makes a hostile engine's work harder; it is no sandbox. What the platform refuses (network
namespaces in most containers, for instance) is left out, and `active` tells what is left.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NETWORK_VARIABLE: Final = "C10_PANEL_NETWORK"
"""Environment variable that leaves a worker its network: the vendor's SDK may sit behind one."""

_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWUSER: Final = 0x10000000

_active: list[str] = []


def active() -> list[str]:
    """Return what holds for this process, in words: "no new privileges", "no core dumps", "no network"."""
    return list(_active)


def narrow() -> None:
    """Give up what isn't needed; must come before the process has a second thread. Never fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if _no_core_dumps():
        _active.append("no core dumps")
    if not os.environ.get(NETWORK_VARIABLE) and _no_network(libc):
        _active.append("no network")
    if _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1):
        _active.append("no new privileges")


def _no_core_dumps() -> bool:
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def _no_network(libc: ctypes.CDLL) -> bool:
    """Move into a network namespace without any interface but its own loopback, which is down."""
    unshare = getattr(libc, "unshare", None)
    if unshare is None:
        return False
    if unshare(_CLONE_NEWNET) == 0:  # root may do it as it is
        return True
    user, group = os.geteuid(), os.getegid()
    if unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    # the same user and group inside: files that are written belong to whom they always did
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with suppress(OSError):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    return True


def _prctl(libc: ctypes.CDLL, option: int, value: int) -> bool:
    prctl = getattr(libc, "prctl", None)
    return prctl is not None and prctl(option, value, 0, 0, 0) == 0
