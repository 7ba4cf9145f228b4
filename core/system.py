"""What the machine offers: processor threads, memory (cgroup limits considered), and the user's folders."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

import core

APP_NAME = "c10-panel"
HOME_VARIABLE = "C10_PANEL_HOME"
"""Environment variable that moves all of the program's folders below one (for tests and portable use)."""

_CGROUP = Path("/sys/fs/cgroup")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt, malloc.h
_LARGE_BYTES, _SPARE_BYTES = 256 << 10, 4 << 20
_START_SLACK_S = 2.0  # a process's start time is known to a tick, a file's time to the file system's resolution


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory in bytes; both figures respect the limit of the container or control group."""

    total: int
    available: int
    """What can be taken without swapping."""


def cpu_threads() -> int:
    """Return the hardware threads this process may use: its affinity, cut to the control group's quota."""
    count = len(os.sched_getaffinity(0))
    quota = _cpu_quota(_cgroup_folders())
    return max(1, min(count, math.ceil(quota)) if quota else count)


def physical_cores() -> int:
    """Return the physical cores this process may use; equals `cpu_threads` where the topology is unknown."""
    threads = cpu_threads()
    cores = set()
    for cpu in os.sched_getaffinity(0):
        siblings = _read(Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"))
        if not siblings:
            return threads
        cores.add(siblings)
    return max(1, min(len(cores), threads))


def memory() -> Memory:
    """Return total and available memory in bytes, the smaller of the machine's and the control group's."""
    machine = psutil.virtual_memory()
    total, available = int(machine.total), int(machine.available)
    for folder in _cgroup_folders():
        limit, used = _limit_and_use(folder)
        if limit is not None and limit < total:
            total = limit
        if limit is not None:
            available = min(available, max(0, limit - used))
    return Memory(total, available)


def peak_rss_bytes() -> int:
    """Return the most memory this process has had resident, in bytes (unlike getrusage's, not its parent's)."""
    for line in _read(Path("/proc/self/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def release_unused_memory() -> None:
    """Give the kernel back what the C library's allocator keeps of memory that was freed (glibc; elsewhere nothing)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def map_large_blocks() -> None:
    """Let blocks of _LARGE_BYTES and more go back to the kernel as soon as they are freed (glibc; elsewhere nothing).

    glibc raises its threshold for that to the size of the largest such block that was freed, 32 MiB at the most. The
    pictures of a window then lie in the heap and leave holes: after 100 visitors of the simulated stand the window's
    own memory was 158 MiB, with this 120.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES)


def own_bytes() -> int:
    """Return the resident memory that is this process's own: no pages of files, which the system can drop."""
    fields = (line.split() for line in _read(Path("/proc/self/status")).splitlines())
    return 1024 * sum(int(field[1]) for field in fields if field and field[0] in ("RssAnon:", "RssShmem:"))


def rss_bytes() -> int:
    """Return the memory this process has resident now, in bytes."""
    return int(psutil.Process().memory_info().rss)


def started_before(pid: int, moment: float) -> bool:
    """Return whether `pid` runs and started before `moment` (seconds since 1970), so isn't a reused id or a zombie."""
    try:
        process = psutil.Process(pid)
        return bool(process.create_time() <= moment + _START_SLACK_S and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except (psutil.Error, OverflowError, ValueError):
        return False


def format_bytes(count: int) -> str:
    """Return `count` bytes for people: "512 B", "1.5 KiB", "3.20 GiB"."""
    if abs(count) < 1024:
        return f"{count} B"
    size, unit = float(count), "B"
    for name in ("KiB", "MiB", "GiB", "TiB"):
        size, unit = size / 1024, name
        if abs(size) < 1024:
            break
    return f"{size:.2f} {unit}" if unit in ("GiB", "TiB") else f"{size:.1f} {unit}"


def data_dir() -> Path:
    """Return the folder for what the user would miss: engines, models, logs (not made here)."""
    return _folder("data", "XDG_DATA_HOME", ".local/share")


def cache_dir() -> Path:
    """Return the folder for what can be made again (not made here)."""
    return _folder("cache", "XDG_CACHE_HOME", ".cache")


def config_dir() -> Path:
    """Return the folder for settings (not made here)."""
    return _folder("config", "XDG_CONFIG_HOME", ".config")


def shipped_dir() -> Path:
    """Return the program's own folder; an installed program has engines in it, laid out as in `data_dir`."""
    return Path(core.__file__).resolve().parents[1]


def _folder(kind: str, variable: str, fallback: str) -> Path:
    own = os.environ.get(HOME_VARIABLE, "")
    if own:
        return Path(own).absolute() / kind
    chosen = os.environ.get(variable, "")
    base = Path(chosen) if Path(chosen).is_absolute() else Path.home() / fallback  # XDG: relative paths are ignored
    return base / APP_NAME


def _read(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text().strip()
    return ""


def _cgroup_folders() -> list[Path]:
    """Return this process's control group folders (version 2, then version 1's memory and cpu), innermost first."""
    found: list[Path] = []
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        parts = line.split(":", 2)
        if len(parts) != 3:
            continue
        root = _CGROUP
        if parts[1]:
            controller = next((name for name in parts[1].split(",") if name in ("memory", "cpu")), "")
            if not controller:
                continue
            root = _CGROUP / controller
        folder = root / parts[2].lstrip("/")
        found += [folder, *(p for p in folder.parents if p.is_relative_to(root))]
    return [folder for folder in dict.fromkeys(found) if folder.is_dir()]


def _limit_and_use(folder: Path) -> tuple[int | None, int]:
    """Return a control group's memory limit (None: none) and its use without reclaimable file pages, in bytes."""
    for limit_name, use_name in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        limit, used = _read(folder / limit_name), _read(folder / use_name)
        if limit.isdecimal() and used.isdecimal() and int(limit) < 1 << 60:
            return int(limit), max(0, int(used) - _reclaimable(folder))
    return None, 0


def _reclaimable(folder: Path) -> int:
    for line in _read(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file") and value.isdecimal():
            return int(value)
    return 0


def _cpu_quota(folders: list[Path]) -> float | None:
    """Return the processors that the tightest quota allows, None where there is no quota."""
    quotas = []
    for folder in folders:
        parts = _read(folder / "cpu.max").split()
        if not parts:
            parts = [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
        if len(parts) == 2 and parts[0].isdecimal() and parts[1].isdecimal() and int(parts[1]):
            quotas.append(int(parts[0]) / int(parts[1]))
    return min(quotas, default=None)
