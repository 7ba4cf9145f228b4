"""What takes the space."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

MIB = 1 << 20
TOP = 14


def table(program: Path) -> list[str]:
    """Return lines: the whole tree's size, then the largest parts of it."""
    sizes: Counter[str] = Counter()
    for path in program.rglob("*"):
        if path.is_file() and not path.is_symlink():
            sizes[part_of(path.relative_to(program))] += path.stat().st_size
    lines = [f"installed: {sum(sizes.values()) / MIB:8.1f} MiB"]
    lines += [f"{size / MIB:19.1f} MiB  {name}" for name, size in sizes.most_common(TOP)]
    rest = sum(size for _, size in sizes.most_common()[TOP:])
    return [*lines, f"{rest / MIB:19.1f} MiB  all else"]


def part_of(path: Path) -> str:
    """Return what a file of the program counts as: a Python package, the standard library, or a folder."""
    parts = path.parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".libs")
    if parts[0] == "python":
        return "Python itself"
    return {"engines": "demo engine", "lib": "libraries for systems that lack them", "fonts": "Chinese font"}.get(
        parts[0], "C10 Panel itself"
    )
