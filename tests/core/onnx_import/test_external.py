"""Hostile external data: nothing outside the model's folder is read, and everything odd is one error."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from core.errors import ExternalDataError, ModelError
from core.onnx_import import inspect_report, open_model, verify

DATA = "model.onnx.data"


@pytest.fixture
def canary(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of the right data outside the folder, under every name used below: reading one would succeed."""
    content = (tiny.parent / DATA).read_bytes()
    outside = tiny.parent.parent
    (outside / "canary.data").write_bytes(content)
    (outside / "inside").mkdir()
    (outside / "inside" / "canary.data").write_bytes(content)
    real = os.open

    def guarded(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        fd = real(path, flags, *rest, **options)
        target = Path(f"/proc/self/fd/{fd}").readlink()
        assert target == tiny.parent or tiny.parent in target.parents, f"{target} was opened"
        return fd

    monkeypatch.setattr(os, "open", guarded)
    return outside / "canary.data"


def edit(path: Path, change: Callable[[Any], None], *, every: bool = True) -> None:
    """Change the tensors with external data (only the last one if not `every`)."""
    model = onnx.load(path, load_external_data=False)
    tensors = [tensor for tensor in model.graph.initializer if tensor.data_location == 1]
    for tensor in tensors if every else tensors[-1:]:
        change(tensor)
    path.write_bytes(model.SerializeToString())


def entry(key: str, value: str) -> Callable[[Any], None]:
    """Return a change that sets one entry of a tensor's external data."""

    def change(tensor: Any) -> None:
        for item in tensor.external_data:
            if item.key == key:
                item.value = value
                return
        tensor.external_data.add(key=key, value=value)

    return change


LOCATIONS = [
    "../canary.data", "./../canary.data", "x/../../canary.data", "../model/../canary.data", "..", ".", "", "/", "//",
    "/etc/passwd", "{outside}/canary.data", "//{outside}/canary.data", "sub/../../canary.data", "..\\canary.data",
    "C:\\canary.data", "file:///etc/passwd", "model.onnx.data/", "model.onnx.data/..", "sub//model.onnx.data",
    "model.onnx.data\0.txt", "a" * 300, "a/" * 2000, "~/canary.data", "$HOME/canary.data", "%2e%2e/canary.data",
    "...", "....//canary.data", "\n", "missing.data", "/proc/self/fd/0", "/dev/zero", "link.data",
    "linkdir/canary.data", "hard.data", "pipe", "linkdir/../canary.data", "loop", "folder", "dangling",
]  # fmt: skip


@pytest.mark.parametrize("every", [True, False], ids=["all", "last"])
@pytest.mark.parametrize("location", LOCATIONS, ids=lambda text: repr(text[:40]))
def test_no_location_leads_out_of_the_folder(tiny: Path, canary: Path, location: str, every: bool) -> None:
    folder = tiny.parent
    (folder / "link.data").symlink_to(canary)
    (folder / "linkdir").symlink_to(canary.parent / "inside")
    (folder / "hard.data").hardlink_to(canary)
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to(canary.parent / "nothing")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    edit(tiny, entry("location", location.replace("{outside}", str(canary.parent))), every=every)
    with pytest.raises(ExternalDataError) as caught:
        open_model(tiny)
    assert caught.value.message
    assert caught.value.hint


NUMBERS = [
    "-1", "-4096", "+0", "0x10", "1e3", "1.5", " 1", "", "NaN", "9" * 30, "18446744073709551616", "9223372036854775807",
    "17592186044417", "９", "1_000",
]  # fmt: skip


@pytest.mark.parametrize("key", ["offset", "length"])
@pytest.mark.parametrize("value", NUMBERS)
def test_no_odd_number_is_taken(tiny: Path, canary: Path, key: str, value: str) -> None:
    edit(tiny, entry(key, value))
    with pytest.raises(ExternalDataError, match="bytes"):
        open_model(tiny)


def test_an_offset_past_the_end_is_refused_with_both_sizes(tiny: Path, canary: Path) -> None:
    size = (tiny.parent / DATA).stat().st_size
    edit(tiny, entry("offset", str(size)), every=False)
    with pytest.raises(ExternalDataError, match=f"it has {size}"):
        open_model(tiny)


def test_two_entries_of_one_kind_are_refused(tiny: Path, canary: Path) -> None:
    edit(tiny, lambda tensor: tensor.external_data.add(key="location", value=DATA))
    with pytest.raises(ExternalDataError, match="two entries"):
        open_model(tiny)


def test_no_entry_at_all_is_refused(tiny: Path, canary: Path) -> None:
    edit(tiny, lambda tensor: tensor.ClearField("external_data"))
    with pytest.raises(ExternalDataError, match="''"):
        open_model(tiny)


@pytest.mark.parametrize("dims", [[-1, 5], [1 << 40, 1 << 40], [1 << 62], [-3, -3]])
def test_an_impossible_shape_is_refused(tiny: Path, canary: Path, dims: list[int]) -> None:
    def change(tensor: Any) -> None:
        del tensor.dims[:]
        tensor.dims.extend(dims)

    edit(tiny, change, every=False)
    with pytest.raises(ModelError, match="impossible shape"):
        open_model(tiny)


def test_missing_data_is_named_with_the_bytes_needed(tiny: Path) -> None:
    (tiny.parent / DATA).unlink()
    with pytest.raises(ExternalDataError, match=r"model\.onnx\.data is missing: \d+ bytes are needed, 0 found"):
        open_model(tiny)


@pytest.mark.parametrize("kept", [0, 1, 1000, -1])
def test_truncated_data_is_named_with_both_sizes(tiny: Path, kept: int) -> None:
    data = tiny.parent / DATA
    content = data.read_bytes()
    kept = kept if kept >= 0 else len(content) + kept
    data.write_bytes(content[:kept])
    with pytest.raises(ExternalDataError, match=rf"cut short: \d+ bytes are needed, it has {kept}"):
        open_model(tiny)


def test_data_that_shrinks_after_the_check_is_an_error_too(tiny: Path) -> None:
    model = open_model(tiny)
    (tiny.parent / DATA).write_bytes(b"short")
    with pytest.raises(ExternalDataError, match="cut short"):
        model.weights["head"].read_rows(0, 1)
    with pytest.raises(ExternalDataError, match="cut short"):
        verify(model, lambda _done, _total: None)


def test_data_that_becomes_a_link_after_the_check_is_not_read(tiny: Path, canary: Path) -> None:
    model = open_model(tiny)
    (tiny.parent / DATA).unlink()
    (tiny.parent / DATA).symlink_to(canary)
    with pytest.raises(ExternalDataError, match="symbolic link"):
        model.weights["head"].read_rows(0, 1)


def test_a_pipe_in_place_of_the_model_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="not a regular file"):
        open_model(tmp_path / "model.onnx")


def test_data_in_a_folder_below_is_read(tiny: Path) -> None:
    below = tiny.parent / "weights" / "all"
    below.mkdir(parents=True)
    (tiny.parent / DATA).rename(below / DATA)
    edit(tiny, entry("location", f"./weights/all/{DATA}"))
    report = inspect_report(tiny, verify=True)
    assert report["external_files"][0]["name"] == f"./weights/all/{DATA}"


def test_no_file_stays_open(tiny: Path) -> None:
    fds = Path("/proc/self/fd")
    open_model(tiny)
    gc.collect()  # what earlier tests left is not counted
    before = len(list(fds.iterdir()))
    model = open_model(tiny)
    model.weights["0.qkv"].read_rows(0, 5)
    verify(model, lambda _done, _total: None)
    (tiny.parent / DATA).write_bytes(b"")
    for _ in range(5):
        with pytest.raises(ExternalDataError):
            open_model(tiny)
    assert len(list(fds.iterdir())) == before
