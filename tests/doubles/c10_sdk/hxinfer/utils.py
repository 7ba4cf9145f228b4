"""Double of the vendor's combine."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hx_double import log, need, unwrap, use_project, wrap


def combine_engine_file(engines: list[str], output: str) -> None:
    log(f"combine_engine_file({[Path(one).name for one in engines]}, {Path(output).name})")
    need(type(engines) is list and len(engines) == 2, "combine_engine_file takes a list of two files")
    need(all(type(one) is str and Path(one).is_file() for one in engines), "an engine to combine is missing")
    need(type(output) is str, "the output is no text")
    use_project()
    from core.ngf.combine import combine
    from core.ngf.reader import read_header

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, incremental = (unwrap(Path(one), folder / f"{i}.ngf") for i, one in enumerate(engines))
        roles = read_header(base).role, read_header(incremental).role
        need(roles == ("base", "incremental"), f"the engines come as {roles}, not base first")
        combine(base, incremental, folder / "multi.ngf")
        wrap(folder / "multi.ngf", Path(output))
