from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import system

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 << 20, "5.0 MiB"),
        (3436 << 20, "3.36 GiB"),
        (3 << 40, "3.00 TiB"),
        (5000 << 40, "5000.00 TiB"),
    ],
)
def test_bytes_are_shown_for_people(count, text):
    assert system.format_bytes(count) == text


def test_threads_and_cores_are_within_the_affinity():
    assert 1 <= system.physical_cores() <= system.cpu_threads() <= len(os.sched_getaffinity(0))


def test_memory_is_positive_and_available_is_part_of_it():
    found = system.memory()
    assert 0 < found.available <= found.total


def test_peak_memory_grows_with_what_is_touched_and_is_not_the_parents():
    script = (
        "from core.system import *; a = peak_rss_bytes(); b = bytearray(50 << 20); "
        "now = rss_bytes(); print(a, peak_rss_bytes(), now)"
    )
    big = bytearray(300 << 20)
    for i in range(0, len(big), 4096):
        big[i] = 1
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after, now = map(int, result.stdout.split())
    assert before < 200 << 20
    assert after - before >= 45 << 20
    assert 0 < now <= after


def _control_group(monkeypatch, tmp_path, lines, files):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    proc = tmp_path / "proc_self_cgroup"
    proc.write_text(lines)
    read = system._read
    monkeypatch.setattr(system, "_CGROUP", tmp_path)
    monkeypatch.setattr(system, "_read", lambda path: read(proc if str(path) == "/proc/self/cgroup" else path))


def test_the_tightest_control_group_on_the_way_up_counts(monkeypatch, tmp_path):
    files = {
        "job/memory.max": "max\n",
        "job/memory.current": "1000000\n",
        "job/cpu.max": "150000 100000\n",
        "memory.max": f"{64 << 20}\n",
        "memory.current": f"{48 << 20}\n",
        "memory.stat": f"anon 1\ninactive_file {16 << 20}\n",
        "cpu.max": "max 100000\n",
    }
    _control_group(monkeypatch, tmp_path, "0::/job\n", files)
    assert system.memory() == system.Memory(64 << 20, 32 << 20)
    assert system.cpu_threads() == min(2, len(os.sched_getaffinity(0)))


def test_version_1_control_groups_count_too(monkeypatch, tmp_path):
    files = {
        "memory/box/memory.limit_in_bytes": f"{64 << 20}\n",
        "memory/box/memory.usage_in_bytes": f"{80 << 20}\n",
        "cpu/box/cpu.cfs_quota_us": "50000\n",
        "cpu/box/cpu.cfs_period_us": "100000\n",
    }
    _control_group(monkeypatch, tmp_path, "4:memory:/box\n3:cpu,cpuacct:/box\n2:pids:/box\nodd\n", files)
    assert system.memory() == system.Memory(64 << 20, 0)
    assert system.cpu_threads() == 1


def test_no_control_group_means_no_limit(monkeypatch, tmp_path):
    _control_group(monkeypatch, tmp_path, "0::/\n", {})
    assert system.cpu_threads() == len(os.sched_getaffinity(0))


def test_folders_follow_xdg_and_ignore_relative_paths(monkeypatch, tmp_path):
    monkeypatch.delenv(system.HOME_VARIABLE, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert system.data_dir() == tmp_path / "data" / "c10-panel"
    assert system.cache_dir() == tmp_path / ".cache" / "c10-panel"
    assert system.config_dir() == tmp_path / ".config" / "c10-panel"


def test_one_variable_moves_all_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("C10_PANEL_HOME", str(tmp_path))
    assert [f() for f in (system.data_dir, system.cache_dir, system.config_dir)] == [
        tmp_path / "data",
        tmp_path / "cache",
        tmp_path / "config",
    ]


def test_a_reused_process_id_is_told_from_the_old_process():
    assert system.started_before(os.getpid(), 4e9)
    assert not system.started_before(os.getpid(), 1e9)
    assert not system.started_before(1 << 31, 4e9)


def test_a_process_that_ended_but_was_not_waited_for_does_not_run():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not system.started_before(child.pid, 4e9)


MAPPED = """
import ctypes
from core.system import map_large_blocks, own_bytes

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
map_large_blocks()
libc.free(libc.malloc(16 << 20))  # from now on glibc would keep blocks of up to 16 MiB in its heap
blocks = [libc.malloc(1 << 20) for _ in range(64)]
for block in blocks:
    ctypes.memset(block, 1, 1 << 20)
above = libc.malloc(100 << 10)  # ends the heap, so that its end can't simply be cut
before = own_bytes()
for block in blocks:
    libc.free(block)
print(before - own_bytes())
"""


def test_large_blocks_go_back_to_the_kernel_when_they_are_freed() -> None:
    done = subprocess.run([sys.executable, "-c", MAPPED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 60 << 20
