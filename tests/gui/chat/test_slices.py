"""Long work in slices."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject
from shiboken6 import delete

from gui.chat.slices import Slices


def test_work_on_a_widget_that_is_gone_is_dropped(qapp: object) -> None:
    del qapp
    steps: list[str] = []

    def work(name: str) -> Iterator[None]:
        for _ in range(3):
            steps.append(name)
            yield

    slices, gone, there = Slices(), QObject(), QObject()
    slices.add(work("gone"), gone)
    slices.add(work("there"), there)
    delete(gone)
    slices.tick()
    assert steps == ["there"] * 3
    assert slices.idle
