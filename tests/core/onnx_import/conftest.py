"""A small model of each number type, and the real exports where they lie beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.export.synthetic import tiny_spec, write_model

SHARED = Path(__file__).parents[4] / "shared" / "fixtures"
REAL = [
    "tiny/model", "tiny/ts_t1", "tiny/static", "tiny/ts_nofold", "tiny/dynamo18", "tiny/dynamo23", "odd/model",
    "odd/dynamo18",
]  # fmt: skip


def real_export(name: str) -> Path:
    """Return the path of a real export; skips the test where it is absent."""
    path = SHARED / f"{name}.onnx"
    if not path.is_file():
        pytest.skip("The real exports do not lie beside this checkout.")
    return path


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A float32 model with external data; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("tiny")
    write_model(folder, tiny_spec())
    return folder


@pytest.fixture
def tiny(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model that a test may change: the path of its model.onnx, alone in a folder with its data."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("model.onnx", "model.onnx.data"):
        (folder / name).write_bytes((tiny_folder / name).read_bytes())
    return folder / "model.onnx"
