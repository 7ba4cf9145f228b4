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
    assert [picture.stem for picture in sorted(tmp_path.glob("*.png"))] == [
        "01-start", "02-compiling", "03-loaded", "04-answering", "05-stopped", "06-regenerated", "07-export-markdown",
        "08-exported-markdown", "09-export-json", "10-exported-json",
    ]  # fmt: skip
