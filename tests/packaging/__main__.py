"""`python -m tests.packaging`: installs, starts, uses, upgrades and removes the packages in a clean Debian, as root.

Needs debootstrap, rpm, cpio and some 6 GB below --work. Everything but making the base system and adding an X server to
it runs without network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.packaging.clean import USER, USER_HOME, Clean, Log, StepError, make_base

QUESTION = "What is the capital of France?"
AVX2 = "fpu sse sse2 ssse3 sse4_1 sse4_2 popcnt avx f16c fma avx2 bmi1 bmi2"
PLAIN = "fpu sse sse2"
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
STATE = (f"{USER_HOME[1:]}/.config/c10-panel", f"{USER_HOME[1:]}/.local/share/c10-panel/engines")
OWN = ("/opt/c10-panel", "/usr/share/doc/c10-panel")
FILES = (
    "usr/bin/c10-panel", "usr/share/applications/c10-panel.desktop", "usr/share/mime/packages/c10-panel.xml",
    "usr/share/man/man1/c10-panel.1.gz", "usr/share/icons/hicolor/scalable/apps/c10-panel.svg",
    "usr/share/icons/hicolor/256x256/apps/c10-panel.png",
    "usr/share/icons/hicolor/48x48/mimetypes/application-vnd.c10-panel.ngf.png",
)  # fmt: skip


def main() -> int:
    """Run the steps; 0 if all gave what they should."""
    parser = argparse.ArgumentParser(prog="python -m tests.packaging", description=__doc__)
    for name in ("deb", "newer", "rpm", "portable"):
        parser.add_argument(
            f"--{name}", type=Path, help="package to try" if name != "newer" else "a later .deb to upgrade to"
        )
    parser.add_argument("--work", type=Path, required=True, help="folder for the clean systems")
    parser.add_argument("--mirror", default="", help="for debootstrap (default: its own)")
    parser.add_argument(
        "--no-compile", action="store_true", help="leave out compiling on the target, which takes minutes"
    )
    parser.add_argument("--log", type=Path, help="write the log here as well")
    arguments = parser.parse_args()
    log = Log(arguments.log)
    if os.geteuid() != 0:
        parser.error("a clean system can only be made by root")
    base = arguments.work / "base"
    make_base(base, arguments.mirror)
    tries: list[tuple[Path | None, Callable[[Clean, argparse.Namespace, Log], None]]] = [
        (arguments.deb, try_deb), (arguments.rpm, try_rpm), (arguments.portable, try_portable),
    ]  # fmt: skip
    failed = False
    for package, attempt in tries:
        if package is None:
            continue
        log(f"== {package.name} in a clean Debian without network")
        clean = Clean(base, arguments.work / "root")
        try:
            attempt(clean, arguments, log)
        except StepError as error:
            failed = True
            log(f"FAILED: {error}")
        finally:
            subprocess.run(["rm", "-rf", "--one-file-system", clean.root], check=True)
    log("FAILED" if failed else "everything as it should be")
    return int(failed)


def try_deb(clean: Clean, arguments: argparse.Namespace, log: Log) -> None:
    """Install, start, use, compile, upgrade and remove the .deb."""
    install(clean, arguments.deb, log)
    start_and_ask(clean, "c10-panel", log)
    other_processors(clean, log)
    if not arguments.no_compile:
        compile_offline(clean, log)
    add_screen(clean, log)
    before = state(clean)
    expect(any("settings" in name for name in before), "there are no settings to keep")
    expect(arguments.no_compile or any(name.endswith(".ngf") for name in before), "there is no engine to keep")
    if arguments.newer:
        show_state("before the upgrade", clean, before, log)
        install(clean, arguments.newer, log)
        after = state(clean)
        show_state("after the upgrade", clean, after, log)
        expect(after == before, "the upgrade changed settings or engines")
        log(f"upgrade kept {len(before)} files of the user's byte for byte: settings and engines")
        check_desktop(clean, log)
    start_under_x(clean, log)
    ask(clean, "c10-panel", log)
    before = state(clean)
    log(clean.run("dpkg", "--remove", "c10-panel").out.strip())
    left = clean.files(*OWN) + [name for name in FILES if (clean.root / name).exists()]
    expect(left == [], f"removing left {left[:5]}")
    expect(state(clean) == before, "removing changed settings or engines")
    log("remove left none of the package's files, and the user's settings and engines as they were")
    expect(clean.run("dpkg", "--purge", "c10-panel", check=False).code == 0, "purging failed")


def install(clean: Clean, package: Path, log: Log) -> None:
    """Install or upgrade with dpkg, and check that every file is as packed."""
    subprocess.run(["cp", package, clean.root / "tmp"], check=True)
    out = clean.run("dpkg", "--install", f"/tmp/{package.name}").out  # noqa: S108 -- of the clean system
    for line in out.splitlines():
        log(f"dpkg: {line.strip()}" if "Reading database" not in line else "dpkg: (Reading database ...)")
    (clean.root / "tmp" / package.name).unlink()
    status = clean.run(
        "dpkg-query", "--show", "--showformat", "${Version} ${Status} ${Installed-Size} KiB", "c10-panel"
    ).out
    expect(" ok installed" in status, status)
    expect(clean.run("dpkg", "--verify", "c10-panel").out == "", "a file isn't as packed")
    missing = [name for name in FILES if not (clean.root / name).is_symlink() and not (clean.root / name).exists()]
    expect(missing == [], f"missing: {missing}")
    log(f"installed: {status}; every file as packed")


def start_and_ask(clean: Clean, program: str, log: Log) -> None:
    """Start the window offscreen, and ask the demo."""
    run = clean.run(program, "--check-start", "--json", user=USER, **OFFSCREEN)
    expect(run.last["platform"] == "offscreen", run.out)
    log(f"{program} --check-start --json: {run.out.strip()} {run.err.strip()}")
    ask(clean, program, log)


def ask(clean: Clean, program: str, log: Log, *more: str, cpu_flags: str = "") -> list[str]:
    """Ask the demo's engine and return the notes about how it was opened."""
    words = (program, "demo", "--question", QUESTION, "--json", *more)
    run = clean.run(*words, user=USER, cpu_flags=cpu_flags)
    events = [json.loads(line) for line in run.out.splitlines()]
    loaded = next(event for event in events if event["event"] == "loaded")
    answer, figures = events[-1]["text"][0], events[-1]["metrics"]
    expect("Paris" in run.out, run.out[-2000:])
    log(f"{' '.join(words)}: {answer!r}, {figures['decode_tokens_per_s']:.1f} tokens/s, from {loaded['engine']}")
    for note in loaded["notes"]:
        log(f"  note: {note}")
    notes: list[str] = loaded["notes"]
    return notes


def other_processors(clean: Clean, log: Log) -> None:
    """Ask on processors with fewer extensions: the engine brings code for them, so nothing is compiled."""
    for name, flags in (("AVX2 only", AVX2), ("no extensions", PLAIN)):
        log(f"as a processor with {name}:")
        notes = ask(clean, "c10-panel", log, "--max-new-tokens", "8", cpu_flags=flags)
        expect("compiled again" not in " ".join(notes), "it was compiled again")


def compile_offline(clean: Clean, log: Log) -> None:
    """Compile on the target, without network; then let another processor compile that engine's code again."""
    ask(clean, "c10-panel", log, "--rebuild")
    log("as a processor with AVX2 only, an engine that was compiled for more:")
    expect("compiled again" in " ".join(ask(clean, "c10-panel", log, cpu_flags=AVX2)), "it wasn't compiled again")


def add_screen(clean: Clean, log: Log) -> None:
    """Add an X server and the desktop's tools (the only step with network)."""
    packages = ("xvfb", "xauth", "shared-mime-info", "desktop-file-utils", "man-db")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    clean.run("apt-get", "update", "-qq", network=True)
    clean.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages, network=True, **env)
    log(f"added, with network: {', '.join(packages)}")


def check_desktop(clean: Clean, log: Log) -> None:
    """Check what the desktop's own tools made of the package when it was installed."""
    clean.run("desktop-file-validate", "/usr/share/applications/c10-panel.desktop")
    globs = (clean.root / "usr/share/mime/globs2").read_text()
    expect("application/vnd.c10-panel.ngf:*.ngf" in globs, "the type of .ngf isn't known")
    cache = (clean.root / "usr/share/applications/mimeinfo.cache").read_text()
    expect("application/vnd.c10-panel.ngf=c10-panel.desktop" in cache, "a double click wouldn't open the program")
    expect("WINDOW OPTIONS" in clean.run("man", "c10-panel").out, "the manual page can't be read")
    log("desktop entry valid, .ngf opens with it, manual page readable")


def start_under_x(clean: Clean, log: Log) -> None:
    """Start the window on an X server, also with an engine file as a double click does."""
    shipped = next((clean.root / "opt/c10-panel/engines").rglob("*.ngf")).relative_to(clean.root)
    for more in ((), (f"/{shipped}",)):
        words = ("xvfb-run", "-a", "c10-panel", "--check-start", "--json", *more)
        run = clean.run(*words, user=USER)
        expect(run.last["platform"] == "xcb", run.out + run.err)
        log(f"{' '.join(words)}: {run.out.strip()}")


def try_rpm(clean: Clean, arguments: argparse.Namespace, log: Log) -> None:
    """List the .rpm and unpack it, then start from there."""
    package: Path = arguments.rpm
    listed = subprocess.run(["rpm", "-qlp", package], capture_output=True, text=True, check=True).stdout.splitlines()
    info = subprocess.run(["rpm", "-qp", "--requires", package], capture_output=True, text=True, check=True).stdout
    expect({f"/{name}" for name in FILES} <= set(listed), "a file is missing from the list")
    log(f"rpm -qlp: {len(listed)} files; asks for: {', '.join(sorted(set(info.split(chr(10))) - {''}))}")
    unpack = 'rpm2cpio "$0" | (cd "$1" && cpio --extract --make-directories --quiet --no-absolute-filenames)'
    subprocess.run(["sh", "-c", unpack, package.absolute(), clean.root], check=True)
    start_and_ask(clean, "c10-panel", log)


def try_portable(clean: Clean, arguments: argparse.Namespace, log: Log) -> None:
    """Unpack the folder to a path with a space and signs beyond ASCII, as the user, and start it there."""
    place = clean.home / "展台 one"
    place.mkdir()
    subprocess.run(["tar", "-xzf", arguments.portable, "-C", place], check=True)
    [folder] = place.iterdir()
    start_and_ask(clean, f"{USER_HOME}/{place.name}/{folder.name}/c10-panel", log)
    log(clean.run(f"{USER_HOME}/{place.name}/{folder.name}/c10-panel", "--install-desktop", user=USER).out.strip())


def state(clean: Clean) -> dict[str, str]:
    """Return the user's files and their digests."""
    found = {}
    for folder in STATE:
        for path in sorted((clean.root / folder).rglob("*")):
            if path.is_file():
                with path.open("rb") as stream:
                    found[str(path.relative_to(clean.root))] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def show_state(when: str, clean: Clean, found: dict[str, str], log: Log) -> None:
    """Write down the user's files."""
    log(f"the user's files {when}:")
    for name, digest in found.items():
        log(f"  /{name}: {(clean.root / name).stat().st_size:,} bytes, sha256 {digest[:16]}")


def expect(truth: bool, otherwise: str) -> None:
    """Raise StepError where something isn't as it should be."""
    if not truth:
        raise StepError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
