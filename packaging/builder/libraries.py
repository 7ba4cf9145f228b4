"""Shared libraries: what the program's own need of the system, and copies for systems that lack some of it.

Each copy lies in a folder of its own that is named by its soname, `lib/libxcb-cursor.so.0/`: the start puts only those
on the search path that the system doesn't have, so that a system's own library is always the one that is used.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from report import BuildError

C_LIBRARY = re.compile(r"ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|anl|mvec|crypt)\.so\.\d+")
"""Never brought along: these belong to the system's C library."""

OPTIONAL = ("libqgtk3.so",)
"""Plugins that are used only where the system has what they need."""

_LINE = re.compile(r"^\s*(\S+) => (?:(/.*) \(0x[0-9a-f]+\)|not found)", re.MULTILINE)
_GLIBC = re.compile(rb"GLIBC_2\.(\d+)\0")


def remove_unneeded_qt(packages: Path) -> None:
    """Remove Qt's libraries that no module and no plugin that stayed needs."""
    libraries = packages / "PySide6" / "Qt" / "lib"
    roots = [path for path in _elf_files(packages) if libraries not in path.parents]
    needed = {Path(found).resolve() for path in roots for found in _resolved(path).values() if found}
    for path in libraries.iterdir():
        if path.resolve() not in needed and not path.name.startswith("libQt6XcbQpa"):
            path.unlink()


def bring_along(folder: Path, target: Path) -> list[tuple[str, Path]]:
    """Copy what the files below `folder` need of the system to `target`; return (soname, the system's file) of each."""
    inside = {path.name for path in folder.rglob("*.so*")}
    wanted: dict[str, Path] = {}
    lacking: dict[str, Path] = {}
    for file in _elf_files(folder):
        if file.name in OPTIONAL:
            continue
        for soname, found in _resolved(file).items():
            if soname in inside or C_LIBRARY.fullmatch(soname):
                continue
            if found is None:
                lacking[soname] = file
            elif not Path(found).is_relative_to(folder):
                wanted[soname] = Path(found)
    if lacking:
        names = ", ".join(f"{soname} (for {file.name})" for soname, file in sorted(lacking.items()))
        raise BuildError(f"The building machine lacks libraries to bring along: {names}. Install their packages.")
    for soname, path in wanted.items():
        place = target / soname
        place.mkdir(parents=True)
        shutil.copyfile(path.resolve(), place / soname)
    return sorted(wanted.items())


def least_glibc(folder: Path) -> str:
    """Return the version of the C library that all files below `folder` run with, such as "2.35"."""
    minor = max(int(found) for path in _elf_files(folder) for found in _GLIBC.findall(path.read_bytes()))
    return f"2.{minor}"


def _elf_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and (".so" in path.name or path.parent.name == "bin"):
            with path.open("rb") as stream:
                if stream.read(4) == b"\x7fELF":
                    yield path


def _resolved(file: Path) -> dict[str, str | None]:
    """Return what the linker finds for `file`, directly or by way of others: {soname: path, None where it lacks}."""
    run = subprocess.run(["ldd", file], capture_output=True, text=True, check=False)  # noqa: S603, S607 -- the linker's own
    return {soname: path or None for soname, path in _LINE.findall(run.stdout)}
