"""Run one fuzzer for as long as wanted: `python -m tests.fuzz ngf --count 200000 --seed 1`.

The seed is printed; a case that breaks a promise is named by its number and kept in the temporary folder. With
`--atheris` the coverage-guided fuzzer of that name drives the same mutations (`pip install atheris` first).
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

NAMES = ("ngf", "onnx")
_NEVER = 1 << 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--count", type=int, help="inputs to try (default: 10000, or what --minutes allows)")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after this time")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin (default: 0)")
    parser.add_argument("--atheris", action="store_true", help="guided by coverage, for --minutes (default: 10)")
    options = parser.parse_args()
    if options.atheris:
        _atheris(options.name, options.minutes or 10.0, options.seed)
    from tests.fuzz import cases

    start = time.monotonic()
    sys.stdout.write(f"{options.name}: seed {options.seed}\n")
    sys.stdout.flush()
    count = options.count or (_NEVER if options.minutes else 10_000)
    fuzzer = importlib.import_module(f"tests.fuzz.{options.name}")
    result = cases.run(fuzzer, count, options.seed, minutes=options.minutes, progress=True)
    figures = ", ".join(f"{key} {value}" for key, value in result.items())
    sys.stdout.write(f"{options.name}: seed {options.seed}, {time.monotonic() - start:.1f} s: {figures}\n")
    return 0


def _atheris(name: str, minutes: float, seed: int) -> NoReturn:
    """Let atheris choose the cases; it ends the process, with 0 if it found nothing."""
    import atheris

    with atheris.instrument_imports(include=["core"]):
        fuzzer = importlib.import_module(f"tests.fuzz.{name}")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-atheris-"))
    path = fuzzer.write(folder)
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "sound").write_bytes(path.read_bytes())

    def one_input(data: bytes) -> None:
        path.write_bytes(data)
        fuzzer.check(path)

    def mutator(data: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        mutated = fuzzer.mutate(data, rng) if rng.random() < 0.7 else atheris.Mutate(data, most)
        return bytes(mutated[:most])

    arguments = [
        sys.argv[0], str(corpus), f"-max_total_time={round(60 * minutes)}", f"-seed={seed + 1}", "-timeout=20",
        "-max_len=200000", "-print_final_stats=1", f"-artifact_prefix={folder}/",
    ]  # fmt: skip
    atheris.Setup(arguments, one_input, custom_mutator=mutator)
    atheris.Fuzz()
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
