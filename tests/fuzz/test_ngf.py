from __future__ import annotations

import pytest

from tests.fuzz import ngf


def test_mutated_engine_files_give_only_format_errors():
    outcome = ngf.run(2000, seed=1)
    assert outcome["refused"] > 1500
    assert outcome["damaged"] > 10  # some get past the header, so the fuzzer reaches further than its digest


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_mutated_engine_files_give_only_format_errors():
    assert ngf.run(200_000, seed=2)
