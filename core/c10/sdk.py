"""Where the vendor's SDK is, and how its interpreter is started: on the host, or in the SDK's own container.

Nothing here imports the SDK: its `tvm` and Apache TVM can't share an interpreter.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import core
from core import fsio
from core.c10 import container
from core.errors import DeviceError

HOME_VARIABLE = "C10_SDK_HOME"
PYTHON_VARIABLE = "C10_SDK_PYTHON"
CONTAINER_VARIABLE = "C10_SDK_CONTAINER"
DEFAULT_PYTHON = "python3"

COMPILE_SCRIPT = "compile/glm2_6b_dyn.py"
"""The vendor's compiler, below the home."""

WORKER_FILE = Path(__file__).with_name("vendor_worker.py")
_OWN_VARIABLES = ("PYTHONHOME", "PYTHONUTF8", "VIRTUAL_ENV", "TVM_NUM_THREADS", "TVM_USE_RUNTIME_LIB")
"""Variables that mean this program's interpreter or TVM, and would mislead the vendor's."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """`home`: folder of the vendor's ChatGLM2-6B sample (None: not told; only compiling needs it).

    `python`: the SDK's interpreter. `container`: name of a running container that it is in, "" for the host.
    """

    home: Path | None = None
    python: str = DEFAULT_PYTHON
    container: str = ""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Sdk:
        """Return what C10_SDK_HOME, C10_SDK_PYTHON and C10_SDK_CONTAINER say."""
        home = variables.get(HOME_VARIABLE, "")
        return cls(
            home=Path(home).absolute() if home else None,
            python=variables.get(PYTHON_VARIABLE, "") or DEFAULT_PYTHON,
            container=variables.get(CONTAINER_VARIABLE, ""),
        )

    def to_environment(self) -> dict[str, str]:
        """Return the variables that stand for this SDK, for a child process."""
        home = str(self.home) if self.home else ""
        return {HOME_VARIABLE: home, PYTHON_VARIABLE: self.python, CONTAINER_VARIABLE: self.container}


@dataclass(frozen=True, slots=True)
class Place:
    """An SDK that was found. `mounts`: folders of the host and where the container has them; none on the host."""

    sdk: Sdk
    mounts: tuple[tuple[Path, PurePosixPath], ...] = ()

    def inside(self, path: Path) -> str:
        """Return the absolute host path `path` as the SDK's interpreter sees it.

        Raises DeviceError if no mount of the container covers it.
        """
        path = path.absolute()
        if not self.sdk.container:
            return str(path)
        fitting = [(source, target) for source, target in self.mounts if path.is_relative_to(source)]
        if not fitting:
            seen = ", ".join(str(source) for source, _ in self.mounts) or "none"
            raise DeviceError(
                f"{path} can't be seen in the container {self.sdk.container}, which has these folders: {seen}.",
                "Move the file into one of them, or start the container with -v FOLDER:/workspace.",
            )
        source, target = max(fitting, key=lambda mount: len(mount[0].parts))
        return str(target / path.relative_to(source).as_posix())

    def command(self, folder: Path | None) -> list[str]:
        """Return the command that starts the vendor's worker with the working folder `folder`, or in any folder.

        In a container the file itself goes along as an argument: nothing needs to be installed there.
        """
        sdk = self.sdk
        if not sdk.container:
            return [sdk.python, "-u", str(WORKER_FILE)]
        source = WORKER_FILE.read_text(encoding="utf-8")
        where = ["-w", self.inside(folder)] if folder else []
        return ["docker", "exec", "-i", *where, sdk.container, sdk.python, "-u", "-c", source]


def locate(sdk: Sdk) -> Place:
    """Check that the SDK's interpreter can be started; raises DeviceError saying what was looked for, and where."""
    if sdk.container:
        return Place(sdk, _mounts(sdk.container))
    found = shutil.which(sdk.python)
    if found is None:
        raise DeviceError(
            f"The C10 SDK's interpreter wasn't found: looked for {sdk.python} "
            f"{'there' if os.sep in sdk.python else 'on PATH'}.",
            f"Name it with --c10-python or {PYTHON_VARIABLE}, or the SDK's container with --c10-container or "
            f"{CONTAINER_VARIABLE}.",
        )
    return Place(sdk)


def require_home(sdk: Sdk) -> Path:
    """Return the folder of the vendor's scripts; raises DeviceError if it isn't told or, on the host, lacks them."""
    hint = f"Give the folder of the vendor's ChatGLM2-6B sample with --c10-home or {HOME_VARIABLE}."
    if sdk.home is None:
        raise DeviceError(f"The vendor's SDK compiles for the card, but nobody said where {COMPILE_SCRIPT} is.", hint)
    if not sdk.container and not fsio.is_file(sdk.home / COMPILE_SCRIPT):
        raise DeviceError(f"The vendor's compile script wasn't found: looked for {sdk.home / COMPILE_SCRIPT}.", hint)
    return sdk.home


def environment(variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for the SDK's interpreter: the user's, without what belongs to this program's own."""
    root = str(Path(core.__file__).resolve().parent.parent)
    kept = {name: value for name, value in variables.items() if name not in _OWN_VARIABLES}
    paths = [path for path in kept.pop("PYTHONPATH", "").split(os.pathsep) if path and path != root]
    if paths:
        kept["PYTHONPATH"] = os.pathsep.join(paths)
    return kept


def _mounts(name: str) -> tuple[tuple[Path, PurePosixPath], ...]:
    """Return the folders that a running container shares with the host; raises DeviceError if there is no such one."""
    found = container.look(name)
    if found.state == "missing":
        start = f"sudo docker run --name {name} --privileged=true -v $PWD:/workspace IMAGE /bin/bash"
        raise DeviceError(f"There is no container {name}: docker said {found.said!r}.", f"Start it: {start}")
    if found.state == "stopped":
        raise DeviceError(f"The container {name} doesn't run.", f"Start it: docker start {name}")
    return found.mounts
