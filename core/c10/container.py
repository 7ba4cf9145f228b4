"""The SDK's docker container: whether it is there, and the commands that load its image and start it.

The commands are the vendor's, without sudo. Whoever runs one shows it to the user first.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from core.errors import DeviceError

State = Literal["missing", "stopped", "running"]
WORKSPACE = "/workspace"
"""Where the container has the folder with models and engines, as in the vendor's manual."""
_ASK_SECONDS = 20.0
_LOAD_SECONDS = 1800.0
_DOCKER_GROUP = "Check that its service runs and that you are in the group docker, or run the command with sudo."


@dataclass(frozen=True, slots=True)
class Container:
    """A container; `mounts`: folders of the host, and where the container has them. `said`: docker's words, if any."""

    state: State
    mounts: tuple[tuple[Path, PurePosixPath], ...] = ()
    said: str = ""


def look(name: str) -> Container:
    """Return what docker knows of the container `name`. Raises DeviceError where docker is missing or silent."""
    if shutil.which("docker") is None:
        raise DeviceError(
            f"docker wasn't found on PATH, so the container {name} can't be used.", "Install Docker Engine."
        )
    said = _docker(["docker", "inspect", "--type", "container", name], _ASK_SECONDS)
    if said.returncode:
        words = said.stderr.strip()
        if "no such" not in words.lower():
            raise DeviceError(f"docker doesn't answer: {words.rstrip('.?!')}.", _DOCKER_GROUP)
        return Container("missing", said=words)
    try:
        state = json.loads(said.stdout)[0]
        running = state["State"]["Running"] is True
        mounts = tuple((Path(one["Source"]), PurePosixPath(one["Destination"])) for one in state["Mounts"])
    except (ValueError, LookupError, TypeError) as error:
        raise DeviceError(f"docker's answer about {name} isn't understood.", "Check docker inspect.") from error
    return Container("running" if running else "stopped", mounts)


def load_command(archive: Path) -> list[str]:
    """Return the command that loads the SDK's image from the file that the vendor offers."""
    return ["docker", "load", "-i", str(archive)]


def create_command(name: str, image: str, folder: Path) -> list[str]:
    """Return the command that makes and starts the container, with `folder` as its work folder."""
    return [
        "docker", "run", "-d", "-i", "--name", name, "--privileged=true", "-v", f"{folder}:{WORKSPACE}", image,
        "/bin/bash",
    ]  # fmt: skip


def start_command(name: str) -> list[str]:
    """Return the command that starts a container that is there but doesn't run."""
    return ["docker", "start", name]


def images() -> list[str]:
    """Return the names of the images that docker has, the vendor's first. Raises DeviceError."""
    said = _docker(["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"], _ASK_SECONDS)
    if said.returncode:
        raise DeviceError(f"docker doesn't answer: {said.stderr.strip().rstrip('.?!')}.", _DOCKER_GROUP)
    found = [line.strip() for line in said.stdout.splitlines() if line.strip() and "<none>" not in line]
    return sorted(found, key=lambda name: "hexaflake" not in name.lower())


def execute(command: Sequence[str]) -> str:
    """Run one of the commands above and return what it said. Raises DeviceError with its own words if it fails."""
    said = _docker(command, _LOAD_SECONDS)
    if said.returncode:
        words = (said.stderr or said.stdout).strip() or f"exit code {said.returncode}"
        raise DeviceError(f"The command failed: {words.rstrip('.?!')}.", _DOCKER_GROUP)
    return said.stdout.strip()


def _docker(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 -- a fixed command, its names chosen by the user
            list(command), capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds, check=False, text=True,
            errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise DeviceError(f"docker didn't answer within {seconds:.0f} s.", "Check that its service runs.") from error
    except OSError as error:
        raise DeviceError(f"docker can't be started: {error.strerror}.", "Install Docker Engine.") from error
