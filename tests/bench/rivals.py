"""This project beside other engines on the same model: python -m tests.bench.rivals --engine ENGINE.ngf ...

Each engine lives in a process of its own, all loaded at once and idle but for the one whose turn it is. Every round
measures every case on every engine, so that what else the machine does meets all alike; figures are medians over the
rounds. A rival takes part if the interpreter of its virtual environment is given (or set in the environment variable
that --help names), else it is left out with a sentence.

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.bench.roofline import Gauge
from core.demo_model import find_demo_gguf
from core.errors import C10Error

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
OWN = "C10 Panel"


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


def cases(tokens: int) -> list[Case]:
    """Return what is measured, with `tokens` new tokens for decoding."""
    return [
        Case(f"decode, {tokens} tokens", 16, tokens, 1, "decode"),
        Case("prefill, 256 tokens", 256, 1, 1, "prefill"),
        Case("prefill, 534 tokens", 534, 1, 1, "prefill"),
        Case("decode after 1,500 tokens", 1500, min(tokens, 64), 1, "decode"),
        Case("decode, batch of 8, together", 16, min(tokens, 64), 8, "decode"),
    ]


class Peer:
    """One engine's process."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | environment,
        )  # fmt: skip
        self._answer()

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
        try:
            found.append(Peer(name, [python, str(PEERS / script), str(model), threads], {"PYTHONPATH": ""}))
        except (OSError, RuntimeError) as error:
            tell(f"{name} is left out: {error}")
    return found


def table(names: list[str], results: dict[str, dict[str, list[float]]]) -> str:
    """Return medians as Markdown: a line for each case, how far ahead of the best rival in the last column."""
    lines = ["| tok/s | " + " | ".join(names) + " | beside the best rival |", "|---|" + "---|" * (len(names) + 1)]
    for case, by_peer in results.items():
        medians = {name: statistics.median(by_peer[name]) for name in names if by_peer.get(name)}
        best = max((value for name, value in medians.items() if name != OWN), default=0.0)
        ratio = f"{medians[OWN] / best:.2f}x" if best and OWN in medians else "-"
        cells = [f"{medians[name]:.1f}" if name in medians else "-" for name in names]
        lines.append(f"| {case} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run all rounds and return names, samples (tokens/s) and the bandwidth beside each round (GB/s)."""
    os.environ.setdefault("TVM_NUM_THREADS", str(arguments.threads))
    gauge, there = Gauge(), peers(arguments)
    results: dict[str, dict[str, list[float]]] = {}
    bandwidth = []
    try:
        for round_number in range(arguments.runs + 1):
            for case in cases(arguments.tokens):
                for peer in there:
                    value = peer.measure(case)
                    if value is not None and round_number:  # the first round warms up
                        results.setdefault(case.name, {}).setdefault(peer.name, []).append(value)
            bandwidth.append(gauge.bandwidth())
            tell(f"round {round_number} of {arguments.runs}: bandwidth {bandwidth[-1]:.1f} GB/s")
    finally:
        for peer in there:
            peer.close()
    return {"names": [peer.name for peer in there], "tokens_per_s": results, "bandwidth_gb_per_s": bandwidth}


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
    text = json.dumps(found) if arguments.json else table(found["names"], found["tokens_per_s"])
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
