"""Whether a Hugging Face folder gives the engine that the ONNX gives: python -m tests.bench.same_engine --work DIR.

A model of ChatGLM2-6B's shape with `--layers` layers is made twice from the same random numbers, as ONNX and as
safetensors shards (`--model`: an ONNX of `tests.bench.make_6b` that is there). The folder is exported as ONNX; both are
compiled, and the engines' weights, tokenizers and first logits compared. A line of JSON; exit code 1 if they differ.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.c10.description import CHATGLM2_6B
from core.compiler.pipeline import compile_engine
from core.compiler.plan import CompileRequest
from core.export import export_model
from core.export.graph import MODEL_NAME
from core.ngf.format import Header
from core.ngf.reader import read_header
from core.runtime.engine import Engine
from core.spec import EngineConfig
from tests.bench.make_6b import LENGTH, make


def compiled(model: Path, folder: Path, name: str, config: EngineConfig) -> tuple[Path, float]:
    """Compile and return the engine and the seconds that took."""
    request, begun = CompileRequest(model, folder, name, config, combine=True, self_test=False), time.monotonic()
    compile_engine(request, lambda _: None)
    return request.outputs()[0], time.monotonic() - begun


def logits(path: Path) -> np.ndarray:
    """Return the logits of nine tokens and of one after them."""
    engine = Engine.open(path)
    try:
        first = engine.prefill(0, np.arange(3, 12, dtype=np.int32), 0)
        return np.concatenate([first, engine.decode(np.array([7], np.int32), np.array([9], np.int32))[0]])
    finally:
        engine.close()


def contents(header: Header) -> dict[str, str]:
    """Return the digest of each section with weights or the tokenizer."""
    return {section.name: section.sha256 for section in header.sections if section.kind != "code"}


def compare(words: argparse.Namespace) -> dict[str, Any]:
    """Make, export, compile, and say what is equal."""
    spec = replace(CHATGLM2_6B, num_layers=words.layers, max_positions=LENGTH)
    model: Path = words.model or words.work / "onnx" / MODEL_NAME
    if words.model is None:
        make(model.parent, spec, seed=0, tokenizer=words.tokenizer, hugging_face=False)
    folder = words.work / "hugging-face"
    make(folder, spec, seed=0, tokenizer=words.tokenizer, hugging_face=True)
    begun = time.monotonic()
    exported = export_model(folder, words.work / "exported")
    export_s = time.monotonic() - begun
    shutil.rmtree(folder)
    config = read_header(words.engine).config if words.engine else EngineConfig(quantisation=words.quantisation)
    other, other_s = compiled(exported, words.work, "from-hugging-face", config)
    shutil.rmtree(exported.parent)
    one = words.engine or compiled(model, words.work, "from-onnx", config)[0]
    return {
        "layers": words.layers,
        "export_s": round(export_s, 1),
        "compile_s": round(other_s, 1),
        "weights equal": read_header(one).weights_digest == read_header(other).weights_digest,
        "sections equal": contents(read_header(one)) == contents(read_header(other)),
        "logits equal": bool(np.array_equal(logits(one), logits(other))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--quantisation", choices=("int8", "int4", "none"), default="int4")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.model")
    parser.add_argument("--model", type=Path, help="model.onnx of make_6b with as many layers")
    parser.add_argument("--engine", type=Path, help="the engine of that model, if there is one; its shape counts")
    found = compare(parser.parse_args())
    print(json.dumps(found))  # noqa: T201 -- a program's output
    if not all(value for key, value in found.items() if key.endswith("equal")):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
