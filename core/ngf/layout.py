r"""The engine file format, version 1: what the bytes mean, and every rule that a header must keep.

    offset  0   magic, 8 bytes: 8d "NGF" 0d 0a 1a 0a (as PNG's, it shows damage by a text-mode transfer)
    offset  8   version, uint32; all integers are little-endian
    offset 12   flags, uint32, zero
    offset 16   header length in bytes, uint64, at most MAX_HEADER
    offset 24   SHA-256 of the header
    offset 56   the header: canonical JSON (core.strictjson.dumps of Header.to_json())
    then        sections, each at the next multiple of ALIGN after the previous one's end (the first: after the header)

Gaps are zero bytes, and the file ends with the last section's last byte: no holes, no overlap, nothing outside.
The same format holds a base (prefill), an incremental (decode) and a multi (both) engine; they differ in `role`.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core import strictjson
from core.errors import ForeignEngineError, FormatError
from core.ngf.format import MAX_SECTIONS, NO_DIGEST, Header, PlannedSection, Section, check_names, check_section
from core.spec import round_up

MAGIC: Final = b"\x8dNGF\r\n\x1a\n"
VERSION: Final = 1
ALIGN: Final = 4096
"""Every section starts at a multiple of this many bytes: a memory page, so that tensors can be mapped as they lie."""
MAX_HEADER: Final = 2 << 20
"""Most bytes of a header; each section takes about 210."""
MAX_VALUES: Final = 120_000
"""Most JSON values of a header; each section takes about 12."""

_PREFIX = struct.Struct("<8sIIQ32s")
PREFIX_SIZE: Final = _PREFIX.size  # 56


@dataclass(frozen=True, slots=True)
class Prefix:
    """The fixed first 56 bytes, apart from magic, version and flags."""

    header_length: int
    header_digest: bytes


def check_layout(sections: Sequence[Section], header_end: int, file_size: int) -> None:
    """Raise FormatError unless the sections, in their order, cover the file from `header_end` to its end (bytes)."""
    end = header_end
    for section in sections:
        wanted = round_up(end, ALIGN)
        if section.offset != wanted:
            raise FormatError(f"The section {section.name!r} begins at byte {section.offset} instead of {wanted}.")
        end = section.end
    if end != file_size:
        raise FormatError(f"The file has {file_size} bytes, but its header describes {end}.")


def gaps(sections: Iterable[Section], header_end: int) -> list[tuple[int, int]]:
    """Return (offset, length) of the zero padding before each section that has some."""
    found = []
    for section in sections:
        if section.offset > header_end:
            found.append((header_end, section.offset - header_end))
        header_end = section.end
    return found


def plan(header: Header, planned: Sequence[PlannedSection]) -> Header:
    """Return `header` with sections at their final places; digests are zeros of the final width.

    The places don't change when the digests are filled in, as the header's length doesn't. Raises FormatError for
    sections that break a rule.
    """
    if len(planned) > MAX_SECTIONS:
        raise FormatError(f"An engine can't have {len(planned)} sections; {MAX_SECTIONS} is the most.")
    check_names(planned)
    for one in planned:
        check_section(one)
    header_end, placed = 0, header
    while True:
        placed = replace(header, sections=_place(planned, header_end), weights_digest=NO_DIGEST)
        needed = PREFIX_SIZE + len(header_bytes(placed))
        if round_up(needed, ALIGN) == round_up(header_end, ALIGN):
            return placed
        header_end = needed  # grows with the digits of the offsets, so this ends


def _place(planned: Sequence[PlannedSection], end: int) -> tuple[Section, ...]:
    placed = []
    for one in planned:
        section = Section(one.name, one.kind, round_up(end, ALIGN), one.length, NO_DIGEST, one.dtype, one.shape)
        placed.append(section)
        end = section.end
    return tuple(placed)


def header_bytes(header: Header) -> bytes:
    """Return the header as it stands in a file; raises FormatError if it is longer than MAX_HEADER."""
    data = strictjson.dumps(header.to_json())
    if len(data) > MAX_HEADER:
        raise FormatError(f"The engine header has {len(data)} bytes, more than the {MAX_HEADER} that are allowed.")
    return data


def prefix_bytes(header: bytes) -> bytes:
    """Return the fixed first bytes of a file with this header."""
    return _PREFIX.pack(MAGIC, VERSION, 0, len(header), hashlib.sha256(header).digest())


def parse_prefix(data: bytes, file_size: int) -> Prefix:
    """Check the first bytes of a file of `file_size` bytes; raises FormatError, ForeignEngineError for other magics."""
    _check_magic(data[: len(MAGIC)])
    if len(data) < PREFIX_SIZE:
        raise FormatError(f"The file ends after {file_size} bytes, within its first {PREFIX_SIZE}.")
    _, version, flags, length, digest = _PREFIX.unpack(data[:PREFIX_SIZE])
    if version != VERSION:
        raise FormatError(
            f"The file has format version {version}, but this program reads version {VERSION}.",
            "Compile the model again, or use the program that made the file.",
        )
    if flags:
        raise FormatError(f"The file has flags {flags:#x}, but this program knows none.")
    if not 2 <= length <= MAX_HEADER:
        raise FormatError(f"The engine header claims {length} bytes, outside 2 to {MAX_HEADER}.")
    if PREFIX_SIZE + length > file_size:
        raise FormatError(f"The file ends after {file_size} bytes, within its header of {length} bytes.")
    return Prefix(length, digest)


def parse_header(data: bytes, prefix: Prefix) -> Header:
    """Check and parse the header's bytes; raises FormatError."""
    if hashlib.sha256(data).digest() != prefix.header_digest:
        raise FormatError("The header's digest doesn't match: the file is damaged.")
    parsed = strictjson.loads(data, max_bytes=MAX_HEADER, max_depth=8, max_values=MAX_VALUES, what="engine header")
    if strictjson.dumps(parsed) != data:
        raise FormatError("The engine header is not in the canonical form.")
    return Header.from_json(parsed)


def _check_magic(start: bytes) -> None:
    if start == MAGIC:
        return
    if not start:
        raise FormatError("The file is empty.")
    if MAGIC.startswith(start):
        raise FormatError(f"The file ends after {len(start)} bytes.")
    if start[1:4] == MAGIC[1:4]:
        raise FormatError("The file was damaged by a transfer in text mode.", "Copy it again in binary mode.")
    raise ForeignEngineError(
        f"The file begins with {start.hex(' ')}, not with this program's magic: it is probably the vendor's engine.",
        "Use it with the c10 target; the CPU needs an engine compiled for it.",
    )
