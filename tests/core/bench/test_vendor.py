"""The published figures, and a run of ours beside them."""

from __future__ import annotations

import pytest

from core.bench import vendor
from core.errors import UsageError
from core.events import Generated, Metrics
from core.runtime.figures import vendor_figures
from core.spec import EngineConfig
from tests.core.ngf.sample import SPEC


def _sheet(rate: float) -> vendor.Sheet:
    figures = Metrics(534, 0, 242, 0.5, 20.0, 0.5, 241 / rate, 1.0, rate, 776, 1024, 1)
    metrics = Metrics(*(getattr(figures, name) for name in list(figures.__slots__)[:12]),
                      vendor=vendor_figures(1, 3, 241, 0.5, 243 / rate))  # fmt: skip
    answer = Generated("j", [[1]], [""], ["length"], metrics)
    return vendor.sheet(answer, "m", SPEC.to_json(), EngineConfig().to_json(), "cpu", "a CPU", 0.0)


def test_the_published_figures_agree_with_each_other() -> None:
    figures = vendor.VENDOR.figures
    counted = vendor_figures(1, 3, 241, figures["base infer time"], figures["incremental infer time"])
    assert counted == pytest.approx(figures, rel=1e-3)
    assert set(figures) == set(vendor.NAMES)


def test_a_run_is_compared_figure_by_figure() -> None:
    own = _sheet(rate=72.712)
    assert vendor.speedup("incremental throughput", own) == pytest.approx(2.0)
    assert vendor.speedup("incremental infer time", own) == pytest.approx(2.0, rel=1e-3)
    assert vendor.speedup("infer tokens", own) is None
    assert vendor.same_work(own)
    assert own.precision == "bf16 + int8"
    assert own.weights == vendor.weight_count(SPEC.to_json()) > 0


def test_the_published_run_fits_the_engine_or_says_why_not() -> None:
    ask = vendor.command(EngineConfig(total_len=1024, pre_len=128), SPEC, "j")
    assert len(ask.input_ids[0]) == vendor.PROMPT_TOKENS
    assert ask.base_length == 128
    assert max(ask.input_ids[0]) < SPEC.vocab_size
    with pytest.raises(UsageError, match="776 tokens of context"):
        vendor.command(EngineConfig(total_len=512), SPEC, "j")
