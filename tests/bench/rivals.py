"""This project beside other engines on the same model: python -m tests.bench.rivals --engine ENGINE.ngf ...

Each engine lives in a process of its own, all loaded at once and idle but for the one whose turn it is. Every round
measures every case on every engine, so that what else the machine does meets all alike; figures are medians over the
rounds. A sample during which other processes took more than a quarter of a core is measured again, a few times, and
counts only if there is no quieter one. A rival takes part if the interpreter of its virtual environment is given (or
set in the environment variable that --help names), else it is left out with a sentence.

- llama.cpp: pip install llama-cpp-python numpy (with CMAKE_ARGS="-DGGML_NATIVE=ON")
- ONNX Runtime GenAI: pip install onnxruntime-genai onnxruntime numpy, and a folder made by its model builder
- OpenVINO GenAI: pip install openvino-genai numpy
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.bench.roofline import Gauge
from core.demo_model import find_demo_gguf
from core.errors import C10Error

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
OWN = "C10 Panel"
Results = dict[str, dict[str, list[tuple[float, float]]]]
"""By case and engine: samples of tokens per second and of the share of a core that others took."""
QUIET = 0.25
"""Share of a core that other processes may take while a sample is measured."""
TRIES = 4
LONG_S = 15.0
"""A sample that took longer isn't tried again."""
TICKS = os.sysconf("SC_CLK_TCK")
PLAIN = "C10_BENCH_PLAIN"
"""Tells llama.cpp to leave weights as they are: where its AMX code crashes, it is measured so."""


@dataclass(frozen=True)
class Case:
    """A prompt of so many tokens for each of so many rows, and new tokens; `figure` is what counts of it."""

    name: str
    prompt: int
    new: int
    batch: int
    figure: str

    def tokens_per_s(self, answer: dict[str, float]) -> float:
        if self.figure == "prefill":
            return self.prompt / answer["first_s"]
        return self.batch * (self.new - 1) / answer["decode_s"]


def cases(tokens: int, only: str = "") -> list[Case]:
    """Return what is measured, with `tokens` new tokens for decoding; `only` those with a word of it in the name."""
    every = [
        Case(f"decode, {tokens} tokens", 16, tokens, 1, "decode"),
        Case("prefill, 256 tokens", 256, 1, 1, "prefill"),
        Case("prefill, 534 tokens", 534, 1, 1, "prefill"),
        Case("decode after 1,500 tokens", 1500, min(tokens, 64), 1, "decode"),
        Case("decode, batch of 8, together", 16, min(tokens, 64), 8, "decode"),
    ]
    return [case for case in every if not only or any(word in case.name for word in only.split("/"))]


FIRST = Case("first token", 8, 1, 1, "prefill")
"""What is asked of each engine as soon as its process is there."""


class Peer:
    """One engine's process."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | environment,
        )  # fmt: skip
        begun = time.perf_counter()
        self._answer()
        self.measure(FIRST)
        self.start_to_first_token_s = time.perf_counter() - begun

    @property
    def peak_memory_mib(self) -> float:
        """Return the most memory that the process has had resident so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def measure_quietly(self, case: Case) -> tuple[float, float] | None:
        """Return the quietest try's tokens per second, and the share of a core that others took meanwhile."""
        best: tuple[float, float] | None = None
        for _ in range(TRIES):
            before, begun = self._others_ticks(), time.perf_counter()
            value = self.measure(case)
            if value is None:
                return None
            seconds = time.perf_counter() - begun
            share = (self._others_ticks() - before) / TICKS / seconds
            if best is None or share < best[1]:
                best = value, share
            if share < QUIET or seconds > LONG_S:
                break
        return best

    def _others_ticks(self) -> float:
        """Return the processor time that all but this engine's process have taken."""
        busy = sum(map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:9])) - _idle_ticks()
        own = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return busy - int(own[11]) - int(own[12])

    def measure(self, case: Case) -> float | None:
        """Return tokens per second, None if the engine can't do the case."""
        assert self._process.stdin
        request = {"prompt": case.prompt, "new": case.new, "batch": case.batch}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        return None if answer["first_s"] is None else case.tokens_per_s(answer)

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} has ended with exit code {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _idle_ticks() -> int:
    fields = Path("/proc/stat").read_text(encoding="ascii").split()
    return int(fields[4]) + int(fields[5])


def quiet(samples: list[tuple[float, float]]) -> list[float]:
    """Return the values of the samples that count."""
    found = [value for value, share in samples if share < QUIET]
    return found or [min(samples, key=lambda sample: sample[1])[0]]


def peers(arguments: argparse.Namespace) -> list[Peer]:
    """Start this project's engine and the rivals that are there; tell which aren't."""
    threads = str(arguments.threads)
    engines = [str(path.absolute()) for path in (arguments.engine, arguments.batch_engine) if path]
    here = {"PYTHONPATH": str(ROOT), "TVM_NUM_THREADS": threads}
    found = [Peer(OWN, [sys.executable, str(PEERS / "own.py"), *engines], here)]
    rivals = (
        ("llama.cpp", arguments.llamacpp, "llamacpp.py", arguments.gguf),
        ("ONNX Runtime GenAI", arguments.ort, "ort.py", arguments.ort_model),
        ("OpenVINO GenAI", arguments.openvino, "ov.py", arguments.gguf),
    )
    for name, python, script, model in rivals:
        if not python or not model:
            tell(f"{name} is left out: its interpreter or its model wasn't given.")
            continue
        for how in ({}, {PLAIN: "1"}) if name == "llama.cpp" else ({},):
            try:
                found.append(Peer(name, [python, str(PEERS / script), str(model), threads], {"PYTHONPATH": "", **how}))
                break
            except (OSError, RuntimeError) as error:
                tell(f"{name} can't be measured{' without its repacked weights' if how else ''}: {error}")
    return found


def table(names: list[str], results: Results) -> str:
    """Return medians as Markdown: a line for each case, how far ahead of the best rival in the last column."""
    lines = ["| tok/s | " + " | ".join(names) + " | beside the best rival |", "|---|" + "---|" * (len(names) + 1)]
    for case, by_peer in results.items():
        medians = {name: statistics.median(quiet(by_peer[name])) for name in names if by_peer.get(name)}
        best = max((value for name, value in medians.items() if name != OWN), default=0.0)
        ratio = f"{medians[OWN] / best:.2f}x" if best and OWN in medians else "-"
        cells = [f"{medians[name]:.1f}" if name in medians else "-" for name in names]
        lines.append(f"| {case} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run all rounds; return names, samples (tokens/s, share of a core) and the bandwidth after each round (GB/s)."""
    os.environ.setdefault("TVM_NUM_THREADS", str(arguments.threads))
    until = time.monotonic() + arguments.seconds
    gauge, there = Gauge(), peers(arguments)
    results: Results = {}
    bandwidth = []
    try:
        for round_number in range(arguments.runs + 1):
            if not _round(there, cases(arguments.tokens, arguments.only), results, until, warm=round_number > 0):
                tell(f"The time is up in round {round_number} of {arguments.runs}.")
                break
            bandwidth.append(gauge.bandwidth())
            tell(f"round {round_number} of {arguments.runs}: bandwidth {bandwidth[-1]:.1f} GB/s")
        beside = {
            peer.name: {
                "start_to_first_token_s": round(peer.start_to_first_token_s, 2),
                "peak_memory_mib": round(peer.peak_memory_mib),
            }
            for peer in there
        }
    finally:
        for peer in there:
            peer.close()
    names = [peer.name for peer in there]
    return {"names": names, "tokens_per_s": results, "bandwidth_gb_per_s": bandwidth, "processes": beside}


def _round(there: list[Peer], every: list[Case], results: Results, until: float, *, warm: bool) -> bool:
    """Measure each case on each engine and add to `results` if all is `warm`; return False when the time is up."""
    for case in every:
        for peer in there:
            if time.monotonic() > until:
                return False
            value = peer.measure_quietly(case) if warm else None
            if not warm:
                peer.measure(case)
            if value is not None:
                results.setdefault(case.name, {}).setdefault(peer.name, []).append(value)
    return True


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=Path, required=True, help="our engine of static batch size 1")
    parser.add_argument("--batch-engine", type=Path, help="our engine of static batch size 8")
    for name in ("llamacpp", "ort", "openvino"):
        variable = f"C10_BENCH_{name.upper()}"
        parser.add_argument(f"--{name}", default=os.environ.get(variable), help=f"its Python ({variable})")
    parser.add_argument("--gguf", type=Path, help="the rivals' model (default: the demo's)")
    parser.add_argument("--ort-model", type=Path, default=os.environ.get("C10_BENCH_ORT_MODEL"), help="its folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3600.0, help="end after this time, with what there is")
    parser.add_argument(
        "--only", default="", help="words of the cases to measure, such as prefill/batch (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print all samples as one JSON object")
    arguments = parser.parse_args()
    if arguments.gguf is None:
        try:
            arguments.gguf = find_demo_gguf()
        except C10Error as error:
            tell(str(error))
    return arguments


def main() -> None:
    arguments = parse()
    found = measure(arguments)
    shown = table(found["names"], found["tokens_per_s"])
    (sys.stderr if arguments.json else sys.stdout).write(f"{shown}\n")
    if arguments.json:
        sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
