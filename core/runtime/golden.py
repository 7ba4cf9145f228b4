"""Dumping inputs and logits of every prefill round and decode step, for comparing engines with each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.fsio import publish
from core.runtime.sampling import Logits


class Golden:
    """Writes one .npz for each round and step into a folder: golden_job0_row0_base0.npz, golden_job0_inc0.npz, ..."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._job = 0

    def next_job(self) -> None:
        """Count on to the next job of the dynamic batch."""
        self._job += 1

    def round(self, row: int, number: int, tokens: Sequence[int], start: int, logits: Logits) -> None:
        """Save a base round: input_ids (n,), start, and logits (V,) of its last token. Raises FileError."""
        self._save(
            f"row{row}_base{number}",
            input_ids=np.asarray(tokens, dtype=np.int32),
            start=np.asarray(start, dtype=np.int32),
            logits=logits,
        )

    def step(self, number: int, inputs: Sequence[tuple[int, int]], logits: Logits) -> None:
        """Save a decode step: rows (r,), input_ids (r,) and logits (r, V) of the rows in use. Raises FileError."""
        rows = np.asarray([row for row, _ in inputs], dtype=np.int32)
        tokens = np.asarray([token for _, token in inputs], dtype=np.int32)
        self._save(f"inc{number}", rows=rows, input_ids=tokens, logits=logits[rows])

    def _save(self, name: str, **arrays: npt.NDArray[Any]) -> None:
        with publish(self._folder / f"golden_job{self._job}_{name}.npz") as file:
            np.savez(file, allow_pickle=False, **arrays)
