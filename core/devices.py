"""What could compute here: C10 cards, found by their driver nodes and the vendor's tool, simulated ones, and the CPU.

Nothing here opens a card. What isn't known is None and never 0; what was looked for, and where, is part of the answer.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.c10.sdk import Sdk
from core.errors import C10Error
from core.kernels.isa import host_features
from core.system import cpu_threads, memory, physical_cores

TOOL = "hx-smi"
NODE = re.compile(r"gp\d+")
SIMULATED_BYTES = 16 << 30
"""DRAM that a simulated card pretends to have."""
TOOL_SECONDS = 4.0
"""Longest wait for the vendor's tool to print its table."""

Subject = Literal["driver_nodes", "sdk", "sdk_cards", "sdk_library", "tool"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the vendor's table; None where the table has no such column or no value."""

    index: int
    memory_used: int | None = None
    """Bytes."""
    memory_total: int | None = None
    """Bytes."""
    utilisation: float | None = None
    """Percent."""
    temperature: float | None = None
    """Degrees Celsius."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card: a driver node, or one that only the SDK sees (`node` ""), or a simulated one, computed on the CPU."""

    index: int
    node: str
    simulated: bool
    reading: Reading


@dataclass(frozen=True, slots=True)
class Cpu:
    """The processor; memory in bytes."""

    name: str
    architecture: str
    threads: int
    """Hardware threads that this program may use."""
    cores: int
    memory_used: int
    memory_total: int
    features: tuple[str, ...]
    """Instruction sets that the kernels can use, LLVM's names."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked for: where, and what was found there ("" if nothing)."""

    subject: Subject
    where: str
    found: str


@dataclass(frozen=True, slots=True)
class Devices:
    """The whole answer; `cards` holds real cards first, then simulated ones."""

    cards: tuple[Card, ...]
    cpu: Cpu
    looked: tuple[Looked, ...]
    problem: C10Error | None = None
    """Why the SDK gave no answer, where one is configured."""

    @property
    def real(self) -> int:
        """Number of cards that are there."""
        return sum(not card.simulated for card in self.cards)

    @property
    def simulated(self) -> int:
        """Number of cards that are only pretended."""
        return sum(card.simulated for card in self.cards)


def probe(
    *,
    simulate: int = 0,
    sdk: Sdk | None = None,
    dev: Path = Path("/dev"),
    which: Callable[[str], str | None] = shutil.which,
    read_table: Callable[[str], str] | None = None,
) -> Devices:
    """Look for everything; the vendor's tool and SDK may take seconds, so not on the window's thread.

    `sdk`: the SDK to ask; None: only where there are driver nodes, the one that the environment names.
    """
    from core.c10.ask import SdkAnswer, ask_sdk  # brings numpy, which the window needs no sooner

    nodes = [str(node) for node in driver_nodes(dev)]
    asked = sdk or (Sdk.from_environment() if nodes else None)
    answer = ask_sdk(asked) if asked else SdkAnswer("hxrt", _module_place("hxrt"))
    nodes += [""] * ((answer.cards or 0) - len(nodes))
    tool = which(TOOL) or ""
    readings = parse_table((read_table or run_tool)(tool)) if tool and nodes else []
    by_index = {reading.index: reading for reading in readings}
    cards = [
        Card(index, node, simulated=False, reading=by_index.get(index, Reading(index)))
        for index, node in enumerate(nodes)
    ]
    for index in range(len(cards), len(cards) + simulate):
        cards.append(Card(index, "", simulated=True, reading=Reading(index, memory_total=SIMULATED_BYTES)))
    looked = (
        Looked("driver_nodes", f"{dev}/gp*", " ".join(Path(node).name for node in nodes if node)),
        Looked("sdk", f"hxrt ({answer.python})" if asked else "hxrt", answer.place),
        Looked("sdk_cards", "hxrt.device_get_count()", "" if answer.cards is None else str(answer.cards)),
        Looked("sdk_library", "libhxinfer.so", ctypes.util.find_library("hxinfer") or ""),
        Looked("tool", TOOL, tool),
    )
    return Devices(tuple(cards), cpu(), looked, answer.problem if asked else None)


def driver_nodes(dev: Path = Path("/dev")) -> list[Path]:
    """Return the driver's nodes in the order of their numbers; none where the folder can't be read."""
    try:
        found = [path for path in dev.iterdir() if NODE.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: int(path.name[2:]))


def cpu() -> Cpu:
    """Describe the processor."""
    now = memory()
    return Cpu(
        name=_cpu_name(),
        architecture=platform.machine(),
        threads=cpu_threads(),
        cores=physical_cores(),
        memory_used=max(0, now.total - now.available),
        memory_total=now.total,
        features=tuple(sorted(host_features())),
    )


def run_tool(tool: str) -> str:
    """Return the table that the vendor's tool writes to a file, "" where it writes none in time."""
    with tempfile.TemporaryDirectory(prefix="c10-panel-") as folder:
        table = Path(folder) / "table.txt"
        command = [tool, "dmon", "--select", "mu", "-l", "1", "-f", str(table)]
        try:
            child = subprocess.Popen(  # noqa: S603 -- the vendor's tool, found on the user's own PATH
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError:
            return ""
        deadline = time.monotonic() + TOOL_SECONDS
        try:
            while time.monotonic() < deadline and not parse_table(_read(table)):
                try:
                    child.wait(0.1)
                    break
                except subprocess.TimeoutExpired:
                    continue
            return _read(table)
        finally:
            child.kill()
            child.wait()


_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("pair", re.compile(r"mem.*usage|mem.*used.*total|^mem(ory)?$|^dram$")),
    ("used", re.compile(r"(mem|dram).*use|use.*(mem|dram)")),
    ("total", re.compile(r"(mem|dram).*(total|size|cap)|total.*(mem|dram)")),
    ("utilisation", re.compile(r"util|^load$|busy")),
    ("temperature", re.compile(r"temp")),
    ("index", re.compile(r"^(#|id|idx|index|dev|device|devid|deviceid|gpu|card|npu|aigpu)$")),
)
_UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_VALUE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([a-z%]*)", re.IGNORECASE)


def parse_table(text: str) -> list[Reading]:
    """Read the vendor's periodic table by the names in its header row, never by position.

    The last row of a card counts. A value without a known unit of memory is unknown, not guessed.
    """
    columns: list[tuple[str, str]] = []
    found: dict[int, Reading] = {}
    for line in text.splitlines():
        cells = _cells(line)
        header = [_column(cell) for cell in cells]
        if sum(bool(kind) for kind, _unit in header) >= 2 and not any(re.fullmatch(r"-?\d.*", cell) for cell in cells):
            columns = header
        elif columns and len(cells) == len(columns) and not any(char.isdigit() for char in line):
            columns = [(kind, unit or cell) for (kind, unit), cell in zip(columns, cells, strict=True)]
        elif columns and len(cells) == len(columns):
            reading = _reading(columns, cells)
            if reading is not None:
                found[reading.index] = reading
    return [found[index] for index in sorted(found)]


def _cells(line: str) -> list[str]:
    line = line.strip().lstrip("#").strip()
    if not line or set(line) <= set("+-=| "):
        return []
    if "|" in line:
        return [cell.strip() for cell in line.strip("|").split("|")]
    wide = re.split(r"\s{2,}|\t", line)
    return wide if len(wide) > 1 else line.split()


def _column(cell: str) -> tuple[str, str]:
    """Return what a header cell names and the unit it gives in brackets."""
    unit = re.search(r"[(\[]\s*([^)\]]+?)\s*[)\]]", cell)
    name = re.sub(r"[(\[].*|[^a-z#]", "", cell.lower())
    kind = next((kind for kind, pattern in _COLUMNS if pattern.search(name)), "")
    if kind == "utilisation" and name.startswith(("mem", "dram")):
        kind = ""
    return kind, unit[1] if unit else ""


def _reading(columns: list[tuple[str, str]], cells: list[str]) -> Reading | None:
    values: dict[str, float | None] = {}
    for (kind, unit), cell in zip(columns, cells, strict=True):
        if kind == "pair":
            first, _, second = cell.partition("/")
            values["used"], values["total"] = _bytes(first, unit), _bytes(second, unit)
        elif kind in ("used", "total"):
            values[kind] = _bytes(cell, unit)
        elif kind:
            match = _VALUE.match(cell)
            values[kind] = float(match[1]) if match else None
    index = values.get("index")
    if index is None:
        return None
    used, total = values.get("used"), values.get("total")
    return Reading(
        int(index),
        memory_used=None if used is None else int(used),
        memory_total=None if total is None else int(total),
        utilisation=values.get("utilisation"),
        temperature=values.get("temperature"),
    )


def _bytes(cell: str, unit: str) -> float | None:
    match = _VALUE.match(cell.strip())
    if not match:
        return None
    scale = _UNITS.get((match[2] or unit)[:1].lower())
    return None if scale is None else float(match[1]) * scale


def _module_place(name: str) -> str:
    """Return where Python would import a module from, without importing it."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return ""
    return (found.origin or name) if found else ""


def _cpu_name() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", _read(Path("/proc/cpuinfo")), re.MULTILINE)
    return match[1].strip() if match else platform.processor() or platform.machine()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
