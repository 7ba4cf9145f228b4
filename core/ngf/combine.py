"""Combining a base (prefill) and an incremental (decode) engine into one file that holds the weights once.

Both parts carry the same sections; only their role differs. So the combined file is a checked copy of one of them
under the role "multi".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core import trust
from core.errors import Cancelled, MismatchError, UsageError
from core.ngf.format import Header, PlannedSection, Section, SectionKind
from core.ngf.layout import ALIGN
from core.ngf.reader import BLOCK, NgfFile, Progress, damaged, never, no_progress
from core.ngf.writer import NgfWriter
from core.spec import Role

_SAME_MODEL = "Combine the two files that one compile job wrote (NAME.ngf and NAME_inc.ngf)."


def combine(
    part_a: Path,
    part_b: Path,
    output: Path,
    progress: Progress = no_progress,
    cancelled: Callable[[], bool] = never,
) -> Header:
    """Write the multi engine of a base and an incremental part, given in either order, and return its header.

    `progress` gets bytes done and bytes in all. Digests are checked while copying, so damage never spreads to the
    output, which is written whole or not at all. Raises MismatchError naming the first field that differs, FormatError
    for a bad part, UsageError if `output` is one of the parts, ResourceError or FileError if it can't be written, and
    Cancelled.
    """
    for part in (part_a, part_b):
        if _same_file(part, output):
            raise UsageError(f"The output {output} is one of the two parts.", "Choose another name for the output.")
    with NgfFile.open(part_a) as first, NgfFile.open(part_b) as second:
        base, other = _in_order(first, second)
        check_pair(base.header, other.header)
        return copy_with_role(base, output, "multi", progress, cancelled)


def copy_with_role(
    source: NgfFile,
    output: Path,
    role: Role,
    progress: Progress = no_progress,
    cancelled: Callable[[], bool] = never,
    added: Sequence[tuple[PlannedSection, bytes]] = (),
) -> Header:
    """Write a copy of `source` under a role, with `added` sections, and return its header; digests are checked.

    The copy of an engine that may run (`core.trust`) may run as well; a stranger's stays a stranger's. `progress` gets
    bytes done and bytes in all. Raises FormatError if `source` is damaged, ResourceError or FileError
    if `output` can't be written, and Cancelled; then `output` is as it was.
    """
    header = source.header
    planned = [PlannedSection(s.name, s.kind, s.length, s.dtype, s.shape) for s in header.sections]
    done, total = 0, sum(section.length for section in header.sections)
    with NgfWriter(output, replace(header, role=role), [*planned, *(extra for extra, _ in added)]) as writer:
        for extra, content in added:
            writer.write(extra.name, content)
        for section in header.sections:
            for start in range(section.offset, section.end, BLOCK):
                if cancelled():
                    raise Cancelled("Copying the engine was stopped; nothing was written.")
                data = source.read(start, min(BLOCK, section.end - start))
                writer.write(section.name, data)
                done += len(data)
                progress(done, total)
            if writer.digest_of(section.name) != section.sha256:
                raise damaged(source.path, section)
    if trust.known(source.digest):
        trust.note_built(writer.digest, (), output)
    return writer.header


def combined_size(part: Header) -> int:
    """Return the most bytes that combining `part` with its counterpart takes on the disk."""
    return part.file_size + ALIGN


def check_pair(base: Header, incremental: Header) -> None:
    """Raise MismatchError naming the first field, and its two values, by which the two parts don't belong together."""
    for name, one, other in _differences(base, incremental):
        if one != other:
            raise MismatchError(f"The two parts differ in {name}: {_shown(one)} and {_shown(other)}.", _SAME_MODEL)


def _differences(base: Header, incremental: Header) -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, value in base, value in incremental) of all that must be equal, in the order of checking."""
    for group in ("spec", "config", "target", "chat"):
        ones, others = asdict(getattr(base, group)), asdict(getattr(incremental, group))
        for name, value in ones.items():
            yield f"{group}.{name}", value, others[name]
    yield "tokenizer", base.tokenizer, incremental.tokenizer
    yield from _section_differences(base, incremental, "tokenizer")
    yield from _section_differences(base, incremental, "weight")
    yield from _section_differences(base, incremental, "code")


def _section_differences(base: Header, incremental: Header, kind: SectionKind) -> Iterator[tuple[str, Any, Any]]:
    ones, others = base.of_kind(kind), incremental.of_kind(kind)
    yield f"the {kind} sections' names", _names(ones, others), _names(others, ones)
    found = {section.name: section for section in others}
    for one in ones:
        other = found[one.name]
        for field in ("dtype", "shape", "sha256"):
            yield f"{kind} {one.name}'s {field}", getattr(one, field), getattr(other, field)


def _names(ones: tuple[Section, ...], others: tuple[Section, ...]) -> list[str]:
    """Return the names that only `ones` has, at most three."""
    return sorted({section.name for section in ones} - {section.name for section in others})[:3]


def _in_order(first: NgfFile, second: NgfFile) -> tuple[NgfFile, NgfFile]:
    """Return the two files as (base, incremental); raises MismatchError if they aren't one of each."""
    by_role = {first.header.role: first, second.header.role: second}
    for file in (first, second):
        if file.header.role == "multi":
            raise MismatchError(f"{file.path} is a combined (multi) engine already.", "It can be used as it is.")
    if len(by_role) != 2:
        role = first.header.role
        raise MismatchError(f"Both parts have the role {role}: {first.path} and {second.path}.", _SAME_MODEL)
    return by_role["base"], by_role["incremental"]


def _same_file(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return Path(one).samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)[:120] or "none"
    return repr(value) if isinstance(value, str) else str(value)
