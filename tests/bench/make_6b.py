"""A model in the shape of ChatGLM2-6B, with random weights: python -m tests.bench.make_6b --out DIR [--layers 28].

Writes model.onnx with 12.5 GB of float16 weights beside it, as the vendor's download is laid out; every layer has
weights of its own, drawn block by block, so that memory stays small. With --hugging-face it writes the same weights as
a Hugging Face folder instead: config.json and safetensors shards. With --tokenizer the tokenizer's files are copied
beside them.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.c10.description import CHATGLM2_6B
from core.export.external import Slot, layout
from core.export.graph import write_onnx
from core.export.model_config import ModelConfig
from core.export.synthetic import RandomWeights
from core.export.weights import Array, row_blocks
from core.spec import ModelSpec
from tests.core.export.folders import chatglm_config

LENGTH = 32768
"""Positions of the rotary table, as in the original's config.json."""
SHARD_BYTES = 1 << 31
_INDEX = "model.safetensors.index.json"


class QuickWeights(RandomWeights):
    """As random, but drawn from a table of 65,536 normally distributed numbers, in a third of the time."""

    def draw(self, seed: list[int], shape: tuple[int, ...]) -> Array:
        """Return numbers of the table."""
        bits = np.random.SFC64(seed).random_raw(-(-math.prod(shape) // 4)).view(np.uint16)[: math.prod(shape)]
        return np.take(_table(), bits, mode="clip").reshape(shape)


@functools.cache
def _table() -> Array:
    return np.random.default_rng(0).standard_normal(1 << 16, np.float32)


def write_hugging_face(folder: Path, spec: ModelSpec, weights: RandomWeights, progress: Callable[[int], None]) -> None:
    """Write config.json and shards of about SHARD_BYTES; `progress` gets the bytes written so far."""
    config = chatglm_config(spec)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shards = list(_shards(layout(spec, "float16", tied_head=False)))
    names: dict[str, str] = {}
    done = 0
    for number, slots in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        names |= dict.fromkeys((slot.tensor for slot in slots), name)
        with (folder / name).open("wb") as file:
            header = json.dumps(_header(slots)).encode()
            file.write(len(header).to_bytes(8, "little") + header)
            for slot in slots:
                for start, stop in row_blocks(slot.shape):
                    rows = weights.rows(slot.name, start, stop).astype(slot.dtype)
                    file.write(rows.data)
                    done += rows.nbytes
                    progress(done)
    (folder / _INDEX).write_text(json.dumps({"metadata": {"total_size": done}, "weight_map": names}), encoding="utf-8")


def _shards(slots: list[Slot]) -> Iterator[list[Slot]]:
    shard: list[Slot] = []
    for slot in slots:
        if shard and sum(other.nbytes for other in shard) + slot.nbytes > SHARD_BYTES:
            yield shard
            shard = []
        shard.append(slot)
    yield shard


def _header(slots: list[Slot]) -> dict[str, Any]:
    found, end = {}, 0
    for slot in slots:
        start, end = end, end + slot.nbytes
        dtype = {2: "F16", 4: "F32"}[slot.dtype.itemsize]
        found[slot.tensor] = {"dtype": dtype, "shape": slot.shape, "data_offsets": [start, end]}
    return found


def make(folder: Path, spec: ModelSpec, *, seed: int, tokenizer: Path | None, hugging_face: bool) -> None:
    """Write the model into `folder`."""
    total = sum(slot.nbytes for slot in layout(spec, "float16", tied_head=False))
    shown = 0

    def progress(done: int, _: int = 0) -> None:
        nonlocal shown
        if done * 20 // total > shown:
            shown = done * 20 // total
            print(f"{done / 1e9:.1f} of {total / 1e9:.1f} GB", flush=True)  # noqa: T201 -- a program's output

    folder.mkdir(parents=True, exist_ok=True)
    weights = QuickWeights(spec, seed)
    if hugging_face:
        write_hugging_face(folder, spec, weights, progress)
    else:
        ModelConfig("chatglm", (2,), 1, 0, "chatglm2", spec.max_positions).write(folder)
        write_onnx(folder, spec, weights, dtype="float16", progress=progress)
    if tokenizer is not None:
        for name in ("tokenizer.model", "tokenizer_config.json"):
            shutil.copy(tokenizer / name, folder / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--layers", type=int, default=CHATGLM2_6B.num_layers)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tokenizer", type=Path, help="folder with tokenizer.model and tokenizer_config.json")
    parser.add_argument("--hugging-face", action="store_true", help="safetensors shards instead of an ONNX")
    words = parser.parse_args()
    spec = replace(CHATGLM2_6B, num_layers=words.layers, max_positions=LENGTH)
    start = time.monotonic()
    make(words.out, spec, seed=words.seed, tokenizer=words.tokenizer, hugging_face=words.hugging_face)
    print(f"{words.out}: {time.monotonic() - start:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
