"""The licences of all that the packages bring along, each in a file of its own, and a list of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

_NAMES = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_COMMON = ("Apache-2.0", "GPL-2", "GPL-3", "LGPL-2", "LGPL-2.1", "LGPL-3")
_COPYRIGHT = Path("/usr/share/doc")


def collect(target: Path, distributions: list[metadata.Distribution], system_files: list[Path]) -> int:
    """Fill `target` with each Python package's licence texts and each system package's; return how many there are.

    `system_files`: files of the building machine that were copied; the Debian package of each is asked for.
    """
    rows = []
    for distribution in distributions:
        name, version = distribution.metadata["Name"], distribution.version
        said = (
            distribution.metadata["License-Expression"] or distribution.metadata["License"] or _classified(distribution)
        )
        texts = [Path(str(file.locate())) for file in distribution.files or () if _is_licence(Path(str(file)))]
        for number, text in enumerate(text for text in texts if text.is_file()):
            suffix = f".{number}" if number else ""
            shutil.copyfile(text, _made(target / "python") / f"{name}.{text.name}{suffix}")
        rows.append(f"{name} {version}: {said.splitlines()[0][:100] if said else 'see its licence text'}")
    for package in sorted({package for file in system_files if (package := _debian_package(file))}):
        text = _COPYRIGHT / package.partition(":")[0] / "copyright"
        if text.is_file():
            shutil.copyfile(text, _made(target / "system") / f"{package.partition(':')[0]}.copyright")
            rows.append(f"{package.partition(':')[0]} (library of the building system): see system/")
    for name in _COMMON:  # wheels that name one of these often don't hold its text
        text = Path("/usr/share/common-licenses") / name
        if text.is_file():
            shutil.copyfile(text, _made(target / "common") / name)
    (target / "LIST.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_licence(path: Path) -> bool:
    inside = path.parts[0].endswith(".dist-info") or len(path.parts) == 2
    return inside and bool(_NAMES.search(path.name)) and path.suffix not in (".py", ".pyc", ".h")


def _classified(distribution: metadata.Distribution) -> str:
    found = [row for row in distribution.metadata.get_all("Classifier") or () if row.startswith("License ::")]
    return found[0].rpartition(":: ")[2] if found else ""


def _debian_package(file: Path) -> str:
    for path in (file, file.resolve()):
        for name in (str(path), str(path).removeprefix("/usr")):
            run = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)  # noqa: S603, S607
            if run.returncode == 0:
                return run.stdout.partition(": ")[0].partition(",")[0]
    return ""
