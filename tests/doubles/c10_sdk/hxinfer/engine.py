"""Double of HxInfer: checks every argument, and computes real logits with the project's CPU engine.

The padding on the left is undone here, from the attention mask alone; positions and ids are checked against it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hxrt
import numpy as np
from hx_double import log, need, unwrap, use_project

BASE, INCREMENTAL = 0, 1
INPUTS = ("input_ids", "pos_t", "attention_mask")
LOGITS = 3


class HxInfer:
    def __init__(
        self,
        engine: str,
        use_cache: bool = False,
        max_batch_size: int = 1,
        dev_ids: list[int] | None = None,
        dev_dram_limit: list[int] | None = None,
        dump_golden: int = 0,
        split_stragety: int = 0,
        engine_version: None = None,
    ) -> None:
        log(
            f"HxInfer({Path(engine).name}, use_cache={use_cache}, max_batch_size={max_batch_size}, dev_ids={dev_ids}, "
            f"dev_dram_limit={dev_dram_limit}, dump_golden={dump_golden}, split_stragety={split_stragety})"
        )
        check_options(use_cache, max_batch_size, dev_ids, dev_dram_limit, dump_golden, split_stragety)
        need(type(engine) is str, "the engine's path is no text")
        need(engine_version is None, "nobody knows what engine_version means")
        use_project()
        from core.runtime.engine import Engine

        with tempfile.TemporaryDirectory() as folder:
            self._engine = Engine.open(unwrap(Path(engine), Path(folder) / "engine.ngf"), threads=1)
        self._config = self._engine.config
        self._max_batch_size = max_batch_size
        self._jobs = 0
        self._inputs: dict[tuple[int, str], np.ndarray] = {}
        self._outputs: dict[int, np.ndarray] = {}
        self._cleared = False

    def get_static_batch(self) -> int:
        return self._config.batch

    def set_batch_size(self, size: int) -> None:
        log(f"set_batch_size({size})")
        need(type(size) is int and 1 <= size <= self._max_batch_size, f"a batch size of {size!r}")
        self._jobs = size

    def clear_use_cache(self) -> None:
        log("clear_use_cache()")
        self._cleared, self._rounds, self._steps = True, 0, 0
        self._pads: list[int | None] = [None] * self._config.batch
        self._positions = np.zeros(self._config.batch, np.int64)
        self._ended = np.zeros(self._config.batch, bool)
        self._inputs.clear()
        self._outputs.clear()

    def set_input(self, job: int, name: str, array: Any, model_idx: int = 0) -> None:
        log(f"set_input({job}, {name}, {array.dtype}{list(array.shape)}, {model_idx})")
        need(self._cleared, "set_input before clear_use_cache")
        need(type(job) is int and job == 0, f"job {job!r}: this double takes one job at a time")
        need(name in INPUTS, f"there is no input {name!r}")
        need(type(model_idx) is int and model_idx in (BASE, INCREMENTAL), f"model_idx {model_idx!r}")
        need(type(array) is np.ndarray and array.flags.c_contiguous, f"{name} is no contiguous array")
        batch, length, total = self._config.batch, self._config.pre_len, self._config.total_len
        seq = length if model_idx == BASE else 1
        shape = {"input_ids": (batch, seq), "pos_t": (seq, batch), "attention_mask": (batch, 1, seq, total)}[name]
        kind = np.bool_ if name == "attention_mask" else np.int32
        need(array.shape == shape, f"{name} has the shape {array.shape}, not {shape}")
        need(array.dtype == kind, f"{name} is {array.dtype}, not {np.dtype(kind)}")
        self._inputs[model_idx, name] = array.copy()

    def run(self, batch_size: int, context: int, model_idx: int) -> None:
        log(f"run({batch_size}, {context}, {model_idx})")
        need(type(batch_size) is int and batch_size == self._jobs, f"run of {batch_size!r} jobs, not {self._jobs}")
        need(type(context) is int and type(model_idx) is int, "context and model_idx are whole numbers")
        need(model_idx in (BASE, INCREMENTAL), f"model_idx {model_idx}")
        inputs = [self._inputs.pop((model_idx, name), None) for name in INPUTS]
        need(all(one is not None for one in inputs), f"run of model {model_idx} without all of {INPUTS}")
        self._outputs.clear()
        ids, positions, mask = inputs[0], inputs[1].T, inputs[2][:, 0]
        need(0 <= ids.min() <= ids.max() < self._engine.spec.vocab_size, "a token id is outside the vocabulary")
        if model_idx == BASE:
            self._outputs[BASE] = self._base(context, ids, positions, mask)
        else:
            self._outputs[INCREMENTAL] = self._incremental(context, ids[:, 0], positions[:, 0], mask[:, 0])

    def get_output_by_binding_index(self, job: int, index: int, model_idx: int) -> np.ndarray:
        log(f"get_output_by_binding_index({job}, {index}, {model_idx})")
        need(job == 0 and type(job) is int, f"job {job!r}")
        need(index == LOGITS, f"the logits are output {LOGITS}, not {index!r}")
        need(model_idx in self._outputs, f"model {model_idx!r} has not run")
        return self._outputs[model_idx]

    def _base(self, context: int, ids: np.ndarray, positions: np.ndarray, mask: np.ndarray) -> np.ndarray:
        length, total = self._config.pre_len, self._config.total_len
        need(self._steps == 0, "a base round after decoding without clear_use_cache")
        need(context == self._rounds, f"the context of base round {self._rounds} is {context}")
        start = context * length
        need(start + length <= total, f"round {context} goes beyond the context of {total}")
        logits = np.full((*ids.shape, self._engine.spec.vocab_size), np.nan, np.float32)
        for row in range(self._config.batch):
            pad = self._pad_of(row, start, mask[row])
            check_round(start, pad, ids[row], positions[row], mask[row])
            first = max(0, pad - start)
            if first < length:
                tokens = ids[row, first:]
                logits[row, first:] = self._engine.score(row, tokens, start + first - pad)
            self._positions[row] = start + length - pad
        self._rounds += 1
        return logits

    def _pad_of(self, row: int, start: int, mask: np.ndarray) -> int:
        """Return the columns of padding of a row, as the mask of the round's last token tells.

        A last token that sees only itself is padding or the first of the prompt. It is computed as the latter: if it
        is padding, the prompt's first token takes its place in a later round.
        """
        last = start + len(mask) - 1
        pad, known = int(np.argmin(mask[-1])), self._pads[row]
        need(known is None or known == pad, f"the padding of row {row} was {known} and is {pad} now")
        need(known is not None or pad >= start - 1, f"row {row} has {pad} columns of padding now, and had more before")
        self._pads[row] = pad if pad < last else None
        return pad

    def _incremental(self, context: int, ids: np.ndarray, positions: np.ndarray, mask: np.ndarray) -> np.ndarray:
        total = self._config.total_len
        need(self._rounds > 0, "a decode step before any base round")
        expected = self._rounds * self._config.pre_len + self._steps
        need(context == expected, f"the context of decode step {self._steps} is {context}, not {expected}")
        need(context < total, f"column {context} is outside the context of {total}")
        columns = np.arange(total)
        for row, found in enumerate(self._pads):
            pad = self._rounds * self._config.pre_len - 1 if found is None else found
            wanted = (columns < pad) | (columns > context)
            need(np.array_equal(mask[row], wanted), f"the mask of row {row} in step {self._steps} is wrong")
            position = int(positions[row])
            kept = position == self._positions[row] - 1
            need(kept or position == self._positions[row], f"row {row} is at position {position}")
            need(kept or not self._ended[row], f"row {row} had ended and moves on to position {position}")
            self._ended[row] |= kept
            self._positions[row] = position + 1
        self._steps += 1
        return self._engine.decode(ids, positions)[:, None, :]


def check_round(start: int, pad: int, ids: np.ndarray, positions: np.ndarray, mask: np.ndarray) -> None:
    """Check one row's base round: the tokens of columns start.. with `pad` columns of padding before the prompt."""
    columns = np.arange(mask.shape[1])
    for index, column in enumerate(range(start, start + len(ids))):
        if column < pad:
            need(ids[index] == 0, f"the padding in column {column} has the id {ids[index]}")
            need(not np.all(mask[index]), f"the padding in column {column} sees nothing: its softmax has no value")
            need(np.all(mask[index, column + 1 :]), f"the padding in column {column} sees later tokens")
        else:
            wanted = (columns < pad) | (columns > column)
            need(np.array_equal(mask[index], wanted), f"the mask of column {column} is wrong")
    wanted_positions = np.maximum(np.arange(start, start + len(ids)) - pad, 0)
    need(np.array_equal(positions, wanted_positions), "positions don't count from 0 at the first real token")


def check_options(
    use_cache: object,
    max_batch_size: object,
    dev_ids: object,
    dev_dram_limit: object,
    dump_golden: object,
    split_stragety: object,
) -> None:
    need(use_cache is True, "use_cache must be True")
    need(type(max_batch_size) is int and max_batch_size >= 1, f"max_batch_size {max_batch_size!r}")
    count = hxrt.device_get_count()[1]
    need(isinstance(dev_ids, list) and dev_ids, "dev_ids is a list")
    need(all(type(one) is int and 0 <= one < count for one in dev_ids), f"dev_ids {dev_ids!r} of {count} cards")
    need(len(set(dev_ids)) == len(dev_ids), f"dev_ids {dev_ids!r} names a card twice")
    need(hxrt.chosen == dev_ids[:1], "set_device wasn't called with the first card")
    if dev_dram_limit is not None:
        need(isinstance(dev_dram_limit, list), "dev_dram_limit is a list")
        need(len(dev_dram_limit) == len(dev_ids), "dev_dram_limit needs a number for each card")
        for limit in dev_dram_limit:
            need(type(limit) is int and limit >= 1 << 20, f"dev_dram_limit {limit!r} is not in bytes")
    need(type(dump_golden) is int and dump_golden in (0, 1), f"dump_golden {dump_golden!r}")
    need(type(split_stragety) is int and split_stragety in (0, 1, 2), f"split_stragety {split_stragety!r}")
