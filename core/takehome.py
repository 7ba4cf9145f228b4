"""A conversation to take home without any network: its text in QR codes, several where one holds too little.

Each code is plain text that any phone's camera reads, with "1/3" in its first line where there are several.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from core.errors import UsageError

FRAME_BYTES = 640
"""Most bytes of one code (UTF-8): about 100 modules a side, which a phone reads from a screen at arm's length."""
MAX_FRAMES = 40
"""More than this nobody photographs; the rest of the text is left out, and the last code says so."""
CUT = "[…]"

Modules = tuple[tuple[bool, ...], ...]
"""Rows of a code, True is dark; with a quiet zone of four modules."""


def transcript(turns: Sequence[tuple[str, str]], footer: str = "") -> str:
    """Return the turns (speaker, text) as plain text, a blank line between them, and a last line."""
    parts = [f"{speaker} {text.strip()}" for speaker, text in turns if text.strip()]
    return "\n\n".join([*parts, footer] if footer and parts else parts)


def frames(text: str, title: str = "") -> tuple[str, ...]:
    """Return the texts of the codes: as few as hold `text`, of about equal length, none longer than FRAME_BYTES.

    Cuts lie between characters, after a space or a line where one is near. Where there are several, each begins with a
    line `title` and its number.
    """
    if not text:
        return ()
    if len(f"{title}\n{text}".encode()) <= FRAME_BYTES:
        return (f"{title}\n{text}" if title else text,)
    room = FRAME_BYTES - len(f"{title} {MAX_FRAMES}/{MAX_FRAMES}\n".encode())
    if room < 64:
        raise UsageError(f"The title {title!r} leaves no room for text.", "Use a shorter one.")
    wanted = math.ceil(len(text.encode()) / room)
    parts: list[str] = []
    rest = text
    while rest:
        left = max(1, wanted - len(parts))
        part = _cut(rest, min(room, math.ceil(len(rest.encode()) / left) + 24))
        parts.append(part)
        rest = rest[len(part) :]
    if len(parts) > MAX_FRAMES:
        parts = parts[:MAX_FRAMES]
        parts[-1] = _cut(parts[-1], room - len(CUT.encode())) + CUT
    return tuple(f"{title} {number}/{len(parts)}\n{part}" for number, part in enumerate(parts, start=1))


def _cut(text: str, most: int) -> str:
    """Return the longest beginning of `text` within `most` bytes, cut after a space if one is near."""
    data = text.encode()
    if len(data) <= most:
        return text
    part = data[:most].decode("utf-8", "ignore")
    near = max(part.rfind(" "), part.rfind("\n"), part.rfind("。")) + 1
    return part[:near] if near > len(part) * 3 // 4 else part


def modules(text: str) -> Modules:
    """Return the QR code (error correction M or better) of a text. Raises UsageError for one that is too long."""
    code = _code(text)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=4))


def png(text: str, scale: int = 8) -> bytes:
    """Return the QR code of a text as a PNG with `scale` pixels a module."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def _code(text: str) -> Any:
    import segno

    try:
        return segno.make_qr(text, error="m", encoding="utf-8")
    except segno.DataOverflowError as error:
        raise UsageError(f"{len(text.encode())} bytes don't fit into one QR code.", "Split the text first.") from error
