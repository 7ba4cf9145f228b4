"""The traffic lights: a pure function of what was found out. Every red light names the one action that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from core.devices import Devices
from core.events import Exited, Failed, Loaded
from core.system import format_bytes
from gui.sentences import translated

Light = Literal["ok", "warn", "bad", "unknown"]
ScreenState = Literal["off", "asking", "held", "failed"]
Action = Literal["", "devices", "compile", "load", "test", "folder", "container"]

GIB = 1 << 30
DISK_BAD = 2 * GIB
"""Less free disk than this, in bytes, and no engine can be written."""
DISK_WARN = 20 * GIB
MEMORY_BAD = GIB
MEMORY_WARN = 4 * GIB


@dataclass(frozen=True, slots=True)
class TokenTest:
    """The one-token test: `seconds` to the first token, or the `failure`; neither while it runs."""

    seconds: float | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lights are made of; None where it isn't known yet."""

    devices: Devices | None
    loaded: Loaded | None
    loading: bool
    failure: Failed | Exited | None
    last_engine: str
    """Path of the engine that was loaded last, "" if none ever was."""
    disk_free: int | None
    """Bytes in the folder of the engines."""
    data_folder: str
    test: TokenTest | None
    """None: not run since the engine was loaded."""
    screen: ScreenState = "off"
    """Whether the screen saver is held back, for visitor mode."""


@dataclass(frozen=True, slots=True)
class Check:
    """One light; texts are in the window's language."""

    check_id: str
    title: str
    light: Light
    sentence: str
    action: Action = ""
    button: str = ""


translate = QCoreApplication.translate  # under this name the strings are found for translation


def run_checks(facts: Facts) -> list[Check]:
    """Return the lights in the order of the page."""
    return [
        _nodes(facts.devices),
        _sdk(facts.devices),
        _cards(facts.devices),
        _memory(facts),
        _engine(facts),
        _tokenizer(facts),
        _disk(facts),
        _test(facts),
        _screen(facts),
    ]


def _found(devices: Devices, subject: str) -> str:
    return next((look.found for look in devices.looked if look.subject == subject), "")


def _nodes(devices: Devices | None) -> Check:
    title = translate("Checks", "Driver nodes")
    if devices is None:
        return Check("nodes", title, "unknown", translate("Checks", "Being looked for …"))
    nodes = _found(devices, "driver_nodes")
    if nodes:
        text = translate("Checks", "The driver has made {0}.").format(nodes)
        return Check("nodes", title, "ok", text)
    return Check(
        "nodes", title, "warn",
        translate("Checks", "There is no /dev/gp*: no driver or no card. The CPU computes."),
        "devices", translate("Checks", "What was looked for"),
    )  # fmt: skip


def _sdk(devices: Devices | None) -> Check:
    title = translate("Checks", "SDK")
    if devices is None:
        return Check("sdk", title, "unknown", translate("Checks", "Being looked for …"))
    place = _found(devices, "sdk") or _found(devices, "sdk_library")
    if place:
        return Check("sdk", title, "ok", translate("Checks", "Found: {0}").format(place))
    button = translate("Checks", "Set up the container")
    if devices.problem is not None:
        return Check("sdk", title, "bad", translated(devices.problem.message), "container", button)
    light: Light = "bad" if devices.real else "warn"
    text = (
        translate("Checks", "A card is there, but neither hxrt nor libhxinfer.so. Install the SDK.")
        if devices.real
        else translate("Checks", "Neither hxrt nor libhxinfer.so was found; only cards need them.")
    )
    return Check("sdk", title, light, text, "container", button)


def _cards(devices: Devices | None) -> Check:
    title = translate("Checks", "Cards")
    if devices is None:
        return Check("cards", title, "unknown", translate("Checks", "Being looked for …"))
    button = translate("Checks", "Open Devices")
    if devices.real:
        text = translate("Checks", "C10 cards: {0}").format(devices.real)
        return Check("cards", title, "ok", text)
    if devices.simulated:
        text = translate("Checks", "Simulated cards: {0}; their work runs on the CPU.")
        return Check("cards", title, "warn", text.format(devices.simulated), "devices", button)
    text = translate("Checks", "No card; the CPU computes.")
    return Check("cards", title, "warn", text, "devices", button)


def _memory(facts: Facts) -> Check:
    title = translate("Checks", "Memory")
    if facts.devices is None:
        return Check("memory", title, "unknown", translate("Checks", "Being looked for …"))
    cpu = facts.devices.cpu
    free = cpu.memory_total - cpu.memory_used
    text = translate("Checks", "{0} of {1} are free.").format(format_bytes(free), format_bytes(cpu.memory_total))
    if free < MEMORY_BAD:
        text += " " + translate("Checks", "Close other programs, or choose a smaller engine.")
        return Check("memory", title, "bad", text, "compile", translate("Checks", "Choose an engine"))
    return Check("memory", title, "ok" if free >= MEMORY_WARN else "warn", text)


def _engine(facts: Facts) -> Check:
    title = translate("Checks", "Engine")
    if facts.loaded is not None:
        return Check("engine", title, "ok", translate("Checks", "Loaded: {0}").format(facts.loaded.engine))
    if facts.loading:
        return Check("engine", title, "unknown", translate("Checks", "Being loaded …"))
    again = ("load", translate("Checks", "Load again")) if facts.last_engine else None
    action, button = again or ("compile", translate("Checks", "Choose an engine"))
    if facts.failure is not None:
        reason = facts.failure.message if isinstance(facts.failure, Failed) else facts.failure.sentence
        return Check("engine", title, "bad", translated(reason), action, button)  # type: ignore[arg-type]  # one of Action
    text = translate("Checks", "No engine is loaded.")
    return Check("engine", title, "bad", text, action, button)  # type: ignore[arg-type]  # one of Action


def _tokenizer(facts: Facts) -> Check:
    title = translate("Checks", "Tokenizer")
    if facts.loaded is None:
        return Check("tokenizer", title, "unknown", translate("Checks", "Known once an engine is loaded."))
    if facts.loaded.tokenizer:
        kinds = {"chatglm": "ChatGLM (SentencePiece)", "bpe": "BPE (tokenizer.json)"}
        return Check("tokenizer", title, "ok", kinds.get(facts.loaded.tokenizer, facts.loaded.tokenizer))
    return Check(
        "tokenizer", title, "bad",
        translate("Checks", "The engine holds no tokenizer, so it can't read text."),
        "compile", translate("Checks", "Choose an engine"),
    )  # fmt: skip


def _disk(facts: Facts) -> Check:
    title = translate("Checks", "Disk space")
    if facts.disk_free is None:
        return Check("disk", title, "unknown", translate("Checks", "Being looked for …"))
    text = translate("Checks", "{0} are free in {1}.").format(format_bytes(facts.disk_free), facts.data_folder)
    if facts.disk_free >= DISK_WARN:
        return Check("disk", title, "ok", text)
    button = translate("Checks", "Open folder")
    if facts.disk_free >= DISK_BAD:
        return Check("disk", title, "warn", text, "folder", button)
    text += " " + translate("Checks", "Delete engines that aren't needed any more.")
    return Check("disk", title, "bad", text, "folder", button)


def _screen(facts: Facts) -> Check:
    title = translate("Checks", "Screen saver")
    if facts.screen == "failed":
        text = translate("Checks", "It can't be held back from here. Turn it off in the desktop's settings.")
        return Check("screen", title, "warn", text)
    texts = {
        "off": translate("Checks", "It is left alone; visitor mode holds it back."),
        "asking": translate("Checks", "Being held back …"),
        "held": translate("Checks", "It is held back while visitor mode is on."),
    }
    return Check("screen", title, "ok", texts[facts.screen])


def _test(facts: Facts) -> Check:
    title = translate("Checks", "One-token test")
    button = translate("Checks", "Run the test")
    if facts.loaded is None:
        return Check("test", title, "unknown", translate("Checks", "Possible once an engine is loaded."))
    if facts.test is None:
        text = translate("Checks", "Not run since the engine was loaded.")
        return Check("test", title, "warn", text, "test", button)
    if facts.test.failure:
        return Check("test", title, "bad", translated(facts.test.failure), "test", button)
    if facts.test.seconds is None:
        return Check("test", title, "unknown", translate("Checks", "Running …"))
    text = translate("Checks", "The engine answered after {0} ms.")
    return Check("test", title, "ok", text.format(f"{1000 * facts.test.seconds:.0f}"), "test", button)
