"""The docker commands that get the SDK's container going, against the double of docker."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from core.c10 import container
from core.c10.ask import ask_sdk
from core.c10.sdk import Sdk
from core.errors import DeviceError


@pytest.fixture
def docker(sdk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give docker a state of its own; return the folder that it is kept in."""
    del sdk
    state = tmp_path / "docker"
    state.mkdir()
    monkeypatch.setenv("C10_DOUBLE_DOCKER", str(state))
    return state


def test_from_the_vendors_file_to_a_container_that_answers(docker: Path, tmp_path: Path) -> None:
    del docker
    archive = tmp_path / "hexaflake-R-latest.tar"
    archive.write_bytes(b"an image")
    assert container.look("c10").state == "missing"
    assert container.images() == ["ubuntu:22.04"]
    assert container.execute(container.load_command(archive)) == "Loaded image: hexaflake:R-latest"
    image = container.images()[0]
    assert image == "hexaflake:R-latest"
    command = container.create_command("c10", image, tmp_path)
    assert " ".join(command) == (
        f"docker run -d -i --name c10 --privileged=true -v {tmp_path}:/workspace hexaflake:R-latest /bin/bash"
    )
    container.execute(command)
    there = container.look("c10")
    assert (there.state, there.mounts) == ("running", ((tmp_path, PurePosixPath("/workspace")),))
    assert ask_sdk(Sdk(container="c10")).cards == 1


def test_a_container_that_stopped_is_started(docker: Path, tmp_path: Path) -> None:
    container.execute(container.create_command("c10", "ubuntu:22.04", tmp_path))
    (docker / "c10.stopped").touch()
    assert container.look("c10").state == "stopped"
    assert container.start_command("c10") == ["docker", "start", "c10"]
    container.execute(container.start_command("c10"))
    assert container.look("c10").state == "running"


def test_what_docker_complains_of_is_told(docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceError, match=r"The command failed: .*none\.tar: no such file") as caught:
        container.execute(container.load_command(tmp_path / "none.tar"))
    assert "group docker" in caught.value.hint
    (docker / "denied").touch()
    for ask in (lambda: container.look("c10"), container.images):
        with pytest.raises(DeviceError, match="docker doesn't answer: permission denied"):
            ask()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceError, match="docker can't be started"):
        container.images()
