"""Whether the code of an engine file is called as it was compiled to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.compiler.arguments import ABI_VERSION, PREFILL_ROWS
from core.errors import MismatchError
from core.ngf.format import Header
from core.runtime.code import abi_refusal
from core.spec import EngineConfig
from tests.core.ngf.sample import HEADER

pytestmark = pytest.mark.usefixtures("told")


def header(abi_version: int, pre_len: int = 256) -> Header:
    config = EngineConfig(pre_len=pre_len, total_len=8192)
    return replace(HEADER, config=config, target=replace(HEADER.target, abi_version=abi_version))


def refusal(abi_version: int, pre_len: int = 256) -> MismatchError | None:
    return abi_refusal(header(abi_version, pre_len), Path("/e/a_multi.ngf"))


def test_what_this_program_compiles_runs_here() -> None:
    assert refusal(ABI_VERSION) is None
    assert refusal(ABI_VERSION, 4 * PREFILL_ROWS) is None


def test_an_engine_that_names_no_convention_runs_where_its_rounds_are_as_they_were() -> None:
    assert refusal(1) is None
    assert refusal(1, PREFILL_ROWS) is None
    assert str(refusal(1, PREFILL_ROWS + 1)) == (
        "/e/a_multi.ngf holds code of calling convention 1, but this program calls code by convention 2. "
        "Compile the model again with this program."
    )


def test_an_engine_of_a_newer_program_is_refused_with_both_numbers() -> None:
    assert str(refusal(ABI_VERSION + 1)) == (
        "/e/a_multi.ngf holds code of calling convention 3, but this program calls code by convention 2. "
        "Update this program, or compile the model again with it."
    )
