"""The machine code of an engine file: which of it this processor runs, and code built anew where none does."""

from __future__ import annotations

from pathlib import Path

from core import trust
from core.compiler.arguments import ABI_VERSION, callable_here
from core.errors import MismatchError
from core.kernels.isa import CpuTarget, host_target, targets
from core.ngf.format import Header
from core.ngf.reader import NgfFile
from core.runtime.machine import Machine

PARTS = ("base", "incremental")
KINDS = ("library", "bytecode")


def section_name(part: str, kind: str, target: CpuTarget | None = None) -> str:
    """Return the name of a code section: of PARTS and KINDS, for the header's target or for `target` beside it."""
    return f"code.{part}.{kind}" + (f".{target.label}" if target else "")


def built_for(header: Header) -> CpuTarget:
    """Return the target that the header names."""
    return CpuTarget(header.target.triple, header.target.mcpu, header.target.features)


def more_targets(header: Header) -> tuple[CpuTarget, ...]:
    """Return the targets that the file has code for beside the header's, best first."""
    names = {section.name for section in header.sections}
    wanted = [(target, {section_name(part, kind, target) for part in PARTS for kind in KINDS}) for target in targets()]
    return tuple(target for target, sections in wanted if sections <= names)


def abi_refusal(header: Header, path: Path) -> MismatchError | None:
    """Return why this program can't call the code of the engine `path`, None if it can."""
    found = header.target.abi_version
    if callable_here(found, header.config):
        return None
    return MismatchError(
        f"{path} holds code of calling convention {found}, but this program calls code by convention {ABI_VERSION}.",
        "Compile the model again with this program."
        if found < ABI_VERSION
        else "Update this program, or compile the model again with it.",
    )


def require_abi(file: NgfFile) -> None:
    """Raise MismatchError where the code in `file` is called in another way than this program does."""
    if refusal := abi_refusal(file.header, file.path):
        raise refusal


def load_code(file: NgfFile, notes: list[str]) -> dict[str, Machine]:
    """Return the linked code of the engine's two parts, "base" and "incremental".

    Of the code in the file, the best that this processor runs is taken. Where it runs none, the code is compiled again,
    which `notes` gets a sentence about. Raises UntrustedError for an engine that was neither built here nor approved,
    MismatchError for one that is called in another way than here.
    """
    require_abi(file)
    trust.require(file.digest, file.path)
    host, own, others = host_target(), built_for(file.header), more_targets(file.header)
    if host in others and own != host:
        return _linked(file, host)
    missing = own.missing_on(host)
    if not missing:
        return _linked(file, None)
    fitting = next((target for target in others if not target.missing_on(host)), None)
    if fitting is not None:
        return _linked(file, fitting)
    from core.compiler.build import build_part

    code = {part: build_part(part, file.header.spec, file.header.config, host, lambda _: None) for part in PARTS}
    notes.append(
        f"This engine was compiled for a processor with {', '.join(missing)}; its code was compiled again for this one."
    )
    return {part: Machine([built.library, built.bytecode]) for part, built in code.items()}


def _linked(file: NgfFile, target: CpuTarget | None) -> dict[str, Machine]:
    return {part: Machine([file.bytes_of(section_name(part, kind, target)) for kind in KINDS]) for part in PARTS}
