"""The three forms in which the program is handed over, made of one tree.

The same tree and the same SOURCE_DATE_EPOCH give the same files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from report import BuildError

NAME = "c10-panel"
SUMMARY = "Compile, inspect and chat with ChatGLM2-style models on C10 cards or the CPU"
DESCRIPTION = """\
Compiles ChatGLM2-style ONNX models into engines, shows the cards and their
limits, and chats with streamed answers beside live graphs. Works without
network: it brings its own Python, its libraries and a demo engine."""
_LEVEL = 12
"""Of zstd: a tenth larger than the highest one, in a tenth of its time."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is handed over: `moment` in seconds since 1970 is every file's time, `glibc` the least C library."""

    version: str
    revision: int
    moment: int
    glibc: str

    @property
    def full(self) -> str:
        """Version and revision, "0.1.0-1"."""
        return f"{self.version}-{self.revision}"


def make_deb(tree: Path, out: Path, release: Release) -> Path:
    """Write the .deb of the tree (opt/, usr/); raises BuildError without dpkg-deb."""
    _require("dpkg-deb", "dpkg")
    control = tree / "DEBIAN"
    control.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    (control / "control").write_text(control_text(release, size), encoding="utf-8")
    (control / "md5sums").write_text("".join(_digests(tree)), encoding="utf-8")
    path = out / f"{NAME}_{release.full}_amd64.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{_LEVEL}", "--build", str(tree), str(path)]
    try:
        _run(command, release)
    finally:
        shutil.rmtree(control)
    return path


def control_text(release: Release, size_kib: int) -> str:
    """Return the control file; only the C library is asked for, all else comes along."""
    lines = "\n".join(f" {line}" for line in DESCRIPTION.splitlines())
    return f"""Package: {NAME}
Version: {release.full}
Architecture: amd64
Maintainer: The C10 Panel developers <developers@c10-panel.invalid>
Installed-Size: {size_kib}
Depends: libc6 (>= {release.glibc})
Suggests: fonts-noto-cjk
Section: science
Priority: optional
Description: {SUMMARY}
{lines}
"""


def make_rpm(tree: Path, out: Path, work: Path, release: Release) -> Path:
    """Write the .rpm of the tree; raises BuildError without rpmbuild."""
    _require("rpmbuild", "rpm")
    top = work / "rpm"
    shutil.rmtree(top, ignore_errors=True)
    (top / "SPECS").mkdir(parents=True)
    spec = top / "SPECS" / f"{NAME}.spec"
    spec.write_text(spec_text(tree, release), encoding="utf-8")
    _run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", str(spec)], release)
    [made] = (top / "RPMS").rglob("*.rpm")
    path = out / made.name
    shutil.move(made, path)
    shutil.rmtree(top)
    return path


def spec_text(tree: Path, release: Release) -> str:
    """Return the spec file; it packs the finished tree and changes nothing in it."""
    owned = "\n".join(sorted(_owned(tree)))
    return f"""%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global _buildhost localhost
%global _binary_payload w{_LEVEL}.zstdio
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
Name: {NAME}
Version: {release.version}
Release: {release.revision}
Summary: {SUMMARY}
License: LicenseRef-see-usr-share-doc
AutoReqProv: no
Requires: glibc >= {release.glibc}
Suggests: google-noto-sans-cjk-fonts

%description
{DESCRIPTION}

%install
cp -al "{tree}/." "%{{buildroot}}/"

%files
%defattr(-,root,root,-)
{owned}
"""


def _owned(tree: Path) -> Iterator[str]:
    """Yield what the package owns: its own folders whole, and its files in folders that are everybody's."""
    yield f"/opt/{NAME}"
    yield f"/usr/share/doc/{NAME}"
    for path in tree.rglob("*"):
        place = "/" + path.relative_to(tree).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if not place.startswith((f"/opt/{NAME}/", f"/usr/share/doc/{NAME}/")):
            yield place


def make_portable(tree: Path, out: Path, release: Release) -> Path:
    """Write the portable folder as tar.gz: opt/c10-panel's content under one name, with the documents beside it."""
    path = out / f"{NAME}-{release.full}-x86_64.tar.gz"
    top = f"{NAME}-{release.version}"
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=release.moment) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for folder, place in ((tree / "opt" / NAME, top), (tree / "usr/share/doc" / NAME, f"{top}/doc")):
            archive.add(folder, place, filter=lambda entry: _plain(entry, release.moment))
    return path


def _plain(entry: tarfile.TarInfo, moment: int) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = moment
    return entry


def _digests(tree: Path) -> Iterator[str]:
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.relative_to(tree).parts[:1]:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
            yield f"{digest.hexdigest()}  {path.relative_to(tree)}\n"


def _require(tool: str, package: str) -> None:
    if shutil.which(tool) is None:
        raise BuildError(f"{tool} is lacking: sudo apt-get install {package}")


def _run(command: list[str], release: Release) -> None:
    run = subprocess.run(  # noqa: S603 -- the packaging tools
        command,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(release.moment)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise BuildError(f"{command[0]} failed: {(run.stderr or run.stdout).strip()[-2000:]}")
