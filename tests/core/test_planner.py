from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compiler.arguments import entry_arguments
from core.compiler.plan import total_bytes, weight_arguments
from core.errors import DeviceError, ResourceError
from core.planner import STRATEGIES, CardLimit, Plan, Strategy, fits, plan_layers
from core.spec import EngineConfig, ModelSpec

GIB = 1 << 30
pytestmark = pytest.mark.usefixtures("told")
CHATGLM2 = ModelSpec(
    num_layers=28, hidden_size=4096, ffn_size=13696, num_heads=32, num_groups=2, head_dim=128, rotary_dim=64,
    rope_theta=10000.0, vocab_size=65024, norm_eps=1e-5, qkv_bias=True, max_positions=2048, source_dtype="float16",
)  # fmt: skip
GOLDEN_6B = (7_134_257_152, 117_440_512, 52_328_160)
"""Weights, KV cache and workspace of CHATGLM2 in int8 for a batch of 2 on one card, in bytes."""
SMALL = replace(
    CHATGLM2, hidden_size=64, ffn_size=96, num_heads=4, num_groups=2, head_dim=16, rotary_dim=8, vocab_size=160
)


def cards(*limits: float) -> list[CardLimit]:
    return [CardLimit(index, int(limit * GIB)) for index, limit in enumerate(limits)]


def check_whole(plan: Plan, spec: ModelSpec, config: EngineConfig) -> None:
    """Every part once, in order, each card within its limit, no byte lost."""
    layers = [
        layer
        for placement in plan.placements
        for layer in range(placement.first_layer, placement.first_layer + placement.num_layers)
    ]
    assert layers == list(range(spec.num_layers))
    holders = [placement for placement in plan.placements if placement.used_bytes]
    assert [placement.embedding for placement in plan.placements].count(True) == 1
    assert [placement.output for placement in plan.placements].count(True) == 1
    assert holders[0].embedding
    assert holders[-1].output
    assert all(placement.used_bytes <= placement.limit_bytes for placement in plan.placements)
    weights = total_bytes(list(weight_arguments(spec, config).values()))
    assert sum(placement.weight_bytes for placement in plan.placements) == weights


@given(
    limits=st.lists(st.integers(0, 3 << 20), min_size=1, max_size=8),
    layers=st.integers(1, 40),
    strategy=st.sampled_from(STRATEGIES),
    quantisation=st.sampled_from(["none", "int8", "int4"]),
)
def test_every_plan_is_whole_and_every_refusal_names_a_change(
    limits: list[int], layers: int, strategy: Strategy, quantisation: str
) -> None:
    spec = replace(SMALL, num_layers=layers)
    config = EngineConfig(total_len=512, pre_len=16, quantisation=quantisation)  # type: ignore[arg-type]
    given_cards = [CardLimit(index, limit) for index, limit in enumerate(limits)]
    if fits(spec, config, given_cards):
        check_whole(plan_layers(spec, config, given_cards, strategy), spec, config)
        return
    with pytest.raises(ResourceError, match="bytes") as caught:
        plan_layers(spec, config, given_cards, strategy)
    assert caught.value.hint


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_6b_model_fits_two_cards_of_8_gib_in_int8(strategy: Strategy) -> None:
    config = EngineConfig()
    plan = plan_layers(CHATGLM2, config, cards(8, 8), strategy)
    assert plan.strategy == strategy
    check_whole(plan, CHATGLM2, config)
    assert all(isinstance(placement.used_bytes, int) for placement in plan.placements)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_card_that_holds_the_embedding_alone_leaves_the_first_layer_to_the_next(strategy: Strategy) -> None:
    config = EngineConfig(quantisation="none")
    plan = plan_layers(CHATGLM2, config, cards(0.6, 16), strategy)
    assert [placement.parts for placement in plan.placements] == ["embedding", "layers 0 to 27, output"]


def test_greedy_leaves_the_second_card_empty_where_one_is_enough() -> None:
    plan = plan_layers(CHATGLM2, EngineConfig(), cards(16, 16), "greedy")
    assert [placement.num_layers for placement in plan.placements] == [28, 0]
    assert plan.placements[1].used_bytes == 0


def test_equal_gives_four_cards_about_the_same() -> None:
    plan = plan_layers(CHATGLM2, EngineConfig(), cards(8, 4, 8, 4), "equal")
    used = [placement.used_bytes for placement in plan.placements]
    one_layer = plan.placements[1].weight_bytes // plan.placements[1].num_layers
    assert max(used) - min(used) <= 3 * one_layer  # the output layer alone is two and a half layers of int8


def test_loose_leaves_the_same_part_of_each_limit_free() -> None:
    plan = plan_layers(CHATGLM2, EngineConfig(), cards(12, 6), "loose")
    first, second = (placement.used_bytes / placement.limit_bytes for placement in plan.placements)
    assert first == pytest.approx(second, abs=0.05)


def refused(config: EngineConfig, limits: list[CardLimit], lanes: int = 1) -> list[str]:
    """Return the sentences of the hint."""
    with pytest.raises(ResourceError, match="find no place") as caught:
        plan_layers(CHATGLM2, config, limits, "greedy", lanes)
    return re.findall(r"It fits with .+?\.(?= It|$)", caught.value.hint)


def test_a_refusal_proposes_each_change_that_alone_would_fit() -> None:
    config = EngineConfig(batch=2, total_len=32768)
    assert refused(config, cards(4.25, 4)) == [
        "It fits with int4 weights.",
        "It fits with an int8 KV cache.",
        "It fits with a total length of 16384 tokens.",
        "It fits with a static batch size of 1.",
        "It fits with one more card of 4.25 GiB.",
        "It fits with a limit of 4.50 GiB on each card.",
    ]
    for changed in (
        replace(config, quantisation="int4"), replace(config, kv_cache="int8"), replace(config, total_len=16384),
        replace(config, batch=1),
    ):  # fmt: skip
        assert fits(CHATGLM2, changed, cards(4.25, 4))
    assert fits(CHATGLM2, config, cards(4.25, 4, 4.25))
    assert fits(CHATGLM2, config, cards(4.5, 4.5))
    assert not fits(CHATGLM2, config, cards(4.25, 4.25))


def test_where_the_kv_cache_is_int8_already_other_changes_are_proposed() -> None:
    config = EngineConfig(batch=2, total_len=32768, kv_cache="int8")
    assert refused(config, cards(4, 3.5)) == [
        "It fits with int4 weights.",
        "It fits with a total length of 16384 tokens.",
        "It fits with a static batch size of 1.",
        "It fits with one more card of 4.00 GiB.",
        "It fits with a limit of 4.00 GiB on each card.",
    ]


def test_weights_without_quantisation_are_told_the_larger_kind_that_fits() -> None:
    plain = EngineConfig(quantisation="none")
    assert refused(plain, cards(8))[0] == "It fits with int8 weights."
    assert refused(plain, cards(5))[0] == "It fits with int4 weights."


def test_a_refusal_proposes_no_more_cards_than_a_workstation_has() -> None:
    config = EngineConfig(quantisation="int4", total_len=1024, pre_len=1000)
    assert refused(config, cards(1, 1)) == [
        "It fits with 4 more cards of 1.00 GiB.",
        "It fits with a limit of 2.50 GiB on each card.",
    ]
    assert refused(config, cards(*[0.125] * 8)) == ["It fits with a limit of 1.00 GiB on each card."]


@pytest.mark.parametrize("lanes", [1, 4])
def test_the_limit_and_the_weights_that_are_proposed_are_the_least_change(lanes: int) -> None:
    config = EngineConfig(total_len=32768, quantisation="none")
    limits = cards(2, 2)
    with pytest.raises(ResourceError, match=r"30 parts of the model") as caught:
        plan_layers(CHATGLM2, config, limits, "greedy", lanes)
    found = re.search(r"a limit of (\S+) GiB on each card", caught.value.hint)
    assert found
    least = float(found[1])
    assert fits(CHATGLM2, config, cards(least, least), lanes)
    assert not fits(CHATGLM2, config, cards(least - 0.25, least - 0.25), lanes)
    for kind in ("int8", "int4"):
        smaller = replace(config, quantisation=kind)
        said = f"It fits with {kind} weights." in caught.value.hint
        assert said == fits(CHATGLM2, smaller, limits, lanes)


def test_what_fits_with_fewer_jobs_only_is_not_said_to_fit_with_smaller_weights() -> None:
    config = EngineConfig(total_len=32768, quantisation="int8")
    assert fits(CHATGLM2, replace(config, quantisation="int4"), cards(3.75, 3.75), 1)
    assert "It fits with int4 weights." not in refused(config, cards(3.75, 3.75), 8)


def test_nine_cards_are_not_proposed() -> None:
    config = EngineConfig(quantisation="int4")
    least = next(size / 64 for size in range(16, 640) if fits(CHATGLM2, config, cards(*[size / 64] * 9)))
    assert not fits(CHATGLM2, config, cards(*[least] * 8))
    assert not [way for way in refused(config, cards(*[least] * 7)) if "more card" in way]


def test_the_bytes_that_a_card_needs_are_those_of_every_buffer_that_runs_there() -> None:
    config = EngineConfig(batch=2)
    placement = plan_layers(CHATGLM2, config, cards(64), "greedy").placements[0]
    every = {
        argument.name: argument.nbytes
        for entry in ("base", "incremental", "verify", "score")
        for argument in entry_arguments(entry, CHATGLM2, config)
        if argument.kind != "weight" and not argument.name.startswith("cache")
    }
    assert placement.workspace_bytes >= max(every.values())
    assert (placement.weight_bytes, placement.kv_bytes, placement.workspace_bytes) == GOLDEN_6B
    embedding, output = plan_layers(CHATGLM2, config, cards(2, 64), "greedy").placements
    assert (embedding.weight_bytes + output.weight_bytes, embedding.kv_bytes + output.kv_bytes) == GOLDEN_6B[:2]
    assert embedding.workspace_bytes < output.workspace_bytes


def test_no_card_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"no card .* Use the CPU, or look at Devices"):
        plan_layers(CHATGLM2, EngineConfig(), [], "greedy")


def test_each_job_in_flight_needs_a_kv_cache_of_its_own() -> None:
    config = EngineConfig(total_len=32768)
    one, four = (plan_layers(CHATGLM2, config, cards(8, 8), "equal", lanes) for lanes in (1, 4))
    kv = [sum(placement.kv_bytes for placement in plan.placements) for plan in (one, four)]
    assert kv[1] == 4 * kv[0]
    assert four.used_bytes - one.used_bytes == 3 * kv[0]
    hint = refused(config, cards(5, 5), 8)
    assert re.fullmatch("It fits with [1-7] jobs? in flight.", hint[0])
    assert refused(config, cards(4.25, 4.25), 2)[0] == "It fits with 1 job in flight."


def test_a_placement_says_what_it_holds_in_words() -> None:
    plan = plan_layers(CHATGLM2, EngineConfig(), cards(16, 16), "greedy")
    assert [placement.parts for placement in plan.placements] == ["embedding, layers 0 to 27, output", "nothing"]
