"""The demo's engine for the packages: compiled once, with code for every kind of processor, kept for later builds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from report import BuildError, say

from core import trust
from core.cli.cmd_demo import demo_request
from core.compiler.retarget import add_targets
from core.kernels.isa import targets
from core.ngf.reader import NgfFile
from core.system import HOME_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("compiler", "export", "kernels", "ngf", "onnx_import")


def demo_engine(work: Path) -> Path:
    """Return the demo's engine below `work`, made by the program itself if it isn't there for this state of it."""
    home = work / f"engine-{_state()}"
    done = home / "demo_multi.ngf"
    if not done.is_file():
        say("Compiling the demo's engine (some minutes, once for each state of the program)")
        command = [sys.executable, "-m", "core.cli", "demo", "--question", "Hi", "--max-new-tokens", "1"]
        run = subprocess.run(command, cwd=ROOT, env={**os.environ, HOME_VARIABLE: str(home)}, check=False)  # noqa: S603
        if run.returncode:
            raise BuildError("The demo's engine could not be compiled; the lines above say why.")
        made = demo_request(home / "data").outputs()[0]
        add_targets(made, done, targets(), lambda target: say(f"  its code for {target.label}"))
        shutil.rmtree(home / "data")
    return done


def place(engine: Path, program: Path, moment: int) -> Path:
    """Copy the engine to where the installed program in `program` looks for it, and list it there; return the path."""
    path = demo_request(program).outputs()[0]
    path.parent.mkdir(parents=True)
    shutil.copyfile(engine, path)
    with NgfFile.open(path) as file:
        listed = {file.digest: trust.Known("built", path.name, moment)}
    (program / trust.shipped_list().relative_to(ROOT)).write_bytes(trust.to_bytes(listed))
    return path


def _state() -> str:
    """Return a digest of all that decides what the engine holds."""
    digest = hashlib.sha256()
    sources = [path for name in _SOURCES for path in sorted((ROOT / "core" / name).rglob("*.py"))]
    for path in (*sources, ROOT / "core" / "spec.py", ROOT / "packaging" / "requirements.lock"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
