"""This machine's limits, kept; and where decoding lies under them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench import limits as bench
from core.bench.limits import Limits
from core.compiler.arguments import weight_arguments
from core.devices import cpu
from core.errors import FormatError
from core.spec import EngineConfig
from core.system import cpu_threads
from tests.core.ngf.sample import SPEC

HERE = Limits(20.0, 81.0, 160.0, cpu().name, cpu_threads(), "2026-11-26T12:00")
CONFIG = EngineConfig(pre_len=16, total_len=64)


def test_limits_come_back_for_this_processor_only() -> None:
    assert bench.load() is None
    bench.save(HERE)
    assert bench.load() == HERE
    bench.save(replace(HERE, processor="another"))
    assert bench.load() is None


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"bandwidth_gb_per_s": NaN}', "x"], ids=["empty", "list", "nan", "no json"]
)
def test_a_damaged_file_is_refused_with_a_sentence(text: str) -> None:
    bench.save(HERE)
    bench.path().write_text(text, encoding="utf-8")
    with pytest.raises(FormatError):
        bench.load()


def test_impossible_numbers_are_refused() -> None:
    bench.save(replace(HERE, bandwidth_gb_per_s=-1.0))
    with pytest.raises(FormatError, match="no machine reaches"):
        bench.load()


def test_a_step_reads_every_weight_once_and_computes_with_it_for_each_row() -> None:
    weights = weight_arguments(SPEC, CONFIG)
    read = sum(argument.nbytes for name, argument in weights.items() if name != "embed")
    one = bench.work(SPEC, CONFIG, tokens=1, context=0)
    assert one.read_bytes == read
    four = bench.work(SPEC, CONFIG, tokens=4, context=0)
    assert four.read_bytes == read
    assert four.operations == 4 * one.operations
    assert bench.work(SPEC, CONFIG, tokens=1, context=10).read_bytes > read


def test_a_point_says_its_share_of_the_bandwidth_and_the_roof_its_most() -> None:
    one = bench.Work(read_bytes=100_000_000, operations=200_000_000)
    found = bench.point(one, 100.0, HERE)
    assert (found.gb_per_s, found.gop_per_s, found.bandwidth_share) == pytest.approx((10.0, 20.0, 0.5))
    assert HERE.roof(found.intensity, HERE.peak(CONFIG)) == pytest.approx(40.0)
    assert HERE.roof(1000.0, HERE.peak(CONFIG)) == 160.0
    assert HERE.peak(EngineConfig(quantisation="none")) == 81.0
