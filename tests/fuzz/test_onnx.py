from __future__ import annotations

import pytest

from tests.fuzz import onnx


def test_mutated_models_give_only_the_importers_own_errors() -> None:
    outcome = onnx.run(120, seed=1)
    assert int(str(outcome["refused"])) > 60
    assert int(str(outcome["accepted"])) > 5  # changes of names, for instance, so the whole importer is reached


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_mutated_models_give_only_the_importers_own_errors() -> None:
    assert onnx.run(20_000, seed=2)
