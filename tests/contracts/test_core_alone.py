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


def test_the_command_line_says_its_version_without_qt():
    if not (PROJECT / "core" / "cli" / "__main__.py").exists():
        pytest.skip("The command line has not been written yet.")
    blocker = f"import sys; sys.modules.update(dict.fromkeys({QT!r})); import runpy; sys.argv[1:] = ['--version']; "
    run = subprocess.run(
        [sys.executable, "-c", blocker + "runpy.run_module('core.cli', run_name='__main__')"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert any(character.isdigit() for character in run.stdout)
