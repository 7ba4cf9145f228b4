"""A clean Debian in a folder, without network unless it is asked for, and commands that run in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "stand"
USER_HOME = str(Path("/home", USER))
"""As seen from inside."""
RELEASE = "bookworm"


class StepError(Exception):
    """A step didn't give what it should."""


@dataclass(frozen=True)
class Result:
    """What a command in the clean system gave."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> dict[str, Any]:
        """The JSON object on the last line of its output."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


class Clean:
    """A copy of the base system, in which packages are installed and tried."""

    def __init__(self, base: Path, root: Path) -> None:
        self.root = root
        subprocess.run(["rm", "-rf", "--one-file-system", root], check=True)
        subprocess.run(["cp", "-a", "--reflink=auto", base, root], check=True)
        self.run("useradd", "--create-home", USER)

    @property
    def home(self) -> Path:
        """The user's home, as seen from outside."""
        return self.root / USER_HOME[1:]

    def run(
        self,
        *words: str,
        user: str = "root",
        network: bool = False,
        cpu_flags: str = "",
        check: bool = True,
        **env: str,
    ) -> Result:
        """Run a command; `cpu_flags`: the processor's extensions that it is told of, empty for the real ones."""
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "TERM": "dumb", **env}
        variables["HOME"] = "/root" if user == "root" else USER_HOME
        inner = ["env", "-i", *(f"{name}={value}" for name, value in variables.items()), *words]
        if user != "root":
            inner = ["runuser", "-u", user, "--", *inner]
        # A command of the user's starts in the user's home: root's folders can't be entered.
        chroot = f"cd {shlex.quote(variables['HOME'])} && exec {shlex.join(inner)}"
        script = [
            f"mount -t proc proc {self.root}/proc",
            f"mount -t tmpfs tmpfs {self.root}/dev/shm",  # noqa: S108 -- a mount point of the clean system
            *self._processor(cpu_flags),
            f"exec chroot {self.root} sh -c {shlex.quote(chroot)}",
        ]
        isolation = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        if network:
            (self.root / "etc/resolv.conf").write_text(Path("/etc/resolv.conf").read_text())
        done = subprocess.run(
            [*isolation, "sh", "-ec", "\n".join(script)],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        result = Result(done.returncode, done.stdout, done.stderr)
        if check and done.returncode:
            raise StepError(
                f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
            )
        return result

    def _processor(self, flags: str) -> list[str]:
        if not flags:
            return []
        described = self.root / "tmp" / "cpuinfo"
        text = Path("/proc/cpuinfo").read_text()
        described.write_text(re.sub(r"^flags\s*:.*$", f"flags\t\t: {flags}", text, flags=re.MULTILINE))
        return [f"mount --bind {described} {self.root}/proc/cpuinfo"]

    def files(self, *folders: str) -> list[str]:
        """Return the paths below `folders`, as seen from inside."""
        found: list[str] = []
        for folder in folders:
            top = self.root / folder.lstrip("/")
            found += [str(path.relative_to(self.root)) for path in top.rglob("*")] if top.exists() else []
        return sorted(found)


def make_base(folder: Path, mirror: str) -> None:
    """Make the base system with debootstrap, unless it is there."""
    if (folder / "usr" / "bin" / "dpkg").exists() and not (folder / "debootstrap").exists():
        return
    subprocess.run(["debootstrap", "--variant=minbase", RELEASE, folder, *([mirror] if mirror else [])], check=True)


class Log:
    """What was done, with its time, on stdout and in a file."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        """Note a line."""
        line = f"[{time.monotonic() - self._started:6.1f} s] {text}"
        for stream in filter(None, (sys.stdout, self._file)):
            stream.write(line + os.linesep)
            stream.flush()
