"""Finding the SDK on the host and in its container."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from core.c10.engine import C10Engine, CardOptions
from core.c10.sdk import Place, Sdk, environment, locate
from core.errors import DeviceError
from tests.core.c10.conftest import Engines
from tests.core.c10.test_infer import SHORT, answer, on_cpu


def test_the_environment_says_where_the_sdk_is() -> None:
    sdk = Sdk(Path("/opt/sample"), "python3.8", "sdk")
    assert Sdk.from_environment(sdk.to_environment()) == sdk
    assert Sdk.from_environment({}) == Sdk(None, "python3", "")


def test_the_vendors_interpreter_gets_the_users_environment_without_this_programs_own() -> None:
    root = str(Path(__file__).resolve().parents[3])
    given = {"PYTHONPATH": f"{root}{os.pathsep}/opt/sdk", "TVM_NUM_THREADS": "2", "VIRTUAL_ENV": "x", "HOME": "/h"}
    assert environment(given) == {"PYTHONPATH": "/opt/sdk", "HOME": "/h"}


def test_paths_are_those_of_the_innermost_mount() -> None:
    place = Place(
        Sdk(container="sdk"),
        ((Path("/data"), PurePosixPath("/all")), (Path("/data/models"), PurePosixPath("/workspace"))),
    )
    assert place.inside(Path("/data/models/a b.ngf")) == "/workspace/a b.ngf"
    assert place.inside(Path("/data/x")) == "/all/x"
    with pytest.raises(
        DeviceError, match=r"/elsewhere/x can't be seen in the container sdk.*/data, /data/models"
    ) as caught:
        place.inside(Path("/elsewhere/x"))
    assert "-v FOLDER:/workspace" in caught.value.hint


def test_the_worker_travels_into_the_container_as_an_argument(tmp_path: Path) -> None:
    place = Place(Sdk(container="sdk"), ((tmp_path, PurePosixPath("/workspace")),))
    command = place.command(tmp_path)
    assert command[:9] == ["docker", "exec", "-i", "-w", "/workspace", "sdk", "python3", "-u", "-c"]
    assert 4096 < len(command[9]) < 128 << 10  # the kernel's limit for one argument


def test_containers_that_are_missing_or_stopped_are_named(sdk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del sdk
    with pytest.raises(DeviceError, match="There is no container box: docker said 'Error: No such container") as caught:
        locate(Sdk(container="box"))
    assert "docker run --name box --privileged=true -v $PWD:/workspace" in caught.value.hint
    with pytest.raises(DeviceError, match="container asleep doesn't run") as caught:
        locate(Sdk(container="asleep"))
    assert caught.value.hint == "Start it: docker start asleep"
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceError, match="docker wasn't found on PATH"):
        locate(Sdk(container="box"))


def test_an_engine_answers_from_a_container(engines: Engines, sdk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del sdk
    cpu, vendor = engines(1)
    monkeypatch.chdir(vendor.parent)
    monkeypatch.setenv("C10_SDK_CONTAINER", "sdk")
    monkeypatch.setenv("C10_DOUBLE_ROOT", str(vendor.parent))
    monkeypatch.setenv("C10_DOUBLE_INSIDE", str(vendor.parent))
    engine = C10Engine.open(vendor, CardOptions())
    try:
        assert answer(engine, [SHORT])[0].output_ids == on_cpu(cpu, [SHORT]).output_ids
    finally:
        engine.close()
