"""The vendor's examples on a model of ChatGLM2-6B's size: python -m tests.bench.real_size --model ONNX --out DIR.

The model comes from `python -m tests.bench.make_6b`. Every case is compiled with the vendor's flags and --combine, and
answers with the vendor's flags, its outputs shortened; what the plan said before stands beside what it took. Memory is
split into a process's own (anonymous and shared pages) and pages of files: those of the engine's weights are counted
whole, as they are mapped, because the system may drop and re-read them. `--step` picks one of:

- compile: seconds by step, memory, file size, plan against outcome
- infer: the answers' figures
- memory: an engine with its KV cache full and all of its prefill in use, against `infer --dry-run`
- cancel: `--moments` compile jobs are cancelled at random moments; how long until the child is dead and the output gone
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from core.compiler.plan import CompileRequest
from core.spec import EngineConfig
from core.worker.job import CompileJob
from tests.core.cli.test_vendor_examples import EXAMPLES, Example

CASES = {
    **{str(number): example for number, example in enumerate(EXAMPLES, 1)},
    "int4": Example(
        "--int4 true --export-name glm2_6b2048_48M", "glm2_6b2048_48M_bf16_q4", (1, 256, 2048), ("--question-index 0",)
    ),
    "bf16": Example(
        "--quant false --export-name glm2_6b2048_48M", "glm2_6b2048_48M_bf16", (1, 256, 2048), ("--question-index 0",)
    ),
}
"""The vendor's five compile examples with the inference examples that use them, and two more precisions."""


@dataclass
class Watch:
    """Largest memory of a program's children while it runs, in bytes."""

    own: int = 0
    resident: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def follow(self, pid: int) -> None:
        """Sample until `end`."""
        while not self._over.wait(0.1):
            for child in _children(pid):
                sizes = _status(child)
                self.own = max(self.own, sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0))
                self.resident = max(self.resident, sizes.get("VmRSS", 0))

    def end(self) -> None:
        """Stop sampling."""
        self._over.set()


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _status(pid: int | str) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines if line.startswith(("Rss", "VmRSS"))}


def run(words: list[str]) -> tuple[list[dict[str, Any]], Watch, float]:
    """Run the command line; return its events, the children's memory and seconds."""
    begun, watch = time.monotonic(), Watch()
    process = subprocess.Popen([sys.executable, "-m", "core.cli", *words, "--json"], stdout=subprocess.PIPE, text=True)
    thread = threading.Thread(target=watch.follow, args=(process.pid,))
    thread.start()
    assert process.stdout is not None
    events = [json.loads(line) for line in process.stdout]
    watch.end()
    thread.join()
    if process.wait() != 0:
        raise SystemExit(f"failed: {' '.join(words)}: {events[-1:]}")
    return events, watch, time.monotonic() - begun


def compile_case(case: Example, model: Path, out: Path) -> dict[str, Any]:
    """Compile and return what was planned and what came."""
    words = ["compile", "--model-path", str(model), "--target-path", str(out), *case.compile_words.split(), "--combine"]
    plan = run([*words, "--dry-run"])[0][-1]["report"]
    events, watch, seconds = run(words)
    end = events[-1]
    steps = {e["step"]: round(e["seconds"], 1) for e in events if e["event"] == "step_finished"}
    return {
        "seconds": round(seconds, 1),
        "planned_seconds": plan["seconds"],
        "steps": steps,
        "file_bytes": sum(end["sizes"]),
        "planned_file_bytes": plan["disk_bytes"],
        "peak_bytes": end["peak_memory_bytes"],
        "planned_peak_bytes": plan["compile_memory_bytes"],
        "own_peak_bytes": watch.own,
        "resident_with_weights_bytes": watch.resident,
    }


def infer_case(case: Example, engine: Path, tokens: int, questions: Path | None) -> Iterator[dict[str, Any]]:
    """Ask as the vendor's examples do, for `tokens` new tokens."""
    given = [
        "--max-new-tokens",
        str(tokens),
        "--no-stream",
        *(["--question-file", str(questions)] if questions else []),
    ]
    for words in case.infer_words or ("--question-index 0",):
        events, watch, seconds = run(["infer", "--engine", str(engine), *words.split(), *given])
        found = next(e for e in reversed(events) if e["event"] == "generated")
        kept = ("prompt_tokens", "new_tokens", "ttft_s", "tpot_ms", "decode_tokens_per_s", "context_used", "vendor")
        yield {
            "words": words,
            "seconds": round(seconds, 1),
            **{key: found["metrics"][key] for key in kept},
            "own_peak_bytes": watch.own,
            "resident_bytes": watch.resident,
        }


def memory_of(engine: Path) -> dict[str, Any]:
    """Return the plan for `engine` and what a worker takes whose KV cache is full."""
    plan = run(["infer", "--engine", str(engine), "--dry-run"])[0][-1]
    words = [sys.executable, "-m", "tests.bench.full_cache", str(engine)]
    found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    total = plan["weight_bytes"] + found["beside_weights_bytes"]
    return {"plan": plan, **found, "memory_bytes": total, "plan_is_off_by": round(plan["memory_bytes"] / total - 1, 4)}


def cancel_case(
    case: Example, model: Path, out: Path, moments: int, longest: float, seed: int
) -> Iterator[dict[str, Any]]:
    """Cancel compile jobs at random moments up to `longest` seconds."""
    draw = random.Random(seed)
    config = EngineConfig(quantisation="int4" if "q4" in case.name else "int8")
    for _ in range(moments):
        job = CompileJob(CompileRequest(model, out / "cancelled", "x", config, combine=True))
        moment = draw.uniform(0.0, longest)
        job.start()
        job.join(moment)
        step = [getattr(event, "step", "") for event in list(job.events.queue)][-1:]
        begun = time.monotonic()
        job.cancel()
        job.join()
        yield {
            "at_s": round(moment, 1),
            "step": step,
            "took_s": round(time.monotonic() - begun, 2),
            "left": sorted(str(path) for path in (out / "cancelled").rglob("*"))
            if (out / "cancelled").exists()
            else [],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="model.onnx")
    parser.add_argument("--out", type=Path, required=True, help="folder for the engines, one at a time")
    parser.add_argument("--case", action="append", choices=CASES, help="may be given several times (default: all)")
    parser.add_argument("--step", action="append", choices=("compile", "infer", "memory", "cancel"))
    parser.add_argument("--tokens", type=int, default=8, help="new tokens of an answer (default: 8)")
    parser.add_argument("--questions", type=Path, help="the vendor's c.txt (default: the program's own questions)")
    parser.add_argument("--moments", type=int, default=10)
    parser.add_argument("--longest", type=float, default=150.0, help="last moment to cancel at, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the engines")
    arguments = parser.parse_args()
    steps = arguments.step or ["compile", "infer", "memory"]
    for name in arguments.case or CASES:
        case = CASES[name]
        engine = arguments.out / case.name / f"{case.name}_multi.ngf"
        if "compile" in steps:
            show(name, "compile", compile_case(case, arguments.model, arguments.out))
        if "infer" in steps:
            for found in infer_case(case, engine, arguments.tokens, arguments.questions):
                show(name, "infer", found)
        if "memory" in steps:
            show(name, "memory", memory_of(engine))
        if "cancel" in steps:
            for found in cancel_case(
                case, arguments.model, arguments.out, arguments.moments, arguments.longest, arguments.seed
            ):
                show(name, "cancel", found)
        if not arguments.keep:
            engine.unlink(missing_ok=True)


def show(case: str, step: str, found: dict[str, Any]) -> None:
    """Print one line of JSON."""
    print(json.dumps({"case": case, "step": step, **found}, ensure_ascii=False), flush=True)  # noqa: T201 -- a program's output


if __name__ == "__main__":
    main()
