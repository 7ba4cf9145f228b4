"""Broken ONNX files: truncated, with flipped bits, with shuffled parts. Only the program's own errors come out."""

from __future__ import annotations

import random
from pathlib import Path

import onnx
import pytest

from core.errors import C10Error, ModelError
from core.onnx_import import open_model, verify
from tests.core.onnx_import.conftest import REAL, real_export


def attempt(path: Path, *, check: bool) -> bool:
    """Return whether the file is accepted; anything but a C10Error with a sentence fails the test."""
    caught: C10Error | None = None
    try:
        model = open_model(path)
        if check:
            verify(model, lambda _done, _total: None)
    except C10Error as error:
        caught = error
    assert caught is None or caught.message.strip()
    return caught is None


def test_layers_that_go_in_a_circle_are_refused_at_the_first_round(tiny: Path) -> None:
    skeleton = open_model(tiny).skeleton
    model = onnx.load(tiny, load_external_data=False)
    for node in model.graph.node:
        node.input[:] = [skeleton.final_norm.x if name == skeleton.layers[0].start else name for name in node.input]
    tiny.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="The layers go in a circle"):
        open_model(tiny)


def test_every_truncation_is_refused(tiny: Path) -> None:
    content = tiny.read_bytes()
    for length in random.Random(1).sample(range(len(content)), 150):
        tiny.write_bytes(content[:length])
        assert not attempt(tiny, check=False), length


@pytest.mark.parametrize("seed", range(8))
def test_flipped_bits_give_only_the_programs_errors(tiny: Path, seed: int) -> None:
    content, generator = tiny.read_bytes(), random.Random(seed)
    for _ in range(30):
        broken = bytearray(content)
        for _ in range(generator.choice((1, 1, 2, 8))):
            broken[generator.randrange(len(broken))] ^= 1 << generator.randrange(8)
        tiny.write_bytes(bytes(broken))
        attempt(tiny, check=generator.random() < 0.2)


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_graphs_give_only_the_programs_errors(tiny: Path, seed: int) -> None:
    content, generator = tiny.read_bytes(), random.Random(seed)
    for _ in range(25):
        model = onnx.ModelProto.FromString(content)
        nodes = list(model.graph.node)
        for _ in range(generator.choice((1, 1, 3))):
            node, other = generator.choice(nodes), generator.choice(nodes)
            action = generator.randrange(5)
            if action == 0 and node.input:
                node.input[generator.randrange(len(node.input))] = other.output[0]
            elif action == 1:
                node.op_type = other.op_type
            elif action == 2 and node.attribute:
                del node.attribute[0]
            elif action == 3 and len(node.input) > 1:
                del node.input[-1]
            else:
                model.graph.node.remove(node) if node in model.graph.node else None
        tiny.write_bytes(model.SerializeToString())
        attempt(tiny, check=generator.random() < 0.3)


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_flipped_bits_in_real_exports(name: str, tmp_path: Path) -> None:
    source, generator = real_export(name), random.Random(9)
    content = source.read_bytes()
    data = source.with_name(source.name + ".data")
    if data.is_file():
        (tmp_path / data.name).write_bytes(data.read_bytes())
    path = tmp_path / source.name
    for _ in range(150):
        broken = bytearray(content)
        broken[generator.randrange(len(broken))] ^= 1 << generator.randrange(8)
        path.write_bytes(bytes(broken))
        attempt(path, check=generator.random() < 0.2)
