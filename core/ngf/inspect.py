"""What an engine file says of itself, as JSON, for `inspect` and for the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from core import trust
from core.errors import FormatError
from core.ngf.format import SectionKind
from core.ngf.reader import NgfFile, Progress, never, no_progress
from core.runtime.code import abi_refusal


def inspect_report(
    path: Path, verify: bool = False, progress: Progress = no_progress, cancelled: Callable[[], bool] = never
) -> dict[str, Any]:
    """Return the header of `path`, the sizes in bytes of each kind of section, and the result of verifying.

    Keys: path, kind ("ngf"), file_size, sizes, role, spec, config, target, tokenizer, chat, producer, sections,
    weights_digest, trust ("built" here, "approved" to run, "" for a stranger's), abi_version, refusal (why this program
    can't run it whoever made it, else ""), verified (True, False, or None if not
    asked for) and damage (the sentence if False, else ""). Damage within a section is reported, not raised. Raises
    FormatError if the header is bad, FileError, Cancelled.
    """
    with NgfFile.open(path) as file:
        damage = ""
        if verify:
            try:
                file.verify(progress, cancelled)
            except FormatError as error:
                damage = error.message
        sizes = {kind: sum(s.length for s in file.header.of_kind(kind)) for kind in get_args(SectionKind)}
        return {
            "path": str(Path(path).absolute()),
            "kind": "ngf",
            "file_size": file.size,
            "sizes": sizes,
            **file.header.to_json(),
            "trust": trust.known(file.digest) or "",
            "abi_version": file.header.target.abi_version,
            "refusal": str(abi_refusal(file.header, file.path) or ""),
            "verified": not damage if verify else None,
            "damage": damage,
        }
