"""`packaging/build`: makes the packages; see --help."""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import time
from pathlib import Path

import engine
import environment
import formats
import libraries
import licences
import share
import sizes
from report import BuildError, say

from core import __version__

ROOT = Path(__file__).resolve().parents[2]
FORMS = ("deb", "rpm", "portable")
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
PROGRAM = ("core", "gui", "resources", "packaging/c10-panel", "packaging/setup.sh")
LEFT_OUT = """left out: packages only for fetching from model hubs, tests and headers of packages, type stubs,
TVM's sources and CUDA runtime, onnxruntime's second copy, tools and file formats, Qt beyond widgets (QML, designer,
databases, TLS, embedded displays) and its other languages, Python's tests, Tk, IDLE, pip, readline, databases,
pictures that the guide doesn't show"""
_FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">.</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def main() -> int:
    """Make the forms asked for; 0, or 2 with the sentence that says what is lacking."""
    arguments = parser().parse_args()
    try:
        build(arguments)
    except BuildError as error:
        say(f"packaging/build: {error}")
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="packaging/build", description="Make packages that work without network.")
    made.add_argument("--only", choices=FORMS, action="append", help="make this form only (may be given twice)")
    made.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the packages (default: dist/)")
    made.add_argument(
        "--work", type=Path, default=ROOT / "build", help="folder for what lies between (default: build/)"
    )
    made.add_argument("--revision", type=int, default=1, help="revision of this version's packages (default: 1)")
    made.add_argument("--python", default="", help="Python to bring along (default: the distribution's)")
    return made


def build(arguments: argparse.Namespace) -> None:
    """Make the tree, then each form of it."""
    started = time.monotonic()
    work, out = arguments.work.absolute(), arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    moment = source_date()
    demo = engine.demo_engine(work)
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    glibc = make_tree(tree, demo, environment.find_interpreter(arguments.python), moment)
    release = formats.Release(__version__, arguments.revision, moment, glibc)
    say(f"The tree is ready after {time.monotonic() - started:.0f} s; it runs with glibc {glibc} or newer")
    made = []
    for form in arguments.only or FORMS:
        begun = time.monotonic()
        if form == "deb":
            made.append(formats.make_deb(tree, out, release))
        elif form == "rpm":
            made.append(formats.make_rpm(tree, out, work, release))
        else:
            made.append(formats.make_portable(tree, out, release))
        say(f"{made[-1].name}: {time.monotonic() - begun:.0f} s")
    lines = [f"{path.stat().st_size / sizes.MIB:8.1f} MiB  {path.name}" for path in made]
    sys.stdout.write("\n".join([*lines, *sizes.table(tree / "opt" / formats.NAME), LEFT_OUT]) + "\n")
    shutil.rmtree(tree)


def source_date() -> int:
    """Return the time that every file gets: SOURCE_DATE_EPOCH, else that of the last commit, else of the change log."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    git = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    return int(git.stdout) if git.stdout.strip() else int((ROOT / "CHANGELOG.md").stat().st_mtime)


def make_tree(tree: Path, demo: Path, interpreter: Path, moment: int) -> str:
    """Fill `tree` with opt/ and usr/ as they lie on the target; return the least version of glibc."""
    program = tree / "opt" / formats.NAME
    say("Copying the interpreter and the packages")
    environment.make(program / "python", interpreter)
    packages = next(program.glob("python/lib/python3.*/site-packages"))
    libraries.remove_unneeded_qt(packages)
    brought = libraries.bring_along(program / "python", program / "lib")
    copy_program(program)
    engine.place(demo, program, moment)
    place_font(program / "fonts")
    say("Compiling Python's modules")
    compileall.compile_dir(
        program,
        quiet=2,
        workers=2,
        stripdir=str(program),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    make_share(tree, [path for _, path in brought] + [interpreter, FONT], moment)
    check_paths(program)
    settle(tree, moment)
    return libraries.least_glibc(program / "python")  # what is brought along is only used where a system lacks it


def copy_program(program: Path) -> None:
    """Copy the program itself; of the pictures only those that the guide shows."""
    shown = {path.name for path in (ROOT / "resources" / "screenshots").glob("*.png") if in_guide(path.name)}
    for name in PROGRAM:
        source, place = ROOT / name, program / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copy2(source, place)
            continue
        shutil.copytree(source, place, ignore=lambda folder, names: dropped(Path(folder), names, shown))
    (program / formats.NAME).symlink_to(f"packaging/{formats.NAME}")


def in_guide(picture: str) -> bool:
    """Return whether the operator's guide shows a picture."""
    return any(picture in guide.read_text(encoding="utf-8") for guide in (ROOT / "resources" / "guide").glob("*.md"))


def dropped(folder: Path, names: list[str], shown: set[str]) -> set[str]:
    """Return which of a folder's entries stay out of the packages."""
    found = {name for name in names if name == "__pycache__" or name.endswith((".ts", ".pyc")) or name == "update"}
    return found | (set(names) - shown if folder.name == "screenshots" else set())


def place_font(folder: Path) -> None:
    """Bring a Chinese font for systems that have none."""
    if not FONT.is_file():
        raise BuildError("The packages bring a Chinese font: sudo apt-get install fonts-noto-cjk")
    folder.mkdir()
    shutil.copyfile(FONT, folder / FONT.name)
    share.write(folder / "fonts.conf", _FONTS_CONF)


def make_share(tree: Path, system_files: list[Path], moment: int) -> None:
    """Make usr/: the command, what the desktop reads, the documents and licences."""
    usr = tree / "usr"
    (usr / "bin").mkdir(parents=True)
    (usr / "bin" / formats.NAME).symlink_to(f"/opt/{formats.NAME}/packaging/{formats.NAME}")
    share.make(usr / "share", formats.NAME, moment)
    documents = usr / "share" / "doc" / formats.NAME
    documents.mkdir(parents=True)
    for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "C10.md"):
        shutil.copyfile(ROOT / name, documents / name)
    count = licences.collect(documents / "licences", environment.distributions(), system_files)
    share.write(
        documents / "copyright", f"C10 Panel brings {count} works of others; licences/ has the licence of each.\n"
    )
    say(f"Licences of {count} packages collected")


def check_paths(program: Path) -> None:
    """Raise BuildError where a file names a folder of the building machine."""
    own = [str(ROOT).encode(), sys.prefix.encode()]
    for path in sorted(program.rglob("*")):
        if path.is_file() and not path.is_symlink() and any(name in path.read_bytes() for name in own):
            raise BuildError(f"{path.relative_to(program)} names a folder of this machine ({ROOT}).")


def settle(tree: Path, moment: int) -> None:
    """Give every file the same time, and the rights that everybody may read and only root may write."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


if __name__ == "__main__":
    sys.exit(main())
