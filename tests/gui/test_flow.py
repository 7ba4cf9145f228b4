"""A whole visit with real mouse and key events."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.demo_model import find_demo_gguf
from core.errors import FileError
from tests.gui import flow


@pytest.mark.slow
def test_a_visitor_compiles_the_demo_chats_stops_asks_again_and_exports(tmp_path: Path) -> None:
    if flow.missing():
        pytest.skip(f"needs {' and '.join(flow.missing())} (packages xvfb and xdotool)")
    try:
        find_demo_gguf()
    except FileError as error:
        pytest.skip(error.message)
    assert flow.run(tmp_path) == 0
    assert [picture.name for picture in sorted(tmp_path.glob("*.png"))] == [
        "01-start.png",
        "02-compiling.png",
        "03-loaded.png",
        "04-answering.png",
        "05-stopped.png",
        "06-regenerated.png",
        "07-export.png",
        "08-exported.png",
    ]
