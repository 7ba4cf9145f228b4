"""What there is to tell about an ONNX file, as JSON values; and the tokenizer files that lie beside it."""

from __future__ import annotations

import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from core.onnx_import.model import ImportedModel, open_model
from core.onnx_import.tensors import Tensor
from core.onnx_import.verify import verify as verify_model


def inspect_report(path: Path, *, verify: bool = False) -> dict[str, Any]:
    """Return what the `inspect` command prints for an ONNX file; all sizes in bytes.

    `checks` holds the largest error of each layer if `verify` is set, else it is None. Raises ModelError, with the
    reason, for a file that can't be compiled.
    """
    model = open_model(Path(path))
    checks = verify_model(model, lambda _done, _total: None) if verify else None
    return {
        "path": str(model.path),
        "spec": model.spec.to_json(),
        "parameters": sum(tensor.size for tensor in weight_tensors(model)),
        "weight_dtype": model.spec.source_dtype,
        "weight_bytes": sum(tensor.nbytes for tensor in weight_tensors(model)),
        "opset": model.graph.opsets.get("", 0),
        "producer": model.graph.producer,
        "inputs": list(model.graph.inputs),
        "fixed_length": model.fixed_length,
        "external_files": [{"name": name, "bytes": size} for name, size in external_files(model).items()],
        "tokenizer": (found.kind if (found := find_tokenizer_files(model.folder)) else ""),
        "checks": None if checks is None else [asdict(check) for check in checks],
    }


def weight_tensors(model: ImportedModel) -> list[Tensor]:
    """Return the stored tensors of all weights; an embedding that is also the output layer comes once."""
    found = {id(part.tensor): part.tensor for weight in model.weights.values() for part in weight.parts}
    return list(found.values())


def external_files(model: ImportedModel) -> dict[str, int]:
    """Return the size of every external file by its name relative to the model's folder."""
    spans = {tensor.span.location: tensor.span for tensor in model.graph.tensors.values() if tensor.span is not None}
    return {name: spans[name].check() for name in sorted(spans)}


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """Tokenizer files in a model's folder: `main` is tokenizer.model ("chatglm") or tokenizer.json ("bpe").

    `config` is tokenizer_config.json (it holds the chat template), where there is one.
    """

    kind: Literal["chatglm", "bpe"]
    main: Path
    config: Path | None


def find_tokenizer_files(folder: Path) -> TokenizerFiles | None:
    """Return the tokenizer in `folder`, or None; a tokenizer.model comes first. Only regular files count, no links."""
    config = _regular(folder / "tokenizer_config.json")
    sentencepiece, tokenizers = _regular(folder / "tokenizer.model"), _regular(folder / "tokenizer.json")
    if sentencepiece is not None:
        return TokenizerFiles("chatglm", sentencepiece, config)
    return TokenizerFiles("bpe", tokenizers, config) if tokenizers is not None else None


def _regular(path: Path) -> Path | None:
    try:
        return path if stat.S_ISREG(os.lstat(path).st_mode) else None
    except (OSError, ValueError):
        return None
