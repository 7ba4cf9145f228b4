"""The quality command in a worker: what it is told, what it answers, over the wire."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.events import Event, QualityMeasured, StepProgress, from_json
from core.quality import card as cards
from core.quality import measure as measure_module
from core.worker import priority
from core.worker.jobs import Jobs
from core.worker.protocol import Quality, parse_command
from core.worker.services import Services
from tests.core.quality.test_quality import CARD


def test_a_worker_reports_layers_and_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[object, ...]] = []

    def measured(
        session: object, engine: Path, model: Path, questions: list[str], progress: object, _: object
    ) -> object:
        told.append((session, engine, model, questions))
        progress(3, 31)  # type: ignore[operator]  # the callback
        return CARD

    monkeypatch.setattr(measure_module, "measure", measured)
    monkeypatch.setattr(priority, "step_back", lambda: 0)
    sent: list[Event] = []
    jobs = Jobs(Services(), sent.append)
    monkeypatch.setattr(jobs, "_loaded", lambda: "session")
    command = Quality("/e/m.ngf", "/m/model.onnx", ["Hi"])
    assert parse_command(command.to_line()) == command
    assert jobs.handle(command.to_line(), lambda: False)
    assert told == [("session", Path("/e/m.ngf"), Path("/m/model.onnx"), ["Hi"])]
    assert sent[0] == StepProgress("quality", 3, 31, "layers")
    arrived = from_json(json.loads(json.dumps(sent[1].to_json())))
    assert isinstance(arrived, QualityMeasured)
    assert cards.parse(arrived.card) == CARD
