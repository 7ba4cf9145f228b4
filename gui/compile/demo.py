"""The built-in demo model: what comes before and after its compile job. Runs on a background thread."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from core import fsio
from core.demo_model import make_room
from core.system import data_dir

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest


def prepare() -> tuple[Path, CompileRequest]:
    """Return the demo's GGUF file and its compile job, with room made for the ONNX in between.

    Raises what `make_room` raises.
    """
    from core.cli.cmd_demo import demo_request

    request = demo_request(data_dir())
    source = make_room(request.model_path.parent.parent)
    fsio.make_folder(request.target_path)
    return source, request


def ready_engine() -> Path | None:
    """Return the demo's engine if it has been compiled already or came with the program."""
    from core.cli import cmd_demo

    return cmd_demo.ready_engine(cmd_demo.demo_request(data_dir()))


def clean_up() -> None:
    """Remove the ONNX in between."""
    from core.cli.cmd_demo import demo_request

    shutil.rmtree(demo_request(data_dir()).model_path.parent.parent, ignore_errors=True)
