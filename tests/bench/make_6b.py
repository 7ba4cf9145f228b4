"""A model in the shape of ChatGLM2-6B, with random weights: python -m tests.bench.make_6b --out DIR [--layers 28].

Writes model.onnx with 12.5 GB of float16 weights beside it, as the vendor's download is laid out; every layer has
weights of its own, drawn block by block, so that memory stays small. With --tokenizer the tokenizer's files are copied
beside it.
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import replace
from pathlib import Path

from core.c10.description import CHATGLM2_6B
from core.export.synthetic import write_model
from core.spec import ModelSpec

LENGTH = 32768
"""Positions of the rotary table, as in the original's config.json."""


def make(folder: Path, spec: ModelSpec, *, seed: int = 0, tokenizer: Path | None = None) -> Path:
    """Write the model into `folder` and return the path of model.onnx."""
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 20 // total > shown:
            shown = done * 20 // total
            print(f"{done / 1e9:.1f} of {total / 1e9:.1f} GB", flush=True)  # noqa: T201 -- a program's output

    path = write_model(folder, spec, seed=seed, dtype="float16", progress=progress)
    if tokenizer is not None:
        for name in ("tokenizer.model", "tokenizer_config.json"):
            shutil.copy(tokenizer / name, folder / name)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--layers", type=int, default=CHATGLM2_6B.num_layers)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tokenizer", type=Path, help="folder with tokenizer.model and tokenizer_config.json")
    arguments = parser.parse_args()
    spec = replace(CHATGLM2_6B, num_layers=arguments.layers, max_positions=LENGTH)
    start = time.monotonic()
    path = make(arguments.out, spec, seed=arguments.seed, tokenizer=arguments.tokenizer)
    print(f"{path}: {time.monotonic() - start:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
