"""Promise 1: listing, inspecting, verifying and combining an engine never execute its content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.core.ngf.sample import write_sample

ROOT = Path(__file__).parents[3]

WATCHED = """
import sys
from pathlib import Path
from core.ngf.combine import combine
from core.ngf.inspect import inspect_report
from core.ngf.reader import NgfFile, read_header

FORBIDDEN = ("ctypes.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "pickle.", "socket.")
seen = []

def watch(event, arguments):
    if event.startswith(FORBIDDEN) or event == "import" and arguments[0].partition(".")[0] in ("tvm", "tvm_ffi"):
        seen.append(event)

base, incremental, output = map(Path, sys.argv[1:])
sys.addaudithook(watch)
combine(base, incremental, output)
for path in (base, incremental, output):
    read_header(path)
    assert inspect_report(path, verify=True)["verified"] is True
    file = NgfFile.open(path)
    tensor = file.tensor("embed")
    file.bytes_of("model.o")
    maps = [line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith(".ngf")]
    assert maps and not any("x" in line.split()[1] for line in maps), maps
    file.close()
print(seen)
"""


def test_no_library_is_loaded_and_no_page_is_executable(tmp_path):
    base, incremental = tmp_path / "a.ngf", tmp_path / "b.ngf"
    write_sample(base)
    write_sample(incremental, "incremental")
    command = [sys.executable, "-c", WATCHED, str(base), str(incremental), str(tmp_path / "multi.ngf")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr
