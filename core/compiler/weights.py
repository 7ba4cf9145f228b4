"""Weights from the source model to the engine's sections: quantised in blocks of rows, on several threads, in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.compiler.arguments import weight_arguments
from core.kernels.layout import BLOCK, interleave_gate_up, pack, padded_out
from core.kernels.quantise import Int4Quantiser, quantise_int4
from core.spec import EngineConfig, FloatFormat, ModelSpec, WeightFormat, round_up

BLOCK_BYTES = 8 << 20
"""Float32 bytes of the rows that one task reads and packs."""

Floats = npt.NDArray[np.float32]
Packed = npt.NDArray[Any]
Packer = Callable[[WeightFormat, Floats], Packed]


class WeightReader(Protocol):
    """One weight of the source model."""

    def read_rows(self, start: int, stop: int) -> Floats:
        """Return rows start..stop as float32 [stop - start, in], or [stop - start] of a vector."""


@dataclass(frozen=True, slots=True)
class PackedBlock:
    """The next bytes of one section; `source_bytes` of float32 weights went into them."""

    name: str
    data: Packed
    source_bytes: int


def packed_blocks(
    readers: Mapping[str, WeightReader],
    spec: ModelSpec,
    config: EngineConfig,
    int4: Int4Quantiser = quantise_int4,
    threads: int | None = None,
    names: Iterable[str] | None = None,
) -> Generator[PackedBlock, None, None]:
    """Yield every weight of the engine, or those of `names`, block after block in file order.

    At most 2 * threads blocks of BLOCK_BYTES are in memory at a time. Errors of the reader come through. `int4` does
    what `quantise_int4` does.
    """
    threads = threads or len(os.sched_getaffinity(0))
    names = weight_arguments(spec, config) if names is None else names
    tasks = _tasks(readers, spec, config, partial(pack, int4=int4), names)
    waiting: deque[Future[PackedBlock]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="pack") as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(task))
                if len(waiting) >= 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _tasks(
    readers: Mapping[str, WeightReader], spec: ModelSpec, config: EngineConfig, packer: Packer, names: Iterable[str]
) -> Iterator[Callable[[], PackedBlock]]:
    shapes = spec.weight_shapes()
    for name in names:
        shape, reader = shapes[name], readers[name]
        if len(shape) == 1:
            yield _vector(name, reader, shape[0])
        elif name == "embed":
            yield from _rows(name, shape, partial(_embedding, reader, config.dtype))
        elif name.endswith(".gate_up"):
            half = (spec.ffn_size, spec.hidden_size)
            yield from _rows(
                name, half, partial(_gate_up, reader, spec.ffn_size, partial(packer, config.linear_format)), halves=2
            )
        else:
            fmt = config.head_format if name == "head" else config.linear_format
            yield from _rows(name, shape, partial(_matrix, reader, shape[0], partial(packer, fmt)))


def _rows(
    name: str, shape: Sequence[int], make: Callable[[int, int], Packed], halves: int = 1
) -> Iterator[Callable[[], PackedBlock]]:
    """Cut `shape` (n, k) into row ranges of about BLOCK_BYTES; the last range goes up to the padded end."""
    n, k = shape
    step = max(BLOCK, round_up(BLOCK_BYTES // (4 * k * halves), BLOCK))
    end = n if name == "embed" else padded_out(n)
    for start in range(0, end, step):
        stop = min(start + step, end)
        source = 4 * k * halves * max(0, min(stop, n) - start)
        yield partial(_block, name, make, start, stop, source)


def _block(name: str, make: Callable[[int, int], Packed], start: int, stop: int, source_bytes: int) -> PackedBlock:
    return PackedBlock(name, make(start, stop), source_bytes)


def _vector(name: str, reader: WeightReader, size: int) -> Callable[[], PackedBlock]:
    def task() -> PackedBlock:
        data = np.zeros(round_up(size, 32), np.float32)
        data[:size] = reader.read_rows(0, size)
        return PackedBlock(name, data, 4 * size)

    return task


def _matrix(reader: WeightReader, n: int, packed: Callable[[Floats], Packed], start: int, stop: int) -> Packed:
    """Return rows start..stop packed, rows from `n` on being zero."""
    rows = reader.read_rows(min(start, n), min(stop, n))
    if len(rows) < stop - start:
        rows = np.concatenate([rows, np.zeros((stop - start - len(rows), rows.shape[1]), np.float32)])
    return packed(rows)


class _Shifted:
    """The rows of a reader from `first` on."""

    def __init__(self, reader: WeightReader, first: int) -> None:
        self._reader, self._first = reader, first

    def read_rows(self, start: int, stop: int) -> Floats:
        return self._reader.read_rows(self._first + start, self._first + stop)


def _gate_up(reader: WeightReader, ffn: int, packed: Callable[[Floats], Packed], start: int, stop: int) -> Packed:
    gate = _matrix(reader, ffn, packed, start, stop)
    return interleave_gate_up(gate, _matrix(_Shifted(reader, ffn), ffn, packed, start, stop))


def _embedding(reader: WeightReader, dtype: FloatFormat, start: int, stop: int) -> Packed:
    """Return embedding rows padded and, for bf16, rounded to nearest even as 16 bits."""
    rows = reader.read_rows(start, stop)
    padded = np.zeros((len(rows), round_up(rows.shape[1], 32)), np.float32)
    padded[:, : rows.shape[1]] = rows
    if dtype == "fp32":
        return padded
    bits = padded.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
