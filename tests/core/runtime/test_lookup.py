"""Prompt lookup: the answers are those of plain decoding, only sooner."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.events import Event, Generated, Token
from core.export.synthetic import tiny_spec, write_model
from core.runtime.engine import Engine
from core.runtime.generate import Request, generate
from core.runtime.lookup import Drafts, Economy
from core.runtime.sampling import Sampling
from core.runtime.session import Session
from core.spec import EngineConfig
from tests.core.runtime.fake_engine import EOS, FakeEngine, VerifyingFakeEngine, config

CONFIG = config(total_len=400)
CYCLE = (11, 12, 13, 14, 15, 16, 17, 18, 19, 20)


class Copier(VerifyingFakeEngine):
    """A toy model that repeats CYCLE; `hesitation` logits below the favourite is every other token."""

    hesitation = 6.0

    def _logits(self, row: int, end: int) -> np.ndarray:
        logits = super()._logits(row, end) / 8
        last = int(self.cache[row, end - 1])
        logits[CYCLE[(CYCLE.index(last) + 1) % len(CYCLE)] if last in CYCLE else CYCLE[0]] += self.hesitation
        return logits


def ask(engine: FakeEngine, prompt: tuple[int, ...], *, lookup: bool = True, **options: object) -> Generated:
    events: list[Event] = []
    values = {"max_new_tokens": 120, "constant_output": True, "lookup": lookup} | options
    result = generate(Session(engine), Request("j", (prompt,), **values), events.append, lambda: False)  # type: ignore[arg-type]
    assert [event.token for event in events if isinstance(event, Token)] == result.output_ids[0]
    return result


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check every draft, whatever a toy engine's times are."""
    monkeypatch.setattr(Economy, "worth", lambda _, agreed, drafted: bool(drafted))


def test_a_draft_is_what_followed_the_longest_and_latest_agreement() -> None:
    drafts = Drafts([1, 2, 3, 4, 5, 9, 2, 3, 7, 7, 1, 2, 3])
    assert drafts.draft(3) == ([4, 5, 9], 3)
    assert Drafts([5, 6, 1, 5, 6, 2, 5, 6]).draft(1) == ([2], 2)
    assert Drafts([1, 2, 3]).draft(3) == ([], 0)
    assert Drafts([7]).draft(3) == Drafts([]).draft(3) == ([], 0)


def test_a_draft_that_reaches_the_end_of_the_text_goes_on_with_itself() -> None:
    assert Drafts([1, 8, 9, 8, 9]).draft(5) == ([8, 9, 8, 9, 8], 2)
    assert Drafts([4, 4, 4]).draft(3) == ([4, 4, 4], 2)


@pytest.mark.usefixtures("eager")
def test_what_is_copied_takes_a_quarter_of_the_passes() -> None:
    engine = Copier(CONFIG)
    result = ask(engine, CYCLE * 2)
    assert result.output_ids == ask(Copier(CONFIG), CYCLE * 2, lookup=False).output_ids
    names = Counter(name for name, _ in engine.calls)
    assert names["decode"] + names["verify"] <= 32
    assert result.metrics.new_tokens == 120
    assert result.metrics.accepted_tokens == 119 - names["decode"] - names["verify"]
    assert result.metrics.vendor["infer tokens"] == 3 + 119  # base rounds, and a step for every further token


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "sampling",
    [
        {},
        {"repetition_penalty": 1.1},
        {"do_sample": True, "temperature": 0.9},
        {"do_sample": True, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05},
    ],
    ids=["greedy", "greedy penalised", "sampled", "nucleus penalised"],
)
def test_an_answer_is_the_same_with_and_without(seed: int, sampling: dict[str, object]) -> None:
    prompt = tuple(int(token) for token in np.random.default_rng(seed).choice(CYCLE, 40))
    engines = [Copier(CONFIG), Copier(CONFIG)]
    for engine in engines:
        engine.hesitation = 3.0
    settings = Sampling(seed=seed, **sampling)  # type: ignore[arg-type]
    plain, looked_up = (
        ask(engine, prompt, lookup=on, sampling=settings) for engine, on in zip(engines, (False, True), strict=True)
    )
    assert looked_up.output_ids == plain.output_ids
    assert looked_up.metrics.context_used == plain.metrics.context_used
    assert looked_up.metrics.drafted_tokens > 0
    assert looked_up.metrics.accepted_tokens <= looked_up.metrics.drafted_tokens


@pytest.mark.usefixtures("eager")
def test_the_ends_of_an_answer_are_the_same() -> None:
    for options in ({"max_new_tokens": 7}, {"constant_output": False}, {"max_new_tokens": 1}):
        results = []
        for on in (True, False):
            engine = Copier(config(total_len=48), eos=(EOS, CYCLE[4]))
            results.append(ask(engine, CYCLE + CYCLE[:2], lookup=on, **options))
        assert results[0].output_ids == results[1].output_ids
        assert results[0].stop_reason == results[1].stop_reason
    full = ask(Copier(config(total_len=48)), CYCLE * 2)
    assert full.stop_reason == ["context_full"]
    assert len(full.output_ids[0]) == 48 - 20 + 1
    assert full.metrics.context_used == 48


@pytest.mark.usefixtures("eager")
def test_the_cache_holds_only_what_was_right() -> None:
    engine = Copier(CONFIG)
    engine.hesitation = 3.0
    session = Session(engine)
    options = {"max_new_tokens": 30, "constant_output": True, "sampling": Sampling(True, seed=3)}
    first = generate(session, Request("j", (CYCLE * 2,), **options), lambda _: None, lambda: False)  # type: ignore[arg-type]
    history = (*CYCLE, *CYCLE, *first.output_ids[0])
    assert session.cached(0) == len(history) - 1
    assert tuple(engine.cache[0, : session.cached(0)]) == history[:-1]
    again = generate(session, Request("j", ((*history, 11),), **options), lambda _: None, lambda: False)  # type: ignore[arg-type]
    fresh = ask(Copier(CONFIG), (*history, 11), max_new_tokens=30, sampling=Sampling(True, seed=3))
    assert again.metrics.cached_tokens == len(history) - 1
    assert fresh.metrics.new_tokens == 30


@pytest.mark.usefixtures("eager")
def test_samples_follow_the_models_distribution() -> None:
    """Chi-squared over the token after an accepted or rejected draft: 3,000 answers with fixed seeds."""
    engine = Copier(CONFIG)
    engine.hesitation = 2.5
    prompt = CYCLE * 2
    session = Session(engine)
    counts: Counter[int] = Counter()
    for seed in range(3000):
        request = Request("j", (prompt,), Sampling(True, 1.0, seed=seed), 2, constant_output=True)
        first, second = generate(session, request, lambda _: None, lambda: False).output_ids[0]
        counts[second] += first == CYCLE[0]
    engine.cache[0, : len(prompt) + 1] = [*prompt, CYCLE[0]]
    logits = engine._logits(0, len(prompt) + 1).astype(np.float64)
    expected = np.exp(logits) / np.exp(logits).sum() * counts.total()
    observed = np.array([counts[token] for token in range(logits.size)])
    assert counts.total() > 300
    chi_squared = float(((observed - expected) ** 2 / expected).sum())
    degrees = logits.size - 1
    assert chi_squared < degrees + 4 * np.sqrt(2 * degrees)


@pytest.mark.usefixtures("eager")
def test_several_rows_decode_as_ever() -> None:
    engine = Copier(config(batch=2, total_len=400))
    request = Request("j", (CYCLE * 2, CYCLE), max_new_tokens=20, constant_output=True)
    generate(Session(engine), request, lambda _: None, lambda: False)
    assert "verify" not in {name for name, _ in engine.calls}


@pytest.mark.usefixtures("eager")
def test_engines_that_cant_verify_decode_as_ever() -> None:
    result = ask(FakeEngine(CONFIG), CYCLE * 2)
    assert result.metrics.drafted_tokens == 0
    assert result.metrics.new_tokens == 120


def simulate(economy: Economy, accepted: int, steps: int, *, step_s: float = 0.01, pass_s: float = 0.016) -> float:
    """Return the seconds for `steps` tokens where a draft of 3 is always there and `accepted` of it are right."""
    seconds, done = 0.0, 0
    while done < steps:
        if economy.worth(3, 3):
            economy.passed(3, accepted, pass_s)
            seconds, done = seconds + pass_s, done + 1 + accepted
        else:
            economy.stepped(step_s)
            seconds, done = seconds + step_s, done + 1
    return seconds


@pytest.mark.parametrize("pass_s", [0.011, 0.016, 0.03, 0.08])
@pytest.mark.parametrize("steps", [64, 128, 2000])
def test_drafts_that_miss_cost_little(steps: int, pass_s: float) -> None:
    plain = steps * 0.01
    assert simulate(Economy(), 0, steps, pass_s=pass_s) <= plain / 0.95 + (pass_s - 0.01)


def test_drafts_that_hit_are_used_at_once_and_again_after_a_dry_spell() -> None:
    economy = Economy()
    assert simulate(economy, 3, 400) < 400 * 0.01 / 2
    simulate(economy, 0, 1000)
    assert simulate(economy, 3, 1000) < 1000 * 0.01 / 1.8


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), tiny_spec(vocab_size=64))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "engine_config",
    [
        EngineConfig(1, 16, 160, "bf16", "int4", quant_lm_head=True),
        EngineConfig(1, 16, 160, "bf16", "int4", kv_cache="int8"),
        EngineConfig(1, 16, 160, "bf16", "int8"),
        EngineConfig(1, 16, 160, "bf16", "none"),
        EngineConfig(2, 16, 160, "fp32", "none"),
    ],
    ids=["int4", "int4 with a bf16 head and an int8 cache", "int8", "bf16", "fp32 batch 2"],
)
def test_a_real_engine_verifies_bit_for_bit_and_answers_alike(
    tiny: Path, tmp_path: Path, engine_config: EngineConfig
) -> None:
    request = CompileRequest(tiny, tmp_path, "t", engine_config, ngf=True, combine=True)
    compile_engine(request, lambda _: None)
    engine = Engine.open(request.outputs()[0])
    try:
        row = engine_config.batch - 1
        tokens = np.random.default_rng(0).integers(3, 64, 20).astype(np.int32)
        engine.prefill(row, tokens[:16], 0)
        together = np.concatenate([engine.verify(row, tokens[16:19], 16), engine.verify(row, tokens[19:], 19)])
        for i in range(16, 20):
            ids, places = np.zeros(engine_config.batch, np.int32), np.zeros(engine_config.batch, np.int32)
            ids[row], places[row] = tokens[i], i
            assert np.array_equal(engine.decode(ids, places)[row], together[i - 16])
        for sampling in (Sampling(), Sampling(True, 0.3, seed=1)):
            answers = [
                generate(
                    Session(engine),
                    Request("j", ((3, 4, 5, 3, 4),), sampling, 100, constant_output=True, lookup=on),
                    lambda _: None,
                    lambda: False,
                )
                for on in (True, False)
            ]
            assert answers[0].output_ids == answers[1].output_ids
            assert answers[0].metrics.drafted_tokens > 0
    finally:
        engine.close()
