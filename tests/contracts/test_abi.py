"""Code in engine files is called as it was compiled to be: the convention doesn't change without its number."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

import pytest

from core.compiler.arguments import ABI_VERSION
from tests.contracts import abi

CORE = Path(__file__).parents[2] / "core"


def test_the_calling_convention_changes_only_with_its_number() -> None:
    if not abi.PATH.exists():
        pytest.fail(f"What convention {ABI_VERSION} is isn't kept: python -m tests.contracts.abi, and commit the file.")
    kept, now = abi.PATH.read_text(encoding="utf-8").splitlines(), list(abi.lines())
    changes = list(difflib.unified_diff(kept, now, "kept", "now", lineterm="", n=1))
    assert not changes, (
        f"Compiled code would be called in another way than engine files of convention {ABI_VERSION} expect. Raise "
        "ABI_VERSION in core/compiler/arguments.py, say there what changed, let callable_here name the engines that "
        "still run, then keep the new convention: python -m tests.contracts.abi\n" + "\n".join(changes)
    )


def test_code_of_files_is_linked_in_the_one_place_that_asks_for_its_convention() -> None:
    linking = [
        path.relative_to(CORE).as_posix()
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Machine"
    ]
    assert set(linking) == {"runtime/code.py", "bench/roofline.py"}  # the latter links what it has built itself
