"""What a worker gives up: checked from inside a process that did, and told where it can't be given up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.worker import protocol as p
from core.worker.narrow import NETWORK_VARIABLE
from core.worker.process import environment_for

ROOT = Path(__file__).parents[3]
INSIDE = """
import json, resource, socket, sys
from pathlib import Path
from core.worker.narrow import active, narrow
narrow()
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()
    connected = True
except OSError:
    connected = False
Path(sys.argv[2]).write_text("mine")
print(json.dumps([active(), status["NoNewPrivs"].strip(), resource.getrlimit(resource.RLIMIT_CORE)[0], connected]))
"""


@pytest.mark.parametrize("keep", ["", "keep"], ids=["closed", "kept"])
def test_a_narrowed_process_has_what_it_says(tmp_path: Path, keep: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = [sys.executable, "-c", INSIDE, str(server.getsockname()[1]), str(tmp_path / "file")]
        environment = {**os.environ, NETWORK_VARIABLE: keep}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    limits, no_new_privileges, core_bytes, connected = json.loads(done.stdout)
    assert ("no network" in limits) is not connected
    assert connected or not keep
    assert ("no new privileges" in limits) is (no_new_privileges == "1")
    assert "no core dumps" in limits
    assert core_bytes == 0
    assert (tmp_path / "file").stat().st_uid == os.geteuid()  # a file written inside belongs to the same user


REQUEST = {"model_path": "m", "target": "cpu"}


@pytest.mark.parametrize(
    ("command", "kept"),
    [(p.Inspect("x"), False), (p.Load("x"), False), (p.Load("x", c10={"devices": [0]}), True), (p.Quit(), False),
     (p.Compile(REQUEST), False), (p.Compile(REQUEST | {"target": "c10"}), True),
     (p.Combine("a", "b", "c", c10=True), True)],
)  # fmt: skip
def test_only_the_vendors_sdk_keeps_the_network(command: p.Command, kept: bool) -> None:
    assert environment_for([p.Stop(), command]) == ({NETWORK_VARIABLE: "keep"} if kept else {})
