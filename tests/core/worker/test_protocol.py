"""Commands survive the wire, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compiler.plan import CompileRequest
from core.errors import C10Error, WorkerError
from core.spec import EngineConfig
from core.text.prompts import Message
from core.worker import protocol as p

REQUEST = CompileRequest(
    Path("/m/model.onnx"), Path("/out"), "glm", EngineConfig(batch=8, quantisation="int4"), combine=True
)
ALL = [
    p.Inspect("/x.ngf", verify=True), p.Plan(p.request_to_json(REQUEST)), p.Compile(p.request_to_json(REQUEST)),
    p.Combine("/a", "/b", "/c"), p.Export("/a", "/b"), p.Load("/e.ngf", "/t", 2), p.Stop(), p.Unload(), p.Quit(),
    p.Generate("j", input_ids=[[1, 2], [3]], seed=7, temperature=0.1), p.Perplexity("/t.txt", 64, 128),
    p.Generate("j", questions=["你好"], raw=True),
    p.Generate("j", conversations=[p.turns_to_json([Message("system", "s"), Message("user", "u")])]),
]  # fmt: skip


@pytest.mark.parametrize("command", ALL, ids=lambda command: type(command).__name__)
def test_every_command_survives_the_wire(command: p.Command) -> None:
    line = command.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert p.parse_command(line) == command


def test_a_compile_request_survives_the_wire() -> None:
    assert p.request_from_json(p.request_to_json(REQUEST)) == REQUEST
    other = replace(REQUEST, tokenizer=Path("/t/tokenizer.model"))
    assert p.request_from_json(p.request_to_json(other)) == other


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[]", b"{}", b'{"command": "nothing"}', b'{"command": ["load"]}', b'{"command": "load"}',
        b'{"command": "load", "engine": 3}', b'{"command": "load", "engine": "a", "more": 1}',
        b'{"command": "load", "engine": "a\\u0000b"}', b'{"command": "inspect", "path": "a", "verify": 1}',
        b'{"command": "generate", "job": "j", "input_ids": [[true]]}',
        b'{"command": "generate", "job": "j", "input_ids": [1]}',
        b'{"command": "generate", "job": "j", "conversations": [[{"role": "root", "content": "x"}]]}',
        b'{"command": "generate", "job": "j", "seed": 1.5}', b"[" * 100_000, b"\xff\xfe",
        b'{"command": "generate", "job": "j", "temperature": "hot"}',
    ],
)  # fmt: skip
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(WorkerError):
        p.parse_command(line)


@given(st.binary(max_size=200))
def test_only_one_kind_of_error_escapes_the_parser(line: bytes) -> None:
    with pytest.raises(WorkerError):
        p.parse_command(line)


@pytest.mark.parametrize("change", [{"ngf": 1}, {"target": "gpu"}, {"model_path": None}, {"config": {}}, {"extra": 1}])
def test_a_wrong_compile_request_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(C10Error):
        p.request_from_json(p.request_to_json(REQUEST) | change)
