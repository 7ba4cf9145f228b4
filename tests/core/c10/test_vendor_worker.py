"""The one file that runs in the vendor's interpreter: its syntax, its arrays, and the double's eye on its calls."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.c10 import vendor_worker
from core.c10.sdk import WORKER_FILE
from tests.core.c10.conftest import Engines
from tests.core.c10.doubles import FOLDER, load


def test_it_is_python_3_6_with_nothing_but_the_standard_library_and_numpy() -> None:
    tree = ast.parse(WORKER_FILE.read_text(encoding="utf-8"), feature_version=(3, 6))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in found}
    assert roots <= {
        "ctypes", "importlib", "json", "numpy", "os", "pathlib", "queue", "resource", "signal", "subprocess", "sys",
        "threading", "traceback", "typing",
    }  # fmt: skip


def test_no_annotation_that_is_evaluated_needs_a_newer_python() -> None:
    """Those of local variables aren't evaluated; those of arguments, results, modules and classes are."""
    tree = ast.parse(WORKER_FILE.read_text(encoding="utf-8"))
    evaluated: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            evaluated += [argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs)]
            evaluated += [node.returns, *(extra.annotation for extra in (node.args.vararg, node.args.kwarg) if extra)]
        elif isinstance(node, ast.ClassDef | ast.Module):
            evaluated += [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
    assert len(evaluated) > 40
    for annotation in filter(None, evaluated):
        newer = [part for part in ast.walk(annotation) if isinstance(part, ast.Subscript | ast.BinOp)]
        assert not newer, ast.unparse(annotation)


def test_it_ends_with_its_input_and_keeps_stdout_for_replies() -> None:
    with subprocess.Popen([sys.executable, WORKER_FILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin
        assert worker.stdout
        assert json.loads(worker.stdout.readline())["reply"] == "ready"
        worker.stdin.close()
        assert worker.stdout.read() == b""
    assert worker.returncode == 0


def test_prompts_are_padded_on_the_left_to_whole_rounds() -> None:
    batch = vendor_worker.Batch([[7, 8, 9, 6, 5], [4]], 4, 12)
    assert (batch.rounds, batch.width, batch.pads) == (2, 8, [3, 7])
    (_, ids), (_, positions), (_, mask) = batch.base_inputs(0)
    assert ids.tolist() == [[0, 0, 0, 7], [0, 0, 0, 0]]
    assert positions.T.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0]]
    (_, ids), (_, positions), (_, mask) = batch.base_inputs(1)
    assert (ids.dtype, positions.dtype, mask.dtype) == (np.int32, np.int32, np.bool_)
    assert (ids.shape, positions.shape, mask.shape) == ((2, 4), (4, 2), (2, 1, 4, 12))
    assert ids.tolist() == [[8, 9, 6, 5], [0, 0, 0, 4]]
    assert positions.T.tolist() == [[1, 2, 3, 4], [0, 0, 0, 0]]
    assert np.flatnonzero(~mask[0, 0, 2]).tolist() == [3, 4, 5, 6]
    assert np.flatnonzero(~mask[1, 0, 3]).tolist() == [7]
    (_, ids), (_, positions), (_, mask) = batch.step_inputs(1, [3, 2], [6, 2])
    assert (ids.shape, positions.shape, mask.shape) == ((2, 1), (1, 2), (2, 1, 1, 12))
    assert np.flatnonzero(~mask[0, 0, 0]).tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert np.flatnonzero(~mask[1, 0, 0]).tolist() == [7, 8, 9]


Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def double() -> Iterator[Any]:
    """Give the double's modules in this very process, where a test can spoil calls one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        load("hxrt").set_device(0)
        yield load("hxinfer")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("hxrt", "hxinfer")]:
        del sys.modules[name]


def spoil(name: str, at: int, change: Callable[[Any], Any]) -> Change:
    """Return a change of the argument number `at` of the method `name`."""

    def apply(engine: Any) -> None:
        method = getattr(engine, name)

        def spoilt(*arguments: Any) -> Any:
            words = list(arguments)
            words[at] = change(words[at])
            return method(*words)

        setattr(engine, name, spoilt)

    return apply


def spoil_input(name: str, change: Callable[[Any], Any]) -> Change:
    """Return a change of one input array."""

    def apply(engine: Any) -> None:
        method = engine.set_input

        def spoilt(job: int, given: str, array: Any, model: int) -> None:
            method(job, given, np.ascontiguousarray(change(array)) if given == name else array, model)

        engine.set_input = spoilt

    return apply


def without_padding_mask(mask: Any) -> Any:
    mask = mask.copy()
    mask[..., 0] = False
    return mask


def first_round(card: vendor_worker.Card) -> None:
    card.begin([[5, 6, 7]])
    card.round()


VIOLATIONS: dict[str, tuple[Change, str]] = {
    "ids of another type": (spoil_input("input_ids", lambda a: a.astype(np.int64)), "is int64, not int32"),
    "positions turned": (spoil_input("pos_t", lambda a: a.T), "pos_t has the shape"),
    "positions with the padding": (spoil_input("pos_t", lambda a: a + 1), "positions don't count from 0|at position"),
    "a mask of numbers": (spoil_input("attention_mask", lambda a: a.astype(np.int32)), "is int32, not bool"),
    "a mask that is true where it may look": (spoil_input("attention_mask", lambda a: ~a), "mask|later tokens"),
    "a mask that shows the padding": (spoil_input("attention_mask", without_padding_mask), "mask|padding"),
    "another name": (spoil("set_input", 1, lambda name: name.replace("pos_t", "position_ids")), "no input"),
    "another job": (spoil("set_input", 0, lambda job: job + 1), "job 1"),
    "the other model's inputs": (spoil("set_input", 3, lambda model: 1 - model), "has the shape"),
    "the other model": (spoil("run", 2, lambda model: 1 - model), "without all of"),
    "another context": (spoil("run", 1, lambda context: context + 1), "context of"),
    "rows for jobs": (spoil("run", 0, lambda jobs: jobs + 2), "run of 3 jobs"),
    "another output": (spoil("get_output_by_binding_index", 1, lambda index: index - 1), "are output 3"),
    "the other model's output": (spoil("get_output_by_binding_index", 2, lambda model: 1 - model), "has not run"),
    "no fresh cache": (lambda engine: setattr(engine, "clear_use_cache", lambda: None), "before clear_use_cache"),
}


@pytest.mark.parametrize("case", VIOLATIONS)
def test_the_double_refuses_a_call_that_breaks_the_contract(engines: Engines, double: Any, case: str) -> None:
    command = {
        "engine": str(engines(1)[1]), "base_length": 16, "total_len": 96, "static_batch": 1, "devices": [0],
        "limits": [], "strategy": 0, "max_batch_size": 1, "golden": False,
    }  # fmt: skip
    card = vendor_worker.Card(command)
    change, sentence = VIOLATIONS[case]
    change(card._engine)
    with pytest.raises(double.ContractError, match=sentence):
        first_round(card)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("limits", [8], "not in bytes"),
        ("limits", [8 << 30, 8 << 30], "a number for each card"),
        ("strategy", 3, "split_stragety 3"),
        ("max_batch_size", 0, "max_batch_size 0"),
    ],
)
def test_the_double_refuses_wrong_options(
    engines: Engines, double: Any, option: str, value: object, sentence: str
) -> None:
    command: dict[str, Any] = {
        "engine": str(engines(1)[1]), "base_length": 16, "total_len": 96, "static_batch": 1, "devices": [0],
        "limits": [], "strategy": 0, "max_batch_size": 1, "golden": False,
    }  # fmt: skip
    with pytest.raises(double.ContractError, match=sentence):
        vendor_worker.Card(command | {option: value})
