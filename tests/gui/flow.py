"""Drives the program through a whole visit with real mouse and key events: `python -m tests.gui.flow --out DIR`.

Start, demo model, compile, chat, stop, regenerate, export (Markdown and JSON), close: on an X server of its own
(Xvfb), with xdotool, from an empty home folder. Takes a picture of each step and prints what it did with the seconds.
The window's process is the real program; beside it listens a local socket that only tells where a button is, and takes
the pictures.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "xdotool")
SIZE = (1920, 1080)
QUESTION = "Write a long story about a voyage around the world."
COMPILE_S, ANSWER_S, START_S, STEP_S = 900.0, 180.0, 120.0, 30.0
"""Longest waits, in seconds, for a slow and busy machine."""


class FlowError(Exception):
    """A step that didn't come about, with the state that was found instead."""


def missing() -> list[str]:
    """Return the programs that the flow needs and that aren't installed."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Visitor:
    """The hand at mouse and keyboard: knows of the window only what can be seen."""

    def __init__(self, display: str, channel: socket.socket, out: Path) -> None:
        self._display, self._out = display, out
        self._lines = channel.makefile("rw", encoding="utf-8")
        self._pictures = 0
        self._began = time.monotonic()

    def ask(self, *request: str) -> Any:
        """Return the child's answer to a request (see `_answer`)."""
        self._lines.write(json.dumps(request) + "\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise FlowError(f"The window has gone; asked {request}.")
        return json.loads(line)

    def wait(self, what: str, condition: Callable[[dict[str, Any]], bool], seconds: float = STEP_S) -> dict[str, Any]:
        """Wait until the window's state fulfils `condition`; raise FlowError after `seconds`."""
        limit = time.monotonic() + seconds
        while True:
            state: dict[str, Any] = self.ask("state")
            if condition(state):
                return state
            if time.monotonic() > limit:
                self.picture("failed")
                raise FlowError(f"Waited {seconds:.0f} s for: {what}. The window's state: {state}")
            time.sleep(0.05)

    def click(self, name: str) -> None:
        """Move the mouse to a part of the window that can be seen and used, and press its left button."""
        limit = time.monotonic() + STEP_S
        while (place := self.ask("where", name)) is None:
            if time.monotonic() > limit:
                self.picture("failed")
                raise FlowError(f"Nothing called {name} can be clicked.")
            time.sleep(0.05)
        self._xdotool("windowfocus", str(place["window"]))
        self._xdotool("mousemove", str(place["x"]), str(place["y"]))
        self._xdotool("click", "1")

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "5", text)

    def key(self, keys: str) -> None:
        """Press keys, such as "ctrl+a"."""
        self._xdotool("key", keys)

    def picture(self, name: str) -> None:
        """Save what the screen shows, and print the step."""
        self._pictures += 1
        self.ask("picture", str(self._out / f"{self._pictures:02}-{name}.png"))
        sys.stdout.write(f"{time.monotonic() - self._began:6.1f} s  {name}\n")
        sys.stdout.flush()

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env={**os.environ, "DISPLAY": self._display}, check=True, timeout=60)


def visit(hand: Visitor, papers: Path) -> None:
    """Go through the whole visit; raise FlowError at the step that fails."""
    hand.wait("the first page", lambda state: state["page"] in ("demo", "health"))
    hand.picture("start")
    hand.click("rail-chat")
    hand.wait("the chat", lambda state: state["page"] == "chat")
    hand.click("demo")
    hand.wait("the running job", lambda state: state["job"] == "running")
    hand.wait("a step with a known length", lambda state: state["step"] == "write", COMPILE_S)
    hand.picture("compiling")
    hand.wait("the loaded demo", lambda state: state["page"] == "chat" and bool(state["engine"]), COMPILE_S)
    hand.picture("loaded")
    hand.click("composer")
    hand.type(QUESTION)
    hand.key("Return")
    hand.wait("the first words", lambda state: state["answering"] and state["tokens"] > 80, ANSWER_S)
    hand.picture("answering")
    first = stop(hand, "stopped")
    hand.click("regenerate")
    hand.wait("another answer", lambda state: state["answering"], ANSWER_S)
    hand.wait("a second version", lambda state: state["versions"] == 2 and state["tokens"] > 40, ANSWER_S)
    second = stop(hand, "regenerated")
    export(hand, "menu-0", papers / "voyage.md", "markdown", (QUESTION, second))
    export(hand, "menu-1", papers / "voyage.json", "json", (QUESTION, first, second))
    hand.click("composer")
    hand.key("ctrl+q")


def stop(hand: Visitor, name: str) -> str:
    """Press Stop; return what the answer says by then."""
    hand.click("stop")
    state = hand.wait("the end of the answer", lambda state: not state["answering"])
    if state["reason"] != "stopped" or not state["answer"].strip():
        raise FlowError(f"The answer should be there as far as it came, and be marked as stopped: {state}")
    hand.picture(name)
    return str(state["answer"])


def export(hand: Visitor, entry: str, file: Path, name: str, texts: tuple[str, ...]) -> None:
    """Export the conversation through the menu and the file dialog; the file must hold `texts`."""
    hand.click("export")
    hand.wait("the menu", lambda state: bool(state["menu"]))
    hand.click(entry)
    hand.wait("the file dialog", lambda state: bool(state["dialog"]))
    hand.key("ctrl+a")
    hand.type(str(file))
    hand.picture(f"export-{name}")
    hand.key("Return")
    hand.wait("the exported file", lambda state: file.is_file() and not state["dialog"])
    hand.picture(f"exported-{name}")
    written = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        written = "\n".join(message["text"] for message in json.loads(written)["messages"])
    lacking = [text for text in texts if text.strip() not in written]
    if lacking:
        raise FlowError(f"{file} lacks {lacking}: {written}")


def run(out: Path) -> int:
    """Do one visit in a fresh home; return the exit code of the window."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="c10-flow-") as folder, _screen() as display:
        home = Path(folder)
        (home / "papers").mkdir()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(home / "socket"))
        listener.listen(1)
        listener.settimeout(1)
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": folder,
                       "C10_PANEL_HOME": str(home / "data"), "XDG_RUNTIME_DIR": folder}  # fmt: skip
        command = [sys.executable, "-m", "tests.gui.flow", "--out", str(out), "--child", str(home / "socket")]
        child = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            channel = _accept(listener, child)
            channel.settimeout(STEP_S)
            visit(Visitor(display, channel, out), home / "papers")
            return child.wait(timeout=STEP_S)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
            listener.close()


def _accept(listener: socket.socket, child: subprocess.Popen[bytes]) -> socket.socket:
    """Wait for the window's process to call; raise FlowError if it ends before or doesn't call."""
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        if child.poll() is not None:
            raise FlowError(f"The window's process ended with exit code {child.returncode}; what it wrote is above.")
        try:
            return listener.accept()[0]
        except TimeoutError:
            continue
    raise FlowError(f"The window's process didn't call within {START_S:.0f} s.")


@contextmanager
def _screen() -> Iterator[str]:
    """Start an X server and yield its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="ascii") as line:
            number = line.readline().strip()
        if not re.fullmatch(r"\d+", number):
            raise FlowError("Xvfb didn't start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _child(path: str) -> int:
    """Run the program, and answer questions about it on the socket at `path`."""
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication

    from gui import app as gui_app

    application = QApplication(["c10-panel"])
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(path)
    faulthandler.register(signal.SIGUSR1)
    channel.setblocking(False)  # a notifier may fire once too often
    notifier = QSocketNotifier(channel.fileno(), QSocketNotifier.Type.Read)
    unread = bytearray()

    def on_request() -> None:
        try:
            received = channel.recv(4096)
        except BlockingIOError:
            return
        notifier.setEnabled(bool(received))
        unread.extend(received)
        while b"\n" in unread:
            line, _, rest = bytes(unread).partition(b"\n")
            unread[:] = rest
            try:
                answer = _answer(application, *json.loads(line))
            except Exception:  # noqa: BLE001 -- a mistake here must not look like a window that hangs
                traceback.print_exc()
                os._exit(70)
            channel.sendall(json.dumps(answer).encode() + b"\n")

    notifier.activated.connect(on_request)
    return gui_app.main(["--lang", "en", "--theme", "light"])


def _answer(application: Any, request: str, name: str = "") -> Any:
    """Answer "state", "where NAME" (screen coordinates of its middle, None if it can't be clicked), "picture FILE"."""
    from gui.window import MainWindow

    window = next((top for top in application.topLevelWidgets() if isinstance(top, MainWindow)), None)
    if request == "picture":
        return application.primaryScreen().grabWindow(0).save(name)
    if window is None or not window.current_page_id():
        return None if request == "where" else {"page": ""}
    return _state(application, window) if request == "state" else _where(application, window, name)


def _state(application: Any, window: Any) -> dict[str, Any]:
    from PySide6.QtWidgets import QFileDialog

    from gui.chat import conversation as tree

    page = window.page("chat")
    shown = tree.path(page.conduct.conversation)
    last = shown[-1] if shown else None
    busy = page.conduct.busy
    job = window.page("compile").runner.job if window.strip.job.isVisible() or window.strip.job.text() else None
    return {
        "page": window.current_page_id(),
        "job": job.state if job else "",
        "step": job.current.name if job and job.current else "",
        "engine": window.context.session.engine_name,
        "answering": busy,
        "tokens": page.conduct.answering.live.new_tokens,
        "versions": len(tree.siblings(page.conduct.conversation, last.id)) if last else 0,
        "answer": last.text if last else "",
        "reason": last.reason if last else "",
        "menu": application.activePopupWidget() is not None,
        "dialog": any(isinstance(top, QFileDialog) and top.isVisible() for top in application.topLevelWidgets()),
    }


def _last_answer(page: Any) -> Any:
    from gui.chat.messages import AnswerView

    shown = [answer for answer in page.thread_view.findChildren(AnswerView) if answer.isVisible()]
    return shown[-1] if shown else None


def _where(application: Any, window: Any, name: str) -> dict[str, int] | None:
    page = window.page("chat")
    if name.startswith("menu-"):
        menu = application.activePopupWidget()
        if menu is None:
            return None
        middle = menu.mapToGlobal(menu.actionGeometry(menu.actions()[int(name[5:])]).center())
        return {"x": middle.x(), "y": middle.y(), "window": int(menu.winId())}
    answer = _last_answer(page)
    widget = {
        "rail-chat": window.rail.button("chat"),
        "demo": page.welcome.demo_button,
        "composer": page.composer.edit,
        "stop": page.composer.stop_button,
        "regenerate": answer.regenerate_button if answer is not None else None,
        "export": page.header.export_button,
    }[name]
    if widget is None or not (widget.isVisible() and widget.isEnabled()):
        return None
    middle = widget.mapToGlobal(widget.rect().center())
    return {"x": middle.x(), "y": middle.y(), "window": int(window.winId())}


def main(arguments: list[str]) -> int:
    """Do a visit, or with the hidden flag be the window's process."""
    parser = argparse.ArgumentParser(prog="flow", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child:
        return _child(chosen.child)
    if missing():
        sys.stderr.write(f"The flow needs {' and '.join(missing())}: sudo apt-get install xvfb xdotool\n")
        return 1
    try:
        code = run(chosen.out)
    except FlowError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The window ended with exit code {code}.\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
