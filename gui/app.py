"""Starts the window: one instance, logs, settings, the loop that serves Qt and asyncio together."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from core import fsio
from core.errors import C10Error, UsageError
from core.system import config_dir, data_dir, map_large_blocks
from gui import desktop, options
from gui.bridge import Bridge
from gui.clock import Clock, SystemClock
from gui.crash import CrashLog
from gui.design import THEME_CHOICES
from gui.i18n import Languages, resolve
from gui.options import Options
from gui.paths import settings_file
from gui.privacy import forbid_core_dumps
from gui.service import autostart, unit
from gui.service.keepalive import KeepAlive
from gui.service.notify import Notifier
from gui.session import Runtime, Session
from gui.settings import Store
from gui.single import SingleInstance
from gui.theme import Theme
from gui.window import MainWindow

log = logging.getLogger(__name__)

CHECK_LIMIT_MS = 30_000


class Panel:
    """Everything that one window consists of, made in order and closed in the opposite one."""

    def __init__(self, app: QApplication, chosen: Options, store: Store, clock: Clock | None = None) -> None:
        theme_choice = next((choice for choice in THEME_CHOICES if choice == chosen.theme), store.value.theme)
        self.theme = Theme(app, theme_choice, store.value.text_percent)
        self.languages = Languages(app, resolve(chosen.lang or store.value.language))
        self.store = store
        self.bridge = Bridge()
        self.session = Session(self.bridge, lambda: make_runtime())  # looked up late: tests put another in its place
        clock = clock or SystemClock()
        self.keep_alive = KeepAlive(self.bridge, self.session, clock, Notifier())
        self.window = MainWindow(self.bridge, self.session, store, self.theme, self.languages, chosen, clock)

    def close(self) -> None:
        """End the child, the timer and the background threads."""
        self.keep_alive.dispose()
        self.session.close()
        self.bridge.close()


def errands(chosen: Options) -> list[Callable[[], list[str]]]:
    """Return what is asked for in place of a window: each writes or removes a file and returns sentences."""
    asked = (
        (chosen.install_service, unit.install),
        (chosen.remove_service, unit.remove),
        (chosen.install_autostart, autostart.install),
        (chosen.remove_autostart, autostart.remove),
        (chosen.end_visitor_mode, end_visitor_mode),
    )
    return [work for wanted, work in asked if wanted]


def end_visitor_mode() -> list[str]:
    """End visitor mode without its PIN, which is lost; whoever has the command line has the settings file anyway."""
    instance = SingleInstance(data_dir())
    if not instance.hold():
        raise UsageError("C10 Panel is open and would write its settings again.", "End it, then try once more.")
    try:
        Store(settings_file()).update(visitor_mode=False, pin="", pin_failures=0, pin_not_before=0.0)
    finally:
        instance.release()
    return ["Visitor mode is off, and no PIN is set any more."]


def make_runtime() -> Runtime:
    """Return the runtime; its child starts with the first engine."""
    from core.runtime.client import RuntimeClient

    return RuntimeClient()


def main(arguments: list[str]) -> int:
    """Run the window; return the exit code of the process."""
    chosen = options.parse(arguments)
    try:
        if chosen.install_desktop or chosen.remove_desktop:
            return desktop.run(install=chosen.install_desktop)
        work = errands(chosen)
        if work:
            sys.stdout.write("".join(f"{sentence}\n" for each in work for sentence in each()))
            return 0
        return _run(chosen)
    except C10Error as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _run(chosen: Options) -> int:
    map_large_blocks()
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)  # noqa: S101 -- nothing else makes an application in this process
    app.setApplicationName("c10-panel")
    app.setDesktopFileName(desktop.APP_ID)
    instance = SingleInstance(data_dir())
    if not chosen.check_start and not instance.acquire():
        if instance.tell_first(_absolute(chosen.engine), _absolute(chosen.file)):
            sys.stdout.write("C10 Panel is already open; its window has been brought to the front.\n")
            return 0
        sys.stderr.write("C10 Panel is already open but doesn't answer. End it, then start again.\n")
        return 1
    store = Store(settings_file())
    logs = CrashLog(private=lambda: store.value.visitor_mode, watched=not chosen.check_start)
    try:
        panel = Panel(app, chosen, store)
        try:
            panel.window.last_end = logs.last_end
            return _loop(app, panel, chosen, instance)
        finally:
            panel.close()
    finally:
        instance.release()
        logs.close()


def _loop(app: QApplication, panel: Panel, chosen: Options, instance: SingleInstance) -> int:
    window = panel.window
    loop = qasync.QEventLoop(app)
    app.setQuitOnLastWindowClosed(True)

    def on_raised(engine: str, file: str) -> None:
        window.raise_to_front()
        if engine:
            panel.session.load(engine)
        window.look_at(file)

    def on_painted() -> None:
        if chosen.check_start:
            _report(chosen)
            window.close()
            return
        panel.keep_alive.ready()
        panel.bridge.call(_warm_up, lambda _none: None)
        panel.bridge.call(partial(_sweep, panel.store.value.engine_folders), lambda _none: None)
        engine = engine_at_start(chosen, panel.store)
        if engine:
            panel.session.load(engine)
        QTimer.singleShot(0, window, partial(window.look_at, _absolute(chosen.file)))  # after the window's first page

    def on_lock() -> None:
        if panel.window.booth.lock.visitor_mode:
            forbid_core_dumps()

    on_lock()
    window.booth.lock.changed.connect(on_lock)
    instance.raised.connect(on_raised)
    window.first_painted.connect(on_painted)
    if chosen.check_start:
        QTimer.singleShot(CHECK_LIMIT_MS, app.quit)
    window.show_start()
    with loop:
        loop.run_forever()
    return 0


def _absolute(path: str) -> str:
    """Return a path that holds in another process, too; "" stays ""."""
    return str(Path(path).absolute()) if path else ""


def engine_at_start(chosen: Options, store: Store) -> str:
    """Return the engine to load: the one named, else the one that was loaded last, "" if that one is gone."""
    if chosen.engine:
        return _absolute(chosen.engine)
    last = store.value.last_engine
    return last if last and fsio.is_file(Path(last)) else ""


def _warm_up() -> None:
    """Import what the first click would need, so that no click has to wait for it."""
    for name in ("core.runtime.client", "core.worker.job", "core.planner"):
        importlib.import_module(name)


def _sweep(engine_folders: list[str]) -> None:
    """Remove what killed writers left in the program's own folders and those of the engines."""
    own = (config_dir(), data_dir(), data_dir() / "engines")
    removed = fsio.sweep_all([*own, *map(Path, engine_folders)])
    if removed:
        log.info("Removed %d unfinished files of an earlier run.", len(removed))


def _report(chosen: Options) -> None:
    seconds = round(time.clock_gettime(time.CLOCK_BOOTTIME) - _process_start(), 3)
    platform = QGuiApplication.platformName()
    if chosen.json:
        sys.stdout.write(json.dumps({"first_paint_s": seconds, "platform": platform}) + "\n")
    else:
        sys.stdout.write(f"The window was painted {seconds:.2f} s after the start ({platform}).\n")
    sys.stdout.flush()


def _process_start() -> float:
    """Return when this process started, in seconds of CLOCK_BOOTTIME (Linux counts ticks of 10 ms)."""
    stat = Path("/proc/self/stat").read_text(encoding="utf-8")
    return int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
