from __future__ import annotations

from itertools import pairwise

import pytest

from core.c10.description import CHATGLM2_6B
from core.compiler.arguments import PREFILL_ROWS, entry_arguments, overlay
from core.compiler.plan import RUNTIME_BYTES, workspace_bytes
from core.export.synthetic import tiny_spec
from core.spec import EngineConfig

EXAMPLES = [(1, 256, 2048), (1, 1024, 2048), (8, 256, 2048), (1, 2048, 8192), (1, 256, 32768), (8, 2048, 32768)]


@pytest.mark.parametrize("shape", EXAMPLES)
def test_answering_takes_at_most_300_mib_beside_weights_and_cache(shape: tuple[int, int, int]) -> None:
    assert workspace_bytes(CHATGLM2_6B, EngineConfig(*shape)) + RUNTIME_BYTES <= 300 << 20


def test_a_longer_round_needs_no_more_scratch_memory() -> None:
    sizes = {workspace_bytes(CHATGLM2_6B, EngineConfig(1, length, 8192)) for length in (PREFILL_ROWS, 2048, 4096)}
    assert len(sizes) == 1


def test_buffers_that_take_turns_share_memory_but_those_of_one_part_dont() -> None:
    config = EngineConfig(1, 16, 64)
    offsets, size = overlay("base", CHATGLM2_6B, config)
    sizes = {a.name: a.nbytes for a in entry_arguments("base", CHATGLM2_6B, config)}
    assert size < sum(sizes[name] for name in offsets)
    for part in (("qkv", "query", "context"), ("ffn",)):
        places = sorted((start, start + sizes[name]) for name, start in offsets.items() if name.split("_")[0] in part)
        assert all(end <= start for (_, end), (start, _) in pairwise(places))
        assert places[-1][1] <= size


def test_where_a_model_has_padding_every_buffer_has_memory_of_its_own() -> None:
    odd = tiny_spec(head_dim=12, rotary_dim=6)
    assert overlay("base", odd, EngineConfig(1, 16, 64)) == ({}, 0)
