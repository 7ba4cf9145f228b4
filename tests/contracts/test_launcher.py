"""packaging/c10-panel, on a copy of the project with no packages to install: set-up, repair, routing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent

SHOW = """
import json, os, sys
print(json.dumps({"module": __spec__.parent, "argv": sys.argv[1:], "cwd": os.getcwd()}))
"""


def start(project: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "packaging" / "c10-panel", *arguments],
        capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL, **options,
    )  # fmt: skip


def make_project(folder: Path) -> Path:
    """Return a small project: the real scripts, empty lock files, and modules that print how they were started."""
    (folder / "packaging").mkdir(parents=True)
    for name in ("c10-panel", "setup.sh"):
        shutil.copy2(PROJECT / "packaging" / name, folder / "packaging" / name)
    for name in ("requirements.lock", "requirements-demo.lock"):
        (folder / "packaging" / name).touch()
    for module in ("core/cli", "gui"):
        (folder / module).mkdir(parents=True)
        (folder / module / "__init__.py").touch()
        (folder / module / "__main__.py").write_text(SHOW)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that two starts at once have set up."""
    made = make_project(tmp_path_factory.mktemp("a folder") / "c10 panel")
    both = [
        subprocess.Popen(
            [made / "packaging" / "c10-panel", "demo", str(number)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    for process in both:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        assert '"module": "core.cli"' in out
    return made


def test_a_later_start_says_nothing_about_setting_up(project: Path):
    run = start(project, "demo")
    assert (run.returncode, run.stderr) == (0, "")


def test_a_later_start_costs_little(project: Path):
    """The script itself, without Python's own start."""
    (project / "core/cli/__main__.py").write_text("")
    try:
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            start(project, "demo")
            middle = time.perf_counter()
            subprocess.run([project / ".venv/bin/python", "-c", ""], check=True)
            times.append(middle - begin - (time.perf_counter() - middle))
        assert min(times) < 0.1
    finally:
        (project / "core/cli/__main__.py").write_text(SHOW)


@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        ([], "gui"),
        (["--lang", "zh"], "gui"),
        (["--check-start"], "gui"),
        (["--simulate-cards", "8"], "gui"),
        (["--simulate-cards", "8", "infer", "--help"], "core.cli"),
        (["--help"], "core.cli"),
        (["--version"], "core.cli"),
        (["compile", "--model-path", "a b.onnx"], "core.cli"),
        (["nonsense"], "core.cli"),
        (["an engine.ngf"], "gui"),
    ],
)
def test_what_is_started(project: Path, arguments: list[str], module: str):
    run = start(project, *arguments)
    assert run.returncode == 0, run.stderr
    assert f'"module": "{module}"' in run.stdout
    for argument in arguments:
        assert f'"{argument}"' in run.stdout


def test_it_starts_through_a_link_and_keeps_the_current_folder(project: Path, tmp_path: Path):
    link = tmp_path / "panel"
    link.symlink_to(project / "packaging" / "c10-panel")
    run = subprocess.run([link, "demo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f'"cwd": "{tmp_path}"' in run.stdout


def test_modules_of_the_current_folder_and_of_the_user_are_not_imported(project: Path, tmp_path: Path):
    for name in ("json.py", "core.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the current folder')")
    run = start(
        project, "demo", cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"}
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_half_made_environment_is_built_anew(project: Path):
    (project / ".venv" / ".c10-in-progress").touch()
    next((project / ".venv" / "lib").glob("python3.*/site-packages/pip")).rename(project / ".venv" / "half")
    run = start(project, "demo")
    assert run.returncode == 0, run.stderr
    assert "Setting up" in run.stderr
    assert not (project / ".venv" / "half").exists()
    assert start(project, "demo").stderr == ""


def test_a_changed_lock_file_is_installed_and_a_failure_leaves_the_old_environment(project: Path):
    lock = project / "packaging" / "requirements.lock"
    lock.write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n")
    offline = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    run = start(project, "demo", env=offline)
    assert run.returncode == 1
    assert "Check the network" in run.stderr
    assert not (project / ".venv" / ".c10-in-progress").exists()
    lock.write_text("")
    run = start(project, "demo", env=offline)
    assert run.returncode == 0, run.stderr
    assert start(project, "demo").stderr == ""


def test_without_a_usable_python_it_says_what_to_install(tmp_path: Path):
    made = make_project(tmp_path / "project")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "readlink", "sha256sum", "cut", "cat", "flock", "env"):
        (tools / name).symlink_to(shutil.which(name) or "")
    run = start(made, "demo", env={"PATH": str(tools)})
    assert run.returncode == 2
    assert "sudo apt-get install python3 python3-venv" in run.stderr
    assert not (made / ".venv").exists()


def test_a_python_without_its_venv_package_is_named(tmp_path: Path):
    made = make_project(tmp_path / "project")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "readlink", "sha256sum", "cut", "cat", "flock", "env"):
        (tools / name).symlink_to(shutil.which(name) or "")
    python = tools / "python3"
    python.write_text('#!/bin/bash\ncase "$3" in *version_info*) echo 3.12 ;; *) exit 1 ;; esac\n')
    python.chmod(0o755)
    run = start(made, "demo", env={"PATH": str(tools)})
    assert run.returncode == 2
    assert "sudo apt-get install python3.12-venv" in run.stderr


def test_without_a_screen_a_sentence_comes_instead_of_a_crash(project: Path):
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    run = start(project, env={key: value for key, value in os.environ.items() if key not in hidden})
    assert run.returncode == 2
    assert "No screen was found" in run.stderr


def test_every_command_of_the_command_line_is_routed_there():
    main = PROJECT / "core" / "cli" / "__main__.py"
    if not main.exists():
        pytest.skip("The command line has not been written yet.")
    run = subprocess.run(
        [sys.executable, "-m", "core.cli", "--help"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    commands = set(re.findall(r"^    ([a-z]+)(?: |$)", run.stdout.partition("options:")[0], re.MULTILINE))
    script = (PROJECT / "packaging" / "c10-panel").read_text()
    listed = re.search(r"(compile [a-z| -]+)\) echo core.cli", script)
    assert listed
    assert commands == set(listed[1].split(" | "))


def test_a_version_without_a_window_says_so(project: Path, tmp_path: Path):
    copy = make_project(tmp_path / "project")
    shutil.copytree(project / ".venv", copy / ".venv", symlinks=True)
    (copy / "gui" / "__main__.py").unlink()
    run = start(copy)
    assert run.returncode == 2
    assert "no window yet" in run.stderr


def test_an_installed_program_runs_its_own_python_and_sets_nothing_up(tmp_path: Path):
    made = make_project(tmp_path / "an installed")
    (made / "python" / "bin").mkdir(parents=True)
    (made / "python" / "bin" / "python3").symlink_to(sys.executable)
    for soname in ("libc.so.6", "libnowhere.so.7"):
        (made / "lib" / soname).mkdir(parents=True)
    (made / "core/cli/__main__.py").write_text("import os\nprint(os.environ['LD_LIBRARY_PATH'])")
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    run = start(made, "demo", env=environment)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip() == str(made / "lib" / "libnowhere.so.7")  # what the system lacks, and no more
    assert not (made / ".venv").exists()
