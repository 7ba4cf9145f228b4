"""An engine file that carries code for several kinds of processor, so that none of them has to compile it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.compiler.build import PARTS, Code, build_part
from core.kernels.isa import CpuTarget
from core.ngf.combine import copy_with_role
from core.ngf.format import Header, PlannedSection
from core.ngf.reader import NgfFile
from core.runtime.code import KINDS, built_for, require_abi, section_name


def add_targets(
    source: Path, output: Path, wanted: Sequence[CpuTarget], on_target: Callable[[CpuTarget], None] = lambda _: None
) -> Header:
    """Write a copy of the engine `source` with code for each of `wanted` that it lacks; return its header.

    `on_target` is called before each is built, which takes as long as compiling did. Raises FormatError if `source` is
    damaged, MismatchError if it is called in another way than here, ResourceError or FileError if `output` can't be
    written.
    """
    with NgfFile.open(source) as file:
        require_abi(file)
        header = file.header
        present = {section.name for section in header.sections}
        added: dict[str, bytes] = {}
        for target in wanted:
            if target == built_for(header) or section_name(PARTS[0], KINDS[0], target) in present:
                continue
            on_target(target)
            for part in PARTS:
                code: Code = build_part(part, header.spec, header.config, target, lambda _: None)
                for kind in KINDS:
                    added[section_name(part, kind, target)] = getattr(code, kind)
        extra = [(PlannedSection(name, "code", len(data)), data) for name, data in added.items()]
        return copy_with_role(file, output, header.role, added=extra)
