"""core must work where no GUI library is installed. packaging/test runs this file in such an interpreter, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent.parent

HEAVY = ("tvm", "onnx", "onnxruntime", "transformers", "gguf", "sentencepiece", "tokenizers", "torch")
QT = ("PySide6", "shiboken6", "pyqtgraph", "qasync")

# Imports the modules named in argv; the import hook hides Qt where the first argument says so.
IMPORT_ALL = """
import importlib, json, sys
hidden = set(json.loads(sys.argv[1]))
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Hide())
failed = {}
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = repr(error)
loaded = sorted({name.partition(".")[0] for name, module in sys.modules.items() if module is not None})
print(json.dumps({"failed": failed, "loaded": loaded}))
"""


def modules(package: str) -> list[str]:
    """Return every module of a package, `__main__` aside (it starts the program)."""
    files = sorted((PROJECT / package).rglob("*.py"))
    names = [".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return [name for name in names if not name.endswith(".__main__")]


def import_all(names: list[str], hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, json.dumps(hidden), *names],
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(run.stdout.splitlines()[-1])


def test_every_module_of_core_imports_without_qt_and_without_heavy_libraries():
    result = import_all(modules("core"), hidden=QT)
    assert result["failed"] == {}
    assert sorted(set(HEAVY) & set(result["loaded"])) == [], "import it inside the function that needs it"


def test_every_module_of_the_window_imports_without_heavy_libraries():
    pytest.importorskip("PySide6", reason="The window's packages are not installed.")
    result = import_all(modules("gui"))
    assert result["failed"] == {}
    assert sorted(set(HEAVY) & set(result["loaded"])) == [], "the window's process must stay light"


def test_qt_is_really_hidden_when_asked_for():
    if not os.environ.get("C10_PANEL_TEST_WITHOUT_QT"):
        pytest.skip("Qt is hidden only in the job `core without Qt` of packaging/test.")
    with pytest.raises(ModuleNotFoundError):
        import PySide6  # noqa: F401 -- the import is the test


@pytest.fixture
def without_qt(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which no process, children included, can import Qt."""
    stubs = tmp_path / "no-qt"
    for name in QT:
        (stubs / name).mkdir(parents=True)
        (stubs / name / "__init__.py").write_text("raise ModuleNotFoundError('hidden by a test')\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(stubs), str(PROJECT)))}


def test_a_model_is_compiled_and_answers_without_qt(tmp_path: Path, without_qt: dict[str, str]):
    from core.export.synthetic import tiny_spec, write_model

    def panel(*words: object) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "core.cli", *map(str, words)],
            cwd=tmp_path, env=without_qt, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return run.stdout

    assert "c10-panel" in panel("--version")
    model = write_model(tmp_path / "model", tiny_spec())
    panel(
        "compile", "--model-path", model, "--target-path", "engines", "--export-name", "tiny", "--combine",
        "--pre-len", 16, "--total-len", 64, "--json",
    )  # fmt: skip
    engine = next((tmp_path / "engines").rglob("*_multi.ngf"))
    last = panel("infer", "--engine", engine, "--input-ids", "1,2,3", "--max-new-tokens", 4, "--json").splitlines()[-1]
    assert len(json.loads(last)["output_ids"][0]) == 4
