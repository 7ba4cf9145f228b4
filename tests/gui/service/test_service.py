from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.events import Token
from gui.app import Panel, main
from gui.service import autostart, unit
from gui.service.keepalive import STUCK_S, KeepAlive
from gui.service.notify import Notifier
from tests.soak.clock import ShowClock


@pytest.fixture
def manager() -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """Play the service manager: a datagram socket, and the environment that it would give."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = str(Path(folder) / "notify")
        listening.bind(address)
        listening.setblocking(False)
        yield listening, {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000000"}


def _heard(listening: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(listening.recv(1024).decode())
        except BlockingIOError:
            return found


def test_states_go_to_the_service_manager(manager: tuple[socket.socket, dict[str, str]]) -> None:
    listening, environment = manager
    notifier = Notifier(environment)
    assert notifier.period_s == 30.0
    assert notifier.send("READY=1")
    assert _heard(listening) == ["READY=1"]


def test_without_a_service_manager_nothing_happens() -> None:
    assert not Notifier({}).send("READY=1")
    assert not Notifier({"NOTIFY_SOCKET": "/nowhere/at/all"}).send("READY=1")
    assert Notifier({"WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"}).period_s == 0.0


def test_the_loop_sends_signs_of_life_until_the_worker_is_stuck(
    panel: Panel, manager: tuple[socket.socket, dict[str, str]]
) -> None:
    listening, environment = manager
    clock = ShowClock()
    alive = KeepAlive(panel.bridge, panel.session, clock, Notifier(environment))
    panel.bridge.drain()
    assert _heard(listening) == ["WATCHDOG=1"]
    clock.advance(9.0)
    panel.bridge.drain()
    assert _heard(listening) == []
    clock.advance(1.1)
    panel.bridge.drain()
    assert _heard(listening) == ["WATCHDOG=1"]
    panel.session.answering = True
    panel.bridge.drain()
    clock.advance(STUCK_S - 1)
    alive._on_event(Token("a", 0, 1, ""))
    clock.advance(11.0)
    panel.bridge.drain()
    assert _heard(listening) == ["WATCHDOG=1"]
    clock.advance(STUCK_S)
    panel.bridge.drain()
    assert _heard(listening) == []
    panel.session.answering = False
    panel.bridge.drain()
    assert _heard(listening) == ["WATCHDOG=1"]
    alive.dispose()
    assert _heard(listening) == ["STOPPING=1"]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(unit, "_systemctl", lambda *_words: False)
    return tmp_path


def test_the_watchdog_is_installed_and_removed_by_the_command_line(
    desktop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--install-service"]) == 0
    written = (desktop / "systemd" / "user" / "c10-panel.service").read_text(encoding="utf-8")
    assert "Type=notify" in written
    assert "WatchdogSec=30" in written
    assert 'packaging/c10-panel" --demo\n' in written
    assert "StartLimitBurst=5" in written
    assert str(desktop) in capsys.readouterr().out
    assert main(["--remove-service"]) == 0
    assert not unit.is_installed()


def test_the_start_at_login_prefers_the_watchdog(desktop: Path) -> None:
    assert main(["--install-autostart"]) == 0
    entry = (desktop / "autostart" / "c10-panel.desktop").read_text(encoding="utf-8")
    assert "systemctl --user start c10-panel.service" in entry
    assert "packaging/c10-panel --demo" in entry
    assert main(["--remove-autostart"]) == 0
    assert not autostart.is_installed()


@pytest.mark.parametrize(("path", "word"), [("/a b/c", '"/a b/c"'), ("/50%/$x", '"/50%%/$$x"'), ('/a"b', '"/a\\"b"')])
def test_a_path_is_quoted_for_systemd(path: str, word: str) -> None:
    assert unit.quoted(path) == word
