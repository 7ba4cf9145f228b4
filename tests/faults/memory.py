"""The command line under limits of address space: it answers or ends with a sentence, never half-written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.faults.small import (
    Small,
    compile_words,
    ended_with_a_sentence,
    files_of,
    over,
    own_home,
    start,
    write_small,
)

LARGEST = 4 << 30
SMALLEST = 96 << 20


def run(count: int, seed: int, deadline: float) -> dict[str, object]:
    """Compile and ask under `count` limits from SMALLEST to LARGEST bytes, in turn; return how they ended."""
    del seed  # the limits are spread evenly
    outcomes: Counter[str] = Counter()
    with own_home() as folder:
        small = write_small(folder)
        for number in range(count):
            if over(deadline):
                break
            limit = round(SMALLEST * (LARGEST / SMALLEST) ** (number / max(1, count - 1)))
            for name, case in (("compile", _compile), ("infer", _infer)):
                try:
                    code = case(small, folder / f"{number}", limit)
                except AssertionError as error:
                    raise AssertionError(f"{name} with {limit} bytes of address space: {error}") from error
                outcomes[f"{name}_{'done' if code == 0 else 'refused'}"] += 1
    return {**outcomes, "smallest_mib": SMALLEST >> 20, "largest_mib": LARGEST >> 20}


def _limit(limit: int) -> str:
    return f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))"


def _compile(small: Small, target: Path, limit: int) -> int:
    code, _ = ended_with_a_sentence(start(compile_words(small, target), before=_limit(limit)))
    if code:
        assert files_of(target) == {}, "it left something"
    return code


def _infer(small: Small, _: Path, limit: int) -> int:
    words = ["infer", "--engine", str(small.multi), "--input-ids", "1,2,3", "--max-new-tokens", "4", "--threads", "1"]
    return ended_with_a_sentence(start(words, before=_limit(limit)))[0]
