"""Mutation testing of parser, writer and planner: `python -m tests.mutants --sample 600 --seed 1`.

mutmut (`pip install mutmut` first, in an environment of its own beside the project's packages) makes the mutants; this
program runs them, since most of the time would go into starting pytest thousands of times: pytest collects once, and
for each mutant a forked child runs only the tests that call the function until one fails: first those that killed a
mutant of the same function, then the quickest.

A mutant is killed by a failing test or by taking far too long. Tests that work in other processes see no mutant and
are left out by taking part in nothing. Verdicts are appended to --results, and what stands there isn't run again.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import math
import os
import random
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[1]
SOURCES = (
    "core/ngf/combine.py", "core/ngf/format.py", "core/ngf/inspect.py", "core/ngf/layout.py", "core/ngf/reader.py",
    "core/ngf/writer.py", "core/strictjson.py", "core/fsio.py", "core/planner.py",
)  # fmt: skip
TESTS = (
    "tests/core/ngf", "tests/core/test_strictjson.py", "tests/core/test_fsio.py", "tests/core/test_planner.py",
    "tests/golden",
)  # fmt: skip
LONGEST_TEST_S = 2.0
"""Processor time of the longest test that takes part."""
MOST_FILE_BYTES = 256 << 20
"""Largest file that a mutant may write: a wrong length must not fill the disk."""
SHOWN_EVERY = 50


@dataclass(frozen=True)
class Mutant:
    """One change; `diff` shows it."""

    name: str
    source: str
    diff: str

    @property
    def function(self) -> str:
        """The function it changes, as mutmut names it."""
        return self.name.rpartition("__mutmut_")[0]


@dataclass(frozen=True)
class Traced:
    """A test that passes without any mutant: its processor time in seconds, and the functions that it calls."""

    index: int
    seconds: float
    functions: frozenset[str]


def make(source: str, folder: Path) -> list[Mutant]:
    """Write the file `source` below `folder` with all of its mutants in it; return them."""
    mutation = importlib.import_module("mutmut.mutation.file_mutation")
    path = folder / source
    made = mutation.mutate_file_contents(source, path.read_text(encoding="utf-8"))
    path.write_text(made.code, encoding="utf-8")
    lines, spans = made.code.splitlines(), made.line_span_by_function_name
    module = source.removesuffix(".py").replace("/", ".")

    def text(name: str) -> list[str]:
        span = spans[name]
        return lines[span.start - 1 : span.end]

    mutants = []
    for name in made.mutant_names:
        stem = name.rpartition("__mutmut_")[0]
        changed = [line.replace(name, stem) for line in text(name)]
        whole = [line.replace(f"{stem}__mutmut_orig", stem) for line in text(f"{stem}__mutmut_orig")]
        diff = "\n".join(line for line in difflib.unified_diff(whole, changed, n=0, lineterm="") if line[:2] != "@@")
        mutants.append(Mutant(f"{module}.{name}", source, diff.partition("\n+++ \n")[2]))
    return mutants


class Runner:
    """A plugin of pytest that runs, in place of the tests, each mutant against its tests."""

    def __init__(self, mutants: Sequence[Mutant], results: Path) -> None:
        self.mutants, self.results = mutants, results

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        from hypothesis import Phase, settings

        repeatable = settings.get_profile("repeatable")  # a failure is enough: no search for the smallest one
        settings.register_profile("mutants", repeatable, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")
        psutil.Process.children = lambda *_, **_more: []  # looking for what a test left running takes the most time

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        found = forked(lambda: trace(session.items), 600.0)
        assert found is not None, "the tests themselves don't end"
        traced = [Traced(index, seconds, frozenset(functions)) for index, seconds, functions in found]
        sys.stdout.write(f"{len(traced)} of {len(session.items)} tests take part\n")
        by_function: dict[str, list[Traced]] = defaultdict(list)
        for test in sorted(traced, key=lambda one: one.seconds):
            for function in test.functions:
                by_function[function].append(test)
        kills: Counter[tuple[str, str]] = Counter()
        with self.results.open("a", encoding="utf-8") as file:
            for number, mutant in enumerate(self.mutants, 1):
                tests = [(test.seconds, session.items[test.index]) for test in by_function[mutant.function]]
                tests.sort(key=lambda test: -kills[mutant.function, test[1].nodeid])
                verdict, by = _verdict(mutant, tests)
                kills[mutant.function, by] += 1
                line = {"name": mutant.name, "source": mutant.source, "verdict": verdict, "by": by, "diff": mutant.diff}
                file.write(json.dumps(line) + "\n")
                file.flush()
                if number % SHOWN_EVERY == 0:
                    sys.stdout.write(f"{number} of {len(self.mutants)}\n")
        return True


def _verdict(mutant: Mutant, tests: Sequence[tuple[float, pytest.Item]]) -> tuple[str, str]:
    """Return what became of a mutant, and the test that killed it."""
    if not tests:
        return "untested", ""
    limit = 3.0 + 5.0 * sum(seconds for seconds, _ in tests)
    failed = forked(lambda: first_failing(mutant.name, [item for _, item in tests]), limit)
    if failed is None:
        return "timeout", ""
    return ("killed", failed) if failed else ("survived", "")


def _passes(item: pytest.Item) -> bool:
    from _pytest.runner import runtestprotocol

    return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))


def trace(items: Sequence[pytest.Item]) -> list[tuple[int, float, list[str]]]:
    """Return the tests that pass and are quick: place in `items`, seconds, functions that they call."""
    state = importlib.import_module("mutmut.state").state()
    os.environ["MUTANT_UNDER_TEST"] = "stats"
    traced = []
    for index, item in enumerate(items):
        state._stats.clear()
        begun = time.process_time()
        if _passes(item):
            seconds = time.process_time() - begun
            if seconds <= LONGEST_TEST_S:
                traced.append((index, seconds, sorted(state._stats)))
    return traced


def first_failing(name: str, items: Sequence[pytest.Item]) -> str:
    """Return the first of the tests that fails with this mutant, "" if none does."""
    importlib.import_module("mutmut.mutation.trampoline").set_mutant_under_test(name)
    return next((item.nodeid for item in items if not _passes(item)), "")


def forked(work: Callable[[], Any], cpu_s: float) -> Any:
    """Return what `work` returns in a child; None if the child takes more than `cpu_s` of processor time, or ends."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(cpu_s), math.ceil(cpu_s) + 5))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
        code = 1
        try:
            os.write(writer, json.dumps(work()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    data, deadline = b"", time.monotonic() + 60.0 + 20 * cpu_s
    while select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(reader, 1 << 20)
        data += piece
        if not piece:
            break
    os.close(reader)
    with_children = os.getpgid(pid) == pid
    os.killpg(pid, signal.SIGKILL) if with_children else os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return json.loads(data) if data else None


def interval(killed: int, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share (Wilson), in per cent."""
    z, share = 1.96, killed / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return 100 * (middle - spread) / (1 + z * z / count), 100 * (middle + spread) / (1 + z * z / count)


def left_in(results: Path, mutants: Sequence[Mutant]) -> list[Mutant]:
    """Return those of `mutants` that survived in `results`; their numbers may have changed since."""
    lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    left = {
        (line["name"].rpartition("__mutmut_")[0], line["diff"])
        for line in lines
        if line["verdict"] in ("survived", "untested")
    }
    return [mutant for mutant in mutants if (mutant.function, mutant.diff) in left]


def report(results: Path, names: Sequence[str]) -> None:
    """Print the score of the mutants `names`, by file, and those that survived."""
    lines = {line["name"]: line for line in map(json.loads, results.read_text(encoding="utf-8").splitlines())}
    chosen = [lines[name] for name in names if name in lines]
    for line in chosen:
        if line["verdict"] in ("survived", "untested"):
            sys.stdout.write(f"{line['verdict']} {line['name']}\n{line['diff']}\n")
    for source in SOURCES:
        verdicts = Counter(line["verdict"] for line in chosen if line["source"] == source)
        sys.stdout.write(f"{source}: {dict(verdicts)}\n")
    verdicts = Counter(line["verdict"] for line in chosen)
    killed = verdicts["killed"] + verdicts["timeout"]
    low, high = interval(killed, max(1, len(chosen)))
    sys.stdout.write(
        f"{killed} of {len(chosen)} mutants killed, {verdicts['timeout']} of them by taking too long: "
        f"{100 * killed / max(1, len(chosen)):.1f} %; as a sample of more: {low:.1f} to {high:.1f} %\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=0, help="mutants to choose over all files (default: every one)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (default: 0)")
    parser.add_argument("--only", default="", help="part of a mutant's name")
    parser.add_argument("--again", type=Path, help="only those that survived in these results, after a change of tests")
    parser.add_argument("--results", type=Path, default=Path("build/mutants.jsonl"), help="where verdicts are kept")
    options = parser.parse_args()
    results = options.results.absolute()
    results.parent.mkdir(parents=True, exist_ok=True)
    results.touch()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("core", "tests", "resources"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "setup.cfg").write_text("[mutmut]\nsource_paths=core\n", encoding="utf-8")
        (folder / "mutants" / "core").mkdir(parents=True)  # mutmut asks for it
        os.chdir(folder)
        sys.path[0:1] = [str(folder)]
        sys.modules.pop("tests")  # the one that holds this program; from here on it is the copy
        mutants = [mutant for source in SOURCES for mutant in make(source, folder) if options.only in mutant.name]
        if options.again:
            mutants = left_in(options.again, mutants)
        if options.sample:
            mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
        done = {json.loads(line)["name"] for line in results.read_text(encoding="utf-8").splitlines()}
        sys.stdout.write(f"seed {options.seed}, {len(mutants)} mutants\n")
        todo = [mutant for mutant in mutants if mutant.name not in done]
        words = ["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "--rootdir", str(folder), *TESTS]
        code = pytest.main(words, plugins=[Runner(todo, results)]) if todo else 0
    report(results, [mutant.name for mutant in mutants])
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
