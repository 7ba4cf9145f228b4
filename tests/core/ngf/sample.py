"""A tiny engine file for tests: real structure, a few KB, nothing that runs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.ngf.format import ChatInfo, Header, PlannedSection, Producer, TargetInfo
from core.ngf.writer import NgfWriter
from core.spec import EngineConfig, ModelSpec, Role

SPEC = ModelSpec(
    num_layers=2,
    hidden_size=32,
    ffn_size=64,
    num_heads=4,
    num_groups=2,
    head_dim=8,
    rotary_dim=4,
    rope_theta=10000.0,
    vocab_size=96,
    norm_eps=1e-5,
    qkv_bias=True,
    max_positions=128,
    source_dtype="float32",
)
HEADER = Header(
    role="base",
    spec=SPEC,
    config=EngineConfig(pre_len=16, total_len=64),
    target=TargetInfo("x86_64-linux-gnu", "x86-64-v3", ("avx2", "fma"), "avx2"),
    tokenizer="bpe",
    chat=ChatInfo("chat_template", (2,), 1),
    producer=Producer("0.1.0", "0.27.0"),
)


def content(seed: int = 0) -> dict[str, bytes | np.ndarray]:
    """Return what the sections hold, in the order of the file: the same bytes with every version of every library."""

    def noise(name: str, length: int) -> bytes:
        return hashlib.shake_256(f"{seed} {name}".encode()).digest(length)

    return {
        "model.o": b"\x7fELF" + noise("model.o", 300),
        "tokenizer.json": b'{"version": "1.0"}',
        "embed": np.frombuffer(noise("embed", 192), np.uint16).reshape(12, 8),
        "0.qkv": np.frombuffer(noise("0.qkv", 256), np.int8).reshape(4, 2, 8, 4),
        "0.qkv.scale": np.frombuffer(noise("0.qkv.scale", 8), np.uint8).astype(np.float32).reshape(4, 2),
    }


def plan_of(parts: dict[str, bytes | np.ndarray]) -> list[PlannedSection]:
    planned = []
    for name, data in parts.items():
        if isinstance(data, bytes):
            kind = "code" if name.endswith(".o") else "tokenizer"
            planned.append(PlannedSection(name, kind, len(data)))
        else:
            dtype = "bfloat16" if name == "embed" else str(data.dtype)
            planned.append(PlannedSection(name, "weight", data.nbytes, dtype, data.shape))
    return planned


def write_sample(path: Path, role: Role = "base", header: Header = HEADER, seed: int = 0) -> Header:
    """Write the sample engine and return the header it got."""
    parts = content(seed)
    with NgfWriter(path, replace(header, role=role), plan_of(parts)) as writer:
        for name, data in parts.items():
            writer.write(name, data)
    return writer.header
