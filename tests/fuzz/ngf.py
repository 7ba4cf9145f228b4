"""Structure-aware mutations of engine files: whatever the bytes, only a FormatError may come of them.

A case changes the raw bytes, the fields of the fixed prefix, or the header's JSON tree (then, mostly, with the digests
made to fit, so that the change gets past them). Each is checked against promise 2: read_header gives a header or a
FormatError, within a second; what it accepts can be verified and its tensors lie within the file.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import strictjson
from core.errors import FormatError
from core.ngf.layout import ALIGN, PREFIX_SIZE, VERSION
from core.ngf.reader import NgfFile, read_header
from tests.core.ngf.sample import write_sample
from tests.fuzz import cases
from tests.fuzz.cases import change_bytes

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 7, 8, 63, 64, 4095, 4096, 4097, 8192, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 62,
    (1 << 63) - 1, -(1 << 62), 0.0, 1.0, -1.5, 1e-5, 1e308, "", "x", "base", "multi", "weight", "code", "float32",
    "int8", "bfloat16", "0" * 64, "f" * 64, "../../x", "a\0b", "中", "x" * 5000,
    [], {}, [1], [[]], {"a": 1}, [1 << 62] * 3,
]  # fmt: skip

PIECES = (
    b"NaN", b"Infinity", b"1e999", b"[" * 2000, b'{"a":' * 50, b'"role":"base",', b",", b'"', b"\\ud800", b"\xff", b" ",
    b"9" * 400, b"true", b"-0", b"1.0",
)  # fmt: skip


def write(folder: Path) -> Path:
    """Write a small sound engine; return its path."""
    path = folder / "a.ngf"
    write_sample(path)
    return path


def run(count: int, seed: int) -> dict[str, object]:
    """Try `count` mutations; return how they ended and what the dearest took."""
    return cases.run(sys.modules[__name__], count, seed)


def check(path: Path) -> str:
    """Return what became of the file: refused, accepted (whole and sound), or damaged (found by verifying)."""
    try:
        header = read_header(path)
    except FormatError:
        return "refused"
    size = path.stat().st_size
    assert header.file_size == size
    with NgfFile.open(path) as file:
        for section in header.of_kind("weight"):
            tensor = file.tensor(section.name)
            assert tensor.shape == section.shape
            assert tensor.nbytes == section.length
            assert section.end <= size
        try:
            file.verify()
        except FormatError:
            return "damaged"
    return "accepted"


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one to four random changes."""
    kinds: list[Callable[[bytes, random.Random], bytes]] = [change_bytes, _prefix, _header, _header, _header, _text]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(kinds)(data, rng)
    return data


def _prefix(data: bytes, rng: random.Random) -> bytes:
    if len(data) < PREFIX_SIZE:
        return data
    changed = bytearray(data)
    form, at = rng.choice((("<I", 8), ("<I", 12), ("<Q", 16), ("<Q", 16)))
    limit = (1 << 32) - 1 if form == "<I" else (1 << 64) - 1
    value = rng.choice(
        (0, 1, 2, 3, 56, 4096, len(data), len(data) - PREFIX_SIZE, limit, limit >> 1, rng.randrange(limit))
    )
    struct.pack_into(form, changed, at, min(max(value, 0), limit))
    return bytes(changed)


def _split(data: bytes) -> tuple[bytes, bytes] | None:
    """Return the header's bytes and the sections' bytes, None if there is no header to be found."""
    if len(data) < PREFIX_SIZE:
        return None
    length = struct.unpack_from("<Q", data, 16)[0]
    end = PREFIX_SIZE + length
    return (data[PREFIX_SIZE:end], data[-(-end // ALIGN) * ALIGN :]) if end <= len(data) else None


def _join(header: bytes, body: bytes, original: bytes) -> bytes:
    prefix = struct.pack("<8sIIQ32s", original[:8], VERSION, 0, len(header), hashlib.sha256(header).digest())
    end = PREFIX_SIZE + len(header)
    return (prefix + header).ljust(-(-end // ALIGN) * ALIGN, b"\0") + body


def _text(data: bytes, rng: random.Random) -> bytes:
    """Change the header's text, with a digest that fits."""
    parts = _split(data)
    if parts is None:
        return data
    text, at = parts[0], rng.randrange(len(parts[0]) + 1)
    return _join(text[:at] + rng.choice(PIECES) + text[at + rng.choice((0, 0, 1, 5)) :], parts[1], data)


def _header(data: bytes, rng: random.Random) -> bytes:
    """Change the header's tree, mostly in the canonical form and with digests that fit."""
    parts = _split(data)
    try:
        tree = json.loads(parts[0]) if parts else None
    except (ValueError, RecursionError):
        return data
    if parts is None or not isinstance(tree, dict):
        return data
    _change(tree, rng)
    if rng.random() < 0.5:
        _fit_weights_digest(tree)
    canonical = rng.random() < 0.95
    text = strictjson.dumps(_finite(tree)) if canonical else json.dumps(tree, indent=rng.choice((None, 1))).encode()
    return _join(text, parts[1], data)


def _finite(tree: Any) -> Any:
    try:
        strictjson.dumps(tree)
    except FormatError:
        return {}
    return tree


def _change(tree: Any, rng: random.Random) -> None:
    """Change one random place of a JSON tree in place."""
    places: list[tuple[Any, Any]] = []
    queue = [tree]
    while queue:
        node = queue.pop()
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        places += [(node, key) for key in keys]
        queue += [node[key] for key in keys if isinstance(node[key], dict | list)]
    if not places:
        return
    node, key = rng.choice(places)
    change = rng.randrange(8)
    if change == 0:
        del node[key]
    elif change == 1 and isinstance(node, list):
        node.insert(rng.randrange(len(node) + 1), copy.deepcopy(node[key]))
    elif change == 2:
        other, place = rng.choice(places)
        node[key] = copy.deepcopy(other[place]) if place in other or isinstance(other, list) else None
    elif change == 3 and isinstance(node, dict):
        node[rng.choice(("more", "", key + "x"))] = rng.choice(VALUES)
    elif change <= 5 and type(node[key]) is int:
        node[key] += rng.choice((-4096, -64, -1, 1, 64, 4096))
    else:
        node[key] = copy.deepcopy(rng.choice(VALUES))


def _fit_weights_digest(tree: dict[str, Any]) -> None:
    try:
        rows = sorted(
            [s["name"], s["dtype"], s["shape"], s["sha256"]] for s in tree["sections"] if s["kind"] == "weight"
        )
        tree["weights_digest"] = hashlib.sha256(strictjson.dumps(rows)).hexdigest()
    except (KeyError, TypeError, FormatError):
        return
