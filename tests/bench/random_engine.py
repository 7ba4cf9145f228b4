"""An engine of ChatGLM2-6B's shape with random weights: python -m tests.bench.random_engine OUT.ngf --int4.

Speed doesn't depend on what the weights are, so they are drawn in their packed form, which takes seconds where
exporting, importing and quantising a model of this size takes many minutes. Without a tokenizer: prompts are token ids.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core import trust
from core.c10.description import CHATGLM2_6B
from core.compiler.arguments import Argument, weight_arguments
from core.compiler.build import PARTS, build_part
from core.compiler.pipeline import engine_header, planned_sections
from core.compiler.plan import CompileRequest
from core.compiler.source import Source
from core.kernels.isa import host_target
from core.kernels.layout import GROUP_BYTES, RECORD_BYTES, RECORD_GROUPS, SCALE_BYTES
from core.ngf.format import ChatInfo
from core.ngf.writer import NgfWriter
from core.spec import DEFAULT_PRE_LEN, DEFAULT_TOTAL_LEN, EngineConfig, ModelSpec, WeightFormat

_PIECE = 64
"""Blocks of eight rows that are drawn once and written again and again."""


def write(path: Path, spec: ModelSpec, config: EngineConfig) -> None:
    """Write the engine; its code is built for this machine."""
    source = Source(
        path=path, spec=spec, readers={}, stored_bytes=0, graph_bytes=0, tokenizer_kind="", tokenizer_files={},
        chat=ChatInfo(), verify=lambda _: None,
    )  # fmt: skip
    target = host_target()
    code = {part: build_part(part, spec, config, target, lambda _: None) for part in PARTS}
    request = CompileRequest(path, path.parent, path.stem, config, combine=True)
    with NgfWriter(path, engine_header(source, request, target), planned_sections(source, code, request)) as writer:
        for part in PARTS:
            writer.write(f"code.{part}.library", code[part].library)
            writer.write(f"code.{part}.bytecode", code[part].bytecode)
        for name, argument in weight_arguments(spec, config).items():
            fmt = config.head_format if name == "head" else config.linear_format
            for data in _drawn(argument, fmt):
                writer.write(name, data)
    trust.note_built(writer.digest, (), path)


def _drawn(argument: Argument, fmt: WeightFormat) -> Iterator[npt.NDArray[Any]]:
    if len(argument.shape) == 1:
        yield np.full(argument.shape, 0.01 if "bias" in argument.name else 1.0, argument.dtype)
        return
    height = min(_PIECE, argument.shape[0])
    piece = _packed((height, *argument.shape[1:]), argument.dtype, fmt)
    for start in range(0, argument.shape[0], height):
        yield piece[: argument.shape[0] - start]


def _packed(shape: tuple[int, ...], dtype: str, fmt: WeightFormat) -> npt.NDArray[Any]:
    """Return weights of about 0.02 in size as they are stored."""
    rng = np.random.default_rng(0)
    if dtype == "float32":
        return rng.standard_normal(shape, np.float32) * np.float32(0.02)
    if dtype == "uint16":
        return ((rng.standard_normal(shape, np.float32) * np.float32(0.02)).view(np.uint32) >> 16).astype(np.uint16)
    packed = rng.integers(0, 256, shape, np.uint8)
    values = RECORD_GROUPS * GROUP_BYTES[fmt]
    scales = np.full((RECORD_GROUPS, SCALE_BYTES[fmt] // 16, 8), 2e-4 if fmt == "int8" else 4e-3, np.float16)
    if fmt == "int4":
        scales[:, 1] = -7.5 * 4e-3
    packed[..., values : RECORD_BYTES[fmt]] = scales.reshape(-1).view(np.uint8)
    return packed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--int4", action="store_true", help="int4 with an int8 head")
    kind.add_argument("--int8", action="store_true", help="int8 with an int8 head (default: bf16)")
    parser.add_argument("--layers", type=int, default=CHATGLM2_6B.num_layers)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--pre-len", type=int, default=DEFAULT_PRE_LEN)
    parser.add_argument("--total-len", type=int, default=DEFAULT_TOTAL_LEN)
    options = parser.parse_args()
    quantisation = "int4" if options.int4 else "int8" if options.int8 else "none"
    config = EngineConfig(
        quantisation=quantisation, quant_lm_head=quantisation != "none", batch=options.batch, pre_len=options.pre_len,
        total_len=options.total_len,
    )  # fmt: skip
    spec = ModelSpec(**{**CHATGLM2_6B.to_json(), "num_layers": options.layers})
    write(options.out.absolute(), spec, config)


if __name__ == "__main__":
    main()
