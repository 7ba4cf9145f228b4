"""Which engines race, what a lane did, and where answers part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.cmd_demo import CONFIG
from core.compiler.plan import CompileRequest, run_memory_bytes
from core.events import Failed, Generated, Loaded, Metrics, Prompted, Token
from core.race.lanes import ORDER, Runner, demo_requests, fields, together
from core.race.track import Track, first_difference, places
from core.spec import EngineConfig
from tests.core.ngf.sample import SPEC


def _runner(quantisation: str, name: str = "m", **config: object) -> Runner:
    made = EngineConfig(quantisation=quantisation, **config)  # type: ignore[arg-type]  # a precision
    return Runner(Path(f"/e/{name}{made.suffix()}_multi.ngf"), SPEC, made)


def test_engines_of_one_model_and_shape_form_a_field_and_complete_ones_come_first() -> None:
    lone = _runner("int4", "other")
    found = fields([lone, _runner("int4"), _runner("none"), _runner("int8"), _runner("int8", batch=8)])
    assert [runner.name for runner in found[0].runners] == ["bf16", "int8", "int4"]
    assert found[0].name == "m"
    assert found[0].missing == ()
    assert {field.missing for field in found[1:]} == {("none", "int8"), ("none", "int4")}


def test_the_newest_engine_of_a_precision_races() -> None:
    new, old = _runner("int8"), replace(_runner("int8"), path=Path("/older/m_bf16_q_multi.ngf"))
    assert fields([new, old])[0].runners == (new,)


def test_lanes_run_together_only_with_enough_threads_and_memory() -> None:
    runners = [_runner(one) for one in ORDER]
    needed = sum(run_memory_bytes(runner.spec, runner.config) for runner in runners)
    assert together(runners, 6, needed)
    assert not together(runners, 5, needed)
    assert not together(runners, 6, needed - 1)


def test_the_demo_models_jobs_differ_in_precision_only() -> None:
    base = CompileRequest(Path("m.onnx"), Path("out"), "m", CONFIG)
    jobs = demo_requests(base)
    assert jobs["int4"] == base
    assert [job.config.linear_format for job in jobs.values()] == ["bf16", "int8", "int4"]
    assert len({job.outputs()[0] for job in jobs.values()}) == 3


def _metrics(rate: float) -> Metrics:
    return Metrics(3, 0, 4, 0.1, 10.0, 0.1, 0.1, 30.0, rate, 7, 64, 1)


def _track(name: str, tokens: list[int], every: float) -> Track:
    track = Track(name)
    track.take(Loaded("e", {}, {}, "bpe", 0.1, 1, 1), 99.0)
    track.take(Prompted(name, [""], [3]), 100.0)
    for index, token in enumerate(tokens):
        track.take(Token(name, 0, token, f"{token} "), 100.5 + index * every)
    text = "".join(f"{token} " for token in tokens).strip()
    track.take(Generated(name, [tokens], [text], ["eos"], _metrics(1 / every)), 100.5 + len(tokens) * every)
    return track


def test_a_track_can_be_shown_at_any_moment() -> None:
    track = _track("int8", [1, 2, 3, 4], 0.25)
    assert track.count(0.4) == 0
    assert track.count(0.5) == 1
    assert track.text_at(0.8) == "1 2 "
    assert track.text_at(9.0) == "1 2 3 4"
    assert track.speed(0.5) == 0.0
    assert track.speed(1.25) == pytest.approx(4.0)
    assert track.finished_at == pytest.approx(1.5)
    assert track.over


def test_a_failed_lane_is_over() -> None:
    track = Track("int4")
    track.take(Failed("worker", "It ended.", "Try again."), 1.0)
    assert track.over
    assert track.tokens == ()


@pytest.mark.parametrize(
    ("own", "reference", "index"),
    [
        ([1, 2, 3], [1, 2, 3], None),
        ([1, 9, 3], [1, 2, 3], 1),
        ([1, 2], [1, 2, 3], 2),
        ([1, 2, 3], [1, 2], 2),
        ([], [], None),
    ],
)
def test_answers_part_at_the_first_token_that_differs(own: list[int], reference: list[int], index: int | None) -> None:
    assert first_difference(own, reference) == index


def test_the_fastest_lane_is_first() -> None:
    tracks = [_track("bf16", [1, 2], 0.5), _track("int8", [1, 2], 0.2), _track("int4", [1, 2], 0.1)]
    assert places(tracks) == {"int4": 1, "int8": 2, "bf16": 3}
